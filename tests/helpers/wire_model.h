// What IMAP sends of a message's bytes, done the plain way: message/summary.h's wire form, byte by byte.
#pragma once

#include <string>
#include <string_view>

namespace imaparc::test {

inline std::string wire_form(std::string_view raw) {
    std::string wire;
    char before = '\0';
    for (const char c : raw) {
        if (c == '\n' && before != '\r') wire.push_back('\r');
        wire.push_back(c == '\0' ? '\x80' : c);
        before = c;
    }
    return wire;
}

}  // namespace imaparc::test
