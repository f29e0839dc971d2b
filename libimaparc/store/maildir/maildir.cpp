#include "store/maildir/maildir.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "base/text.h"
#include "store/directory.h"
#include "store/file_reader.h"
#include "store/maildir/filename.h"
#include "store/maildir/tree.h"
#include "store/owner_directory.h"

namespace imaparc::store {

namespace {

// A locator as list_messages makes it, for this very name.
bool fits(std::string_view locator, std::string_view unique) {
    if (!locator.starts_with("cur/") && !locator.starts_with("new/")) return false;
    locator.remove_prefix(4);
    return locator.find('/') == std::string_view::npos && unique_name(locator) == unique;
}

}  // namespace

StoreHealth MaildirStore::health() { return health_of(path_.root().string()); }

StoreHealth MaildirStore::owner_health(const std::string& owner) { return health_of_owner(path_, name_, owner); }

Result<std::vector<StoreFolder>> MaildirStore::folders(const std::string& owner) {
    std::string path;
    auto directory = open_owner(path_, name_, owner, path);
    if (!directory) return directory.error();
    return find_folders(directory->descriptor(), layout_, path);
}

Result<void> MaildirStore::list(const std::string& owner, const StoreFolder& folder,
                                const std::function<bool(StoreItem&&)>& visit) {
    if (!folder.selectable) return {};
    std::string path;
    auto directory = open_owner(path_, name_, owner, path);
    if (!directory) return directory.error();
    auto directories = MailDirectories::open(directory->descriptor(), folder.location);
    if (!directories) return directories.error();
    return list_messages(*directories, date_, path + "/" + folder.location, visit);
}

Result<std::unique_ptr<StoreReader>> MaildirStore::open(const std::string& owner, const std::string& location,
                                                        const std::string& name, const std::string& locator) {
    std::string path;
    auto directory = open_owner(path_, name_, owner, path);
    if (!directory) {
        // The caller knows of a message here: that the owner's directory is gone is no proof that it is.
        if (directory.error().kind == ErrorKind::not_found)
            return Error{ErrorKind::unavailable, directory.error().text};
        return directory.error();
    }
    const auto wanted = MessageName::of(name);
    const auto where = printable(path + "/" + location);
    std::string now = fits(locator, wanted.unique) ? locator : std::string();
    // The hint, then what a look through the folder finds; again if it is renamed in between.
    for (unsigned tries = 0; tries < 6; ++tries) {
        if (!now.empty()) {
            auto opened =
                open_beneath(directory->descriptor(), location + "/" + now, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
            struct stat st {};
            if (!opened.error && ::fstat(opened.file.descriptor(), &st) != 0) opened.error = errno;
            if (!opened.error && (!S_ISREG(st.st_mode) || (wanted.inode != 0 && st.st_ino != wanted.inode)))
                opened.error = ENOENT;
            if (!opened.error) return std::unique_ptr<StoreReader>(new FileReader(std::move(opened.file), st, now));
            if (opened.error != ENOENT && opened.error != ELOOP && opened.error != ESTALE)
                return unavailable(opened.error, where + "/" + now);
        }
        auto directories = MailDirectories::open(directory->descriptor(), location);
        if (!directories) return directories.error();
        auto found = find_message(*directories, name, where);
        if (!found) return found.error();
        now = std::move(*found);
    }
    return Error{ErrorKind::unavailable, where + "/" + printable(name) + " keeps moving"};
}

std::vector<std::string> MaildirStore::watch_paths(const std::string& owner, const StoreFolder& folder) {
    const auto path = path_.path_of(owner);
    if (!path || !folder.selectable) return {};
    const auto base = folder.location == "." ? path->string() : path->string() + "/" + folder.location;
    if (base.size() + 5 > PATH_MAX) return {};
    return {base + "/new", base + "/cur"};
}

std::vector<std::string> MaildirStore::owner_watch_paths(const std::string& owner) {
    const auto path = path_.path_of(owner);
    if (!path) return {};
    return {path->string()};
}

}  // namespace imaparc::store
