#include "search/folded.h"

#include <doctest/doctest.h>

#include <random>

#include "message/text.h"

using namespace imaparc;
using search::FoldedSearch;

namespace {

std::vector<std::string> folded(std::vector<std::string> words) {
    for (auto& word : words) word = message::casemap(word);
    return words;
}

}  // namespace

TEST_CASE("a match across every cut, one byte at a time") {
    const std::string text =
        "Gr\xC3\xBC\xC3\x9F"
        "e aus K\xC3\xB6ln und \xE2\x82\xAC 5 \xF0\x9F\x98\x80 Ende";
    const auto words = folded({"K\xC3\x96LN UND", "\xE2\x82\xAC 5 \xF0\x9F\x98\x80", "GR\xC3\x9C", "ende", "fehlt"});
    for (std::size_t first = 0; first <= text.size(); ++first) {
        FoldedSearch search(words);
        search.feed(std::string_view(text).substr(0, first));
        search.feed(std::string_view(text).substr(first));
        search.finish();
        for (std::size_t i = 0; i < 4; ++i) CHECK_MESSAGE(search.found(i), "word " << i << " cut at " << first);
        CHECK_FALSE(search.found(4));
    }
    FoldedSearch search(words);
    for (const char c : text) search.feed({&c, 1});
    search.finish();
    for (std::size_t i = 0; i < 4; ++i) CHECK(search.found(i));
    CHECK_FALSE(search.found(4));
}

TEST_CASE("all found: no more is wanted") {
    const auto words = folded({"one", "two"});
    FoldedSearch search(words);
    CHECK(search.feed("ONE"));
    CHECK_FALSE(search.feed("tWo"));
    CHECK_FALSE(search.feed("more"));
}

TEST_CASE("a broken character at the end is looked at, not lost") {
    const auto words = folded({"x\xC3"});
    FoldedSearch search(words);
    search.feed("x\xC3");
    CHECK_FALSE(search.found(0));
    search.finish();
    CHECK(search.found(0));
}

TEST_CASE("random texts in random pieces against the whole") {
    const unsigned seed = std::random_device{}();
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    const char* characters[] = {"a", "b", "A", "B", "\xC3\xA4", "\xC3\x84", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\n"};
    const auto piece_of = [&](std::size_t length) {
        std::string text;
        for (std::size_t i = 0; i < length; ++i) text += characters[random() % std::size(characters)];
        return text;
    };
    for (int round = 0; round < 2000; ++round) {
        const auto text = piece_of(random() % 60);
        std::vector<std::string> raw;
        for (unsigned i = 0, n = 1 + random() % 4; i < n; ++i) raw.push_back(piece_of(1 + random() % 4));
        const auto words = folded(raw);
        FoldedSearch search(words);
        for (std::size_t at = 0; at < text.size();) {
            const auto n = std::min<std::size_t>(1 + random() % 7, text.size() - at);
            search.feed(std::string_view(text).substr(at, n));
            at += n;
        }
        search.finish();
        const auto whole = message::casemap(text);
        for (std::size_t i = 0; i < words.size(); ++i)
            CHECK(search.found(i) == (whole.find(words[i]) != std::string::npos));
    }
}
