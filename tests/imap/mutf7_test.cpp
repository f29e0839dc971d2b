#include <doctest/doctest.h>

#include <random>

#include "base/text.h"
#include "imap/names.h"

using namespace imaparc;
using namespace imaparc::imap;

TEST_CASE("modified UTF-7: vectors") {
    struct {
        std::string_view wire, utf8;
    } vectors[] = {
        {"~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"},  // RFC 3501 5.1.3
        {"&Jjo-!", "☺!"},                                                // RFC 3501 5.1.3
        {"&U,BTF2XlZyyKng-", "台北日本語"},                              // RFC 3501 5.1.3
        {"&-", "&"},
        {"Hi Mom -&Jjo--!", "Hi Mom -☺-!"},  // after RFC 2152
        {"A&ImIDkQ-.", "A≢Α."},              // after RFC 2152
        {"&AOQA9gD8AMQA1gDcAN8-", "äöüÄÖÜß"},
        {"Entw&APw-rfe", "Entwürfe"},
        {"&AOkA6A-", "éè"},
        {"&2D3eAA-", "😀"},
        {"&AAA-", std::string_view("\0", 1)},
        {"&AAoAfw-", "\n\x7F"},
        {"&,,0-", "\xEF\xBF\xBD"},
        {"", ""},
        {"a&-b&-&-c", "a&b&&c"},
        {"&AOQ-&-&AOQ-", "ä&ä"},
    };
    for (const auto& v : vectors) {
        CAPTURE(v.utf8);
        CHECK(encode_mutf7(v.utf8) == v.wire);
        CHECK(decode_mutf7(v.wire) == std::string(v.utf8));
    }
}

TEST_CASE("modified UTF-7: what is none") {
    for (std::string_view wire : {"&Jjo!",               // RFC 3501 5.1.3: no shift back to US-ASCII before the end
                                  "&U,BTFw-&ZeVnLIqe-",  // RFC 3501 5.1.3: superfluous shifts
                                  "&",
                                  "&Jjo",
                                  "a&AGE-",  // "a" in BASE64
                                  "&AA-",
                                  "&A-",     // a unit is not complete
                                  "&AAAB-",  // bits left over
                                  "&2D0-",
                                  "&3gA-",  // half a surrogate pair
                                  "&2D0AYQ-",
                                  "&2D3YPQ-",  // a high half without its low half
                                  "&AOR-",     // a set bit in the padding
                                  "&AO/k-",    // "/" is "," here
                                  "&AOQ=-",
                                  "\xC3\xA4",
                                  "\n",
                                  "\x7F",
                                  "&-&",
                                  "&\xC3\xA4-"}) {
        CAPTURE(wire);
        CHECK_FALSE(decode_mutf7(wire).has_value());
    }
}

TEST_CASE("modified UTF-7: every name there and back") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const std::string_view pieces[] = {"a", "&", "-", "/", "ä",  "日", "😀",
                                       " ", "%", "*", ",", "\n", "~",  "\xE2\x82\xAC"};
    for (int round = 0; round < 5000; ++round) {
        std::string name;
        for (auto n = random() % 12; n > 0; --n) name += pieces[random() % std::size(pieces)];
        CAPTURE(name);
        const auto wire = encode_mutf7(name);
        REQUIRE(ascii_only(wire));
        REQUIRE(decode_mutf7(wire) == name);
    }
}

TEST_CASE("modified UTF-7: whatever decodes encodes to the same again, and the rest is UTF-8 made good") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const std::string_view letters = "&-A,QO+/ad92D";
    std::size_t decoded_ones = 0;
    for (int round = 0; round < 50'000; ++round) {
        std::string wire;
        for (auto n = random() % 9; n > 0; --n) wire += letters[random() % letters.size()];
        CAPTURE(wire);
        if (auto utf8 = decode_mutf7(wire)) {
            ++decoded_ones;
            REQUIRE(valid_utf8(*utf8));
            REQUIRE(encode_mutf7(*utf8) == wire);
        }
    }
    CHECK(decoded_ones > 1000);
    CHECK(encode_mutf7("a\xFF\xC3") == "a&,,3,,Q-");
}
