// FETCH and UID FETCH.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "imap/grammar.h"
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
    Simple{"RFC822", Kind::rfc822, Text::all, Peek::no},
    Simple{"RFC822.HEADER", Kind::rfc822_header, Text::header, Peek::yes},
    Simple{"RFC822.TEXT", Kind::rfc822_text, Text::text, Peek::no},
};
constexpr std::string_view allowed_items =
    "UID, FLAGS, INTERNALDATE, RFC822.SIZE, ENVELOPE, BODY, BODYSTRUCTURE, BODY[...], BODY.PEEK[...], RFC822, "
    "RFC822.HEADER or RFC822.TEXT";

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
        if (cursor.consume_if('<')) {
            constexpr std::string_view what =
                "<first octet.count> with a count from 1 on, in numbers below 4294967296,";
            Partial partial;
            partial.offset = cursor.number(what);
            cursor.expect('.');
            partial.count = cursor.nonzero_number(what);
            cursor.expect('>');
            item.partial = partial;
        }
        return item;
    }
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

}  // namespace

// fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")")
Command parse_fetch(Cursor& cursor, const Verb& row) {
    Fetch fetch;
    fetch.by = numbering(row);
    cursor.space();
    fetch.set = cursor.sequence_set();
    cursor.space();
    // The answer to UID FETCH has the UID, asked for or not (6.4.8).
    if (fetch.by == Numbering::uid) fetch.items.push_back(simple_item(Kind::uid));
    if (cursor.consume_if('(')) {
        std::size_t asked = 0;
        do {
            if (++asked > max_fetch_items) cursor.fail("More than " + std::to_string(max_fetch_items) + " items");
            add_item(fetch.items, parse_item(cursor));
        } while (cursor.consume_if(' '));
        cursor.expect(')');
    } else if (!parse_macro(cursor, fetch.items)) {
        add_item(fetch.items, parse_item(cursor));
    }
    cursor.end();
    return fetch;
}

}  // namespace imaparc::imap
