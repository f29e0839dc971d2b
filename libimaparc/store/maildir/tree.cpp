#include "store/maildir/tree.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/text.h"
#include "store/change_token.h"
#include "store/directory.h"
#include "store/maildir/names.h"

namespace imaparc::store {

namespace {

// Deeper than anything real; a tree that goes on is refused rather than shown in part.
constexpr std::size_t most_levels = 1000;

struct Directory {
    std::vector<std::string> raw;
    std::string location;
    std::string token;
};

// nullopt: not a mailbox.
std::optional<std::string> mailbox_token(int owner, const std::string& location) {
    const auto cur = change_token_of(owner, location + "/cur", O_DIRECTORY);
    const auto fresh = change_token_of(owner, location + "/new", O_DIRECTORY);
    if (!cur && !fresh) return std::nullopt;
    if ((cur && cur->empty()) || (fresh && fresh->empty())) return "";
    return cur.value_or("-") + "," + fresh.value_or("-");
}

Result<std::vector<Directory>> maildir_plus_plus(int owner, const std::string& where) {
    std::vector<std::string> names;
    const int failed = for_each_entry(owner, [&](const Entry& entry) {
        if (entry.name.size() > 1 && entry.name[0] == '.' && entry.type != DT_REG) names.emplace_back(entry.name);
    });
    if (failed) return unavailable(failed, where);
    std::sort(names.begin(), names.end());
    std::vector<Directory> directories;
    for (auto& name : names) {
        auto token = mailbox_token(owner, name);
        if (!token) continue;
        Directory directory;
        for (const auto level : split(std::string_view(name).substr(1), '.')) directory.raw.emplace_back(level);
        directory.location = std::move(name);
        directory.token = std::move(*token);
        directories.push_back(std::move(directory));
    }
    return directories;
}

Result<std::vector<Directory>> nested(int owner, const std::string& where) {
    std::vector<Directory> directories;
    std::vector<std::vector<std::string>> todo{{}};
    while (!todo.empty()) {
        const auto raw = std::move(todo.back());
        todo.pop_back();
        std::string location;
        for (const auto& level : raw) location += (location.empty() ? "" : "/") + level;
        if (!raw.empty()) {
            if (auto token = mailbox_token(owner, location)) directories.push_back({raw, location, std::move(*token)});
        }
        auto opened = open_beneath(owner, raw.empty() ? "." : location, O_RDONLY | O_DIRECTORY);
        if (opened.error == ENOENT && !raw.empty()) continue;  // gone meanwhile
        if (opened.error) return unavailable(opened.error, where + "/" + location);
        std::vector<std::string> below;
        const int failed = for_each_entry(opened.file.descriptor(), [&](const Entry& entry) {
            if (entry.name == "cur" || entry.name == "new" || entry.name == "tmp") return;
            if (raw.empty() && entry.name == "lost+found") return;
            if (is_directory(opened.file.descriptor(), entry, Links::ignore)) below.emplace_back(entry.name);
        });
        if (failed) return unavailable(failed, where + "/" + location);
        if (!below.empty() && raw.size() >= most_levels)
            return Error{ErrorKind::unavailable, printable(where + "/" + location) + ": more than " +
                                                     std::to_string(most_levels) + " levels of folders"};
        for (auto& name : below) {
            todo.push_back(raw);
            todo.back().push_back(std::move(name));
        }
    }
    return directories;
}

}  // namespace

Result<std::vector<StoreFolder>> find_folders(int owner, MaildirLayout layout, const std::string& where) {
    auto found = layout == MaildirLayout::fs ? nested(owner, where) : maildir_plus_plus(owner, where);
    if (!found) return found.error();
    auto& directories = *found;
    if (auto token = mailbox_token(owner, ".")) directories.push_back({{}, ".", std::move(*token)});

    std::vector<std::vector<std::string>> raw;
    raw.reserve(directories.size());
    for (auto& directory : directories) raw.push_back(std::move(directory.raw));
    std::vector<StoreFolder> folders;
    for (auto& named : name_folders(raw)) {
        StoreFolder folder;
        folder.levels = std::move(named.shown);
        folder.selectable = named.found != NamedFolder::none;
        if (folder.selectable) {
            folder.location = std::move(directories[named.found].location);
            folder.change_token = std::move(directories[named.found].token);
        } else {
            for (const auto& level : named.raw) {
                if (layout == MaildirLayout::maildir_plus_plus)
                    folder.location += "." + level;
                else
                    folder.location += (folder.location.empty() ? "" : "/") + level;
            }
        }
        folders.push_back(std::move(folder));
    }
    return folders;
}

}  // namespace imaparc::store
