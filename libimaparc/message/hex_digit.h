// One hexadecimal digit, as quoted-printable and percent-encoding have them.
//
// Any thread; a pure function.
#pragma once

namespace imaparc::message {

// 0 to 15, either case; -1 for anything else.
constexpr int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

}  // namespace imaparc::message
