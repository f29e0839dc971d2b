#include "message/html_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "message/hex_digit.h"

namespace imaparc::message {
namespace {

constexpr std::size_t longest_entity = 10;  // "&thetasym;" without '&' and ';', and digits enough for any character
constexpr std::size_t longest_name = 12;    // of a tag that means something here

struct Named {
    std::string_view name;
    std::uint32_t character;
};

// The entities that mail uses, by name (HTML 4.01, 24); those of ISO 8859-1 follow.
constexpr Named named[] = {
    {"quot", '"'},      {"amp", '&'},       {"lt", '<'},        {"gt", '>'},        {"apos", '\''},
    {"OElig", 0x152},   {"oelig", 0x153},   {"Scaron", 0x160},  {"scaron", 0x161},  {"Yuml", 0x178},
    {"circ", 0x2C6},    {"tilde", 0x2DC},   {"ensp", 0x2002},   {"emsp", 0x2003},   {"thinsp", 0x2009},
    {"zwnj", 0x200C},   {"zwj", 0x200D},    {"lrm", 0x200E},    {"rlm", 0x200F},    {"ndash", 0x2013},
    {"mdash", 0x2014},  {"lsquo", 0x2018},  {"rsquo", 0x2019},  {"sbquo", 0x201A},  {"ldquo", 0x201C},
    {"rdquo", 0x201D},  {"bdquo", 0x201E},  {"dagger", 0x2020}, {"Dagger", 0x2021}, {"bull", 0x2022},
    {"hellip", 0x2026}, {"permil", 0x2030}, {"prime", 0x2032},  {"lsaquo", 0x2039}, {"rsaquo", 0x203A},
    {"euro", 0x20AC},   {"trade", 0x2122},  {"larr", 0x2190},   {"uarr", 0x2191},   {"rarr", 0x2192},
    {"darr", 0x2193},   {"minus", 0x2212},  {"asymp", 0x2248},  {"ne", 0x2260},     {"le", 0x2264},
    {"ge", 0x2265},     {"hearts", 0x2665},
};

// U+00A0 to U+00FF
constexpr std::array<std::string_view, 96> latin_1 = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",    "copy",   "ordf",
    "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn", "sup2",   "sup3",   "acute",  "micro",
    "para",   "middot", "cedil",  "sup1",   "ordm",   "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave",
    "Aacute", "Acirc",  "Atilde", "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",
    "Igrave", "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",
    "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",  "szlig",  "agrave", "aacute",
    "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil", "egrave", "eacute", "ecirc",  "euml",   "igrave",
    "iacute", "icirc",  "iuml",   "eth",    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide",
    "oslash", "ugrave", "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

// Elements within a line: their tags are nothing; all others end one.
constexpr std::string_view within_line[] = {
    "a", "abbr", "b",     "bdi",  "bdo",    "big",    "code", "em",  "font", "i", "ins", "kbd", "o:p",  "q",
    "s", "samp", "small", "span", "strike", "strong", "sub",  "sup", "tt",   "u", "var", "wbr", "mark", "del"};
// Elements whose content is no text to read.
constexpr std::string_view without_text[] = {"head",     "style",    "script",   "title",
                                             "noscript", "template", "textarea", "select"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_white(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f'; }

void append_utf8(std::string& out, std::uint32_t c) {
    if (c < 0x80) {
        out.push_back(static_cast<char>(c));
    } else if (c < 0x800) {
        out.push_back(static_cast<char>(0xC0 | (c >> 6)));
        out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    } else if (c < 0x10000) {
        out.push_back(static_cast<char>(0xE0 | (c >> 12)));
        out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
        out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    } else {
        out.push_back(static_cast<char>(0xF0 | (c >> 18)));
        out.push_back(static_cast<char>(0x80 | ((c >> 12) & 0x3F)));
        out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
        out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    }
}

// The character of "#228", "#xE4", "auml"; 0: there is none.
std::uint32_t character_of(std::string_view entity) {
    if (entity.size() >= 2 && entity[0] == '#') {
        const bool hexadecimal = entity[1] == 'x' || entity[1] == 'X';
        entity.remove_prefix(hexadecimal ? 2 : 1);
        std::uint32_t number = 0;
        for (const char c : entity) {
            const int digit = hex_digit(c);
            if (digit < 0 || (!hexadecimal && digit > 9) || number > 0x10FFFF) return 0;
            number = number * (hexadecimal ? 16 : 10) + static_cast<std::uint32_t>(digit);
        }
        const bool character = number >= 0x20 && number <= 0x10FFFF && (number < 0xD800 || number > 0xDFFF);
        if (number == '\t' || number == '\n' || number == '\r') return ' ';
        return character ? number : 0;
    }
    for (const Named& candidate : named)
        if (candidate.name == entity) return candidate.character;
    const auto* const found = std::find(latin_1.begin(), latin_1.end(), entity);
    if (found != latin_1.end()) return 0xA0 + static_cast<std::uint32_t>(found - latin_1.begin());
    return 0;
}

template <class List>
bool in(const List& list, std::string_view name) {
    return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

}  // namespace

void HtmlText::text(char c, std::string& out) {
    if (!hidden_.empty()) return;
    if (c != quote_begins && c != quote_ends) out.push_back(c);
}

// `end` is what stood behind the name: ";" or nothing of its own.
void HtmlText::end_entity(std::string_view end, std::string& out) {
    const std::string name = std::exchange(held_, {});
    at_ = At::text;
    if (!hidden_.empty()) return;
    if (const std::uint32_t character = character_of(name))
        append_utf8(out, character);
    else
        out.append("&").append(name).append(end);
}

// held_: "br", "/p", "style"
void HtmlText::end_tag(std::string& out) {
    const std::string tag = ascii_lower(std::exchange(held_, {}));
    at_ = At::text;
    const bool closing = !tag.empty() && tag[0] == '/';
    const std::string_view name = std::string_view(tag).substr(closing ? 1 : 0);
    if (!hidden_.empty()) {
        if ((closing && name == hidden_) || (hidden_ == "head" && name == "body")) hidden_.clear();
        return;
    }
    if (in(without_text, name)) {
        if (!closing) hidden_ = name;
        return;
    }
    if (!in(within_line, name) && !name.empty()) out.push_back(name == "td" || name == "th" ? ' ' : '\n');
    if (name != "blockquote") return;
    if (!closing) {
        if (quotes_++ == 0) out.push_back(quote_begins);
    } else if (quotes_ > 0 && --quotes_ == 0) {
        out.push_back(quote_ends);
    }
}

void HtmlText::feed(std::string_view html, std::string& out) {
    for (std::size_t i = 0; i < html.size(); ++i) {
        const char c = html[i];
        switch (at_) {
            case At::text:
                if (c == '<') {
                    at_ = At::tag_open;
                } else if (c == '&') {
                    at_ = At::entity;
                } else {
                    text(c == '\r' || c == '\n' || c == '\t' ? ' ' : c, out);
                }
                break;
            case At::entity:
                if (c == ';') {
                    end_entity(";", out);
                } else if ((is_letter(c) || is_digit(c) || (c == '#' && held_.empty())) &&
                           held_.size() < longest_entity) {
                    held_.push_back(c);
                } else {
                    end_entity("", out);
                    --i;
                }
                break;
            case At::tag_open:
                held_.clear();
                name_ended_ = false;
                if (c == '/' || (is_letter(c) && tags_count())) {
                    held_.push_back(c);
                    at_ = At::tag;
                } else if ((c == '!' || c == '?') && tags_count()) {
                    last_ = before_last_ = '\0';
                    at_ = At::markup;
                } else {  // "a < b"
                    at_ = At::text;
                    text('<', out);
                    --i;
                }
                break;
            case At::tag:
                if (c == '>') {
                    end_tag(out);
                } else if ((c == '"' || c == '\'') && name_ended_ && last_ == '=') {
                    quote_ = c;
                    at_ = At::tag_quoted;
                } else if (is_white(c) || (c == '/' && held_ != "/")) {
                    name_ended_ = true;
                } else if (!name_ended_ && held_.size() < longest_name) {
                    held_.push_back(c);
                }
                if (!is_white(c)) last_ = c;
                break;
            case At::tag_quoted:
                if (c == quote_) at_ = At::tag;
                break;
            case At::markup:  // "<!--" or "<!DOCTYPE", "<?xml"
                if (c == '-' && last_ == '-' && before_last_ == '\0') {
                    last_ = before_last_ = '\0';
                    at_ = At::comment;
                } else if (c == '>') {
                    at_ = At::text;
                } else {
                    before_last_ = last_;
                    last_ = c;
                }
                break;
            case At::comment:
                if (c == '>' && last_ == '-' && before_last_ == '-') {
                    at_ = At::text;
                } else {
                    before_last_ = last_;
                    last_ = c;
                }
                break;
        }
    }
}

void HtmlText::finish(std::string& out) {
    if (at_ == At::entity) end_entity("", out);
}

}  // namespace imaparc::message
