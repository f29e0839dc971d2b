#include "message/text.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "message/charset.h"
#include "message/header_block.h"
#include "message/hex_digit.h"
#include "message/lexer.h"

namespace imaparc::message {
namespace {

std::string unfolded(std::string_view raw) {
    std::string result;
    result.reserve(raw.size());
    for (const char c : trimmed(raw))
        if (c != '\r' && c != '\n') result.push_back(c);
    return result;
}

struct EncodedWord {
    std::string_view charset;
    char encoding;  // 'B' or 'Q'
    std::string_view text;
    std::size_t size;  // of the whole word
};

// encoded-word = "=?" charset ["*" language] "?" encoding "?" encoded-text "?=" (RFC 2047 2, RFC 2231 5), at the front.
// Blanks and '?' in the text are let pass: mail has them.
std::optional<EncodedWord> encoded_word(std::string_view text) {
    constexpr std::size_t longest_charset = 80;
    if (!text.starts_with("=?")) return std::nullopt;
    const std::size_t charset_end = text.substr(0, longest_charset).find('?', 2);
    if (charset_end == std::string_view::npos || charset_end == 2 || charset_end + 2 >= text.size())
        return std::nullopt;
    const char encoding = static_cast<char>(text[charset_end + 1] & ~0x20);
    if ((encoding != 'B' && encoding != 'Q') || text[charset_end + 2] != '?') return std::nullopt;
    const std::size_t start = charset_end + 3;
    const std::size_t end = text.find("?=", start);
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view charset = text.substr(2, charset_end - 2);
    charset = charset.substr(0, charset.find('*'));
    return EncodedWord{charset, encoding, text.substr(start, end - start), end + 2};
}

void append_decoded(const EncodedWord& word, std::string& bytes) {
    if (word.encoding == 'B') {
        const std::size_t before = bytes.size();
        bytes.resize(before + word.text.size());
        int state = 0;
        guint32 save = 0;
        const std::size_t size = g_mime_encoding_base64_decode_step(
            reinterpret_cast<const unsigned char*>(word.text.data()), word.text.size(),
            reinterpret_cast<unsigned char*>(bytes.data() + before), &state, &save);
        bytes.resize(before + size);
        return;
    }
    for (std::size_t i = 0; i < word.text.size(); ++i) {
        const char c = word.text[i];
        if (c == '=' && i + 2 < word.text.size() && hex_digit(word.text[i + 1]) >= 0 &&
            hex_digit(word.text[i + 2]) >= 0) {
            bytes.push_back(static_cast<char>(hex_digit(word.text[i + 1]) * 16 + hex_digit(word.text[i + 2])));
            i += 2;
        } else {
            bytes.push_back(c == '_' ? ' ' : c);
        }
    }
}

void append_converted(std::string_view charset, std::string_view bytes, std::string& out) {
    auto named = Utf8Converter::from(charset);
    Utf8Converter converter = named ? std::move(named).value() : Utf8Converter::mixed();
    converter.convert(bytes, out);
    converter.finish(out);
}

}  // namespace

std::string decode_header(std::string_view raw) {
    const std::string text = unfolded(raw);
    std::string result;
    result.reserve(text.size());
    std::string_view rest = text;
    const std::size_t last_end = text.rfind("?=");
    std::string plain;  // what stands between encoded words
    while (!rest.empty()) {
        // Behind the last "?=" no word can end: looked up once, so that the work stays linear.
        const bool any = last_end != std::string::npos && text.size() - rest.size() < last_end;
        const std::size_t start = any ? rest.find("=?") : std::string_view::npos;
        auto word = start == std::string_view::npos ? std::nullopt : encoded_word(rest.substr(start));
        if (!word) {
            if (start == std::string_view::npos) {
                plain += rest;
                break;
            }
            plain += rest.substr(0, start + 2);
            rest.remove_prefix(start + 2);
            continue;
        }
        plain += rest.substr(0, start);
        append_converted("us-ascii", plain, result);
        plain.clear();
        rest.remove_prefix(start + word->size);

        // White space between neighbours is not shown (RFC 2047 6.2), and bytes of one charset are put together before
        // they are converted: many writers cut words inside a character.
        std::string charset(word->charset), bytes;
        append_decoded(*word, bytes);
        for (;;) {
            const std::size_t next = rest.find_first_not_of(" \t");
            word = next == std::string_view::npos ? std::nullopt : encoded_word(rest.substr(next));
            if (!word) break;
            rest.remove_prefix(next + word->size);
            if (!ascii_iequals(word->charset, charset)) {
                append_converted(charset, bytes, result);
                bytes.clear();
                charset = word->charset;
            }
            append_decoded(*word, bytes);
        }
        append_converted(charset, bytes, result);
    }
    append_converted("us-ascii", plain, result);
    // A decoded word may hold what a header line cannot.
    std::replace_if(
        result.begin(), result.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
    return result;
}

Result<std::string> to_utf8(std::string_view charset, std::string_view bytes) {
    auto converter = Utf8Converter::from(charset);
    if (!converter) return converter.error();
    std::string result;
    result.reserve(bytes.size() + bytes.size() / 8);
    converter->convert(bytes, result);
    converter->finish(result);
    return result;
}

bool known_charset(std::string_view charset) { return Utf8Converter::from(charset).ok(); }

void for_each_field(std::string_view header,
                    const std::function<void(std::string_view name, std::string_view value)>& f) {
    std::string_view name;
    const char* value_begin = nullptr;
    const char* value_end = nullptr;
    const auto give = [&] {
        if (!name.empty()) f(name, {value_begin, static_cast<std::size_t>(value_end - value_begin)});
        name = {};
    };
    while (!header.empty()) {
        const std::size_t lf = header.find('\n');
        std::string_view line = header.substr(0, lf);
        header.remove_prefix(lf == std::string_view::npos ? header.size() : lf + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() && lf != std::string_view::npos) break;
        if (!line.empty() && is_blank(line.front())) {
            value_end = line.data() + line.size();
            continue;
        }
        give();
        name = field_name(line);
        if (name.empty()) continue;
        value_begin = line.data() + line.find(':') + 1;
        value_end = line.data() + line.size();
        while (value_begin < value_end && is_blank(*value_begin)) ++value_begin;
    }
    give();
}

}  // namespace imaparc::message
