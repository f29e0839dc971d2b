// Modified UTF-7 (RFC 3501 5.1.3): printable US-ASCII stands for itself, "&-" for "&", everything else is UTF-16BE in
// BASE64 with "," for "/" and without padding, between "&" and "-".
#include <cstdint>

#include "base/text.h"
#include "imap/names.h"

namespace imaparc::imap {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

bool printable_ascii(char32_t c) { return c >= 0x20 && c <= 0x7E; }

void append_utf8(std::string& out, char32_t c) {
    const auto put = [&out](char32_t b) { out += static_cast<char>(static_cast<unsigned char>(b)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0 | c >> 6);
        put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        put(0xE0 | c >> 12);
        put(0x80 | (c >> 6 & 0x3F));
        put(0x80 | (c & 0x3F));
    } else {
        put(0xF0 | c >> 18);
        put(0x80 | (c >> 12 & 0x3F));
        put(0x80 | (c >> 6 & 0x3F));
        put(0x80 | (c & 0x3F));
    }
}

// The character at `at`, which moves behind it; U+FFFD for an octet that starts none.
char32_t next_character(std::string_view utf8, std::size_t& at) {
    const auto octet = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(utf8[i])); };
    const char32_t first = octet(at);
    std::size_t length = 1;
    if (first >= 0xC0) length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (!valid_utf8(utf8.substr(at, length))) {
        ++at;
        return 0xFFFD;
    }
    char32_t c = length == 1 ? first : first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) c = c << 6 | (octet(at + i) & 0x3F);
    at += length;
    return c;
}

// Base64 of UTF-16BE, a 16-bit unit at a time.
class Shifted {
  public:
    explicit Shifted(std::string& out) : out_(out) {}
    void put(char32_t unit) {
        bits_ = bits_ << 16 | unit;
        held_ += 16;
        while (held_ >= 6) {
            held_ -= 6;
            out_ += alphabet[bits_ >> held_ & 63];
        }
        bits_ &= (1U << held_) - 1;
    }
    void finish() {
        if (held_ > 0) out_ += alphabet[bits_ << (6 - held_) & 63];
        bits_ = held_ = 0;
    }

  private:
    std::string& out_;
    std::uint32_t bits_ = 0, held_ = 0;
};

// What stands between "&" and "-", not empty.
bool decode_shifted(std::string_view text, std::string& out) {
    std::uint32_t bits = 0, held = 0;
    char32_t high = 0;  // first half of a surrogate pair
    for (char c : text) {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos) return false;
        bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0x3FFFFF;
        held += 6;
        if (held < 16) continue;
        held -= 16;
        const char32_t unit = bits >> held & 0xFFFF;
        if (high != 0) {
            if (unit < 0xDC00 || unit > 0xDFFF) return false;
            append_utf8(out, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
            high = 0;
        } else if (unit >= 0xD800 && unit <= 0xDBFF) {
            high = unit;
        } else if ((unit >= 0xDC00 && unit <= 0xDFFF) || printable_ascii(unit)) {
            return false;  // a lone half; or what must stand for itself
        } else {
            append_utf8(out, unit);
        }
    }
    return high == 0 && held < 6 && (bits & ((1U << held) - 1)) == 0;
}

}  // namespace

std::string encode_mutf7(std::string_view utf8) {
    std::string wire;
    wire.reserve(utf8.size());
    Shifted shifted(wire);
    bool inside = false;
    const auto leave = [&] {
        if (!inside) return;
        shifted.finish();
        wire += '-';
        inside = false;
    };
    for (std::size_t at = 0; at < utf8.size();) {
        const char32_t c = next_character(utf8, at);
        if (printable_ascii(c)) {
            leave();
            wire += static_cast<char>(c);
            if (c == '&') wire += '-';
            continue;
        }
        if (!inside) wire += '&';
        inside = true;
        if (c >= 0x10000) {
            shifted.put(0xD800 + ((c - 0x10000) >> 10));
            shifted.put(0xDC00 + ((c - 0x10000) & 0x3FF));
        } else {
            shifted.put(c);
        }
    }
    leave();
    return wire;
}

std::optional<std::string> decode_mutf7(std::string_view wire) {
    std::string utf8;
    utf8.reserve(wire.size());
    std::size_t shift_ended = std::string_view::npos;  // where the last shift ended
    for (std::size_t at = 0; at < wire.size(); ++at) {
        const char c = wire[at];
        if (!printable_ascii(static_cast<unsigned char>(c))) return std::nullopt;
        if (c != '&') {
            utf8 += c;
            continue;
        }
        const auto end = wire.find('-', at);
        if (end == std::string_view::npos) return std::nullopt;
        const auto text = wire.substr(at + 1, end - at - 1);
        if (text.empty()) {
            utf8 += '&';
        } else {
            // "&U,BTFw-&ZeVnLIqe-" is not permitted: superfluous shifts.
            if (shift_ended == at || !decode_shifted(text, utf8)) return std::nullopt;
            shift_ended = end + 1;
        }
        at = end;
    }
    return utf8;
}

}  // namespace imaparc::imap
