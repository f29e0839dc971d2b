#include "store/folder_tree.h"

#include <algorithm>
#include <map>

#include "base/text.h"

namespace imaparc::store {

namespace {

constexpr std::string_view between_sources = "//";  // no path holds an empty component

}  // namespace

std::string shown_level(std::string_view name, bool at_top) {
    for (const std::string_view ending : {".sbd", ".mbox"})
        if (name.size() > ending.size() && ascii_iequals(name.substr(name.size() - ending.size()), ending)) {
            name.remove_suffix(ending.size());
            break;
        }
    if (at_top && ascii_iequals(name, "INBOX")) return "INBOX";
    return escape_level(name);
}

std::vector<StoreFolder> folders_of(std::vector<FolderSource> sources) {
    std::sort(sources.begin(), sources.end(),
              [](const FolderSource& a, const FolderSource& b) { return a.path < b.path; });
    std::map<std::vector<std::string>, StoreFolder> tree;  // a parent's levels sort before its children's
    for (auto& source : sources) {
        if (source.levels.empty()) source.levels.emplace_back("INBOX");
        for (std::size_t depth = 1; depth < source.levels.size(); ++depth) {
            const std::vector<std::string> levels(source.levels.begin(),
                                                  source.levels.begin() + static_cast<std::ptrdiff_t>(depth));
            StoreFolder parent;
            parent.levels = levels;
            parent.selectable = false;
            tree.emplace(levels, std::move(parent));
        }
        const auto [place, added] = tree.try_emplace(source.levels);
        StoreFolder& folder = place->second;
        const bool first = added || !folder.selectable;
        if (added) {
            folder.levels = source.levels;
            folder.selectable = false;
        }
        if (!source.selectable) continue;
        if (first) {
            folder.location.clear();
            folder.change_token = source.change_token;
        } else {
            folder.location += between_sources;
            // One that cannot tell whether it changed makes the folder one.
            if (folder.change_token.empty() || source.change_token.empty())
                folder.change_token.clear();
            else
                folder.change_token += "+" + source.change_token;
        }
        folder.selectable = true;
        folder.location += source.path;
    }
    std::vector<StoreFolder> folders;
    folders.reserve(tree.size());
    for (auto& [levels, folder] : tree) {
        // What has no source has no place in the store either; its name will do.
        if (!folder.selectable)
            for (const auto& level : levels) folder.location += (folder.location.empty() ? "" : "/") + level;
        folders.push_back(std::move(folder));
    }
    return folders;
}

std::vector<std::string> sources_of(std::string_view location) {
    std::vector<std::string> sources;
    for (;;) {
        const auto end = location.find(between_sources);
        sources.emplace_back(location.substr(0, end));
        if (end == std::string_view::npos) return sources;
        location.remove_prefix(end + between_sources.size());
    }
}

}  // namespace imaparc::store
