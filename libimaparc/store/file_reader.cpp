#include "store/file_reader.h"

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdio>

#include "base/text.h"

namespace imaparc::store {

FileReader::FileReader(File file, const struct stat& st, std::string locator)
    : file_(std::move(file)),
      size_(static_cast<std::uint64_t>(st.st_size)),
      mtime_(st.st_mtim),
      locator_(std::move(locator)) {
    char text[96];
    std::snprintf(text, sizeof text, "%" PRIx64 ":%" PRIx64 ":%" PRIx64 ":%" PRIx64 ".%09ld",
                  static_cast<std::uint64_t>(st.st_dev), static_cast<std::uint64_t>(st.st_ino), size_,
                  static_cast<std::uint64_t>(st.st_mtim.tv_sec), static_cast<long>(st.st_mtim.tv_nsec));
    fingerprint_ = text;
}

Result<std::size_t> FileReader::read(std::uint64_t offset, std::span<char> buffer) {
    const auto left = offset < size_ ? size_ - offset : 0;
    buffer = buffer.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size())));
    if (buffer.empty()) return std::size_t{0};
    auto n = file_.read_at(offset, buffer);
    if (!n) return Error{ErrorKind::io, printable(locator_) + ": " + n.error().text};
    struct stat st {};
    if (::fstat(file_.descriptor(), &st) != 0) return system_error(errno, printable(locator_));
    if (*n < buffer.size() || static_cast<std::uint64_t>(st.st_size) != size_ || st.st_mtim.tv_sec != mtime_.tv_sec ||
        st.st_mtim.tv_nsec != mtime_.tv_nsec)
        return Error{ErrorKind::io, printable(locator_) + " changed while it was read"};
    return *n;
}

}  // namespace imaparc::store
