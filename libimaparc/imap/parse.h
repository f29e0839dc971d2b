// A command's text to a Request; and the table of verbs, one row each.
//
// Any thread; pure functions. Memory is bounded by the text's length; nesting and number of search keys by the limits
// below. Nothing here throws but std::bad_alloc.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "imap/command.h"

namespace imaparc::imap {

class Cursor;

// Where a connection stands (RFC 3501 3); also as a set of such.
enum class States : std::uint8_t {
    not_authenticated = 1,
    authenticated = 2,  // and nothing selected
    selected = 4,
    logged_in = 6,  // authenticated or selected
    any = 7,
};

// Whether a command's text or answers use message numbers: while it runs no EXPUNGE may be sent (RFC 3501 5.5, 7.4.1).
enum class MessageNumbers : std::uint8_t { not_used, used };

// A row for each verb.
struct Verb {
    std::string_view name;  // upper case, "UID FETCH"
    States allowed;
    MessageNumbers numbers;
    Command (*parse)(Cursor& cursor, const Verb& row);  // from behind the verb to the end of the command

    bool allowed_in(States state) const { return (static_cast<unsigned>(allowed) & static_cast<unsigned>(state)) != 0; }
    bool writes() const;  // refused on an archive: its command is Refused, whatever its literals hold
};

std::span<const Verb> verbs();                 // sorted by name
const Verb* find_verb(std::string_view name);  // any case, one space in "UID FETCH"; nullptr: unknown

// Not a command: BAD. The text names what was wrong, where, and what is allowed; it is fit for a response line.
struct BadRequest {
    std::string tag = "*";  // "*" if it had none worth the name: the answer is untagged then
    std::string text;
};

// SEARCH in a charset that is not known: NO [BADCHARSET (...)] (RFC 3501 6.4.4).
struct BadCharset {
    std::string tag;
    std::string charset;
    bool saving = false;  // "$" becomes empty (RFC 5182 2.1)
    const Verb* row = nullptr;
};

using Parsed = std::variant<Request, BadRequest, BadCharset>;

// `text`: as Lexer's Line, literals in place, without the last line end. `names`: how mailbox names are written.
Parsed parse_request(std::string_view text, NameForm names = NameForm::modified_utf7);

// Limits with their reasons: a hostile command must cost no more than its length.
constexpr unsigned max_search_depth = 50;        // nested NOT, OR and parentheses; recursion stands behind it
constexpr unsigned max_search_keys = 10000;      // each is a test on every message
constexpr std::size_t max_flags = 1000;          // in one STORE
constexpr std::size_t max_keyword = 255;         // octets of one keyword: it is kept for ever
constexpr std::size_t max_fetch_items = 256;     // in one FETCH; each is compared with the others
constexpr std::size_t max_section_path = 100;    // part numbers; message::max_depth
constexpr std::size_t max_header_fields = 1000;  // in one HEADER.FIELDS
constexpr std::size_t max_id_fields = 30;        // RFC 2971 3.3
constexpr std::size_t max_mailbox_name = 4096;   // octets of a name or pattern as sent

// What NO [BADCHARSET (...)] may list; any charset iconv knows is taken.
std::span<const std::string_view> usual_charsets();

}  // namespace imaparc::imap
