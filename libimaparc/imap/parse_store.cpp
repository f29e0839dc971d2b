// STORE, EXPUNGE and their UID forms.
#include <algorithm>

#include "base/text.h"
#include "imap/grammar.h"
#include "imap/parse_modifiers.h"
#include "imap/parsers.h"

namespace imaparc::imap {

namespace {

// flag = "\Answered" / "\Flagged" / "\Deleted" / "\Seen" / "\Draft" / flag-keyword / flag-extension
// flag-keyword = atom; flag-extension = "\" atom, which no RFC defines a use of: refused, as is \Recent, which a client
// cannot alter (2.3.2).
void parse_flag(Cursor& cursor, FlagNames& flags) {
    constexpr std::string_view what = "a flag: \\Answered, \\Flagged, \\Deleted, \\Seen, \\Draft or a keyword,";
    const bool system = cursor.consume_if('\\');
    const auto name = cursor.atom(what);
    if (cursor.failed()) return;
    if (system) {
        const auto bit = system_flag("\\" + std::string(name));
        if (bit)
            flags.system = static_cast<std::uint8_t>(flags.system | *bit);
        else if (ascii_iequals(name, "Recent"))
            cursor.fail("\\Recent cannot be set or cleared by a client");
        else
            cursor.fail("There is no system flag \\" + printable(name, 32) +
                        ", only \\Answered, \\Flagged, \\Deleted, \\Seen and \\Draft");
        return;
    }
    if (name.size() > max_keyword)
        return cursor.fail("A keyword has at most " + std::to_string(max_keyword) + " octets");
    const auto same = [&](const std::string& k) { return ascii_iequals(k, name); };
    if (std::none_of(flags.keywords.begin(), flags.keywords.end(), same)) flags.keywords.emplace_back(name);
}

}  // namespace

// store = "STORE" SP sequence-set [SP "(" "UNCHANGEDSINCE" SP mod-sequence-valzer ")"] SP store-att-flags
// store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))
Command parse_store(Cursor& cursor, const Verb& row) {
    Store store;
    store.by = numbering(row);
    cursor.space();
    store.set = cursor.sequence_set();
    cursor.space();
    if (cursor.next_is('(')) {  // RFC 7162 3.1.3
        parse_parenthesised(cursor, [&] {
            if (store.unchanged_since || !cursor.consume_if_word("UNCHANGEDSINCE"))
                return cursor.expected("UNCHANGEDSINCE, once,");
            cursor.space();
            store.unchanged_since = parse_modseq(cursor, Zero::allowed);
        });
        cursor.space();
    }
    if (cursor.consume_if('+'))
        store.action = StoreAction::add;
    else if (cursor.consume_if('-'))
        store.action = StoreAction::remove;
    if (cursor.consume_if_word("FLAGS.SILENT"))
        store.silent = Silent::yes;
    else if (!cursor.consume_if_word("FLAGS"))
        cursor.expected("FLAGS, +FLAGS, -FLAGS, or one of them with .SILENT,");
    cursor.space();
    const bool list = cursor.consume_if('(');
    if (!list || !cursor.next_is(')')) {
        std::size_t flags = 0;
        do {
            if (++flags > max_flags) cursor.fail("More than " + std::to_string(max_flags) + " flags");
            parse_flag(cursor, store.flags);
        } while (cursor.consume_if(' '));
    }
    if (list) cursor.expect(')');
    cursor.end();
    return store;
}

// expunge = "EXPUNGE"; uid-expunge = "UID" SP "EXPUNGE" SP sequence-set   (RFC 4315 4)
Command parse_expunge(Cursor& cursor, const Verb& row) {
    Expunge expunge;
    if (numbering(row) == Numbering::uid) {
        cursor.space();
        expunge.uids = cursor.sequence_set();
    }
    cursor.end();
    return expunge;
}

}  // namespace imaparc::imap
