#include "message/charset.h"

#include <doctest/doctest.h>

#include <string>

#include "base/text.h"
#include "message/text.h"

using namespace imaparc;
using namespace imaparc::message;

TEST_CASE("charset: pieces make no difference") {
    struct Sample {
        const char* charset;
        std::string bytes;
    };
    const Sample samples[] = {
        {"utf-8", "a\u00E4\u20AC\U0001F600 \xE2\x82 \xF0\x9F\x98 \xC3"},
        {"us-ascii", "a\u00E4\xE4\x80 \xF0\x9F"},
        {"iso-8859-1", "\xE4\xF6\xFC"},
        {"iso-2022-jp", "a\x1B$BF|K\\\x1B(Bb"},
        {"gb18030", "\xC4\xE3\xBA\xC3\x81\x30\x81\x30 \xFF\xFE"},
        {"utf-16le", std::string("a\0\xAC\x20\x3D\xD8\x00\xDE\0", 9)},
        {"euc-kr", "\xC7\xD1\xB1\xB9\xC7"},
    };
    for (const Sample& sample : samples) {
        CAPTURE(sample.charset);
        const std::string whole = *to_utf8(sample.charset, sample.bytes);
        CHECK(valid_utf8(whole));
        for (std::size_t size = 1; size < 5; ++size) {
            auto converter = Utf8Converter::from(sample.charset);
            REQUIRE(converter);
            for (int again = 0; again < 2; ++again) {  // finish leaves it as new
                std::string out;
                for (std::size_t at = 0; at < sample.bytes.size(); at += size)
                    converter->convert(std::string_view(sample.bytes).substr(at, size), out);
                converter->finish(out);
                CHECK(out == whole);
            }
        }
    }
}

TEST_CASE("charset: every byte of the open places in Windows-1252 converts") {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
    const std::string converted = *to_utf8("windows-1252", all);
    CHECK(valid_utf8(converted));
    CHECK(converted.find("\uFFFD") == std::string::npos);
    // iconv knows all but five.
    std::string known;
    for (const char c : all)
        if (std::string_view("\x81\x8D\x8F\x90\x9D").find(c) == std::string_view::npos) known.push_back(c);
    CHECK(*to_utf8("windows-1252", known) == *to_utf8("ms-ansi", known));
}

TEST_CASE("charset: utf8_sequence, RFC 3629 4") {
    CHECK(utf8_sequence("a") == 1);
    CHECK(utf8_sequence("\u00E4x") == 2);
    CHECK(utf8_sequence("\uFFFF") == 3);
    CHECK(utf8_sequence("\U0010FFFF") == 4);
    for (const char* broken : {"", "\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                               "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3x", "\xFF"}) {
        bool cut_short = true;
        CHECK(utf8_sequence(broken, &cut_short) == 0);
        CHECK_FALSE(cut_short);
    }
    bool cut_short = false;
    CHECK(utf8_sequence("\xF0\x9F\x98", &cut_short) == 0);
    CHECK(cut_short);
}
