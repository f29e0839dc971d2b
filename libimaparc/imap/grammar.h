// Which characters may stand where (RFC 3501 9).
//
// Any thread; pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace imaparc::imap {

constexpr std::size_t max_tag = 128;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_8bit(char c) { return static_cast<unsigned char>(c) >= 0x80; }
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// ATOM-CHAR = <any CHAR except atom-specials>
// atom-specials = "(" / ")" / "{" / SP / CTL / list-wildcards / quoted-specials / resp-specials
constexpr bool is_atom_char(char c) {
    switch (c) {
        case '(':
        case ')':
        case '{':
        case ' ':
        case '%':
        case '*':
        case '"':
        case '\\':
        case ']':
            return false;
        default:
            return !is_control(c) && !is_8bit(c);
    }
}
// atom = 1*ATOM-CHAR
constexpr bool is_atom(std::string_view text) {
    for (char c : text)
        if (!is_atom_char(c)) return false;
    return !text.empty();
}
// ASTRING-CHAR = ATOM-CHAR / resp-specials
constexpr bool is_astring_char(char c) { return is_atom_char(c) || c == ']'; }
// list-char = ATOM-CHAR / list-wildcards / resp-specials
constexpr bool is_list_char(char c) { return is_astring_char(c) || c == '%' || c == '*'; }

// tag = 1*<any ASTRING-CHAR except "+">; of a length worth repeating.
constexpr bool is_tag(std::string_view text) {
    if (text.empty() || text.size() > max_tag) return false;
    for (char c : text)
        if (!is_astring_char(c) || c == '+') return false;
    return true;
}

}  // namespace imaparc::imap
