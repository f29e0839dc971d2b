#include "search/forest.h"

namespace imaparc::search {

bool Forest::link(std::uint32_t parent, std::uint32_t child) {
    if (parent == child || root_of(parent) == child) return false;
    parents_[child] = parent;
    if (!paths_.empty()) {
        expose(child);
        paths_[child].up = parent;
    }
    return true;
}

void Forest::cut(std::uint32_t child) {
    if (parents_[child] == none) return;
    parents_[child] = none;
    if (paths_.empty()) return;
    expose(child);
    paths_[paths_[child].left].up = none;
    paths_[child].left = none;
}

std::uint32_t Forest::root_of(std::uint32_t node) {
    std::uint32_t at = node;
    for (unsigned level = 0; level < short_way; ++level) {
        if (parents_[at] == none) return at;
        at = parents_[at];
    }
    if (paths_.empty()) begin_paths();
    expose(node);
    at = node;
    while (paths_[at].left != none) at = paths_[at].left;
    splay(at);
    return at;
}

// Every node is a path of its own.
void Forest::begin_paths() {
    paths_.resize(parents_.size());
    for (std::size_t i = 0; i < parents_.size(); ++i) paths_[i].up = parents_[i];
}

bool Forest::path_root(std::uint32_t node) const {
    const auto up = paths_[node].up;
    return up == none || (paths_[up].left != node && paths_[up].right != node);
}

void Forest::rotate(std::uint32_t node) {
    const auto up = paths_[node].up, above = paths_[up].up;
    const bool top = path_root(up), is_left = paths_[up].left == node;
    const auto moved = is_left ? paths_[node].right : paths_[node].left;
    (is_left ? paths_[up].left : paths_[up].right) = moved;
    if (moved != none) paths_[moved].up = up;
    (is_left ? paths_[node].right : paths_[node].left) = up;
    if (!top) (paths_[above].left == up ? paths_[above].left : paths_[above].right) = node;
    paths_[up].up = node;
    paths_[node].up = above;
}

void Forest::splay(std::uint32_t node) {
    while (!path_root(node)) {
        const auto up = paths_[node].up;
        if (!path_root(up)) {
            const auto above = paths_[up].up;
            rotate((paths_[up].left == node) == (paths_[above].left == up) ? up : node);
        }
        rotate(node);
    }
}

// Makes the way from the root down to `node` one path with `node` on top, nothing below it.
void Forest::expose(std::uint32_t node) {
    std::uint32_t below = none;
    for (auto at = node; at != none; at = paths_[at].up) {
        splay(at);
        paths_[at].right = below;
        below = at;
    }
    splay(node);
}

}  // namespace imaparc::search
