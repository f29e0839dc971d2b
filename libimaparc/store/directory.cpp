#include "store/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstring>
#include <vector>

#include "base/text.h"

namespace imaparc::store {

namespace {

// One path of at most PATH_MAX bytes; -1 and errno.
int open_step(int root, const char* path, int flags) {
    open_how how{};
    how.flags = static_cast<unsigned>(flags);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    for (int tries = 0; tries < 16; ++tries) {
        const auto fd = ::syscall(SYS_openat2, root, path, &how, sizeof how);
        if (fd >= 0) return static_cast<int>(fd);
        // EAGAIN: a rename elsewhere while a ".." of a link was resolved.
        if (errno != EINTR && errno != EAGAIN) break;
    }
    if (errno != ENOSYS) return -1;
    // Kernels before 5.6: component by component, no link followed.
    File at;
    int directory = root;
    std::string_view rest = path;
    for (;;) {
        const auto slash = rest.find('/');
        const std::string name(rest.substr(0, slash));
        if (name == "..") {
            errno = EXDEV;
            return -1;
        }
        const bool last = slash == std::string_view::npos;
        const int fd =
            ::openat(directory, name.c_str(), (last ? flags : O_PATH | O_DIRECTORY | O_CLOEXEC) | O_NOFOLLOW);
        if (fd < 0 || last) return fd;
        at = File(fd);
        directory = fd;
        rest.remove_prefix(slash + 1);
    }
}

}  // namespace

Opened open_directory(const std::string& path) {
    for (int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOATIME;;) {
        const int fd = ::open(path.c_str(), flags);
        if (fd >= 0) return {File(fd), 0};
        if (errno == EPERM && (flags & O_NOATIME))  // not ours
            flags &= ~O_NOATIME;
        else if (errno != EINTR)
            return {File(), errno};
    }
}

Opened open_beneath(int root, std::string_view relative, int flags) {
    if (relative.empty() || relative[0] == '/' || relative.find('\0') != std::string_view::npos) return {File(), EXDEV};
    flags |= (flags & O_PATH) ? O_CLOEXEC : O_CLOEXEC | O_NOCTTY;  // openat2 refuses others beside O_PATH
    File at;
    int directory = root;
    while (relative.size() >= PATH_MAX) {  // as many whole components as one call takes
        const auto slash = relative.rfind('/', PATH_MAX - 2);
        if (slash == std::string_view::npos || slash == 0) return {File(), ENAMETOOLONG};
        const int fd =
            open_step(directory, std::string(relative.substr(0, slash)).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) return {File(), errno};
        at = File(fd);
        directory = fd;
        relative.remove_prefix(slash + 1);
    }
    const std::string path(relative);
    if (!(flags & O_PATH)) {
        const int fd = open_step(directory, path.c_str(), flags | O_NOATIME);
        if (fd >= 0) return {File(fd), 0};
        if (errno != EPERM) return {File(), errno};
    }
    const int fd = open_step(directory, path.c_str(), flags);
    if (fd < 0) return {File(), errno};
    return {File(fd), 0};
}

int for_each_entry(int directory, const std::function<void(const Entry&)>& visit) {
    if (::lseek(directory, 0, SEEK_SET) < 0) return errno;
    std::vector<char> buffer(128 * 1024);
    for (;;) {
        const auto n = ::getdents64(directory, buffer.data(), buffer.size());
        if (n == 0) return 0;
        if (n < 0) {
            if (errno == EINTR) continue;
            return errno;
        }
        for (std::size_t at = 0; at < static_cast<std::size_t>(n);) {
            dirent64 head;
            const auto* record = buffer.data() + at;
            std::memcpy(&head, record, offsetof(dirent64, d_name));
            const char* name = record + offsetof(dirent64, d_name);
            const std::string_view shown(name);
            if (shown != "." && shown != "..") visit({shown, head.d_ino, head.d_type});
            at += head.d_reclen;
        }
    }
}

bool is_directory(int directory, const Entry& entry, Links links) {
    if (entry.type == DT_DIR) return true;
    if (entry.type != DT_UNKNOWN && (entry.type != DT_LNK || links == Links::ignore)) return false;
    struct stat st {};
    const int flags = links == Links::ignore ? AT_SYMLINK_NOFOLLOW : 0;
    return ::fstatat(directory, std::string(entry.name).c_str(), &st, flags) == 0 && S_ISDIR(st.st_mode);
}

Error unavailable(int number, const std::string& what) {
    return {ErrorKind::unavailable, printable(what) + ": " + std::strerror(number)};
}

}  // namespace imaparc::store
