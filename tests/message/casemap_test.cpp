#include <doctest/doctest.h>

#include <string>

#include "message/text.h"

using imaparc::message::casemap;

TEST_CASE("casemap: RFC 5051") {
    CHECK(casemap("") == "");
    CHECK(casemap("Hello, World 1") == "HELLO, WORLD 1");
    // The RFC's own example: U+01C4 is titlecased to U+01C5, which decomposes to U+0044 U+007A U+030C.
    CHECK(casemap("\u01C4") == "Dz\u030C");
    CHECK(casemap("\u01C6") == casemap("\u01C4"));
    CHECK(casemap("\u00E4") == "A\u0308");
    CHECK(casemap("\u00C4") == casemap("\u00E4"));
    CHECK(casemap("\u00DF") == "\u00DF");  // one character's titlecase, not a word's
    CHECK(casemap("\u0434\u0414") == "\u0414\u0414");
    CHECK(casemap("\u03C3\u03C2") == "\u03A3\u03A3");
    CHECK(casemap("\uFB01") == "fi");  // compatibility decomposition comes after titlecasing
    CHECK(casemap("\uFF41") == "A");
    CHECK(casemap("\u2460") == "1");
    CHECK(casemap("\u1E9B\u0323") == "S\u0307\u0323");
    CHECK(casemap("\uAC00") == "\u1100\u1161");
    CHECK(casemap("\U00010428") == "\U00010400");
}

TEST_CASE("casemap: bytes that are no UTF-8 pass as they are") {
    CHECK(casemap("a\xFFz\xC3") == "A\xFFZ\xC3");
    CHECK(casemap("\xED\xA0\x80") == "\xED\xA0\x80");
    CHECK(casemap("\xC0\x80") == "\xC0\x80");
}

TEST_CASE("casemap: applied twice it changes nothing where letters are simple") {
    for (const char* text : {"Stra\u00DFe", "\u00C9cole", "\u041F\u0440\u0438\u0432\u0435\u0442", "\u4F60\u597D"}) {
        const std::string once = casemap(text);
        CHECK(casemap(once) == once);
    }
}
