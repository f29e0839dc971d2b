// How texts are compared (RFC 4790): the client's COMPARATOR (RFC 5255 4.7), i;unicode-casemap unless it chose another.
//
// Any thread; pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace imaparc::search {

enum class Collation : std::uint8_t {
    unicode_casemap,  // RFC 5051
    ascii_casemap,    // RFC 4790 9.2
    octet,            // RFC 4790 9.3
};

// A text as the collation compares it: octet by octet, for equality, order and substrings.
std::string folded(std::string_view text, Collation collation);

}  // namespace imaparc::search
