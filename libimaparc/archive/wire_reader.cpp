#include "archive/wire_reader.h"

#include <algorithm>

namespace imaparc::archive {

namespace {
constexpr std::size_t read_ahead = 128 * 1024;
}

StoreWireReader::StoreWireReader(std::unique_ptr<store::StoreReader> reader, Details details)
    : reader_(std::move(reader)),
      details_(std::move(details)),
      same_(details_.summary.raw_size == details_.summary.wire_size && !details_.summary.has_nul),
      form_(details_.summary.has_nul ? WireForm::Nul::replace : WireForm::Nul::none) {}

Error StoreWireReader::changed() const { return {ErrorKind::io, "the message changed while it was read"}; }

Result<std::size_t> StoreWireReader::read_raw(std::uint64_t raw_offset, std::span<char> buffer) {
    const auto size = details_.summary.raw_size;
    if (raw_offset >= size) return std::size_t{0};
    buffer = buffer.first(static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size - raw_offset)));
    auto n = reader_->read(raw_offset, buffer);
    if (n && *n < buffer.size()) return changed();
    return n;
}

Result<std::size_t> StoreWireReader::read(std::uint64_t wire_offset, std::span<char> buffer) {
    if (same_) return read_raw(wire_offset, buffer);
    const auto size = details_.summary.wire_size;
    if (wire_offset >= size) return std::size_t{0};
    buffer = buffer.first(static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size - wire_offset)));
    if (auto found = seek(wire_offset); !found) return found.error();
    std::size_t done = 0;
    while (done < buffer.size()) {
        if (used_ == bytes_.size())
            if (auto filled = fill(); !filled) return filled.error();
        const auto step = form_.convert(std::string_view(bytes_).substr(used_), buffer.subspan(done));
        used_ += step.taken;
        raw_at_ += step.taken;
        wire_at_ += step.made;
        done += step.made;
    }
    return done;
}

// To the offset, from where the reader stands or from the nearest checkpoint before it.
Result<void> StoreWireReader::seek(std::uint64_t wire_offset) {
    const auto& points = details_.summary.checkpoints;
    auto point =
        std::upper_bound(points.begin(), points.end(), wire_offset,
                         [](std::uint64_t offset, const message::Place& place) { return offset < place.wire; });
    const auto from = point == points.begin() ? message::Place{} : *(point - 1);
    if (wire_at_ > wire_offset || wire_at_ < from.wire) {
        char before = '\0';
        if (from.raw > 0) {
            auto n = read_raw(from.raw - 1, {&before, 1});
            if (!n) return n.error();
        }
        form_.start_behind(before);
        wire_at_ = from.wire;
        raw_at_ = from.raw;
        bytes_.clear();
        used_ = 0;
    }
    while (wire_at_ < wire_offset) {
        if (used_ == bytes_.size())
            if (auto filled = fill(); !filled) return filled;
        const auto step =
            form_.pass_over(std::string_view(bytes_).substr(used_), static_cast<std::size_t>(wire_offset - wire_at_));
        used_ += step.taken;
        raw_at_ += step.taken;
        wire_at_ += step.made;
    }
    return {};
}

Result<void> StoreWireReader::fill() {
    const auto left = details_.summary.raw_size - std::min(raw_at_, details_.summary.raw_size);
    if (left == 0) return changed();  // the sizes promise more
    bytes_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(read_ahead, left)));
    used_ = 0;
    auto n = read_raw(raw_at_, bytes_);
    if (!n) {
        bytes_.clear();
        return n.error();
    }
    return {};
}

}  // namespace imaparc::archive
