// The return options of SEARCH, SORT and ESEARCH.
#include "base/text.h"
#include "imap/grammar.h"
#include "imap/parse_fetch_items.h"
#include "imap/parse_search_program.h"

namespace imaparc::imap {

namespace {

// The next option, a word and for PARTIAL its range.
void parse_option(Cursor& cursor, SearchReturn& returns) {
    constexpr std::string_view options =
        "MIN, MAX, ALL, COUNT, SAVE, PARTIAL, RELEVANCY, UPDATE or CONTEXT after RETURN (";
    const auto start = cursor;
    const auto word = cursor.atom(options);
    if (cursor.failed()) return;
    if (ascii_iequals(word, "MIN")) {
        returns.min = true;
    } else if (ascii_iequals(word, "MAX")) {
        returns.max = true;
    } else if (ascii_iequals(word, "ALL")) {
        returns.all = true;
    } else if (ascii_iequals(word, "COUNT")) {
        returns.count = true;
    } else if (ascii_iequals(word, "SAVE")) {
        returns.save = true;
    } else if (ascii_iequals(word, "RELEVANCY")) {
        returns.relevancy = true;
    } else if (ascii_iequals(word, "UPDATE")) {
        returns.update = true;
        // modifier-update = "UPDATE" [ "(" fetch-att *(SP fetch-att) ")" ]; with a space, as RFC 5465 7 shows it
        Cursor ahead = cursor;
        ahead.consume_if(' ');
        if (ahead.next_is('(')) {
            returns.update_items = parse_fetch_items(ahead);
            cursor = ahead;
        }
    } else if (ascii_iequals(word, "CONTEXT")) {
        returns.context = true;
    } else if (ascii_iequals(word, "PARTIAL")) {
        if (returns.partial) cursor.fail("RETURN takes one PARTIAL");
        cursor.space();
        returns.partial = parse_partial_range(cursor);
    } else {
        cursor = start;
        cursor.expected(options);
    }
    if (returns.all && returns.partial) cursor.fail("RETURN takes ALL or PARTIAL, not both");
}

}  // namespace

std::optional<SearchReturn> parse_return(Cursor& cursor) {
    if (!cursor.consume_if_word("RETURN")) return std::nullopt;
    SearchReturn returns;
    cursor.space();
    cursor.expect('(');
    if (!cursor.next_is(')')) {
        do {
            parse_option(cursor, returns);
        } while (!cursor.failed() && cursor.consume_if(' '));
    } else {
        returns.all = true;
    }
    cursor.expect(')');
    cursor.space();
    if (returns.save) cursor.note_saving();
    return returns;
}

ResultRange parse_partial_range(Cursor& cursor) {
    constexpr std::string_view what = "a range of results like 1:500 or -1:-500";
    const auto one = [&](bool from_the_end) {
        if (from_the_end != cursor.consume_if('-')) cursor.expected(what);
        const std::int64_t position = cursor.nonzero_number(what);
        return from_the_end ? -position : position;
    };
    const bool from_the_end = cursor.next_is('-');
    ResultRange range;
    range.first = one(from_the_end);
    cursor.expect(':');
    range.last = one(from_the_end);
    return range;
}

void check_return(Cursor& cursor, const std::optional<SearchReturn>& returns, const search::Criteria& criteria) {
    if (returns && returns->relevancy && !search::has(criteria, search::Criteria::Kind::fuzzy))
        cursor.fail("RELEVANCY needs a FUZZY search key");
}

}  // namespace imaparc::imap
