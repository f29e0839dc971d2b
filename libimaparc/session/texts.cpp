#include "session/texts.h"

#include <array>

#include "base/text.h"

namespace imaparc::session {

namespace {

constexpr std::string_view hole = "{}";
constexpr std::array<std::string_view, 3> tags = {"DE", "EN", "i-default"};

// What the holes of `pattern` stand for in `text`; nullopt: it is another text. A hole takes as little as it can.
std::optional<std::vector<std::string_view>> filled(std::string_view pattern, std::string_view text) {
    std::vector<std::string_view> fillings;
    auto at = pattern.find(hole);
    if (text.substr(0, at) != pattern.substr(0, at)) return std::nullopt;
    if (at == std::string_view::npos) return text == pattern ? std::optional(fillings) : std::nullopt;
    text.remove_prefix(at);
    while (at != std::string_view::npos) {
        pattern.remove_prefix(at + hole.size());
        at = pattern.find(hole);
        const std::string_view behind = pattern.substr(0, at);
        std::size_t end = text.size();
        if (at == std::string_view::npos) {  // the last hole: what is behind it ends the text
            if (!text.ends_with(behind)) return std::nullopt;
            end = text.size() - behind.size();
        } else {
            end = text.find(behind);
            if (end == std::string_view::npos) return std::nullopt;
        }
        fillings.push_back(text.substr(0, end));
        text.remove_prefix(end + behind.size());
    }
    return fillings;
}

std::string filled_in(std::string_view pattern, const std::vector<std::string_view>& fillings) {
    std::string text;
    for (const auto& filling : fillings) {
        const auto at = pattern.find(hole);
        (text += pattern.substr(0, at)) += filling;
        pattern.remove_prefix(at + hole.size());
    }
    return text += pattern;
}

// Lookup (RFC 4647 3.4): a range loses its last subtag until it is a tag.
std::optional<Language> looked_up(std::string_view range) {
    while (!range.empty()) {
        if (ascii_iequals(range, "de")) return Language::german;
        if (ascii_iequals(range, "en")) return Language::english;
        if (ascii_iequals(range, "i-default")) return Language::i_default;
        const auto last = range.rfind('-');
        if (last == std::string_view::npos) break;
        range = range.substr(0, last);
    }
    return std::nullopt;
}

// language-range = (1*8ALPHA *("-" 1*8alphanum)) / "*" (RFC 4647 2.1)
bool is_range(std::string_view range) {
    for (const auto subtag : split(range, '-')) {
        if (subtag.empty() || subtag.size() > 8) return false;
        for (const char c : subtag) {
            const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (!letter && !(c >= '0' && c <= '9' && subtag.data() != range.data())) return false;
        }
    }
    return true;
}

}  // namespace

std::span<const std::string_view> language_tags() { return tags; }

std::string_view tag_of(Language language) {
    switch (language) {
        case Language::i_default:
            return tags[2];
        case Language::english:
            return tags[1];
        case Language::german:
            return tags[0];
    }
    return tags[2];
}

std::optional<Language> chosen_language(std::span<const std::string> ranges) {
    for (const auto& range : ranges) {
        // The administrator's choice (RFC 5255 3.2) is English, and so is anything.
        if (ascii_iequals(range, "default") || range == "*") return Language::i_default;
        if (!is_range(range)) continue;
        if (const auto language = looked_up(range)) return language;
    }
    return std::nullopt;
}

std::string in_language(Language language, std::string_view english) {
    if (language != Language::german) return std::string(english);
    for (const auto& [pattern, german] : german_texts())
        if (const auto fillings = filled(pattern, english)) return filled_in(german, *fillings);
    return std::string(english);
}

}  // namespace imaparc::session
