#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/digest.h"
#include "index/ledger.h"
#include "index/ledger_frames.h"

namespace imaparc::index {
namespace {

constexpr std::string_view suffix = ".ledger";
constexpr std::size_t name_at_most = 255;  // NAME_MAX

bool plain(unsigned char c, bool first) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
    if (c == '.') return !first;
    return std::string_view("@_+=,-").find(static_cast<char>(c)) != std::string_view::npos;
}

}  // namespace

std::string ledger_file_name(std::string_view owner) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string name;
    for (std::size_t i = 0; i < owner.size(); ++i) {
        const auto c = static_cast<unsigned char>(owner[i]);
        if (plain(c, i == 0)) {
            name += static_cast<char>(c);
        } else {
            name += '%';
            name += digits[c >> 4];
            name += digits[c & 15];
        }
    }
    name += suffix;
    if (name.size() <= name_at_most) return name;
    return "#" + hex(sha256(owner)) + std::string(suffix);
}

Result<std::string> ledger_owner(const std::filesystem::path& path) {
    const auto file = File::open(path, O_RDONLY);
    if (!file) return file.error();
    auto head = read_ledger_head(*file, path);
    if (!head) return head.error();
    return std::move(head->owner);
}

Result<std::vector<std::filesystem::path>> ledger_files(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> files;
    std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(directory.c_str()), ::closedir);
    if (!open) {
        if (errno == ENOENT) return files;
        return system_error(errno, directory.string());
    }
    for (;;) {
        errno = 0;
        const auto* entry = ::readdir(open.get());
        if (!entry) break;
        const std::string_view name(entry->d_name);
        // Dots: the atomic writer's temporary files.
        if (name.front() != '.' && name.size() > suffix.size() && name.substr(name.size() - suffix.size()) == suffix)
            files.push_back(directory / name);
    }
    if (errno != 0) return system_error(errno, directory.string());
    std::sort(files.begin(), files.end());
    return files;
}

Result<std::filesystem::path> set_aside(const std::filesystem::path& path, Seconds now) {
    const auto base = path.string() + ".damaged-" + std::to_string(now);
    for (unsigned n = 1;; ++n) {
        const std::filesystem::path to = n == 1 ? base : base + "-" + std::to_string(n);
        if (::renameat2(AT_FDCWD, path.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
            if (auto synced = sync_directory(path.parent_path()); !synced) return synced.error();
            return to;
        }
        if (errno != EEXIST) return system_error(errno, path.string());
    }
}

}  // namespace imaparc::index
