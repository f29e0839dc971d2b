// The writing verbs: understood, and declined by the session. Their grammar is checked as far as a client can get it
// wrong; what they would write is not kept.
#include <algorithm>
#include <array>

#include "imap/parsers.h"

namespace imaparc::imap {

namespace {

enum class Argument : std::uint8_t { mailbox, set, name, rights, value, rest };  // rest: any number of values
using Arguments = std::array<Argument, 4>;

struct Shape {
    std::string_view verb;
    std::size_t count;
    Arguments arguments;
};

using enum Argument;
constexpr std::array shapes = {
    Shape{"APPEND", 3, {mailbox, value, rest}},  // [flag-list] [date-time] literal, or RFC 4466 ones
    Shape{"COPY", 2, {set, mailbox}},
    Shape{"CREATE", 2, {mailbox, rest}},  // "(USE (...))" (RFC 6154)
    Shape{"DELETE", 1, {mailbox}},
    Shape{"DELETEACL", 2, {mailbox, name}},            // RFC 4314
    Shape{"MOVE", 2, {set, mailbox}},                  // RFC 6851
    Shape{"RENAME", 3, {mailbox, mailbox, rest}},      // RFC 4466's parameters
    Shape{"REPLACE", 4, {set, mailbox, value, rest}},  // RFC 8508
    Shape{"SETACL", 3, {mailbox, name, rights}},       // RFC 4314
    Shape{"SETMETADATA", 2, {mailbox, value}},         // RFC 5464
    Shape{"SETQUOTA", 2, {name, value}},               // RFC 9208
};

// mod-rights = astring: "+" or "-", and letters; one that is not known is BAD (RFC 4314 3.1).
void parse_rights(Cursor& cursor) {
    constexpr std::string_view known = "lrswipkxteacd0123456789";
    const auto given = cursor.astring("rights");
    std::string_view letters = given;
    if (letters.starts_with('+') || letters.starts_with('-')) letters.remove_prefix(1);
    if (letters.find_first_not_of(known) != std::string_view::npos)
        cursor.fail("Rights are letters of " + std::string(known));
}

void parse_argument(Cursor& cursor, Argument argument) {
    switch (argument) {
        case mailbox:
            cursor.mailbox();
            break;
        case set:
            cursor.sequence_set();
            break;
        case name:
            cursor.astring("a name");
            break;
        case rights:
            parse_rights(cursor);
            break;
        case value:
            cursor.skip_value();
            break;
        case rest:
            break;
    }
}

// trailing spaces are no arguments
bool another(Cursor& cursor) {
    Cursor ahead = cursor;
    while (ahead.consume_if(' ')) {
    }
    return !ahead.at_end();
}

}  // namespace

Command parse_refused(Cursor& cursor, const Verb& row) {
    const auto plain = numbering(row) == Numbering::uid ? row.name.substr(4) : row.name;
    const auto shape = std::find_if(shapes.begin(), shapes.end(), [&](const Shape& s) { return s.verb == plain; });
    for (std::size_t i = 0; i < shape->count && !cursor.failed(); ++i) {
        if (shape->arguments[i] == rest) {
            while (another(cursor)) {
                cursor.space();
                cursor.skip_value();
            }
        } else {
            cursor.space();
            parse_argument(cursor, shape->arguments[i]);
        }
    }
    cursor.end();
    return Refused{std::string(row.name)};
}

}  // namespace imaparc::imap
