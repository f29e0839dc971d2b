#include "store/eml/eml.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <climits>

#include "base/text.h"
#include "store/change_token.h"
#include "store/directory.h"
#include "store/file_reader.h"
#include "store/folder_tree.h"
#include "store/header_date.h"
#include "store/owner_directory.h"

namespace imaparc::store {

namespace {

constexpr std::array<std::string_view, 2> inner = {"cur", "new"};  // of one folder, as in a Maildir

bool has_eml_name(std::string_view name) {
    return name.size() > 4 && name[0] != '.' && ascii_iequals(name.substr(name.size() - 4), ".eml");
}
bool may_be_file(const Entry& entry) { return entry.type == DT_REG || entry.type == DT_UNKNOWN; }

std::string joined(const std::string& directory, std::string_view name) {
    return directory == "." ? std::string(name) : directory + "/" + std::string(name);
}

// What a directory's messages lie in: itself and, where they are, cur and new.
std::string token_of_folder(int owner, const std::string& path) {
    std::string token;
    for (const auto& part : {path, joined(path, "cur"), joined(path, "new")}) {
        const auto one = change_token_of(owner, part, O_DIRECTORY);
        if (one && one->empty()) return "";
        token += (token.empty() ? "" : ",") + one.value_or("-");
    }
    return token;
}

// Lists one directory's message files; `in_cur`: all names count.
class Lister {
  public:
    Lister(int owner, const std::string& where, DateFrom date, const std::function<bool(StoreItem&&)>& visit)
        : owner_(owner), where_(where), date_(date), visit_(visit) {}

    bool stopped() const { return stopped_; }

    Result<void> list(const std::string& path, bool any_name) {
        auto opened = open_beneath(owner_, path, O_RDONLY | O_DIRECTORY);
        if (opened.error == ENOENT || (any_name && opened.error == ENOTDIR)) {
            if (any_name) return {};
            return Error{ErrorKind::not_found, printable(where_ + "/" + path) + " is not there"};
        }
        if (opened.error) return unavailable(opened.error, where_ + "/" + path);
        std::optional<Error> trouble;
        const int failed = for_each_entry(opened.file.descriptor(), [&](const Entry& entry) {
            if (stopped_ || trouble || !may_be_file(entry)) return;
            if (any_name ? entry.name[0] == '.' : !has_eml_name(entry.name)) return;
            if (auto shown = show(opened.file.descriptor(), path, std::string(entry.name)); !shown)
                trouble = shown.error();
        });
        if (trouble) return *trouble;
        if (failed) return unavailable(failed, where_ + "/" + path);
        return {};
    }

