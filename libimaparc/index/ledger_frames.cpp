#include "index/ledger_frames.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/text.h"

namespace imaparc::index {
namespace {

constexpr std::size_t read_ahead = 4U << 20;
constexpr std::size_t head_at_most = 1U << 17;  // an owner's name is far shorter

std::uint32_t checksum(Position position, std::string_view body) {
    std::string before;
    Writer out(before);
    out.u64(position.generation);
    out.u64(position.offset);
    out.u32(static_cast<std::uint32_t>(body.size()));
    return crc32c(body, crc32c(before));
}

}  // namespace

void write_frame(std::string& out, Position position, std::string_view body) {
    Writer writer(out);
    writer.u32(static_cast<std::uint32_t>(body.size()));
    writer.u32(checksum(position, body));
    writer.raw(body);
}

std::string ledger_head(std::string_view owner, std::uint64_t generation) {
    std::string body;
    Writer out(body);
    out.u8(frame_header);
    out.u16(ledger_format);
    out.u64(generation);
    out.text(owner);
    std::string head(ledger_magic);
    write_frame(head, {generation, head.size()}, body);
    return head;
}

Result<LedgerHead> read_ledger_head(const File& file, const std::filesystem::path& path) {
    const auto damaged = [&](const char* what) { return Error{ErrorKind::damaged, path.string() + ": " + what}; };
    std::string bytes(head_at_most, '\0');
    const auto count = file.read_at(0, bytes);
    if (!count) return Error{count.error().kind, path.string() + ": " + count.error().text};
    bytes.resize(*count);

    Reader in(bytes);
    if (in.raw(ledger_magic.size()) != ledger_magic) return damaged("is not a ledger");
    const auto length = in.u32();
    const auto crc = in.u32();
    const auto body = in.raw(length);
    if (!in.ok()) return damaged("its header is incomplete");
    Reader fields(body);
    const auto type = fields.u8();
    const auto version = fields.u16();
    const auto generation = fields.u64();
    const std::string owner(fields.text());
    if (crc != checksum({generation, ledger_magic.size()}, body)) return damaged("the checksum of its header is wrong");
    if (version > ledger_format)
        return Error{ErrorKind::refused, path.string() + ": made by a newer version (format " +
                                             std::to_string(version) + ", known up to " +
                                             std::to_string(ledger_format) + ")"};
    if (type != frame_header || version == 0 || !fields.ok()) return damaged("its header is malformed");
    return LedgerHead{generation, owner, in.position()};
}

Result<std::string_view> FrameReader::bytes(std::uint64_t offset, std::size_t count) {
    if (offset >= size_) return std::string_view();
    count = static_cast<std::size_t>(std::min<std::uint64_t>(count, size_ - offset));
    if (offset < buffer_at_ || offset + count > buffer_at_ + buffer_.size()) {
        buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(std::max(count, read_ahead), size_ - offset)));
        buffer_at_ = offset;
        const auto done = file_.read_at(offset, buffer_);
        if (!done) return done.error();
        buffer_.resize(*done);
    }
    return std::string_view(buffer_).substr(static_cast<std::size_t>(offset - buffer_at_), count);
}

Result<std::optional<FrameReader::Frame>> FrameReader::at(std::uint64_t offset) {
    const auto head = bytes(offset, frame_head);
    if (!head) return head.error();
    Reader in(*head);
    const auto length = in.u32();
    const auto crc = in.u32();
    if (!in.ok() || length == 0 || length > record_size_at_most || length > size_ - offset - frame_head)
        return std::optional<Frame>();
    const auto body = bytes(offset + frame_head, length);
    if (!body) return body.error();
    if (body->size() != length || crc != checksum({generation_, offset}, *body)) return std::optional<Frame>();
    return std::optional<Frame>({*body, offset + frame_head + length});
}

Result<std::optional<std::uint64_t>> FrameReader::find(std::uint64_t offset) {
    for (; offset + frame_head < size_; ++offset) {
        const auto frame = at(offset);
        if (!frame) return frame.error();
        if (*frame) return std::optional<std::uint64_t>(offset);
    }
    return std::optional<std::uint64_t>();
}

}  // namespace imaparc::index
