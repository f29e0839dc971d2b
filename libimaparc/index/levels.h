// The levels of an owner's folder paths, one row each, as the database has them (a path can be longer than a key may
// be). Levels only ever come; they are few, and in memory as a whole.
//
// One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "index/tables.h"

namespace imaparc::index {

class Levels {
  public:
    // From the database; the path of a level, its parents' names before it. Damaged rows (a parent that is not there)
    // are told by false.
    bool add(const LevelRow& row);
    std::string path(std::uint32_t id) const;
    // Rows of the levels of `path` that were not there before, as mere levels; the last is not among them. Its own
    // place is given by `id`, `parent` and `name`.
    struct Place {
        std::uint32_t id = 0, parent = 0;
        std::string name;
        std::vector<LevelRow> made;
    };
    Place place(std::string_view path);

  private:
    struct Level {
        std::uint32_t parent = 0;
        std::string name;
    };
    std::map<std::uint32_t, Level> levels_;
    std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> by_name_;
};

}  // namespace imaparc::index
