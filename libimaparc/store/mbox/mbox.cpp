#include "store/mbox/mbox.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cinttypes>
#include <climits>
#include <cstdio>
#include <optional>
#include <unordered_map>

#include "base/ids.h"
#include "base/text.h"
#include "store/change_token.h"
#include "store/directory.h"
#include "store/folder_tree.h"
#include "store/mbox/reader.h"
#include "store/owner_directory.h"

namespace imaparc::store {

namespace {

constexpr std::string_view the_file = ".";  // the source of an owner whose mail is one file

// What an owner has: a directory of mboxes, or one mbox and the directory that it is in.
struct Home {
    File directory;
    std::string file;  // its name in the directory; "": many
    std::string where;
};

Result<Home> open_home(const PathTemplate& path, const std::string& store, const std::string& owner) {
    Home home;
    const auto place = path.path_of(owner);
    struct stat st {};
    if (place && ::stat(place->c_str(), &st) == 0 && S_ISREG(st.st_mode)) {
        home.where = place->parent_path().string();
        home.file = place->filename().string();
        auto opened = open_directory(home.where);
        if (opened.error) return unavailable(opened.error, home.where);
        home.directory = std::move(opened.file);
        return home;
    }
    auto directory = open_owner(path, store, owner, home.where);
    if (!directory) return directory.error();
    home.directory = std::move(*directory);
    return home;
}

bool has_ending(std::string_view name, std::string_view ending) {
    return name.size() > ending.size() && ascii_iequals(name.substr(name.size() - ending.size()), ending);
}

std::string joined(const std::string& directory, std::string_view name) {
    return directory == "." ? std::string(name) : directory + "/" + std::string(name);
}

struct OpenMbox {
    File file;
    struct stat st {};
};

// not_found: no regular file of that name.
Result<OpenMbox> open_mbox(const Home& home, const std::string& source) {
    const std::string path = source == the_file ? home.file : source;
    OpenMbox mbox;
    auto opened = open_beneath(home.directory.descriptor(), path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!opened.error && ::fstat(opened.file.descriptor(), &mbox.st) != 0) opened.error = errno;
    if (!opened.error && !S_ISREG(mbox.st.st_mode)) opened.error = ENOENT;
    if (opened.error == ENOENT || opened.error == ENOTDIR || opened.error == ELOOP)
        return Error{ErrorKind::not_found, printable(home.where + "/" + path) + " is not there"};
    if (opened.error) return unavailable(opened.error, home.where + "/" + path);
    mbox.file = std::move(opened.file);
    return mbox;
}

// Whether it looks like an mbox. An empty file does if its name has no ending but .mbox.
Result<bool> is_mbox(const Home& home, const std::string& path, std::string_view name) {
    auto mbox = open_mbox(home, path);
    if (!mbox) {
        if (mbox.error().kind == ErrorKind::not_found) return false;
        return mbox.error();
    }
    if (mbox->st.st_size == 0) return has_ending(name, ".mbox") || name.find('.') == std::string_view::npos;
    std::array<char, 5> first{};
    const auto n = mbox->file.read_at(0, first);
    if (!n) return Error{ErrorKind::unavailable, printable(home.where + "/" + path) + ": " + n.error().text};
    return std::string_view(first.data(), *n) == "From ";
}

std::string level_of(std::string_view name, bool at_top) {
    return at_top && ascii_iequals(name, "mbox") ? "INBOX" : shown_level(name, at_top);
}

// Names what a locator was true of: "BEGIN-END-DEV:INO:SIZE:MTIME SOURCE".
std::string stamp_of(const struct stat& st) {
    char text[128];
    std::snprintf(text, sizeof text, "%" PRIx64 ":%" PRIx64 ":%" PRIx64 ":%" PRIx64 ".%09ld",
                  static_cast<std::uint64_t>(st.st_dev), static_cast<std::uint64_t>(st.st_ino),
                  static_cast<std::uint64_t>(st.st_size), static_cast<std::uint64_t>(st.st_mtim.tv_sec),
                  static_cast<long>(st.st_mtim.tv_nsec));
    return text;
}

std::string locator_of(const MboxMessage& message, const std::string& stamp, const std::string& source) {
    return std::to_string(message.begin) + "-" + std::to_string(message.end) + "-" + stamp + " " + source;
}

struct Locator {
    std::uint64_t begin = 0, end = 0;
    std::string_view stamp, source;
    static std::optional<Locator> parse(std::string_view text) {
        const auto first = text.find('-');
        const auto second = first == text.npos ? text.npos : text.find('-', first + 1);
        const auto space = second == text.npos ? text.npos : text.find(' ', second);
        if (space == text.npos) return std::nullopt;
        const auto begin = parse_decimal(text.substr(0, first));
        const auto end = parse_decimal(text.substr(first + 1, second - first - 1));
        if (!begin || !end || *end < *begin) return std::nullopt;
        return Locator{*begin, *end, text.substr(second + 1, space - second - 1), text.substr(space + 1)};
    }
};

std::string digest_name(const Sha256& digest) { return hex(std::span(digest).first(16)); }

// Names the messages of one folder, whose sources are read one after the other.
class Names {
  public:
    std::string next(const Sha256& digest) {
        MessageId key;
        std::copy_n(digest.begin(), key.bytes.size(), key.bytes.begin());
        const auto ordinal = ++seen_[key];
        return ordinal == 1 ? digest_name(digest) : digest_name(digest) + "-" + std::to_string(ordinal);
    }

