// MYRIGHTS, GETACL, LISTRIGHTS (RFC 4314), GETQUOTA, GETQUOTAROOT (RFC 9208, RFC 2087): what a user may do with a
// mailbox, and how much there is of it.
#include <algorithm>

#include "base/text.h"
#include "imap/grammar.h"
#include "imap/parsers.h"

namespace imaparc::imap {

namespace {

template <class T>
Command mailbox_alone(Cursor& cursor) {
    cursor.space();
    T command{cursor.mailbox()};
    cursor.end();
    return command;
}

}  // namespace

// myrights = "MYRIGHTS" SP mailbox
Command parse_my_rights(Cursor& cursor, const Verb&) { return mailbox_alone<MyRights>(cursor); }
// getacl = "GETACL" SP mailbox
Command parse_get_acl(Cursor& cursor, const Verb&) { return mailbox_alone<GetAcl>(cursor); }
// listrights = "LISTRIGHTS" SP mailbox SP identifier; identifier = astring
Command parse_list_rights(Cursor& cursor, const Verb&) {
    ListRights list;
    cursor.space();
    list.mailbox = cursor.mailbox();
    cursor.space();
    list.identifier = cursor.astring("an identifier");
    // RFC 4314 3: one that is empty, or cannot be prepared, is BAD.
    const auto control = [](char c) { return is_control(c); };
    if (!cursor.failed() && (list.identifier.empty() || !valid_utf8(list.identifier) ||
                             std::any_of(list.identifier.begin(), list.identifier.end(), control)))
        cursor.fail("An identifier is UTF-8, not empty, and without control characters");
    cursor.end();
    return list;
}

// getquota = "GETQUOTA" SP quota-root-name; quota-root-name = astring
Command parse_get_quota(Cursor& cursor, const Verb&) {
    cursor.space();
    GetQuota get{cursor.astring("the name of a quota root")};
    cursor.end();
    return get;
}
// getquotaroot = "GETQUOTAROOT" SP mailbox
Command parse_get_quota_root(Cursor& cursor, const Verb&) { return mailbox_alone<GetQuotaRoot>(cursor); }

}  // namespace imaparc::imap
