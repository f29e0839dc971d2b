// IMAP's text form of nested values (RFC 3501 4) as values: for comparing answers whose strings may be quoted here and
// literals there.
#pragma once

#include <cstddef>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace imaparc::test {

struct ImapValue {
    enum class Kind { nil, atom, string, list };
    Kind kind = Kind::nil;
    std::string text;              // of an atom (numbers, too) or a string
    std::vector<ImapValue> items;  // of a list
    bool operator==(const ImapValue&) const = default;
};

inline ImapValue read_imap_value(std::string_view text, std::size_t& at) {
    const auto fail = [&](const char* what) {
        throw std::runtime_error(std::string("IMAP value: ") + what + " at byte " + std::to_string(at));
    };
    const auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
    while (peek() == ' ') ++at;
    ImapValue value;
    if (peek() == '(') {
        value.kind = ImapValue::Kind::list;
        ++at;
        for (;;) {
            while (peek() == ' ') ++at;
            if (at >= text.size()) fail("unclosed list");
            if (peek() == ')') break;
            value.items.push_back(read_imap_value(text, at));
        }
        ++at;
    } else if (peek() == '"') {
        value.kind = ImapValue::Kind::string;
        for (++at; peek() != '"'; ++at) {
            if (peek() == '\\') ++at;
            if (at >= text.size()) fail("unclosed string");
            value.text.push_back(text[at]);
        }
        ++at;
    } else if (peek() == '{') {
        value.kind = ImapValue::Kind::string;
        const std::size_t close = text.find("}\r\n", at);
        if (close == std::string_view::npos) fail("broken literal");
        const std::size_t size = std::stoul(std::string(text.substr(at + 1, close - at - 1)));
        if (size > text.size() - close - 3) fail("short literal");
        value.text = text.substr(close + 3, size);
        at = close + 3 + size;
    } else {
        const std::size_t end = text.find_first_of(" ()\r\n", at);
        value.text = text.substr(at, end == std::string_view::npos ? end : end - at);
        if (value.text.empty()) fail("nothing");
        at += value.text.size();
        if (value.text == "NIL")
            value.text.clear();
        else
            value.kind = ImapValue::Kind::atom;
    }
    return value;
}

// The one value that the text is, a line end behind it allowed.
inline ImapValue imap_value(std::string_view text) {
    std::size_t at = 0;
    ImapValue value = read_imap_value(text, at);
    if (at != text.size() && text.substr(at) != "\r\n") throw std::runtime_error("IMAP value: more than one");
    return value;
}

inline std::string to_text(const ImapValue& value) {
    switch (value.kind) {
        case ImapValue::Kind::nil:
            return "NIL";
        case ImapValue::Kind::atom:
            return value.text;
        case ImapValue::Kind::string:
            return "\"" + value.text + "\"";
        case ImapValue::Kind::list:
            break;
    }
    std::string text = "(";
    for (const ImapValue& item : value.items) {
        if (text.size() > 1) text += ' ';
        text += to_text(item);
    }
    return text + ")";
}

inline std::ostream& operator<<(std::ostream& out, const ImapValue& value) { return out << to_text(value); }

}  // namespace imaparc::test
