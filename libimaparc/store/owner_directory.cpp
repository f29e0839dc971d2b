#include "store/owner_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

#include "base/text.h"
#include "store/directory.h"

namespace imaparc::store {

StoreHealth health_of(const std::string& path) {
    StoreHealth health;
    auto opened = open_directory(path);
    int failed = opened.error;
    struct stat st {};
    if (failed == ENOTDIR && ::stat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode)) {
        health.empty = st.st_size == 0;
        failed = 0;
    } else {
        if (!failed && ::fstat(opened.file.descriptor(), &st) != 0) failed = errno;
        if (!failed) failed = for_each_entry(opened.file.descriptor(), [&](const Entry&) { health.empty = false; });
    }
    if (failed) return {false, true, "", unavailable(failed, path).text};
    health.available = true;
    health.device = std::to_string(major(st.st_dev)) + ":" + std::to_string(minor(st.st_dev));
    return health;
}

StoreHealth health_of_owner(const PathTemplate& path, const std::string& store, const std::string& owner) {
    const auto found = path.path_of(owner);
    if (!found) return {false, true, "", "\"" + printable(owner) + "\" cannot have a directory in store " + store};
    return health_of(found->string());
}

Result<File> open_owner(const PathTemplate& path, const std::string& store, const std::string& owner,
                        std::string& found) {
    const auto place = path.path_of(owner);
    if (!place)
        return Error{ErrorKind::not_found, "\"" + printable(owner) + "\" cannot have a directory in store " + store};
    found = place->string();
    auto opened = open_directory(found);
    if (opened.error == ENOENT) {
        // Without the root nobody's directory is there, which says nothing about the owner.
        if (auto root = open_directory(path.root().string()); root.error)
            return unavailable(root.error, path.root().string());
        return Error{ErrorKind::not_found, printable(found) + " is not there"};
    }
    if (opened.error) return unavailable(opened.error, found);
    return std::move(opened.file);
}

}  // namespace imaparc::store
