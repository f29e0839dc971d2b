// Which mailboxes NOTIFY and ESEARCH mean (RFC 5465 6 and 8, RFC 7377 2.2 and 4).
//
// As parsers.h has it: what comes back counts only if the cursor has not failed.
#pragma once

#include "imap/command.h"
#include "imap/cursor.h"

namespace imaparc::imap {

constexpr std::size_t max_filter_names = 1000;  // mailboxes named in one command; each is looked for in all folders

// filter-mailboxes. "selected-delayed" is NOTIFY's alone, "subtree-one" ESEARCH's: of the other verb it is an error.
enum class FilterOf : std::uint8_t { notify, esearch };
MailboxFilter parse_filter_mailboxes(Cursor& cursor, FilterOf verb);

}  // namespace imaparc::imap
