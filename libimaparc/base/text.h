// Text without a locale: ASCII case, UTF-8 checks, splitting, folder-name levels.
//
// Any thread; pure functions.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace imaparc {

std::string ascii_lower(std::string_view text);
std::string ascii_upper(std::string_view text);
bool ascii_iequals(std::string_view a, std::string_view b);
bool ascii_istarts_with(std::string_view text, std::string_view prefix);

// Well-formed by RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF.
bool valid_utf8(std::string_view text);
bool ascii_only(std::string_view text);

// Without spaces, tabs, CR and LF at both ends. What comes back points into `text`, which a temporary would take away
// with it.
std::string_view trimmed(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
template <class Text>
concept TemporaryText = std::same_as<std::remove_cv_t<Text>, std::string>;  // deduced so from an rvalue only
template <TemporaryText Text>
std::string_view trimmed(Text&& text) = delete;
template <TemporaryText Text>
std::vector<std::string_view> split(Text&& text, char separator) = delete;

// A number in decimal, digits only, nothing else around it; nullopt if malformed or too large.
std::optional<std::uint64_t> parse_decimal(std::string_view text);

// One level of a folder name as clients see it: '/', control characters (C0, DEL, C1) and bytes that are no UTF-8
// become %XX, '%' becomes %25. Bijective: unescape_level gives the bytes back, or nullopt for text that escape_level
// cannot have made.
std::string escape_level(std::string_view level);
std::optional<std::string> unescape_level(std::string_view shown);

// For logs and tables: control characters and invalid UTF-8 as \xXX, at most `limit` bytes, then "...".
std::string printable(std::string_view text, std::size_t limit = 200);

}  // namespace imaparc
