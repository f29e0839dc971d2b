#include "imap/parse.h"

#include <array>

#include "base/text.h"
#include "imap/cursor.h"
#include "imap/grammar.h"

namespace imaparc::imap {

namespace {

constexpr std::size_t shown_octets = 32;
constexpr std::array<std::string_view, 5> charsets = {"US-ASCII", "UTF-8", "ISO-8859-1", "ISO-8859-15", "WINDOWS-1252"};

}  // namespace

std::span<const std::string_view> usual_charsets() { return charsets; }

// command = tag SP (command-any / command-auth / command-nonauth / command-select) CRLF
Parsed parse_request(std::string_view text, NameForm names) {
    Cursor cursor(text, names);
    const auto tag = cursor.take_while([](char c) { return c != ' ' && c != '\r' && c != '\n'; });
    if (tag.empty()) return BadRequest{"*", "A command starts with a tag, like: a1 NOOP"};
    if (!is_tag(tag))
        return BadRequest{"*", "A tag has at most " + std::to_string(max_tag) +
                                   " octets, printable US-ASCII without ( ) { % * + \\ and quotes"};
    const auto bad = [&](std::string why) { return BadRequest{std::string(tag), std::move(why)}; };

    cursor.space();
    auto name = std::string(cursor.atom("a command"));
    if (cursor.failed()) return bad("Expected a tag, a space and a command, like: a1 NOOP");
    if (ascii_iequals(name, "UID")) {
        cursor.space();
        name += ' ';
        name += cursor.atom("a command");
        if (cursor.failed()) return bad("UID stands before EXPUNGE, FETCH, SEARCH or STORE");
    }
    const Verb* row = find_verb(name);
    if (row == nullptr) return bad("Unknown command " + printable(name, shown_octets));

    auto command = row->parse(cursor, *row);
    if (cursor.bad_charset()) return BadCharset{std::string(tag), *cursor.bad_charset(), cursor.is_saving(), row};
    if (cursor.failed()) return bad(std::string(row->name) + ": " + cursor.error());
    return Request{std::string(tag), std::move(command), row};
}

}  // namespace imaparc::imap
