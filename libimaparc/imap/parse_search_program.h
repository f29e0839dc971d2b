// What SEARCH, SORT, THREAD and ESEARCH have in common: the return options and the search keys (RFC 4466 2.6, RFC 3501
// 6.4.4, RFC 5256). A command reads, in the order of the grammar: parse_return() [sort criteria or algorithm]
// parse_search_keys(), check_return().
//
// Belongs to one call of parse_request().
#pragma once

#include <optional>

#include "imap/command.h"
#include "imap/cursor.h"

namespace imaparc::imap {

// search-return-opts = "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")" SP, or nothing; the cursor
// stands behind the space after the verb, later where the next argument begins. nullopt: no RETURN was given. "RETURN
// ()" is ALL (RFC 4731 3.1); options that bring no data, SAVE, UPDATE and CONTEXT, are no reason to add ALL.
// Fails for an unknown option, two PARTIALs, or PARTIAL with ALL (RFC 9394 3.1).
std::optional<SearchReturn> parse_return(Cursor& cursor);

// partial-range = nz-number ":" nz-number / "-" nz-number ":-" nz-number (RFC 9394 4), behind "PARTIAL" SP.
ResultRange parse_partial_range(Cursor& cursor);

enum class CharsetForm : std::uint8_t {
    optional,   // ["CHARSET" SP charset SP], as SEARCH and ESEARCH have it
    mandatory,  // charset SP, as SORT and THREAD have it
};

// The charset and 1*(SP search-key) to the end of the command, or to what is no key; all_of is the root. Bounded by
// max_search_depth and max_search_keys. Fails with fail_charset() for a charset that is not known.
search::Criteria parse_search_keys(Cursor& cursor, CharsetForm form);

// Fails where options and keys do not go together: RELEVANCY without a FUZZY key (RFC 6203 4). SORT calls it with
// what its own RELEVANCY key asks, too.
void check_return(Cursor& cursor, const std::optional<SearchReturn>& returns, const search::Criteria& criteria);

}  // namespace imaparc::imap
