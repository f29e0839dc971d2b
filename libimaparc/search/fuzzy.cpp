#include "search/fuzzy.h"

#include <algorithm>
#include <utility>

#include "message/text.h"
#include "search/folded.h"

namespace imaparc::search {

namespace {

bool is_accent(char32_t c) { return c >= 0x300 && c <= 0x36F; }  // combining marks: casemap takes letters apart

bool separates(char32_t c) {
    if (c < 0x80) return !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
    return c <= 0xBF || c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c <= 0x206F) || (c >= 0x3000 && c <= 0x303F) ||
           c == 0xFFFD;
}

// The next character of UTF-8; a byte that is no part of one stands for a separator.
char32_t next_character(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(at++);
    if (first < 0x80) return first;
    const unsigned more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC2 ? 1 : 0;
    if (more == 0 || at + more > text.size()) return 0xFFFD;
    char32_t character = first & (0x3FU >> more);
    for (unsigned i = 0; i < more; ++i) {
        if ((byte(at + i) & 0xC0) != 0x80) return 0xFFFD;
        character = character << 6 | (byte(at + i) & 0x3F);
    }
    at += more;
    return character;
}

// Calls on_character or on_separator for each character of the folded text.
template <class Character, class Separator>
void each_character(std::string_view text, Character on_character, Separator on_separator) {
    const auto folded = message::casemap(text);
    for (std::size_t at = 0; at < folded.size();) {
        const auto c = next_character(folded, at);
        if (is_accent(c)) continue;
        if (separates(c))
            on_separator();
        else
            on_character(c);
    }
}

unsigned slips_forgiven(std::size_t length) { return length >= 8 ? 2 : length >= 4 ? 1 : 0; }

// How many letters are wrong, missing, too many, or pairs exchanged; most + 1 if it is more than `most`. Only the cells
// within `most` of the diagonal are looked at.
unsigned slips(std::u32string_view a, std::u32string_view b, unsigned most) {
    const std::size_t band = most;
    const unsigned too_many = most + 1;
    if (a.size() > b.size() + band || b.size() > a.size() + band) return too_many;
    using Row = std::array<std::uint8_t, FuzzyPhrase::max_word + 2>;
    Row before_last{}, last{}, row{};
    const auto high = static_cast<std::uint8_t>(too_many);
    last.fill(high);
    for (std::size_t j = 0; j <= std::min(b.size(), band); ++j) last[j] = static_cast<std::uint8_t>(j);
    before_last = last;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row.fill(high);
        if (i <= band) row[0] = static_cast<std::uint8_t>(i);
        unsigned least = row[0];
        for (std::size_t j = i > band ? i - band : 1; j <= std::min(b.size(), i + band); ++j) {
            unsigned cell = std::min({last[j] + 1U, row[j - 1] + 1U, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cell = std::min(cell, before_last[j - 2] + 1U);
            row[j] = static_cast<std::uint8_t>(std::min(cell, too_many));
            least = std::min<unsigned>(least, row[j]);
        }
        if (least >= too_many) return too_many;
        before_last = last;
        last = row;
    }
    return last[b.size()];
}

}  // namespace

unsigned likeness(std::u32string_view wanted, std::u32string_view word) {
    if (wanted == word) return 100;
    constexpr std::size_t shortest_part = 3;
    const auto share = [](std::size_t part, std::size_t whole, std::size_t of) {
        return static_cast<unsigned>(part * of / whole);
    };
    unsigned best = 0;
    if (wanted.size() >= shortest_part && wanted.size() < word.size() && word.find(wanted) != std::u32string_view::npos)
        best = 40 + share(wanted.size(), word.size(), 50);
    const unsigned most = slips_forgiven(wanted.size());
    if (most == 0 || wanted.size() > FuzzyPhrase::max_word || word.size() > FuzzyPhrase::max_word) return best;
    const unsigned wrong = slips(wanted, word, most);
    if (wrong <= most) best = std::max(best, share(wanted.size() - wrong, wanted.size(), 100) * 3 / 4);
    return best;
}

FuzzyPhrase::FuzzyPhrase(std::string_view phrase) {
    std::u32string word;
    const auto end_word = [&] {
        if (!word.empty() && words_.size() < max_words && std::ranges::find(words_, word) == words_.end())
            words_.push_back(word);
        word.clear();
    };
    each_character(
        phrase,
        [&](char32_t c) {
            if (word.size() < max_word) word.push_back(c);
        },
        end_word);
    end_word();
}

bool FuzzySearch::feed(std::string_view piece) {
    rest_.append(piece);
    const auto cut = cut_at_end(rest_);
    std::string next = rest_.substr(rest_.size() - cut);
    rest_.resize(rest_.size() - cut);
    look(rest_);
    rest_ = std::move(next);
    return std::ranges::any_of(found_, [](std::uint8_t likeness) { return likeness < 100; });
}

void FuzzySearch::finish() {
    look(std::exchange(rest_, {}));
    end_word();
}

void FuzzySearch::look(std::string_view whole_characters) {
    if (found_.empty()) return;
    each_character(
        whole_characters,
        [this](char32_t c) {
            if (word_.size() < FuzzyPhrase::max_word) word_.push_back(c);
        },
        [this] { end_word(); });
}

void FuzzySearch::end_word() {
    if (word_.empty()) return;
    for (std::size_t i = 0; i < found_.size(); ++i)
        if (found_[i] < 100)
            found_[i] = std::max(found_[i], static_cast<std::uint8_t>(likeness(phrase_.words()[i], word_)));
    word_.clear();
}

unsigned FuzzySearch::strength() const {
    unsigned sum = 0;
    for (const auto likeness : found_) {
        if (likeness == 0) return 0;
        sum += likeness;
    }
    return found_.empty() ? 0 : sum / static_cast<unsigned>(found_.size());
}

}  // namespace imaparc::search
