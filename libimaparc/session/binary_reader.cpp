#include "session/binary_reader.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace imaparc::session {

namespace {

constexpr std::size_t raw_at_once = 16 * 1024;

}  // namespace

BinaryReader::BinaryReader(archive::WireReader& message, const message::Range& part, message::TransferEncoding encoding,
                           BinaryBookmark& bookmark)
    : message_(message),
      begin_(part.begin.raw),
      end_(part.end.raw),
      encoding_(encoding),
      bookmark_(bookmark),
      at_(encoding) {
    at_.raw_at = begin_;
}

// Makes octets pending; false: there are no more. Only with nothing pending.
Result<bool> BinaryReader::refill(BinaryPosition& at) {
    std::array<char, raw_at_once> raw;
    std::array<char, 2 * raw_at_once> wire;
    at.pending.clear();
    at.used = 0;
    while (at.pending.empty() && !at.ended) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(raw.size(), end_ - at.raw_at));
        if (wanted == 0) {
            at.pending = at.decoder.flush();
            at.ended = true;
            break;
        }
        const auto got = message_.read_raw(at.raw_at, std::span(raw).first(wanted));
        if (!got) return got.error();
        if (*got == 0) return Error{ErrorKind::unavailable, "a message became shorter while it was read"};
        at.raw_at += *got;
        const auto step = at.form.convert({raw.data(), *got}, wire);
        at.pending = at.decoder.decode({wire.data(), step.made});
    }
    return !at.pending.empty();
}

Result<BinaryReader::Measure> BinaryReader::measure(std::uint64_t offset, std::uint64_t most) {
    if (at_.offset > offset) {
        at_ = BinaryPosition(encoding_);
        at_.raw_at = begin_;
    }
    const BinaryBookmark& last = bookmark_;
    if (last.position && last.message == message_.summary().digest && last.begin == begin_ && last.end == end_ &&
        last.position->offset <= offset && last.position->offset > at_.offset)
        at_ = *last.position;
    const auto pending = [](const BinaryPosition& at) -> std::uint64_t { return at.pending.size() - at.used; };
    while (at_.offset < offset) {
        if (pending(at_) == 0) {
            const auto more = refill(at_);
            if (!more) return more.error();
            if (!*more) return Measure{};
        }
        const std::uint64_t skipped = std::min(offset - at_.offset, pending(at_));
        at_.offset += skipped;
        at_.used += static_cast<std::size_t>(skipped);
    }
    Measure measure;
    for (BinaryPosition ahead = at_; measure.octets < most;) {
        if (pending(ahead) == 0) {
            const auto more = refill(ahead);
            if (!more) return more.error();
            if (!*more) break;
        }
        const auto size = static_cast<std::size_t>(std::min(most - measure.octets, pending(ahead)));
        if (!measure.nul) measure.nul = std::memchr(ahead.pending.data() + ahead.used, '\0', size) != nullptr;
        measure.octets += size;
        ahead.used += size;
    }
    return measure;
}

Result<void> BinaryReader::read(std::size_t octets, std::string& out) {
    while (octets > 0) {
        if (at_.used == at_.pending.size()) {
            const auto more = refill(at_);
            if (!more) return more.error();
            if (!*more) return Error{ErrorKind::unavailable, "a message became shorter while it was read"};
        }
        const std::size_t size = std::min(octets, at_.pending.size() - at_.used);
        out.append(at_.pending, at_.used, size);
        at_.used += size;
        at_.offset += size;
        octets -= size;
    }
    return {};
}

void BinaryReader::remember() {
    bookmark_.message = message_.summary().digest;
    bookmark_.begin = begin_;
    bookmark_.end = end_;
    bookmark_.position = at_;
}

}  // namespace imaparc::session
