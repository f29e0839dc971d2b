// SUBSCRIBE, UNSUBSCRIBE.
#include "imap/parsers.h"

namespace imaparc::imap {

namespace {

MailboxName mailbox_alone(Cursor& cursor) {
    cursor.space();
    auto mailbox = cursor.mailbox();
    cursor.end();
    return mailbox;
}

}  // namespace

// subscribe = "SUBSCRIBE" SP mailbox
Command parse_subscribe(Cursor& cursor, const Verb&) { return Subscribe{mailbox_alone(cursor)}; }
// unsubscribe = "UNSUBSCRIBE" SP mailbox
Command parse_unsubscribe(Cursor& cursor, const Verb&) { return Unsubscribe{mailbox_alone(cursor)}; }

}  // namespace imaparc::imap
