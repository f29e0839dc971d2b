// ESEARCH: SEARCH in several mailboxes (RFC 7377).
#include <algorithm>

#include "imap/parse_filter.h"
#include "imap/parse_search_program.h"
#include "imap/parsers.h"

namespace imaparc::imap {

namespace {

// esearch-source-opts = "IN" SP "(" source-mbox [SP "(" scope-options ")"] ")"
// source-mbox = filter-mailboxes *(SP filter-mailboxes)
//
// No scope-option is defined, so what stands in their place is an error.
std::vector<MailboxFilter> source_options(Cursor& cursor) {
    std::vector<MailboxFilter> scopes;
    std::size_t names = 0;
    cursor.space();
    cursor.expect('(');
    do {
        if (cursor.next_is('(')) {
            cursor.fail("No scope option is known");
            break;
        }
        scopes.push_back(parse_filter_mailboxes(cursor, FilterOf::esearch));
        names += 1 + scopes.back().names.size();
        if (names > max_filter_names)
            cursor.fail("More than " + std::to_string(max_filter_names) + " mailboxes are named");
    } while (!cursor.failed() && cursor.consume_if(' '));
    cursor.expect(')');
    return scopes;
}

bool selected_alone(const std::vector<MailboxFilter>& scopes) {
    return std::ranges::all_of(scopes, [](const auto& scope) { return scope.kind == MailboxFilter::Kind::selected; });
}

}  // namespace

// esearch = "ESEARCH" [SP esearch-source-opts] [SP search-return-opts] SP search-program
Command parse_multi_search(Cursor& cursor, const Verb&) {
    MultiSearch search;
    cursor.space();
    if (cursor.consume_if_word("IN")) {
        search.scopes = source_options(cursor);
        cursor.space();
    }
    search.returns = parse_return(cursor);
    search.criteria = parse_search_keys(cursor, CharsetForm::optional);
    check_return(cursor, search.returns, search.criteria);
    // "If any source option other than "selected" is specified, the ESEARCH command MUST return a "BAD" result"
    if (search.returns && search.returns->save && !selected_alone(search.scopes))
        cursor.fail("SAVE is for a search of the selected mailbox alone");
    cursor.end();
    return search;
}

}  // namespace imaparc::imap
