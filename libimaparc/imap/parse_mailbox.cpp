// SELECT, EXAMINE, SUBSCRIBE, UNSUBSCRIBE, LIST, LSUB, STATUS.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "imap/parsers.h"

namespace imaparc::imap {

namespace {

MailboxName mailbox_alone(Cursor& cursor) {
    cursor.space();
    auto mailbox = cursor.mailbox();
    cursor.end();
    return mailbox;
}

// A reference or pattern as UTF-8. Wildcards are not in modified UTF-7's alphabet, so it decodes with them; what is not
// modified UTF-7 stands for itself.
std::string utf8_pattern(Cursor& cursor, std::string wire) {
    if (wire.size() > max_mailbox_name)
        cursor.fail("A reference or pattern is longer than " + std::to_string(max_mailbox_name) + " octets");
    if (cursor.names() == NameForm::utf8) return wire;
    auto decoded = decode_mutf7(wire);
    return decoded ? std::move(*decoded) : std::move(wire);
}

struct ItemName {
    std::string_view name;
    StatusItem item;
};
constexpr std::array status_items = {
    ItemName{"MESSAGES", StatusItem::messages}, ItemName{"RECENT", StatusItem::recent},
    ItemName{"UIDNEXT", StatusItem::uid_next},  ItemName{"UIDVALIDITY", StatusItem::uid_validity},
    ItemName{"UNSEEN", StatusItem::unseen},     ItemName{"APPENDLIMIT", StatusItem::append_limit},  // RFC 7889
};

}  // namespace

// select = "SELECT" SP mailbox; examine = "EXAMINE" SP mailbox
Command parse_select(Cursor& cursor, const Verb& row) {
    Select select;
    select.mailbox = mailbox_alone(cursor);
    select.access = row.name == "EXAMINE" ? Access::read_only : Access::read_write;
    return select;
}

// subscribe = "SUBSCRIBE" SP mailbox
Command parse_subscribe(Cursor& cursor, const Verb&) { return Subscribe{mailbox_alone(cursor)}; }
// unsubscribe = "UNSUBSCRIBE" SP mailbox
Command parse_unsubscribe(Cursor& cursor, const Verb&) { return Unsubscribe{mailbox_alone(cursor)}; }

// list = "LIST" SP mailbox SP list-mailbox; lsub = "LSUB" SP mailbox SP list-mailbox
Command parse_list(Cursor& cursor, const Verb& row) {
    List list;
    list.kind = row.name == "LSUB" ? ListKind::lsub : ListKind::list;
    cursor.space();
    list.reference = utf8_pattern(cursor, cursor.astring("a reference name, which may be \"\","));
    cursor.space();
    list.patterns.push_back(utf8_pattern(cursor, cursor.list_mailbox("a mailbox pattern")));
    cursor.end();
    return list;
}

// status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"
Command parse_status(Cursor& cursor, const Verb&) {
    constexpr std::string_view what = "MESSAGES, RECENT, UIDNEXT, UIDVALIDITY, UNSEEN or APPENDLIMIT";
    Status status;
    cursor.space();
    status.mailbox = cursor.mailbox();
    cursor.space();
    cursor.expect('(');
    do {
        const auto found = std::find_if(status_items.begin(), status_items.end(),
                                        [&](const auto& row) { return cursor.consume_if_word(row.name); });
        if (found == status_items.end()) {
            cursor.expected(what);
        } else if (std::find(status.items.begin(), status.items.end(), found->item) == status.items.end()) {
            status.items.push_back(found->item);
        }
    } while (cursor.consume_if(' '));
    cursor.expect(')');
    cursor.end();
    return status;
}

}  // namespace imaparc::imap
