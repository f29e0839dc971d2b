#include "search/fuzzy.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace imaparc::search;

namespace {

unsigned strength(std::string_view phrase, std::string_view text) {
    const FuzzyPhrase wanted(phrase);
    FuzzySearch whole(wanted);
    whole.feed(text);
    whole.finish();
    FuzzySearch split(wanted);
    for (std::size_t i = 0; i < text.size(); ++i) split.feed(text.substr(i, 1));
    split.finish();
    CHECK(whole.strength() == split.strength());
    return whole.strength();
}

// Damerau's distance as its definition has it, over the whole table.
unsigned distance(const std::u32string& a, const std::u32string& b) {
    std::vector<std::vector<unsigned>> d(a.size() + 1, std::vector<unsigned>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = static_cast<unsigned>(i);
    for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = static_cast<unsigned>(j);
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j) {
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[a.size()][b.size()];
}

}  // namespace

TEST_CASE("words with slips of the pen") {
    CHECK(strength("Helo", "well, hello there") > 0);  // RFC 6203 4
    CHECK(strength("Helo", "we need help") > 0);
    CHECK(strength("Helo", "Helo") == 100);
    CHECK(strength("Helo", "hello") < 100);
    CHECK(strength("wrold", "world") > 0);                // exchanged
    CHECK(strength("meting", "meeting") > 0);             // missing
    CHECK(strength("acomodation", "accommodation") > 0);  // two, in a long word
    CHECK(strength("metign", "mutton") == 0);
    CHECK(strength("cat", "car") == 0);  // too short to forgive
    CHECK(strength("a", "b") == 0);
    CHECK(strength("work", "homework") > 0);  // part of a longer word
    CHECK(strength("or", "work") == 0);
}

TEST_CASE("case, accents and order make no difference") {
    CHECK(strength("muller", "MÜLLER") == 100);
    CHECK(strength("Müller", "Muller") == 100);
    CHECK(strength("world hello", "Hello, World!") == 100);
    CHECK(strength("hello world", "hello there") == 0);
    CHECK(strength("привет", "Привет, мир") == 100);
    CHECK(strength("日本", "日本") == 100);
}

TEST_CASE("what has no words is found nowhere; bad UTF-8 separates") {
    CHECK(strength("", "text") == 0);
    CHECK(strength("?!", "?!") == 0);
    CHECK(strength("word", "\xFFword\xC3") == 100);
    CHECK(strength("\xFF\xFE", "\xFF\xFE") == 0);
}

TEST_CASE("the nearer, the higher") {
    CHECK(likeness(U"MEETING", U"MEETING") == 100);
    CHECK(likeness(U"MEETING", U"MEETINGS") > likeness(U"MEETING", U"MEATINGS"));
    CHECK(likeness(U"ACCOMMODATION", U"ACOMMODATION") > likeness(U"ACCOMMODATION", U"ACOMODATION"));
}

TEST_CASE("long words and many cost no more than their length") {
    const std::string longest(1 << 20, 'x');
    CHECK(strength("needle", longest) == 0);
    std::string phrase;
    for (int i = 0; i < 1000; ++i) phrase += "word" + std::to_string(i) + " ";
    CHECK(FuzzyPhrase(phrase).words().size() == FuzzyPhrase::max_words);
    CHECK(FuzzyPhrase(longest).words().front().size() == FuzzyPhrase::max_word);
}

TEST_CASE("likeness is what the plain table of distances says") {
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto word = [&](std::size_t length) {
        std::u32string text;
        for (std::size_t i = 0; i < length; ++i) text += static_cast<char32_t>('A' + random() % 3);
        return text;
    };
    for (int round = 0; round < 20000; ++round) {
        const auto wanted = word(1 + random() % 12);
        auto other = random() % 2 == 0 ? word(1 + random() % 14) : wanted;
        for (unsigned i = random() % 4; i > 0 && !other.empty(); --i) other[random() % other.size()] = U'B';
        const unsigned forgiven = wanted.size() >= 8 ? 2 : wanted.size() >= 4 ? 1 : 0;
        const bool part = wanted.size() >= 3 && other.find(wanted) != std::u32string::npos;
        const bool expected = wanted == other || part || (forgiven > 0 && distance(wanted, other) <= forgiven);
        REQUIRE((likeness(wanted, other) > 0) == expected);
        REQUIRE((likeness(wanted, other) == 100) == (wanted == other));
    }
}
