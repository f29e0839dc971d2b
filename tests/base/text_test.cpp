#include "base/text.h"

#include <doctest/doctest.h>

#include <random>

using namespace imaparc;

TEST_CASE("UTF-8 as RFC 3629 defines it") {
    CHECK(valid_utf8(""));
    CHECK(valid_utf8("plain"));
    CHECK(valid_utf8("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x93\x81"));
    CHECK_FALSE(valid_utf8("\xC0\x80"));          // overlong NUL
    CHECK_FALSE(valid_utf8("\xE0\x80\xAF"));      // overlong
    CHECK_FALSE(valid_utf8("\xED\xA0\x80"));      // surrogate
    CHECK_FALSE(valid_utf8("\xF4\x90\x80\x80"));  // above U+10FFFF
    CHECK_FALSE(valid_utf8("\xF5\x80\x80\x80"));
    CHECK_FALSE(valid_utf8("\xC3"));
    CHECK_FALSE(valid_utf8("\x80"));
}

TEST_CASE("a level of a folder name is shown without what would break a path, and comes back") {
    CHECK(escape_level("Gr\xC3\xBC\xC3\x9F"
                       "e") ==
          "Gr\xC3\xBC\xC3\x9F"
          "e");
    CHECK(escape_level("AC/DC") == "AC%2FDC");
    CHECK(escape_level("50% off") == "50%25 off");
    CHECK(escape_level("tab\there") == "tab%09here");
    CHECK(escape_level("latin \xE4") == "latin %E4");
    CHECK(escape_level("next line \xC2\x85") == "next line %C2%85");
    CHECK(unescape_level("AC%2FDC") == "AC/DC");
    CHECK_FALSE(unescape_level("AC%2fDC"));  // escape_level writes capitals
    CHECK_FALSE(unescape_level("A%41"));     // 'A' is never escaped
    CHECK_FALSE(unescape_level("100%"));
}

TEST_CASE("escape_level is bijective on random bytes") {
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 20000; ++round) {
        std::string level(random() % 12, ' ');
        for (char& c : level) c = static_cast<char>(random() % 4 == 0 ? random() : 0x20 + random() % 0x60);
        const auto shown = escape_level(level);
        CHECK(valid_utf8(shown));
        CHECK(shown.find('/') == std::string::npos);
        REQUIRE(unescape_level(shown) == level);
    }
}

TEST_CASE("decimal numbers are digits and nothing else") {
    CHECK(parse_decimal("0") == 0U);
    CHECK(parse_decimal("18446744073709551615") == 18446744073709551615ULL);
    CHECK_FALSE(parse_decimal("18446744073709551616"));
    CHECK_FALSE(parse_decimal(""));
    CHECK_FALSE(parse_decimal("-1"));
    CHECK_FALSE(parse_decimal("+1"));
    CHECK_FALSE(parse_decimal(" 1"));
}

TEST_CASE("what goes to a terminal has no control characters") {
    CHECK(printable("a\r\nb") == "a\\x0D\\x0Ab");
    CHECK(printable("\x1B[31m") == "\\x1B[31m");
    CHECK(printable("\xC3\xA4") == "\xC3\xA4");
    CHECK(printable("abcdef", 3) == "abc...");
}

namespace {

template <class Text>
concept Cuttable = requires(Text&& text) {
    trimmed(std::forward<Text>(text));
};
template <class Text>
concept Splittable = requires(Text&& text) {
    split(std::forward<Text>(text), ' ');
};

// Pieces of a temporary would dangle.
static_assert(!Cuttable<std::string> && !Splittable<std::string> && !Splittable<const std::string>);
static_assert(Cuttable<std::string&> && Splittable<const std::string&> && Splittable<std::string_view> &&
              Splittable<const char*>);

}  // namespace

TEST_CASE("comparing and cutting") {
    CHECK(ascii_iequals("InBox", "INBOX"));
    CHECK_FALSE(ascii_iequals("INBOX", "INBOXES"));
    CHECK(ascii_istarts_with("Content-Type: x", "content-type"));
    CHECK(trimmed(" \t x y\r\n") == "x y");
    CHECK(trimmed(" \r\n").empty());
    CHECK(split("a//b", '/') == std::vector<std::string_view>{"a", "", "b"});
    CHECK(split("", '/') == std::vector<std::string_view>{""});
}
