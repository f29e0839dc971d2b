// Address lists (RFC 5322 3.4, obsolete forms of 4.4 included) into IMAP's address structures (RFC 3501 7.4.2).
//
// Any thread; pure functions.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "message/summary.h"
#include "message/text_arena.h"

namespace imaparc::message {

// Appends the addresses of an unfolded field body to `out`, until it holds `limit`. What is no address still gives one
// structure, so that a client shows that there was something: a part that is missing reads as Dovecot names it,
// "MISSING_MAILBOX", "MISSING_DOMAIN", "SYNTAX_ERROR", "INVALID_ROUTE"; NIL would mean a group (RFC 3501 7.4.2).
// A comment is the name where there is no other ("ann@example.org (Ann Lee)", RFC 822's habit). Empty elements are
// obs-addr-list's and give nothing.
void parse_addresses(std::string_view body, TextArena& arena, std::vector<Address>& out, std::size_t limit);

// Whether a mailbox, host or route is one of those four: not the sender's words, so nothing to search in.
bool stands_for_nothing(std::string_view part);
// Whether the field may have said more than the structure shows. A domain that was not there is no loss.
bool incomplete(const Address& address);

}  // namespace imaparc::message
