#include "store/maildir/utf7.h"

#include <cstdint>

#include "base/text.h"

namespace imaparc::store {

namespace {

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

int digit(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == ',') return 63;
    return -1;
}

void append_utf8(std::string& out, std::uint32_t code) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | code >> 6);
        put(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        put(0xE0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3F));
        put(0x80 | (code & 0x3F));
    } else {
        put(0xF0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3F));
        put(0x80 | (code >> 6 & 0x3F));
        put(0x80 | (code & 0x3F));
    }
}

// The characters of one "&...-", without the two; false if malformed.
bool decode_run(std::string_view run, std::string& out) {
    std::uint32_t bits = 0, high = 0;
    unsigned count = 0;
    for (const char c : run) {
        const int value = digit(c);
        if (value < 0) return false;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 16) continue;
        count -= 16;
        const std::uint32_t unit = bits >> count & 0xFFFF;
        bits &= (1U << count) - 1;
        if (high != 0) {
            if (unit < 0xDC00 || unit > 0xDFFF) return false;
            append_utf8(out, 0x10000 + ((high - 0xD800) << 10 | (unit - 0xDC00)));
            high = 0;
        } else if (unit >= 0xD800 && unit <= 0xDBFF) {
            high = unit;
        } else if (unit >= 0xDC00 && unit <= 0xDFFF) {
            return false;
        } else {
            append_utf8(out, unit);
        }
    }
    return high == 0 && count < 6;
}

}  // namespace

std::optional<std::string> decode_utf7(std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        if (c < 0x20 || c == 0x7F) return std::nullopt;  // a char of 0x80 or more is below 0x20 where it is signed
        if (static_cast<unsigned char>(c) >= 0x80) return std::nullopt;
        if (c != '&') {
            out += c;
            continue;
        }
        const auto end = name.find('-', i);
        if (end == std::string_view::npos) return std::nullopt;
        const auto run = name.substr(i + 1, end - i - 1);
        if (run.empty())
            out += '&';
        else if (!decode_run(run, out))
            return std::nullopt;
        i = end;
    }
    return out;
}

std::optional<std::string> encode_utf7(std::string_view utf8) {
    if (!valid_utf8(utf8)) return std::nullopt;
    std::string out;
    std::uint32_t bits = 0;
    unsigned count = 0;
    bool inside = false;
    const auto put_unit = [&](std::uint32_t unit) {
        bits = bits << 16 | unit;
        count += 16;
        while (count >= 6) {
            count -= 6;
            out += alphabet[bits >> count & 0x3F];
        }
        bits &= (1U << count) - 1;
    };
    const auto leave = [&] {
        if (!inside) return;
        if (count > 0) out += alphabet[bits << (6 - count) & 0x3F];
        out += '-';
        bits = count = 0;
        inside = false;
    };
    for (std::size_t i = 0; i < utf8.size();) {
        const auto lead = static_cast<unsigned char>(utf8[i]);
        if (lead >= 0x20 && lead < 0x7F) {
            leave();
            out += utf8[i++];
            if (lead == '&') out += '-';
            continue;
        }
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        std::uint32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
        for (std::size_t k = 1; k < length; ++k) code = code << 6 | (static_cast<unsigned char>(utf8[i + k]) & 0x3F);
        i += length;
        if (!inside) {
            out += '&';
            inside = true;
        }
        if (code >= 0x10000) {
            put_unit(0xD800 + ((code - 0x10000) >> 10));
            put_unit(0xDC00 + ((code - 0x10000) & 0x3FF));
        } else {
            put_unit(code);
        }
    }
    leave();
    return out;
}

}  // namespace imaparc::store
