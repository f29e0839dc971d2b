#include "session/list_selection.h"

#include <algorithm>

#include "imap/names.h"

namespace imaparc::session {

namespace {

using imap::MailboxAttribute;
using imap::MailboxAttributes;

// What is known of each name of the tree.
struct Mark {
    bool matches = false;
    bool meets = false;          // the selection criteria
    bool below_meets = false;    // something below it does
    bool below_missing = false;  // and does not match, so it is not answered itself
};

bool meets(const FolderNode& node, const imap::List& command) {
    const bool by_subscription = command.kind == imap::ListKind::lsub || command.subscribed;
    if (by_subscription && !node.subscribed) return false;
    if (command.special_use && node.roles.empty()) return false;
    return by_subscription || node.folder != nullptr;
}

std::vector<Mark> marks_of(const FolderTree& tree, const imap::List& command) {
    std::vector<imap::Pattern> patterns;
    patterns.reserve(command.patterns.size());
    for (const auto& pattern : command.patterns)
        patterns.emplace_back(imap::joined_pattern(command.reference, pattern));

    const auto nodes = tree.nodes();
    std::vector<Mark> marks(nodes.size());
    for (std::size_t i = nodes.size(); i-- > 0;) {  // what lies below a name stands behind it
        const FolderNode& node = nodes[i];
        Mark& mark = marks[i];
        mark.matches = std::ranges::any_of(patterns, [&](const auto& pattern) { return pattern.matches(node.path); });
        mark.meets = meets(node, command);
        if (node.parent == FolderNode::root) continue;
        Mark& above = marks[node.parent];
        above.below_meets |= mark.meets || mark.below_meets;
        above.below_missing |= (mark.meets && !mark.matches) || mark.below_missing;
    }
    return marks;
}

MailboxAttributes children_of(const FolderNode& node) {
    return {node.has_children ? MailboxAttribute::has_children : MailboxAttribute::has_no_children};
}

std::vector<ListedName> lsub_names(const FolderTree& tree, const imap::List& command, const std::vector<Mark>& marks) {
    // RFC 3501 6.3.9: with '%' a level that is not subscribed itself stands for what is, below it.
    const bool levels = command.patterns.front().find('%') != std::string::npos;
    std::vector<ListedName> listed;
    for (std::uint32_t i = 0; i < marks.size(); ++i) {
        const FolderNode& node = tree.nodes()[i];
        if (!marks[i].matches || !(marks[i].meets || (levels && marks[i].below_meets))) continue;
        ListedName name{i, {}, false, false};
        if (marks[i].meets && node.folder != nullptr) name.attributes = children_of(node);
        if (!marks[i].meets || node.folder == nullptr) name.attributes.add(MailboxAttribute::no_select);
        listed.push_back(name);
    }
    return listed;
}

// Whether the name is answered at all (RFC 5258 3.3).
bool answered(const FolderNode& node, const Mark& mark, const imap::List& command, MissingLevels levels) {
    if (!mark.matches) return false;
    if (mark.meets) return true;
    if (command.recursive_match) return mark.below_missing;
    if (command.subscribed || command.special_use) return false;  // exactly those that meet the criteria
    return node.has_children && (levels == MissingLevels::no_select || mark.below_missing);
}

}  // namespace

MissingLevels missing_levels(const imap::List& command, bool imap4rev2) {
    return command.extended || imap4rev2 ? MissingLevels::non_existent : MissingLevels::no_select;
}

bool lists_subscriptions(const imap::List& command) {
    return command.kind == imap::ListKind::lsub || command.subscribed;
}
bool asks_subscriptions(const imap::List& command) { return lists_subscriptions(command) || command.return_subscribed; }
bool asks_roles(const imap::List& command) {
    if (command.kind == imap::ListKind::lsub) return false;
    // RFC 6154 2: the non-extended command may always answer them, and its clients have no other way to ask.
    return !command.extended || command.special_use || command.return_special_use;
}

std::vector<ListedName> select_names(const FolderTree& tree, const imap::List& command, MissingLevels levels) {
    const auto marks = marks_of(tree, command);
    if (command.kind == imap::ListKind::lsub) return lsub_names(tree, command, marks);

    const bool show_subscribed = asks_subscriptions(command), show_roles = asks_roles(command);
    std::vector<ListedName> listed;
    for (std::uint32_t i = 0; i < marks.size(); ++i) {
        const FolderNode& node = tree.nodes()[i];
        if (!answered(node, marks[i], command, levels)) continue;
        ListedName name{i, children_of(node), command.recursive_match && marks[i].below_meets, false};
        if (node.folder == nullptr)
            name.attributes.add(levels == MissingLevels::no_select ? MailboxAttribute::no_select
                                                                   : MailboxAttribute::non_existent);
        if (show_subscribed && node.subscribed) name.attributes.add(MailboxAttribute::subscribed);
        if (show_roles) name.attributes.add(node.roles);
        if (command.kind == imap::ListKind::xlist && node.path == "INBOX") name.attributes.add(MailboxAttribute::inbox);
        name.detailed = marks[i].meets && node.folder != nullptr;
        listed.push_back(name);
    }
    return listed;
}

}  // namespace imaparc::session
