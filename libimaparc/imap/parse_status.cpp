// STATUS.
#include "imap/parse_parts.h"

#include <algorithm>
#include <array>

#include "imap/parsers.h"

namespace imaparc::imap {

namespace {

struct ItemName {
    std::string_view name;
    StatusItem item;
};
constexpr std::array item_names = {
    ItemName{"MESSAGES", StatusItem::messages},
    ItemName{"RECENT", StatusItem::recent},
    ItemName{"UIDNEXT", StatusItem::uid_next},
    ItemName{"UIDVALIDITY", StatusItem::uid_validity},
    ItemName{"UNSEEN", StatusItem::unseen},
    ItemName{"APPENDLIMIT", StatusItem::append_limit},        // RFC 7889
    ItemName{"SIZE", StatusItem::size},                       // RFC 8438
    ItemName{"HIGHESTMODSEQ", StatusItem::highest_modseq},    // RFC 7162
    ItemName{"MAILBOXID", StatusItem::mailbox_id},            // RFC 8474
    ItemName{"DELETED", StatusItem::deleted},                 // RFC 9051
    ItemName{"DELETED-STORAGE", StatusItem::deleted_storage}  // RFC 9208
};
constexpr std::string_view allowed_items =
    "MESSAGES, RECENT, UIDNEXT, UIDVALIDITY, UNSEEN, APPENDLIMIT, SIZE, HIGHESTMODSEQ, MAILBOXID, DELETED or "
    "DELETED-STORAGE";

}  // namespace

std::vector<StatusItem> status_items(Cursor& cursor) {
    std::vector<StatusItem> items;
    cursor.expect('(');
    do {
        const auto found = std::find_if(item_names.begin(), item_names.end(),
                                        [&](const auto& row) { return cursor.consume_if_word(row.name); });
        if (found == item_names.end())
            cursor.expected(allowed_items);
        else if (std::find(items.begin(), items.end(), found->item) == items.end())
            items.push_back(found->item);
    } while (cursor.consume_if(' '));
    cursor.expect(')');
    return items;
}

// status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"
Command parse_status(Cursor& cursor, const Verb&) {
    Status status;
    cursor.space();
    status.mailbox = cursor.mailbox();
    cursor.space();
    status.items = status_items(cursor);
    cursor.end();
    return status;
}

}  // namespace imaparc::imap