  private:
    std::unordered_map<MessageId, std::uint32_t> seen_;
};

}  // namespace

StoreHealth MboxStore::health() { return health_of(path_.root().string()); }
StoreHealth MboxStore::owner_health(const std::string& owner) { return health_of_owner(path_, name_, owner); }

Result<std::vector<StoreFolder>> MboxStore::folders(const std::string& owner) {
    auto home = open_home(path_, name_, owner);
    if (!home) return home.error();
    const int root = home->directory.descriptor();
    if (!home->file.empty())
        return folders_of({{{}, std::string(the_file), change_token_of(root, home->file, 0).value_or(""), true}});

    struct Place {
        std::string path;
        std::vector<std::string> levels;
        bool mbox_directory = false;  // NAME.mbox: its file "mbox" is the folder NAME
    };
    std::vector<FolderSource> sources;
    std::vector<Place> todo{{".", {}, false}};
    while (!todo.empty()) {
        auto place = std::move(todo.back());
        todo.pop_back();
        const bool at_top = place.path == ".";
        auto opened = open_beneath(root, place.path, O_RDONLY | O_DIRECTORY);
        if (opened.error == ENOENT && !at_top) continue;  // gone meanwhile
        if (opened.error) return unavailable(opened.error, home->where + "/" + place.path);
        std::vector<std::string> files, directories;
        const int failed = for_each_entry(opened.file.descriptor(), [&](const Entry& entry) {
            if (entry.name[0] == '.' || (at_top && entry.name == "lost+found")) return;
            if (is_directory(opened.file.descriptor(), entry, Links::ignore))
                directories.emplace_back(entry.name);
            else if (entry.type == DT_REG || entry.type == DT_UNKNOWN)
                files.emplace_back(entry.name);
        });
        if (failed) return unavailable(failed, home->where + "/" + place.path);
        if (!directories.empty() && place.levels.size() >= most_levels)
            return Error{ErrorKind::unavailable, printable(home->where + "/" + place.path) + ": more than " +
                                                     std::to_string(most_levels) + " levels of folders"};
        for (const auto& name : files) {
            const auto path = joined(place.path, name);
            const auto is = is_mbox(*home, path, name);
            if (!is) return is.error();
            if (!*is) continue;
            auto levels = place.levels;
            if (!(place.mbox_directory && ascii_iequals(name, "mbox")))
                levels.push_back(level_of(name, levels.empty()));
            sources.push_back({std::move(levels), path, change_token_of(root, path, 0).value_or(""), true});
        }
        for (const auto& name : directories) {
            auto levels = place.levels;
            levels.push_back(level_of(name, levels.empty()));
            const auto path = joined(place.path, name);
            sources.push_back({levels, path, "", false});
            todo.push_back({path, std::move(levels), has_ending(name, ".mbox")});
        }
    }
    return folders_of(std::move(sources));
}

Result<void> MboxStore::list(const std::string& owner, const StoreFolder& folder,
                             const std::function<bool(StoreItem&&)>& visit) {
    if (!folder.selectable) return {};
    auto home = open_home(path_, name_, owner);
    if (!home) return home.error();
    const auto sources = sources_of(folder.location);
    Names names;
    bool stopped = false;
    for (const auto& source : sources) {
        auto mbox = open_mbox(*home, source);
        if (!mbox) {
            // Of several places one alone says nothing about the folder.
            if (mbox.error().kind == ErrorKind::not_found && sources.size() > 1)
                return Error{ErrorKind::unavailable, mbox.error().text};
            return mbox.error();
        }
        const auto stamp = stamp_of(mbox->st);
        const auto show = [&](MboxMessage&& message) {
            // Hidden ones are counted, too: a message's name must not depend on another one's flags.
            StoreItem item;
            item.name = names.next(message.digest);
            if (message.hidden) return true;
            item.locator = locator_of(message, stamp, source);
            item.date = message.date;
            item.flags = std::move(message.flags);
            item.raw_size = message.size;
            stopped = !visit(std::move(item));
            return !stopped;
        };
        const auto size = static_cast<std::uint64_t>(mbox->st.st_size);
        if (auto scanned = scan_mbox(mbox->file, format_, 0, size, show); !scanned) {
            if (size == 0) continue;
            return Error{scanned.error().kind,
                         printable(home->where + "/" + (source == the_file ? home->file : source)) + ": " +
                             scanned.error().text};
        }
        if (stopped) return {};
        struct stat now {};
        if (::fstat(mbox->file.descriptor(), &now) != 0 || stamp_of(now) != stamp)
            return Error{ErrorKind::unavailable,
                         printable(home->where + "/" + source) + " changed while it was listed"};
    }
    return {};
}

Result<std::unique_ptr<StoreReader>> MboxStore::open(const std::string& owner, const std::string& location,
                                                     const std::string& name, const std::string& locator) {
    auto home = open_home(path_, name_, owner);
    // The caller knows of a message here: that the owner's mail is gone is no proof that it is.
    if (!home) return Error{ErrorKind::unavailable, home.error().text};
    const auto sources = sources_of(location);
    const auto wanted = std::string_view(name).substr(0, name.find('-'));

    const auto read = [&](OpenMbox mbox, std::uint64_t begin, std::uint64_t end,
                          std::string at) -> Result<std::unique_ptr<StoreReader>> {
        auto reader = MboxReader::open(std::move(mbox.file), mbox.st, format_, begin, end, std::move(at));
        if (!reader) return reader.error();
        if (digest_name((*reader)->digest()) != wanted) return Error{ErrorKind::not_found, "another message is there"};
        return std::unique_ptr<StoreReader>(std::move(*reader));
    };

    // Where it was last; the digest tells whether it is there still.
    const auto hint = Locator::parse(locator);
    if (hint && std::find(sources.begin(), sources.end(), hint->source) != sources.end()) {
        auto mbox = open_mbox(*home, std::string(hint->source));
        if (mbox && hint->end <= static_cast<std::uint64_t>(mbox->st.st_size)) {
            auto found = read(std::move(*mbox), hint->begin, hint->end, locator);
            if (found || found.error().kind != ErrorKind::not_found) return found;
        }
    }
    // Else the folder is looked through.
    Names names;
    for (const auto& source : sources) {
        auto mbox = open_mbox(*home, source);
        if (!mbox) {
            if (mbox.error().kind == ErrorKind::not_found && sources.size() > 1)
                return Error{ErrorKind::unavailable, mbox.error().text};
            return mbox.error();
        }
        std::optional<MboxMessage> found;
        const auto look = [&](MboxMessage&& message) {
            if (names.next(message.digest) == name) found = std::move(message);
            return !found;
        };
        const auto size = static_cast<std::uint64_t>(mbox->st.st_size);
        if (auto scanned = scan_mbox(mbox->file, format_, 0, size, look); !scanned) return scanned.error();
        if (!found) continue;
        auto at = locator_of(*found, stamp_of(mbox->st), source);
        auto opened = read(std::move(*mbox), found->begin, found->end, std::move(at));
        if (!opened && opened.error().kind == ErrorKind::not_found)
            return Error{ErrorKind::unavailable, "the folder changes while it is read"};
        return opened;
    }
    return Error{ErrorKind::not_found, "no message " + printable(name) + " in " + printable(home->where)};
}

std::vector<std::string> MboxStore::watch_paths(const std::string& owner, const StoreFolder& folder) {
    const auto path = path_.path_of(owner);
    if (!path || !folder.selectable) return {};
    // The directories that the files are in: a file may be replaced by a rename.
    std::vector<std::string> paths;
    for (const auto& source : sources_of(folder.location)) {
        auto directory = source == the_file ? path->parent_path() : (*path / source).parent_path();
        if (directory.native().size() < PATH_MAX) paths.push_back(directory.string());
    }
    return paths;
}

std::vector<std::string> MboxStore::owner_watch_paths(const std::string& owner) {
    const auto path = path_.path_of(owner);
    if (!path) return {};
    return {path->string()};
}

}  // namespace imaparc::store
