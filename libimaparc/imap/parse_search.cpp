// SEARCH, UID SEARCH and UIDBATCHES.
#include "imap/parse_search_program.h"
#include "imap/parsers.h"

namespace imaparc::imap {

// search = "SEARCH" [SP "RETURN" SP "(" ... ")"] [SP "CHARSET" SP astring] 1*(SP search-key)
Command parse_search(Cursor& cursor, const Verb& row) {
    Search search;
    search.by = numbering(row);
    cursor.space();
    search.returns = parse_return(cursor);
    search.criteria = parse_search_keys(cursor, CharsetForm::optional);
    check_return(cursor, search.returns, search.criteria);
    cursor.end();
    return search;
}

// message-batches = "UIDBATCHES" SP nz-number [SP nz-number ":" nz-number]
Command parse_uid_batches(Cursor& cursor, const Verb&) {
    UidBatches batches;
    cursor.space();
    batches.size = cursor.nonzero_number("how many messages a batch has");
    Cursor ahead = cursor;
    if (ahead.consume_if(' ') && !ahead.at_end() && !ahead.next_is(' ')) {
        constexpr std::string_view what = "a range of batches like 1:10";
        cursor.space();
        UidBatches::Range range;
        range.first = cursor.nonzero_number(what);
        cursor.expect(':');
        range.last = cursor.nonzero_number(what);
        batches.batches = range;
    }
    cursor.end();
    return batches;
}

}  // namespace imaparc::imap
