// EMAILID (RFC 8474 5.1): an identifier of a message's content, the same wherever the message lies and after every
// rebuild, for it is made of the content's digest alone.
//
// Any thread; pure functions.
#pragma once

#include <string>

#include "message/summary.h"

namespace imaparc::message {

// "E" and the first 128 bits of the digest in lower-case hexadecimal. The letter keeps it from looking like a number,
// and apart from other kinds of identifiers (RFC 8474 8.1).
inline std::string email_id(const Summary& summary) {
    constexpr std::size_t octets = 16;
    constexpr char digits[] = "0123456789abcdef";
    std::string id = "E";
    for (std::size_t i = 0; i < octets; ++i) {
        id += digits[summary.digest[i] >> 4];
        id += digits[summary.digest[i] & 15];
    }
    return id;
}

}  // namespace imaparc::message
