// SELECT and EXAMINE with their parameters (RFC 7162 3.1.8, 3.2.5), and what these share with FETCH and STORE.
#include "imap/grammar.h"
#include "imap/parse_modifiers.h"
#include "imap/parsers.h"

namespace imaparc::imap {

namespace {

// Ascending without overlaps, as sent.
bool ascending(const NumberSet& set) {
    std::uint32_t before = 0;
    for (const auto& range : set.ranges()) {
        if (range.first <= before || range.last < range.first) return false;
        before = range.last;
    }
    return true;
}

// seq-match-data = "(" known-sequence-set SP known-uid-set ")", pairs in ascending order
Resync::Match parse_match(Cursor& cursor) {
    Resync::Match match;
    cursor.expect('(');
    match.numbers = parse_plain_set(cursor);
    cursor.space();
    match.uids = parse_plain_set(cursor);
    cursor.expect(')');
    if (cursor.failed()) return match;
    if (!ascending(match.numbers) || !ascending(match.uids))
        cursor.fail("Known message numbers and their UIDs are to be in ascending order");
    else if (match.numbers.count() != match.uids.count())
        cursor.fail("There are to be as many known message numbers as UIDs");
    return match;
}

// "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")"
Resync parse_resync(Cursor& cursor) {
    Resync resync;
    cursor.expect('(');
    resync.uid_validity = UidValidity(cursor.nonzero_number("a UIDVALIDITY"));
    cursor.space();
    resync.modseq = parse_modseq(cursor, Zero::refused);
    bool more = cursor.consume_if(' ');
    if (more && !cursor.next_is('(')) {
        resync.uids = parse_plain_set(cursor);
        more = cursor.consume_if(' ');
    }
    if (more) resync.match = parse_match(cursor);
    cursor.expect(')');
    return resync;
}

}  // namespace

std::uint64_t parse_number63(Cursor& cursor, Zero zero, std::string_view what) {
    constexpr std::uint64_t greatest = 0x7FFFFFFFFFFFFFFF;
    const Cursor before = cursor;
    const auto digits = cursor.take_while(is_digit);
    std::uint64_t value = 0;
    bool fits = !digits.empty();
    for (const char digit : digits) {
        const auto worth = static_cast<std::uint64_t>(digit - '0');
        fits = fits && value <= (greatest - worth) / 10;
        if (!fits) break;
        value = value * 10 + worth;
    }
    if (fits && (value != 0 || zero == Zero::allowed)) return value;
    cursor = before;
    cursor.expected(what);
    return 0;
}

ModSeq parse_modseq(Cursor& cursor, Zero zero) {
    return ModSeq(parse_number63(cursor, zero, "a mod-sequence below 9223372036854775808"));
}

NumberSet parse_plain_set(Cursor& cursor) {
    auto set = cursor.sequence_set();
    bool plain = !set.is_saved_result();
    for (const auto& range : set.ranges())
        plain = plain && range.first != NumberRange::star && range.last != NumberRange::star;
    if (!plain) cursor.fail("\"*\" and \"$\" may not stand here");
    return set;
}

// select = "SELECT" SP mailbox [select-params]; examine = "EXAMINE" SP mailbox [select-params]
// select-params = SP "(" select-param *(SP select-param) ")"   (RFC 4466 2.1)
Command parse_select(Cursor& cursor, const Verb& row) {
    Select select;
    select.access = row.name == "EXAMINE" ? Access::read_only : Access::read_write;
    cursor.space();
    select.mailbox = cursor.mailbox();
    if (cursor.consume_if(' ') && !cursor.at_end()) {
        parse_parenthesised(cursor, [&] {
            if (cursor.consume_if_word("CONDSTORE")) {
                select.condstore = true;
            } else if (!select.resync && cursor.consume_if_word("QRESYNC")) {
                cursor.space();
                select.resync = parse_resync(cursor);
            } else {
                cursor.expected("CONDSTORE or, once, QRESYNC (...)");
            }
        });
    }
    cursor.end();
    return select;
}

}  // namespace imaparc::imap
