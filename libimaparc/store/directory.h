// Directories read without being touched: opened beneath a root that no symbolic link leaves, listed by getdents64.
// For the stores that lie in files.
//
// Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"

namespace imaparc::store {

// A descriptor, or the errno that prevented it.
struct Opened {
    File file;
    int error = 0;
};

// By its full path; symbolic links are followed: the administrator chose them.
Opened open_directory(const std::string& path);

// `relative` beneath the directory `root`: ".." and absolute or outward links give EXDEV (ELOOP where the kernel lacks
// openat2; then no link is followed at all). May be longer than PATH_MAX. O_CLOEXEC and O_NOCTTY are always added,
// O_NOATIME where we may.
Opened open_beneath(int root, std::string_view relative, int flags);

struct Entry {
    std::string_view name;  // valid during the call; "." and ".." are not shown
    std::uint64_t inode = 0;
    unsigned char type = 0;  // DT_*
};

// From the directory's start. The errno of a failure, or 0.
int for_each_entry(int directory, const std::function<void(const Entry&)>& visit);

enum class Links { follow, ignore };
bool is_directory(int directory, const Entry& entry, Links links);

// "PATH: strerror", unavailable whatever the number: for what could not be looked at.
Error unavailable(int number, const std::string& what);

}  // namespace imaparc::store
