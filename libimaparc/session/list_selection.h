// Which names LIST, LSUB and XLIST answer, and with which attributes (RFC 3501 6.3.8 and 6.3.9, RFC 5258, RFC 6154,
// RFC 9051 6.3.9). Knows no session: text in, names out.
//
// Any thread; pure functions.
#pragma once

#include <cstdint>
#include <vector>

#include "imap/command.h"
#include "imap/render_list.h"
#include "session/folder_tree.h"

namespace imaparc::session {

// How a name that is only there because of what lies below it is answered.
enum class MissingLevels : std::uint8_t {
    // RFC 3501 6.3.8: whenever it matches, with \Noselect.
    no_select,
    // RFC 5258 3, RFC 9051 6.3.9.3: with \NonExistent, and only if something below it, which meets the selection
    // criteria, does not match itself.
    non_existent,
};
// Of a client that has enabled IMAP4rev2, or uses the extended syntax: non_existent.
MissingLevels missing_levels(const imap::List& command, bool imap4rev2);

struct ListedName {
    std::uint32_t node = 0;  // its place in the tree
    imap::MailboxAttributes attributes;
    bool child_info = false;  // RFC 5258 3.5
    bool detailed = false;    // a mailbox that meets the selection criteria itself: STATUS and the like may follow
};

// Whether the command asks which names are subscribed: FolderNode::subscribed must be known then, and
bool asks_subscriptions(const imap::List& command);
// whether subscribed names without a folder must be in the tree.
bool lists_subscriptions(const imap::List& command);
// Whether it asks for special uses: FolderNode::roles must be known then.
bool asks_roles(const imap::List& command);

// In the order of the tree; each name once. O(names * octets of the patterns) at worst.
std::vector<ListedName> select_names(const FolderTree& tree, const imap::List& command, MissingLevels levels);

}  // namespace imaparc::session
