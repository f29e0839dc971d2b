// Text as the model compares it: i;unicode-casemap (RFC 5051) over the few letters that the random mail is written in,
// and the base subject of RFC 5256 2.1. Written from the RFCs, for reading, not for speed; nothing of the server's.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace imaparc::model {

inline std::u32string code_points(std::string_view utf8) {
    std::u32string result;
    for (std::size_t i = 0; i < utf8.size();) {
        const auto lead = static_cast<unsigned char>(utf8[i]);
        const unsigned more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
        char32_t point = more == 0 ? lead : lead & (0x3F >> more);
        for (unsigned k = 1; k <= more && i + k < utf8.size(); ++k)
            point = (point << 6) | (static_cast<unsigned char>(utf8[i + k]) & 0x3F);
        result += point;
        i += more + 1;
    }
    return result;
}

inline std::string to_utf8(std::u32string_view points) {
    std::string result;
    const auto octet = [&](char32_t value) { result += static_cast<char>(static_cast<unsigned char>(value)); };
    for (char32_t p : points) {
        if (p < 0x80) {
            octet(p);
        } else if (p < 0x800) {
            octet(0xC0 | (p >> 6));
            octet(0x80 | (p & 0x3F));
        } else {
            octet(0xE0 | (p >> 12));
            octet(0x80 | ((p >> 6) & 0x3F));
            octet(0x80 | (p & 0x3F));
        }
    }
    return result;
}

// Titlecase, then decomposition (RFC 5051 2 (2)), by UnicodeData.txt. Sharp s has neither; the ligature fi has a
// decomposition, but no titlecase, so it stays small.
inline const std::map<char32_t, std::u32string>& casemap() {
    static const std::map<char32_t, std::u32string> table = {
        {U'ä', U"A\u0308"},
        {U'Ä', U"A\u0308"},
        {U'ö', U"O\u0308"},
        {U'Ö', U"O\u0308"},
        {U'ü', U"U\u0308"},
        {U'Ü', U"U\u0308"},
        {U'é', U"E\u0301"},
        {U'É', U"E\u0301"},
        {U'ï', U"I\u0308"},
        {U'Ï', U"I\u0308"},
        {U'ш', U"Ш"},
        {U'к', U"К"},
        {U'о', U"О"},
        {U'л', U"Л"},
        {U'а', U"А"},
        {U'й', U"И\u0306"},
        {U'Й', U"И\u0306"},
        {U'κ', U"Κ"},
        {U'ό', U"Ο\u0301"},
        {U'Ό', U"Ο\u0301"},
        {U'σ', U"Σ"},
        {U'ς', U"Σ"},
        {U'μ', U"Μ"},
        {U'ο', U"Ο"},
        {U'ｆ', U"F"},
        {U'Ｆ', U"F"},
        {U'\uFB01', U"fi"},
        {U'\u01C6', U"Dz\u030C"},
        {U'\u01C4', U"Dz\u030C"},
    };
    return table;
}

inline std::string fold(std::string_view utf8) {
    std::u32string result;
    for (char32_t p : code_points(utf8)) {
        if (p >= U'a' && p <= U'z') {
            result += p - U'a' + U'A';
        } else if (const auto found = casemap().find(p); found != casemap().end()) {
            result += found->second;
        } else {
            result += p;
        }
    }
    return to_utf8(result);
}

inline bool contains(std::string_view text, std::string_view wanted) {
    return fold(text).find(fold(wanted)) != std::string::npos;
}

// ---- the base subject, RFC 5256 2.1 and 5; `subject` has its encoded words decoded.

inline std::string ascii_small(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}
inline bool begins(std::string_view text, std::string_view with) {
    return ascii_small(text.substr(0, with.size())) == with;
}
inline bool ends(std::string_view text, std::string_view with) {
    return text.size() >= with.size() && ascii_small(text.substr(text.size() - with.size())) == with;
}

// subj-blob = "[" *BLOBCHAR "]" *WSP: its length at the start of the text, 0 if there is none.
inline std::size_t blob_length(std::string_view text) {
    if (text.empty() || text[0] != '[') return 0;
    const auto end = text.find_first_of("[]", 1);
    if (end == std::string_view::npos || text[end] != ']') return 0;
    const auto after = text.find_first_not_of(" \t", end + 1);
    return after == std::string_view::npos ? text.size() : after;
}
// subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
inline std::size_t refwd_length(std::string_view text) {
    for (std::string_view word : {"re", "fwd", "fw"}) {
        if (!begins(text, word)) continue;
        auto at = text.find_first_not_of(" \t", word.size());
        if (at == std::string_view::npos) continue;
        at += blob_length(text.substr(at));
        if (at < text.size() && text[at] == ':') return at + 1;
    }
    return 0;
}
// subj-leader = (*subj-blob subj-refwd) / WSP
inline std::size_t leader_length(std::string_view text, bool& reply) {
    if (!text.empty() && (text[0] == ' ' || text[0] == '\t')) return 1;
    std::size_t blobs = 0;
    for (;;) {
        if (const auto length = refwd_length(text.substr(blobs))) {
            reply = true;
            return blobs + length;
        }
        const auto blob = blob_length(text.substr(blobs));
        if (blob == 0) return 0;
        blobs += blob;
    }
}

struct Subject {
    std::string base;    // not folded
    bool reply = false;  // or forward (RFC 5256, REFERENCES)
};

inline Subject base_subject(std::string_view subject) {
    Subject result;
    std::string text;
    for (char c : subject) {  // (1)
        if (c == '\t' || c == '\r' || c == '\n') c = ' ';
        if (c != ' ' || text.empty() || text.back() != ' ') text += c;
    }
    for (;;) {
        for (;;) {  // (2)
            if (ends(text, " ") || ends(text, "\t")) {
                text.pop_back();
            } else if (ends(text, "(fwd)")) {
                text.resize(text.size() - 5);
                result.reply = true;
            } else {
                break;
            }
        }
        for (bool again = true; again;) {  // (3), (4), (5)
            again = false;
            while (const auto length = leader_length(text, result.reply)) {
                text.erase(0, length);
                again = true;
            }
            // What is left must not be empty: a subj-base has something that is no white space.
            if (const auto blob = blob_length(text);
                blob > 0 && text.find_first_not_of(" \t", blob) != std::string::npos) {
                text.erase(0, blob);
                again = true;
            }
        }
        if (!begins(text, "[fwd:") || !ends(text, "]")) break;  // (6)
        text = text.substr(5, text.size() - 6);
        result.reply = true;
    }
    result.base = text;
    return result;
}

}  // namespace imaparc::model
