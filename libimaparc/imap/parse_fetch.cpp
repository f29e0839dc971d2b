// FETCH and UID FETCH.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "imap/grammar.h"
#include "imap/parse_fetch_items.h"
#include "imap/parse_modifiers.h"
#include "imap/parse_search_program.h"
#include "imap/parsers.h"

namespace imaparc::imap {

namespace {

using Kind = FetchItem::Kind;
using Text = message::Section::Text;

struct Simple {
    std::string_view name;
    Kind kind;
    Text text;
    Peek peek;
};
// Those without brackets. RFC822 is BODY[], RFC822.HEADER is BODY.PEEK[HEADER], RFC822.TEXT is BODY[TEXT] (6.4.5).
constexpr std::array simple_items = {
    Simple{"UID", Kind::uid, Text::all, Peek::yes},
    Simple{"FLAGS", Kind::flags, Text::all, Peek::yes},
    Simple{"INTERNALDATE", Kind::internal_date, Text::all, Peek::yes},
    Simple{"RFC822.SIZE", Kind::rfc822_size, Text::all, Peek::yes},
    Simple{"ENVELOPE", Kind::envelope, Text::all, Peek::yes},
    Simple{"BODY", Kind::body, Text::all, Peek::yes},
    Simple{"BODYSTRUCTURE", Kind::body_structure, Text::all, Peek::yes},
    Simple{"MODSEQ", Kind::mod_seq, Text::all, Peek::yes},      // RFC 7162
    Simple{"EMAILID", Kind::email_id, Text::all, Peek::yes},    // RFC 8474
    Simple{"THREADID", Kind::thread_id, Text::all, Peek::yes},  // RFC 8474
    Simple{"SAVEDATE", Kind::save_date, Text::all, Peek::yes},  // RFC 8514
    Simple{"RFC822", Kind::rfc822, Text::all, Peek::no},
    Simple{"RFC822.HEADER", Kind::rfc822_header, Text::header, Peek::yes},
    Simple{"RFC822.TEXT", Kind::rfc822_text, Text::text, Peek::no},
};
constexpr std::string_view allowed_items =
    "UID, FLAGS, INTERNALDATE, RFC822.SIZE, ENVELOPE, BODY, BODYSTRUCTURE, MODSEQ, EMAILID, THREADID, SAVEDATE, "
    "PREVIEW, BODY[...], BODY.PEEK[...], BINARY[...], BINARY.PEEK[...], BINARY.SIZE[...], RFC822, RFC822.HEADER or "
    "RFC822.TEXT";

bool is_word_char(char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '-';
}

FetchItem simple_item(Kind kind) {
    FetchItem item;
    item.kind = kind;
    return item;
}

// header-list = "(" header-fld-name *(SP header-fld-name) ")"; header-fld-name = astring
void parse_header_list(Cursor& cursor, std::vector<std::string>& fields) {
    cursor.space();
    cursor.expect('(');
    do {
        fields.push_back(cursor.astring("the name of a header field"));
        if (fields.size() > max_header_fields)
            cursor.fail("More than " + std::to_string(max_header_fields) + " header fields");
    } while (cursor.consume_if(' '));
    cursor.expect(')');
}

// section = "[" [section-spec] "]"
// section-spec = section-msgtext / (section-part ["." section-text])
// section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT"
// section-part = nz-number *("." nz-number); section-text = section-msgtext / "MIME"
message::Section parse_section(Cursor& cursor) {
    constexpr std::string_view what =
        "a section: nothing, part numbers like 1.2, HEADER, HEADER.FIELDS (...), HEADER.FIELDS.NOT (...), TEXT, or "
        "MIME "
        "behind part numbers,";
    message::Section section;
    cursor.expect('[');
    bool text_may_follow = true;
    while (!cursor.failed() && is_digit(cursor.peek())) {
        section.path.push_back(cursor.nonzero_number("a part number from 1 on"));
        if (section.path.size() > max_section_path)
            cursor.fail("More than " + std::to_string(max_section_path) + " part numbers");
        text_may_follow = cursor.consume_if('.');
        if (!text_may_follow) break;
        if (cursor.next_is(']')) cursor.expected(what);
    }
    if (text_may_follow && !cursor.next_is(']')) {
        // Longer names first: consume_if_word takes whole atoms, and "." belongs to atoms.
        if (cursor.consume_if_word("HEADER.FIELDS.NOT")) {
            section.text = Text::header_fields_not;
            parse_header_list(cursor, section.fields);
        } else if (cursor.consume_if_word("HEADER.FIELDS")) {
            section.text = Text::header_fields;
            parse_header_list(cursor, section.fields);
        } else if (cursor.consume_if_word("HEADER")) {
            section.text = Text::header;
        } else if (cursor.consume_if_word("TEXT")) {
            section.text = Text::text;
        } else if (!section.path.empty() && cursor.consume_if_word("MIME")) {
            section.text = Text::mime;
        } else {
            cursor.expected(what);
        }
    }
    cursor.expect(']');
    return section;
}

// fetch-att = "ENVELOPE" / ... / "BODY" section ["<" number "." nz-number ">"] / "BODY.PEEK" section [...]
FetchItem parse_item(Cursor& cursor) {
    FetchItem item;
    if (cursor.failed()) return item;
    Cursor before = cursor;
    const auto name = cursor.take_while(is_word_char);
    const bool peek = ascii_iequals(name, "BODY.PEEK");
    if ((peek || ascii_iequals(name, "BODY")) && cursor.next_is('[')) {
        item.kind = Kind::section;
        item.peek = peek ? Peek::yes : Peek::no;
        item.section = parse_section(cursor);
        item.partial = parse_partial(cursor);
        return item;
    }
    if (auto content = parse_content_item(cursor, name)) return std::move(*content);
    const auto row = std::find_if(simple_items.begin(), simple_items.end(),
                                  [&](const auto& r) { return ascii_iequals(r.name, name); });
    if (row == simple_items.end()) {
        before.expected(allowed_items);
        cursor = before;
        return item;
    }
    item.kind = row->kind;
    item.section.text = row->text;
    item.peek = row->peek;
    return item;
}

void add_item(std::vector<FetchItem>& items, FetchItem item) {
    if (std::find(items.begin(), items.end(), item) == items.end()) items.push_back(std::move(item));
}

// "ALL" / "FULL" / "FAST" (6.4.5); false: none of them
bool parse_macro(Cursor& cursor, std::vector<FetchItem>& items) {
    const bool full = cursor.consume_if_word("FULL");
    const bool all = full || cursor.consume_if_word("ALL");
    if (!all && !cursor.consume_if_word("FAST")) return false;
    for (auto kind : {Kind::flags, Kind::internal_date, Kind::rfc822_size}) add_item(items, simple_item(kind));
    if (all) add_item(items, simple_item(Kind::envelope));
    if (full) add_item(items, simple_item(Kind::body));
    return true;
}

// fetch-modifier = "CHANGEDSINCE" SP mod-sequence-value / "VANISHED" / "PARTIAL" SP partial-range, each once; the last
// two for UID FETCH, VANISHED with CHANGEDSINCE only   (RFC 7162 3.1.4.1, 3.2.6, RFC 9394 3.3)
void parse_modifiers(Cursor& cursor, Fetch& fetch) {
    const bool by_uid = fetch.by == Numbering::uid;
    parse_parenthesised(cursor, [&] {
        if (!fetch.changed_since && cursor.consume_if_word("CHANGEDSINCE")) {
            cursor.space();
            fetch.changed_since = parse_modseq(cursor, Zero::refused);
        } else if (by_uid && !fetch.vanished && cursor.consume_if_word("VANISHED")) {
            fetch.vanished = true;
        } else if (by_uid && !fetch.partial && cursor.consume_if_word("PARTIAL")) {
            cursor.space();
            fetch.partial = parse_partial_range(cursor);
        } else {
            cursor.expected(by_uid ? "CHANGEDSINCE, VANISHED or PARTIAL, each once," : "CHANGEDSINCE, once,");
        }
    });
    if (fetch.vanished && !fetch.changed_since) cursor.fail("VANISHED needs CHANGEDSINCE");
}

}  // namespace

std::optional<Partial> parse_partial(Cursor& cursor) {
    if (!cursor.consume_if('<')) return std::nullopt;
    constexpr std::string_view what =
        "<first octet.count> with a count from 1 on, in numbers below 9223372036854775808,";
    Partial partial;
    partial.offset = parse_number63(cursor, Zero::allowed, what);
    cursor.expect('.');
    partial.count = parse_number63(cursor, Zero::refused, what);
    cursor.expect('>');
    return partial;
}

std::vector<FetchItem> parse_fetch_items(Cursor& cursor) {
    std::vector<FetchItem> items;
    if (!cursor.consume_if('(')) {
        add_item(items, parse_item(cursor));
        return items;
    }
    std::size_t asked = 0;
    do {
        if (++asked > max_fetch_items) cursor.fail("More than " + std::to_string(max_fetch_items) + " items");
        add_item(items, parse_item(cursor));
    } while (cursor.consume_if(' '));
    cursor.expect(')');
    return items;
}

// fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")")
//         [SP "(" fetch-modifier *(SP fetch-modifier) ")"]
Command parse_fetch(Cursor& cursor, const Verb& row) {
    Fetch fetch;
    fetch.by = numbering(row);
    cursor.space();
    fetch.set = cursor.sequence_set();
    cursor.space();
    if (cursor.next_is('(') || !parse_macro(cursor, fetch.items)) fetch.items = parse_fetch_items(cursor);
    if (cursor.consume_if(' ') && !cursor.at_end()) parse_modifiers(cursor, fetch);
    cursor.end();
    return fetch;
}

}  // namespace imaparc::imap
