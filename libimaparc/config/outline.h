// Where things stand in the text of a TOML file: headers, keys and values as byte ranges. toml++ says what a file
// means; this says what to replace. Expects text that toml++ has parsed; on anything else it may be wrong, never out of
// bounds. Inside config only.
//
// A value; the text must outlive nothing, ranges are offsets.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace imaparc::config {

using Path = std::vector<std::string>;

struct Range {
    std::size_t begin = 0, end = 0;
};

struct InlineTable;

struct Pair {
    Path key;    // dotted keys have several parts
    Range name;  // the key as written
    Range value;
    Range lines;  // whole lines, the last one's end included; of a pair in an inline table: `name` to `value`
    std::vector<InlineTable> tables;  // the value, if it is one; or its members that are
};

struct InlineTable {
    Range range;  // with its braces
    bool member_of_list = false;
    std::vector<Pair> pairs;
};

// A header and the pairs below it; the first section is the root's and has none.
struct Section {
    Path path;
    bool is_list = false;  // [[...]]
    Range header;          // its line, end included; empty for the root
    std::vector<Pair> pairs;
};

std::vector<Section> outline(std::string_view toml);

}  // namespace imaparc::config
