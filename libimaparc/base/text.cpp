#include "base/text.h"

#include <limits>

namespace imaparc {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
unsigned byte(char c) { return static_cast<unsigned char>(c); }

// The length of the well-formed sequence at `text`'s start (RFC 3629 4), 0 if there is none.
std::size_t utf8_sequence(std::string_view text) {
    const unsigned first = byte(text[0]);
    if (first < 0x80) return 1;
    std::size_t length = 0;
    unsigned low = 0x80, high = 0xBF;
    if (first >= 0xC2 && first <= 0xDF) length = 2;
    if (first >= 0xE0 && first <= 0xEF) length = 3;
    if (first >= 0xF0 && first <= 0xF4) length = 4;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
    if (length == 0 || text.size() < length) return 0;
    if (byte(text[1]) < low || byte(text[1]) > high) return 0;
    for (std::size_t i = 2; i < length; ++i)
        if (byte(text[i]) < 0x80 || byte(text[i]) > 0xBF) return 0;
    return length;
}

constexpr char digits[] = "0123456789ABCDEF";

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::string ascii_lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = lower(c);
    return result;
}

std::string ascii_upper(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = upper(c);
    return result;
}

bool ascii_iequals(std::string_view a, std::string_view b) { return a.size() == b.size() && ascii_istarts_with(a, b); }

bool ascii_istarts_with(std::string_view text, std::string_view prefix) {
    if (text.size() < prefix.size()) return false;
    for (std::size_t i = 0; i < prefix.size(); ++i)
        if (lower(text[i]) != lower(prefix[i])) return false;
    return true;
}

bool valid_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto n = utf8_sequence(text);
        if (n == 0) return false;
        text.remove_prefix(n);
    }
    return true;
}

bool ascii_only(std::string_view text) {
    for (char c : text)
        if (byte(c) >= 0x80) return false;
    return true;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (std::size_t start = 0;;) {
        const auto end = text.find(separator, start);
        parts.push_back(text.substr(start, end - start));
        if (end == std::string_view::npos) return parts;
        start = end + 1;
    }
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
    if (text.empty()) return std::nullopt;
    std::uint64_t value = 0;
    for (char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        const auto next = static_cast<std::uint64_t>(c - '0');
        if (value > (std::numeric_limits<std::uint64_t>::max() - next) / 10) return std::nullopt;
        value = value * 10 + next;
    }
    return value;
}

std::string escape_level(std::string_view level) {
    std::string shown;
    const auto escape = [&](char c) {
        shown += '%';
        shown += digits[byte(c) >> 4];
        shown += digits[byte(c) & 15];
    };
    for (std::size_t i = 0; i < level.size();) {
        const auto n = utf8_sequence(level.substr(i));
        const char c = level[i];
        const bool c1 = n == 2 && byte(c) == 0xC2 && byte(level[i + 1]) < 0xA0;
        if (n == 0 || c1 || c == '/' || c == '%' || byte(c) < 0x20 || byte(c) == 0x7F) {
            for (std::size_t k = 0; k < (c1 ? 2U : 1U); ++k) escape(level[i + k]);
            i += c1 ? 2 : 1;
        } else {
            shown.append(level.substr(i, n));
            i += n;
        }
    }
    return shown;
}

std::optional<std::string> unescape_level(std::string_view shown) {
    std::string level;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        if (shown[i] != '%') {
            level += shown[i];
            continue;
        }
        if (i + 2 >= shown.size()) return std::nullopt;
        const int high = digit(shown[i + 1]), low = digit(shown[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        level += static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (escape_level(level) != shown) return std::nullopt;
    return level;
}

std::string printable(std::string_view text, std::size_t limit) {
    std::string shown;
    for (std::size_t i = 0; i < text.size();) {
        if (shown.size() >= limit) return shown + "...";
        const auto n = utf8_sequence(text.substr(i));
        const char c = text[i];
        const bool c1 = n == 2 && byte(c) == 0xC2 && byte(text[i + 1]) < 0xA0;
        if (n == 0 || c1 || byte(c) < 0x20 || byte(c) == 0x7F) {
            shown += "\\x";
            shown += digits[byte(c) >> 4];
            shown += digits[byte(c) & 15];
            ++i;
        } else {
            shown.append(text.substr(i, n));
            i += n;
        }
    }
    return shown;
}

}  // namespace imaparc
