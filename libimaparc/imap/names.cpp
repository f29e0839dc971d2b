#include "imap/names.h"

#include <array>

#include "base/text.h"

namespace imaparc::imap {

MailboxName mailbox_from_wire(std::string_view wire, NameForm form) {
    // mailbox = "INBOX" / astring; all case variants of INBOX are INBOX (RFC 3501 9).
    if (ascii_iequals(wire, "INBOX")) return {"INBOX", true};
    if (form == NameForm::utf8 || !ascii_only(wire)) return {std::string(wire), valid_utf8(wire)};
    auto path = decode_mutf7(wire);
    if (!path) return {std::string(wire), false};
    return {std::move(*path), true};
}

std::string joined_pattern(std::string_view reference, std::string_view pattern) {
    if (!pattern.empty() && pattern[0] == delimiter) return std::string(pattern);
    return std::string(reference) + std::string(pattern);
}

std::string root_of(std::string_view reference) {
    const auto end = reference.find(delimiter);
    return end == std::string_view::npos ? std::string() : std::string(reference.substr(0, end + 1));
}

Pattern::Pattern(std::string_view utf8_pattern) {
    // Wildcards in a row mean as much as one of them: '*' if there is one, else '%'.
    for (char c : utf8_pattern) {
        const bool wild = c == '*' || c == '%';
        if (wild && !text_.empty() && (text_.back() == '*' || text_.back() == '%')) {
            if (c == '*') text_.back() = '*';
            continue;
        }
        text_ += c;
        if (!wild) ++literals_;
    }
    words_ = text_.size() / 64 + 1;
    if (literals_ == text_.size()) return;
    places_.resize(256 * words_);
    stars_.resize(words_);
    percents_.resize(words_);
    for (std::size_t i = 0; i < text_.size(); ++i) {
        const Word bit = Word{1} << (i % 64);
        if (text_[i] == '*')
            stars_[i / 64] |= bit;
        else if (text_[i] == '%')
            percents_[i / 64] |= bit;
        else
            places_[static_cast<unsigned char>(text_[i]) * words_ + i / 64] |= bit;
    }
}

// All the places in the pattern that the text so far can have led to, as bits, moved on octet by octet: nothing is ever
// tried twice, however the wildcards lie.
bool Pattern::matches(std::string_view path) const {
    const bool inbox = path == "INBOX";  // also when it is written in lower case (RFC 3501 5.1)
    if (places_.empty()) return inbox ? ascii_iequals(text_, path) : text_ == path;
    if (everything()) return true;
    if (literals_ > path.size()) return false;

    std::array<Word, 4> few{};  // patterns are short: no allocation for a match
    std::vector<Word> many(words_ > few.size() ? words_ : 0);
    Word* here = many.empty() ? few.data() : many.data();
    const auto past_wildcards = [&] {  // a wildcard may also stand for nothing; no two are neighbours
        Word carry = 0;
        for (std::size_t w = 0; w < words_; ++w) {
            const Word wild = here[w] & (stars_[w] | percents_[w]);
            here[w] |= wild << 1 | carry;
            carry = wild >> 63;
        }
    };
    here[0] = 1;
    past_wildcards();
    for (char c : path) {
        const Word* places = places_of(c);
        const Word* lower = inbox ? places_of(static_cast<char>(c | 0x20)) : places;
        Word carry = 0, any = 0;
        for (std::size_t w = 0; w < words_; ++w) {
            const Word met = here[w] & (places[w] | lower[w]);
            const Word stay = here[w] & (c == delimiter ? stars_[w] : stars_[w] | percents_[w]);
            here[w] = met << 1 | carry | stay;
            carry = met >> 63;
            any |= here[w];
        }
        if (any == 0) return false;
        past_wildcards();
    }
    return (here[text_.size() / 64] >> (text_.size() % 64) & 1) != 0;
}

std::vector<std::string_view> Pattern::matching_ancestors(std::string_view path) const {
    std::vector<std::string_view> ancestors;
    for (auto end = path.find(delimiter); end != std::string_view::npos; end = path.find(delimiter, end + 1)) {
        const auto ancestor = path.substr(0, end);
        if (matches(ancestor)) ancestors.push_back(ancestor);
    }
    return ancestors;
}

}  // namespace imaparc::imap