  private:
    Result<void> show(int directory, const std::string& path, const std::string& file_name) {
        struct stat st {};
        if (::fstatat(directory, file_name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) return {};
            return unavailable(errno, where_ + "/" + path + "/" + file_name);
        }
        if (!S_ISREG(st.st_mode)) return {};
        StoreItem item;
        item.name = joined(path, file_name);
        item.raw_size = static_cast<std::uint64_t>(st.st_size);
        item.date = static_cast<Seconds>(st.st_mtim.tv_sec);
        if (date_ != DateFrom::mtime) {
            auto opened = open_beneath(directory, file_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
            if (opened.error == ENOENT) return {};
            if (opened.error) return unavailable(opened.error, where_ + "/" + item.name);
            const auto header = read_header(opened.file);
            if (!header)
                return Error{ErrorKind::unavailable, printable(where_ + "/" + item.name) + ": " + header.error().text};
            std::optional<Seconds> date;
            if (date_ == DateFrom::received) date = received_date(*header);
            if (!date) date = sent_date(*header);
            item.date = date.value_or(item.date);
        }
        if (!visit_(std::move(item))) stopped_ = true;
        return {};
    }

    const int owner_;
    const std::string& where_;
    const DateFrom date_;
    const std::function<bool(StoreItem&&)>& visit_;
    bool stopped_ = false;
};

struct Found {
    bool mail = false;
    std::vector<std::string> below;  // directories
};

Result<Found> look_into(int directory, bool at_top, const std::string& where) {
    Found found;
    const int failed = for_each_entry(directory, [&](const Entry& entry) {
        if (entry.name[0] == '.' || entry.name == "tmp" || (at_top && entry.name == "lost+found")) return;
        if (is_directory(directory, entry, Links::ignore)) {
            if (entry.name == inner[0] || entry.name == inner[1])
                found.mail = true;
            else
                found.below.emplace_back(entry.name);
        } else if (may_be_file(entry) && has_eml_name(entry.name)) {
            found.mail = true;
        }
    });
    if (failed) return unavailable(failed, where);
    return found;
}

}  // namespace

StoreHealth EmlStore::health() { return health_of(path_.root().string()); }
StoreHealth EmlStore::owner_health(const std::string& owner) { return health_of_owner(path_, name_, owner); }

Result<std::vector<StoreFolder>> EmlStore::folders(const std::string& owner) {
    std::string where;
    auto directory = open_owner(path_, name_, owner, where);
    if (!directory) return directory.error();
    const int root = directory->descriptor();

    struct Place {
        std::string path;
        std::vector<std::string> levels;
    };
    std::vector<FolderSource> sources;
    std::vector<Place> todo{{".", {}}};
    while (!todo.empty()) {
        auto place = std::move(todo.back());
        todo.pop_back();
        auto opened = open_beneath(root, place.path, O_RDONLY | O_DIRECTORY);
        if (opened.error == ENOENT && place.path != ".") continue;  // gone meanwhile
        if (opened.error) return unavailable(opened.error, where + "/" + place.path);
        auto found = look_into(opened.file.descriptor(), place.path == ".", where + "/" + place.path);
        if (!found) return found.error();
        if (!found->below.empty() && place.levels.size() >= most_levels)
            return Error{ErrorKind::unavailable, printable(where + "/" + place.path) + ": more than " +
                                                     std::to_string(most_levels) + " levels of folders"};
        for (const auto& name : found->below) {
            auto levels = place.levels;
            levels.push_back(shown_level(name, levels.empty()));
            todo.push_back({joined(place.path, name), std::move(levels)});
        }
        // An empty directory is an empty folder, unless it is the owner's own or there for its subfolders alone.
        const bool container = place.path == "." || place.path.ends_with(".sbd") || !found->below.empty();
        if (found->mail || !container)
            sources.push_back({place.levels, place.path, token_of_folder(root, place.path), true});
        else if (place.path != ".")
            sources.push_back({place.levels, place.path, "", false});
    }
    return folders_of(std::move(sources));
}

Result<void> EmlStore::list(const std::string& owner, const StoreFolder& folder,
                            const std::function<bool(StoreItem&&)>& visit) {
    if (!folder.selectable) return {};
    std::string where;
    auto directory = open_owner(path_, name_, owner, where);
    if (!directory) return directory.error();
    Lister lister(directory->descriptor(), where, date_, visit);
    for (const auto& source : sources_of(folder.location)) {
        if (auto listed = lister.list(source, false); !listed) {
            // Of several places one alone says nothing about the folder.
            if (listed.error().kind == ErrorKind::not_found && source != folder.location)
                return Error{ErrorKind::unavailable, listed.error().text};
            return listed;
        }
        for (const auto& part : inner) {
            if (lister.stopped()) return {};
            if (auto listed = lister.list(joined(source, part), true); !listed) return listed;
        }
    }
    return {};
}

Result<std::unique_ptr<StoreReader>> EmlStore::open(const std::string& owner, const std::string&,
                                                    const std::string& name, const std::string&) {
    std::string where;
    auto directory = open_owner(path_, name_, owner, where);
    if (!directory) {
        // The caller knows of a message here: that the owner's directory is gone is no proof that it is.
        return Error{ErrorKind::unavailable, directory.error().text};
    }
    auto opened = open_beneath(directory->descriptor(), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    struct stat st {};
    if (!opened.error && ::fstat(opened.file.descriptor(), &st) != 0) opened.error = errno;
    if (!opened.error && !S_ISREG(st.st_mode)) opened.error = ENOENT;
    if (opened.error == ENOENT || opened.error == ENOTDIR || opened.error == ELOOP)
        return Error{ErrorKind::not_found, printable(where + "/" + name) + " is not there"};
    if (opened.error) return unavailable(opened.error, where + "/" + name);
    return std::unique_ptr<StoreReader>(new FileReader(std::move(opened.file), st, name));
}

std::vector<std::string> EmlStore::watch_paths(const std::string& owner, const StoreFolder& folder) {
    const auto path = path_.path_of(owner);
    if (!path || !folder.selectable) return {};
    std::vector<std::string> paths;
    for (const auto& source : sources_of(folder.location)) {
        const auto base = source == "." ? path->string() : path->string() + "/" + source;
        if (base.size() + 5 > PATH_MAX) continue;
        paths.insert(paths.end(), {base, base + "/cur", base + "/new"});
    }
    return paths;
}

std::vector<std::string> EmlStore::owner_watch_paths(const std::string& owner) {
    const auto path = path_.path_of(owner);
    if (!path) return {};
    return {path->string()};
}

}  // namespace imaparc::store
