// Nodes that hang under one another: links that would make a loop are refused. Every question costs O(log n), spread
// over many, however deep the trees are: mail can say that it answers 100,000 messages in a row.
//
// One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace imaparc::search {

class Forest {
  public:
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

    explicit Forest(std::size_t nodes) : parents_(nodes, none) {}

    std::uint32_t parent(std::uint32_t node) const { return parents_[node]; }
    const std::vector<std::uint32_t>& parents() const { return parents_; }
    // `child` has no parent yet. false: it is an ancestor of `parent`, or the same; nothing is changed.
    bool link(std::uint32_t parent, std::uint32_t child);
    void cut(std::uint32_t child);  // has no parent now

  private:
    // Above so many levels the way up is walked; where it is longer, paths are kept as splay trees (link-cut trees,
    // Sleator and Tarjan), whose first use costs O(n).
    static constexpr unsigned short_way = 32;
    std::uint32_t root_of(std::uint32_t node);
    void begin_paths();
    bool path_root(std::uint32_t node) const;
    void rotate(std::uint32_t node);
    void splay(std::uint32_t node);
    void expose(std::uint32_t node);

    std::vector<std::uint32_t> parents_;
    struct Path {
        std::uint32_t up = none, left = none, right = none;  // left: nearer the root
    };
    std::vector<Path> paths_;  // empty: never needed so far
};

}  // namespace imaparc::search
