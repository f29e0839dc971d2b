#include "message/parameters.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "base/text.h"
#include "message/hex_digit.h"
#include "message/lexer.h"

namespace imaparc::message {
namespace {

struct Raw {
    std::string name, value;
};

// Whether a parameter starts here ("token ="): then a ';' was forgotten.
bool parameter_ahead(Lexer& in) {
    const std::size_t here = in.position();
    const bool found = !in.token().empty() && in.at('=');
    in.rewind(here);
    return found;
}

// value = token / quoted-string. Outside of strings everything up to ';' counts, for "=_NextPart=42" and for names with
// blanks in them; a comment after white space does not.
std::string read_value(Lexer& in) {
    std::string value;
    in.skip_cfws();
    if (in.text()
            .substr(std::min(in.position(), in.text().size()))
            .starts_with("\\\"")) {  // quoted once too often: \"value\"
        const std::size_t start = in.position() + 2;
        const std::size_t end = in.text().find("\\\"", start);
        if (end != std::string_view::npos) {
            in.rewind(end + 2);
            return std::string(in.text().substr(start, end - start));
        }
    }
    if (in.at('"')) {
        if (in.quoted_string(value)) return value;
        in.advance();  // never closed
    }
    for (;;) {
        while (!in.at_end() && !in.at(';') && !is_blank(in.peek())) {
            value.push_back(in.peek());
            in.advance();
        }
        const std::size_t blank = in.position();
        in.skip_cfws();
        if (in.at_end() || in.at(';') || in.position() == blank || parameter_ahead(in)) break;
        value.push_back(' ');
    }
    if (!value.empty() && value.find('"') == value.size() - 1) value.pop_back();  // closed, never opened
    return value;
}

std::vector<Raw> read_all(std::string_view text, std::size_t limit) {
    std::vector<Raw> result;
    Lexer in(text);
    const auto skip_to_parameter = [&in] {
        std::string ignored;
        for (;;) {
            in.skip_cfws();
            if (in.at_end() || in.at(';') || parameter_ahead(in)) return;
            ignored.clear();
            if (!in.quoted_string(ignored)) {
                if (in.token().empty()) in.advance();
            }
        }
    };
    while (result.size() < limit) {
        skip_to_parameter();
        while (in.take(';')) in.skip_cfws();
        if (in.at_end()) break;
        Raw parameter;
        parameter.name = in.token();
        in.skip_cfws();
        if (parameter.name.empty() || !in.take('=')) {
            if (parameter.name.empty() && !in.at(';')) in.advance();
            continue;
        }
        parameter.value = read_value(in);
        result.push_back(std::move(parameter));
    }
    return result;
}

// "title*1*" is piece 1 of "title", extended; "title*" and "title" are whole.
struct Piece {
    std::string_view base;
    std::uint32_t number = 0;
    bool extended = false;
};

std::optional<Piece> as_piece(std::string_view name) {
    Piece piece;
    if (!name.empty() && name.back() == '*') {
        piece.extended = true;
        name.remove_suffix(1);
    }
    const std::size_t star = name.rfind('*');
    if (star == std::string_view::npos || star == 0) return std::nullopt;
    const auto number = parse_decimal(name.substr(star + 1));
    if (!number || *number > max_parameters) return std::nullopt;
    piece.base = name.substr(0, star);
    piece.number = static_cast<std::uint32_t>(*number);
    return piece;
}

// RFC 2231 7: attribute-char stays, all else becomes %XX; a '%' of plain text, too.
void append_encoded(std::string& out, std::string_view plain) {
    constexpr char digits[] = "0123456789ABCDEF";
    for (const char c : plain) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (byte > ' ' && byte < 0x7F && std::string_view("*'%()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos) {
            out.push_back(c);
        } else {
            out.push_back('%');
            out.push_back(digits[byte >> 4]);
            out.push_back(digits[byte & 15]);
        }
    }
}

// Each group of pieces becomes one parameter, where its first piece stood; pieces after a gap are dropped.
std::vector<Raw> joined(std::vector<Raw> all) {
    std::vector<Raw> result;
    std::vector<bool> used(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (used[i]) continue;
        const auto first = as_piece(all[i].name);
        if (!first) {
            result.push_back(std::move(all[i]));
            continue;
        }
        struct Found {
            std::uint32_t number;
            bool extended;
            const std::string* value;
        };
        std::vector<Found> pieces;
        const std::string base(first->base);
        for (std::size_t k = i; k < all.size(); ++k) {
            if (used[k]) continue;
            const auto piece = as_piece(all[k].name);
            if (!piece || !ascii_iequals(piece->base, base)) continue;
            used[k] = true;
            pieces.push_back({piece->number, piece->extended, &all[k].value});
        }
        std::stable_sort(pieces.begin(), pieces.end(),
                         [](const Found& a, const Found& b) { return a.number < b.number; });
        std::size_t count = 0;
        bool extended = false;
        for (; count < pieces.size() && pieces[count].number == count; ++count) extended |= pieces[count].extended;
        if (count == 0) continue;  // no beginning, so no meaning
        Raw whole;
        whole.name = extended ? base + "*" : base;
        if (extended && !pieces[0].extended) whole.value = "''";
        for (std::size_t k = 0; k < count; ++k) {
            if (extended && !pieces[k].extended)
                append_encoded(whole.value, *pieces[k].value);
            else
                whole.value += *pieces[k].value;
        }
        result.push_back(std::move(whole));
    }
    return result;
}

}  // namespace

std::vector<Parameter> parse_parameters(std::string_view text, TextArena& arena, std::size_t limit) {
    std::vector<Parameter> result;
    auto all = read_all(text, limit);
    if (std::any_of(all.begin(), all.end(), [](const Raw& raw) { return raw.name.find('*') != std::string::npos; }))
        all = joined(std::move(all));
    result.reserve(all.size());
    for (const Raw& raw : all) result.push_back({arena.keep(raw.name), arena.keep(raw.value)});
    return result;
}

std::optional<std::string> parameter_value(const std::vector<Parameter>& parameters, std::string_view name) {
    for (const Parameter& parameter : parameters) {
        if (ascii_iequals(parameter.name, name)) return std::string(parameter.value);
        if (!parameter.name.ends_with('*') || !ascii_iequals(parameter.name.substr(0, parameter.name.size() - 1), name))
            continue;
        // extended-initial-value = [charset] "'" [language] "'" extended-other-values, RFC 2231 7
        std::string_view encoded = parameter.value;
        const std::size_t first = encoded.find('\'');
        const std::size_t second = first == std::string_view::npos ? first : encoded.find('\'', first + 1);
        if (second != std::string_view::npos) encoded.remove_prefix(second + 1);
        std::string result;
        for (std::size_t i = 0; i < encoded.size(); ++i) {
            const int high = encoded[i] == '%' && i + 2 < encoded.size() ? hex_digit(encoded[i + 1]) : -1;
            const int low = high >= 0 ? hex_digit(encoded[i + 2]) : -1;
            if (low < 0) {
                result.push_back(encoded[i]);
            } else {
                result.push_back(static_cast<char>(high * 16 + low));
                i += 2;
            }
        }
        return result;
    }
    return std::nullopt;
}

}  // namespace imaparc::message
