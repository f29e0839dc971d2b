#include "session/folder_tree.h"

#include <algorithm>

#include "imap/names.h"

namespace imaparc::session {

namespace {

bool in_inbox(std::string_view path) {
    return path.starts_with("INBOX") && (path.size() == 5 || path[5] == imap::delimiter);
}

// Byte by byte, the delimiter before all others: so what lies below a name follows it directly.
bool stands_before(std::string_view a, std::string_view b) {
    if (in_inbox(a) != in_inbox(b)) return in_inbox(a);
    const auto [left, right] = std::ranges::mismatch(a, b);
    if (right == b.end()) return false;
    if (left == a.end()) return true;
    if (*left == imap::delimiter || *right == imap::delimiter) return *left == imap::delimiter;
    return static_cast<unsigned char>(*left) < static_cast<unsigned char>(*right);
}

bool lies_below(std::string_view path, std::string_view above) {
    return path.size() > above.size() && path[above.size()] == imap::delimiter && path.starts_with(above);
}

}  // namespace

FolderTree::FolderTree(std::shared_ptr<const index::FolderList> folders, std::vector<std::string> names)
    : folders_(std::move(folders)), names_(std::move(names)) {
    std::vector<FolderNode> given;
    given.reserve(folders_->size() + names_.size());
    for (const auto& folder : *folders_) given.push_back({folder.path, folder.selectable ? &folder : nullptr});
    for (const auto& name : names_) given.push_back({name});
    std::ranges::sort(given, stands_before, &FolderNode::path);

    nodes_.reserve(given.size() + given.size() / 4);
    std::uint32_t above = FolderNode::root;  // the deepest level that the next name may lie below
    for (auto& node : given) {
        while (above != FolderNode::root && !lies_below(node.path, nodes_[above].path)) above = nodes_[above].parent;
        // Levels between the two that nothing else names.
        auto from = above == FolderNode::root ? 0 : nodes_[above].path.size() + 1;
        for (auto end = node.path.find(imap::delimiter, from); end != std::string_view::npos;
             end = node.path.find(imap::delimiter, from)) {
            nodes_.push_back({node.path.substr(0, end), nullptr, above});
            above = static_cast<std::uint32_t>(nodes_.size() - 1);
            from = end + 1;
        }
        node.parent = above;
        nodes_.push_back(node);
        above = static_cast<std::uint32_t>(nodes_.size() - 1);
    }
    for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node)  // those below come first
        if (node->parent != FolderNode::root && (node->folder != nullptr || node->has_children))
            nodes_[node->parent].has_children = true;
}

}  // namespace imaparc::session
