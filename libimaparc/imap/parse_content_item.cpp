// BINARY and PREVIEW among the items of FETCH.
#include "base/text.h"
#include "imap/grammar.h"
#include "imap/parse.h"
#include "imap/parse_fetch_items.h"

namespace imaparc::imap {

namespace {

// section-binary = "[" [section-part] "]" (RFC 3516 7)
void parse_section_binary(Cursor& cursor, message::Section& section) {
    cursor.expect('[');
    if (!cursor.next_is(']')) {
        do {
            section.path.push_back(cursor.nonzero_number("a part number from 1 on, or nothing"));
            if (section.path.size() > max_section_path)
                cursor.fail("More than " + std::to_string(max_section_path) + " part numbers");
        } while (cursor.consume_if('.'));
    }
    cursor.expect(']');
}

// ["(" preview-mod *(SP preview-mod) ")"], preview-mod = "LAZY" (RFC 8970 6). In "FETCH 1 PREVIEW (CHANGEDSINCE 5)"
// the parenthesis is FETCH's.
bool parse_lazy(Cursor& cursor) {
    Cursor ahead = cursor;
    if (!ahead.consume_if(' ') || !ahead.consume_if('(') || !ahead.consume_if_word("LAZY")) return false;
    while (ahead.consume_if(' '))
        if (!ahead.consume_if_word("LAZY")) ahead.expected("LAZY");
    ahead.expect(')');
    cursor = ahead;
    return true;
}

}  // namespace

std::optional<FetchItem> parse_content_item(Cursor& cursor, std::string_view name) {
    FetchItem item;
    if (ascii_iequals(name, "PREVIEW")) {
        item.kind = FetchItem::Kind::preview;
        item.lazy = parse_lazy(cursor);
        return item;
    }
    if (!cursor.next_is('[')) return std::nullopt;
    const bool octets = ascii_iequals(name, "BINARY"), peek = ascii_iequals(name, "BINARY.PEEK");
    if (!octets && !peek && !ascii_iequals(name, "BINARY.SIZE")) return std::nullopt;
    item.kind = octets || peek ? FetchItem::Kind::binary : FetchItem::Kind::binary_size;
    item.peek = octets ? Peek::no : Peek::yes;
    parse_section_binary(cursor, item.section);
    if (item.kind == FetchItem::Kind::binary) item.partial = parse_partial(cursor);
    return item;
}

}  // namespace imaparc::imap
