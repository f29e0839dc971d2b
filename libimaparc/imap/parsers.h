// One parser a verb, for the table in verbs.cpp; each reads from behind the verb to the end of the command. What it
// returns counts only if the cursor has not failed.
#pragma once

#include "imap/command.h"
#include "imap/cursor.h"
#include "imap/parse.h"

namespace imaparc::imap {

// A verb without arguments.
template <class T>
Command parse_alone(Cursor& cursor, const Verb&) {
    cursor.end();
    return T{};
}

Command parse_id(Cursor& cursor, const Verb& row);
Command parse_login(Cursor& cursor, const Verb& row);
Command parse_authenticate(Cursor& cursor, const Verb& row);
Command parse_enable(Cursor& cursor, const Verb& row);
Command parse_language(Cursor& cursor, const Verb& row);
Command parse_comparator(Cursor& cursor, const Verb& row);
Command parse_compress(Cursor& cursor, const Verb& row);

Command parse_select(Cursor& cursor, const Verb& row);  // EXAMINE, too
Command parse_subscribe(Cursor& cursor, const Verb& row);
Command parse_unsubscribe(Cursor& cursor, const Verb& row);
Command parse_list(Cursor& cursor, const Verb& row);  // LSUB, XLIST, too
Command parse_status(Cursor& cursor, const Verb& row);
Command parse_my_rights(Cursor& cursor, const Verb& row);
Command parse_get_acl(Cursor& cursor, const Verb& row);
Command parse_list_rights(Cursor& cursor, const Verb& row);
Command parse_get_quota(Cursor& cursor, const Verb& row);
Command parse_get_quota_root(Cursor& cursor, const Verb& row);
Command parse_get_metadata(Cursor& cursor, const Verb& row);

// These and their UID forms:
Command parse_expunge(Cursor& cursor, const Verb& row);
Command parse_search(Cursor& cursor, const Verb& row);
Command parse_sort(Cursor& cursor, const Verb& row);
Command parse_thread(Cursor& cursor, const Verb& row);
Command parse_uid_batches(Cursor& cursor, const Verb& row);
Command parse_fetch(Cursor& cursor, const Verb& row);
Command parse_store(Cursor& cursor, const Verb& row);

Command parse_notify(Cursor& cursor, const Verb& row);
Command parse_cancel_update(Cursor& cursor, const Verb& row);
Command parse_multi_search(Cursor& cursor, const Verb& row);  // ESEARCH
Command parse_refused(Cursor& cursor, const Verb& row);

// What the verb of that row counts by.
inline Numbering numbering(const Verb& row) {
    return row.name.substr(0, 4) == "UID " ? Numbering::uid : Numbering::number;
}

}  // namespace imaparc::imap
