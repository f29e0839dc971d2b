#include "store/mbox/reader.h"

#include <algorithm>
#include <cerrno>

#include "base/text.h"

namespace imaparc::store {

namespace {

constexpr std::uint64_t between_marks = 128 * 1024;  // bytes read over at most to begin somewhere

}  // namespace

Result<std::unique_ptr<MboxReader>> MboxReader::open(File file, const struct stat& st, MboxFormat format,
                                                     std::uint64_t begin, std::uint64_t end, std::string locator) {
    std::unique_ptr<MboxReader> reader(new MboxReader(std::move(file), st, end, std::move(locator)));
    MessageFilter filter(format);
    reader->marks_.push_back({begin, 0, filter});
    Pieces pieces(reader->file_, begin, end);
    Piece piece;
    Hasher hasher;
    for (;;) {
        const auto more = pieces.next(piece);
        if (!more) return more.error();
        if (!*more) break;
        if (piece.starts_line && piece.offset >= reader->marks_.back().raw + between_marks)
            reader->marks_.push_back({piece.offset, reader->size_, filter});
        const auto left = filter.pass(piece);
        hasher.update(left);
        reader->size_ += left.size();
    }
    reader->digest_ = hasher.finish();
    if (auto same = reader->unchanged(); !same) return same.error();
    return reader;
}

Result<void> MboxReader::unchanged() const {
    struct stat st {};
    if (::fstat(file_.descriptor(), &st) != 0) return system_error(errno, printable(locator_));
    if (st.st_size != file_size_ || st.st_mtim.tv_sec != mtime_.tv_sec || st.st_mtim.tv_nsec != mtime_.tv_nsec)
        return Error{ErrorKind::unavailable, printable(locator_) + " changed while it was read"};
    return {};
}

Result<std::size_t> MboxReader::read(std::uint64_t offset, std::span<char> buffer) {
    if (offset >= size_ || buffer.empty()) return std::size_t{0};
    const auto behind = std::upper_bound(marks_.begin(), marks_.end(), offset,
                                         [](std::uint64_t at, const Mark& mark) { return at < mark.offset; });
    const Mark& mark = *std::prev(behind);
    MessageFilter filter = mark.filter;
    Pieces pieces(file_, mark.raw, end_);
    Piece piece;
    std::uint64_t at = mark.offset;
    std::size_t filled = 0;
    while (filled < buffer.size()) {
        const auto more = pieces.next(piece);
        if (!more) return more.error();
        if (!*more) break;
        auto left = filter.pass(piece);
        const auto before = offset + filled;  // the message's offset of the next byte wanted
        const auto skipped =
            static_cast<std::size_t>(std::min<std::uint64_t>(left.size(), before - std::min(at, before)));
        at += left.size();
        left.remove_prefix(skipped);
        left = left.substr(0, buffer.size() - filled);
        std::copy(left.begin(), left.end(), buffer.begin() + static_cast<std::ptrdiff_t>(filled));
        filled += left.size();
    }
    if (auto same = unchanged(); !same) return same.error();
    if (filled < buffer.size() && offset + filled < size_)
        return Error{ErrorKind::unavailable, printable(locator_) + " became shorter while it was read"};
    return filled;
}

std::string MboxReader::fingerprint() const { return hex(digest_) + ":" + std::to_string(size_); }

}  // namespace imaparc::store
