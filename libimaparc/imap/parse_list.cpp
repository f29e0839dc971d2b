// LIST, LSUB, XLIST: the basic syntax (RFC 3501 6.3.8) and the extended one (RFC 5258, RFC 9051 6.3.9).
#include <algorithm>
#include <array>

#include "base/text.h"
#include "imap/parse_parts.h"
#include "imap/parsers.h"

namespace imaparc::imap {

namespace {

// In one command. All patterns are matched with every name, so what bounds the work is how long they are together.
constexpr std::size_t max_list_patterns = 100;
constexpr std::size_t max_pattern_octets = 16384;

// A reference or pattern as UTF-8. Wildcards are not in modified UTF-7's alphabet, so it decodes with them; what is not
// modified UTF-7 stands for itself.
std::string utf8_pattern(Cursor& cursor, std::string wire) {
    if (wire.size() > max_mailbox_name)
        cursor.fail("A reference or pattern is longer than " + std::to_string(max_mailbox_name) + " octets");
    if (cursor.names() == NameForm::utf8) return wire;
    auto decoded = decode_mutf7(wire);
    return decoded ? std::move(*decoded) : std::move(wire);
}

std::string one_pattern(Cursor& cursor) { return utf8_pattern(cursor, cursor.list_mailbox("a mailbox pattern")); }

struct Option {
    std::string_view name;
    bool List::*set;
};

// Whether one of them was there, and set.
bool consume_option(Cursor& cursor, List& list, std::span<const Option> options) {
    for (const auto& option : options) {
        if (!cursor.consume_if_word(option.name)) continue;
        list.*option.set = true;
        return true;
    }
    return false;
}

// list-select-opts = "(" [ (*(list-select-opt SP) list-select-base-opt *(SP list-select-opt))
//                        / (list-select-independent-opt *(SP list-select-independent-opt)) ] ")"
// list-select-base-opt = "SUBSCRIBED"; list-select-mod-opt = "RECURSIVEMATCH"
// list-select-independent-opt = "REMOTE" / "SPECIAL-USE" (RFC 6154 6)
void selection_options(Cursor& cursor, List& list) {
    constexpr std::array options = {
        Option{"SUBSCRIBED", &List::subscribed},
        Option{"REMOTE", &List::remote},
        Option{"RECURSIVEMATCH", &List::recursive_match},
        Option{"SPECIAL-USE", &List::special_use},
    };
    cursor.expect('(');
    if (!cursor.next_is(')')) {
        do {
            if (!consume_option(cursor, list, options))
                cursor.expected("SUBSCRIBED, REMOTE, RECURSIVEMATCH or SPECIAL-USE");
        } while (cursor.consume_if(' '));
    }
    cursor.expect(')');
    if (list.recursive_match && !list.subscribed) cursor.fail("RECURSIVEMATCH needs SUBSCRIBED beside it");
}

// return-option = "SUBSCRIBED" / "CHILDREN" (RFC 5258 6) / "STATUS" SP "(" status-att *(SP status-att) ")" (RFC 5819 4)
//               / "SPECIAL-USE" (RFC 6154 6) / "MYRIGHTS" (RFC 8440 5) / "METADATA" SP entries (RFC 9590)
void return_option(Cursor& cursor, List& list) {
    constexpr std::array options = {
        Option{"SUBSCRIBED", &List::return_subscribed},
        Option{"CHILDREN", &List::return_children},
        Option{"SPECIAL-USE", &List::return_special_use},
        Option{"MYRIGHTS", &List::return_my_rights},
    };
    if (consume_option(cursor, list, options)) return;
    if (cursor.consume_if_word("STATUS")) {
        cursor.space();
        list.return_status = status_items(cursor);
    } else if (cursor.consume_if_word("METADATA")) {
        cursor.space();
        list.return_metadata = metadata_entries(cursor, EntryDepth::exact);
    } else {
        cursor.expected("SUBSCRIBED, CHILDREN, SPECIAL-USE, STATUS (...), MYRIGHTS or METADATA (...)");
    }
}

// list-return-opts = "RETURN" SP "(" [return-option *(SP return-option)] ")"
void return_options(Cursor& cursor, List& list) {
    if (!cursor.consume_if_word("RETURN")) cursor.expected("RETURN (...)");
    cursor.space();
    cursor.expect('(');
    if (!cursor.next_is(')')) {
        do {
            return_option(cursor, list);
        } while (cursor.consume_if(' '));
    }
    cursor.expect(')');
}

// patterns = "(" list-mailbox *(SP list-mailbox) ")"
void pattern_list(Cursor& cursor, List& list) {
    std::size_t octets = 0;
    cursor.expect('(');
    do {
        list.patterns.push_back(one_pattern(cursor));
        octets += list.patterns.back().size();
        if (list.patterns.size() > max_list_patterns)
            cursor.fail("More than " + std::to_string(max_list_patterns) + " patterns");
        if (octets > max_pattern_octets)
            cursor.fail("The patterns together are longer than " + std::to_string(max_pattern_octets) + " octets");
    } while (cursor.consume_if(' '));
    cursor.expect(')');
}

// Trailing spaces are no return options.
bool more(const Cursor& cursor) {
    Cursor ahead = cursor;
    while (ahead.consume_if(' ')) {
    }
    return !ahead.at_end();
}

}  // namespace

// list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]; mbox-or-pat = list-mailbox /
// patterns; lsub = "LSUB" SP mailbox SP list-mailbox; XLIST as LSUB
Command parse_list(Cursor& cursor, const Verb& row) {
    List list;
    list.kind = row.name == "LSUB" ? ListKind::lsub : row.name == "XLIST" ? ListKind::xlist : ListKind::list;
    const bool can_extend = list.kind == ListKind::list;
    cursor.space();
    if (can_extend && cursor.next_is('(')) {
        list.extended = true;
        selection_options(cursor, list);
        cursor.space();
    }
    list.reference = utf8_pattern(cursor, cursor.astring("a reference name, which may be \"\","));
    cursor.space();
    if (can_extend && cursor.next_is('(')) {
        list.extended = true;
        pattern_list(cursor, list);
    } else {
        list.patterns.push_back(one_pattern(cursor));
    }
    if (can_extend && more(cursor)) {
        list.extended = true;
        cursor.space();
        return_options(cursor, list);
    }
    cursor.end();
    // RFC 5258 3: an empty pattern is ignored, once the command is extended.
    if (list.extended) std::erase(list.patterns, "");
    return list;
}

}  // namespace imaparc::imap
