#include "store/maildir/utf7.h"

#include <doctest/doctest.h>

#include <random>

using namespace imaparc::store;

TEST_CASE("modified UTF-7 as RFC 3501 5.1.3 and Python's and Dovecot's encoders have it") {
    struct Pair {
        const char* raw;
        const char* utf8;
    };
    for (const auto& pair : {Pair{"~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"},  // RFC 3501 5.1.3
                             Pair{"Hi Mom -&Jjo--!", "Hi Mom -☺-!"},  // RFC 2152's, modified
                             Pair{"Entw&APw-rfe", "Entwürfe"}, Pair{"R&-D", "R&D"}, Pair{"&-", "&"},
                             Pair{"emoji &2D3cwQ-", "emoji 📁"}, Pair{"&BB8EQAQ4BDIENQRC-", "Привет"}, Pair{"", ""}}) {
        CAPTURE(pair.raw);
        CHECK(decode_utf7(pair.raw) == pair.utf8);
        CHECK(encode_utf7(pair.utf8) == pair.raw);
    }
}

TEST_CASE("what is no modified UTF-7") {
    for (const std::string bad : {"A&B", "&", "&AA", "&A-", "&AAA", "&AA$-", "&2D0-", "&3AA-", "&2D0APw-", "t\xC3\xBCr",
                                  "\x7F", "a\nb", "&AAAA-", "&/AA-"}) {
        CAPTURE(bad);
        CHECK_FALSE(decode_utf7(bad));
    }
    CHECK_FALSE(encode_utf7("\xFF"));
    // More than one way to write it: read, and not written.
    CHECK(decode_utf7("&AEE-") == "A");
    CHECK(encode_utf7("A") == "A");
}

TEST_CASE("every text comes back") {
    const auto seed = std::random_device()();
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 5000; ++round) {
        std::string text;
        for (auto n = random() % 12; n > 0; --n) {
            static const char* const pieces[] = {"&", "-", "a", "ü", "日",       "📁", "\n",
                                                 "~", ",", "+", "/", "\xC2\x85", "𐀀", "￿"};
            text += pieces[random() % std::size(pieces)];
        }
        const auto raw = encode_utf7(text);
        REQUIRE(raw);
        CHECK(decode_utf7(*raw) == text);
        for (const char c : *raw) CHECK((c >= 0x20 && c < 0x7F));
    }
}
