// RFC 8264's string classes over UTF-16, as ICU has the Unicode properties; inside auth only.
//
// Any thread; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace imaparc::auth {

enum class PrecisClass { identifier, freeform };

// The first code point of `text` that the class disallows where it stands (RFC 8264 8 and, for the contextual ones, RFC
// 5892 appendix A); nullopt: all are allowed.
std::optional<char32_t> disallowed(std::u16string_view text, PrecisClass string_class);

// RFC 5893 2, which applies as soon as the text has a right-to-left character; true for all other text.
bool bidi_rule_holds(std::u16string_view text);

// Code points of full or half width to their decompositions (RFC 8265 3.3.1).
std::u16string width_mapped(std::u16string_view text);
std::u16string lower_case(std::u16string_view text);  // toLowerCase of the Unicode standard, no locale
std::u16string nfc(std::u16string_view text);

// invalid: not UTF-8.
Result<std::u16string> to_utf16(std::string_view utf8);
std::string to_utf8(std::u16string_view text);

// "U+00A0"
std::string code_point_name(char32_t c);

}  // namespace imaparc::auth
