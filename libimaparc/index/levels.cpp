#include "index/levels.h"

#include <algorithm>

#include "base/text.h"

namespace imaparc::index {

bool Levels::add(const LevelRow& row) {
    if (row.parent != 0 && !levels_.contains(row.parent)) return false;
    levels_[row.id] = {row.parent, row.name};
    by_name_[{row.parent, row.name}] = row.id;
    return true;
}

std::string Levels::path(std::uint32_t id) const {
    std::vector<const std::string*> names;  // from the last level up; parents have smaller IDs, so it ends
    for (auto at = levels_.find(id); at != levels_.end(); at = levels_.find(at->second.parent))
        names.push_back(&at->second.name);
    std::string path;
    for (auto name = names.rbegin(); name != names.rend(); ++name) {
        if (!path.empty()) path += '/';
        path += **name;
    }
    return path;
}

Levels::Place Levels::place(std::string_view path) {
    Place place;
    const auto names = split(path, '/');
    for (std::size_t i = 0; i < names.size(); ++i) {
        place.parent = place.id;
        place.name = names[i];
        const auto found = by_name_.find({place.parent, place.name});
        if (found != by_name_.end()) {
            place.id = found->second;
            continue;
        }
        place.id = levels_.empty() ? 1 : levels_.rbegin()->first + 1;
        levels_[place.id] = {place.parent, place.name};
        by_name_[{place.parent, place.name}] = place.id;
        if (i + 1 == names.size()) break;
        LevelRow row;
        row.id = place.id;
        row.parent = place.parent;
        row.name = place.name;
        place.made.push_back(std::move(row));
    }
    return place;
}

}  // namespace imaparc::index
