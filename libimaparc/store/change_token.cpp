#include "store/change_token.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>

#include "store/directory.h"

namespace imaparc::store {

namespace {

// How long a change may go unseen in a time: file systems count it in ticks, some in seconds.
constexpr std::int64_t coarsest_time = 2;

}  // namespace

std::optional<std::string> change_token_of(int root, const std::string& path, int kind) {
    auto opened = open_beneath(root, path, O_PATH | kind);
    if (opened.error == ENOENT || opened.error == ENOTDIR || opened.error == EXDEV || opened.error == ELOOP)
        return std::nullopt;
    if (opened.error) return "";
    struct stat st {};
    if (::fstat(opened.file.descriptor(), &st) != 0) return "";
    char text[160];
    std::snprintf(text, sizeof text, "%" PRIx64 ":%" PRIx64 ":%" PRIx64 ".%09ld", static_cast<std::uint64_t>(st.st_dev),
                  static_cast<std::uint64_t>(st.st_ino), static_cast<std::uint64_t>(st.st_mtim.tv_sec),
                  static_cast<long>(st.st_mtim.tv_nsec));
    std::string token = text;
    if (kind != O_DIRECTORY) token += ":" + std::to_string(st.st_size);
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);  // the clock that file times are made of
    // A change in the same tick as the last one would leave the time as it is.
    if (st.st_mtim.tv_sec + coarsest_time >= now.tv_sec)
        token += "!" + std::to_string(now.tv_sec) + "." + std::to_string(now.tv_nsec);
    return token;
}

}  // namespace imaparc::store
