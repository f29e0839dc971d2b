#include "message/text.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "base/text.h"

using namespace imaparc;
using namespace imaparc::message;

// RFC 2047 8, examples: encoded form, and as displayed.
TEST_CASE("text: RFC 2047 8") {
    CHECK(decode_header("=?ISO-8859-1?Q?a?=") == "a");
    CHECK(decode_header("=?ISO-8859-1?Q?a?= b") == "a b");
    CHECK(decode_header("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=") == "ab");
    CHECK(decode_header("=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=") == "ab");
    CHECK(decode_header("=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=") == "ab");
    CHECK(decode_header("=?ISO-8859-1?Q?a_b?=") == "a b");
    CHECK(decode_header("=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=") == "a b");
    CHECK(decode_header("=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>") == "Keith Moore <moore@cs.utk.edu>");
    CHECK(decode_header("=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>") ==
          "Keld J\u00F8rn Simonsen <keld@dkuug.dk>");
    CHECK(decode_header("=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n"
                        " =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=") ==
          "If you can read this you understand the example.");
    CHECK(
        decode_header("Nathaniel Borenstein <nsb@thumper.bellcore.com>\r\n (=?iso-8859-8?b?7eXs+SDv4SDp7Oj08A==?=)") ==
        "Nathaniel Borenstein <nsb@thumper.bellcore.com> "
        "(\u05DD\u05D5\u05DC\u05E9 \u05DF\u05D1 \u05D9\u05DC\u05D8\u05E4\u05E0)");
}

TEST_CASE("text: RFC 2231 5, a language in an encoded word") {
    CHECK(decode_header("=?US-ASCII*EN?Q?Keith_Moore?=") == "Keith Moore");
}

TEST_CASE("text: encoded words as mail has them") {
    // A character cut in two by its words.
    CHECK(decode_header("=?utf-8?B?w6TD?= =?utf-8?B?tg==?=") == "\u00E4\u00F6");
    CHECK(decode_header("=?UTF-8?q?=E2=82?= =?utf-8?q?=AC?=") == "\u20AC");
    CHECK(decode_header("=?utf-8?Q?with blanks, ? and more?=") == "with blanks, ? and more");
    CHECK(decode_header("Re:=?utf-8?Q?=C3=A4?=x") == "Re:\u00E4x");
    CHECK(decode_header("=?x-unknown?Q?=E4?=") == "\u00E4");
    CHECK(decode_header("=?utf-8?Q?=FF?=") == "\uFFFD");
    CHECK(decode_header("=?gb2312?B?xOO6ww==?=") == "\u4F60\u597D");
    CHECK(decode_header("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=") == "\u65E5\u672C");
    CHECK(decode_header("=?ks_c_5601-1987?B?x9GxuQ==?=") == "\uD55C\uAD6D");
    CHECK(decode_header("=?utf-8?Q?a=0D=0Ab=00c?=") == "a  b c");
    CHECK(decode_header("=?utf-8?Q?=4?= =?utf-8?Q?=zz?=") == "=4=zz");
    CHECK(decode_header("=?utf-8?Q?"
                        "?=x") == "x");
}

TEST_CASE("text: what is no encoded word stays") {
    for (const char* plain : {"=?utf-8?Q?never closed", "=?utf-8?X?a?=", "=?utf-8?Q", "=?", "?=", "=?=", "a =?b?= c",
                              "=?"
                              "?Q?a?=",
                              "2 =? 3"}) {
        CAPTURE(plain);
        CHECK(decode_header(plain) == plain);
    }
    CHECK(decode_header("") == "");
    CHECK(decode_header("  a\r\n\tb \r\n") == "a\tb");
}

TEST_CASE("text: 8-bit headers are UTF-8 if they are, else Windows-1252") {
    CHECK(decode_header("Gr\xC3\xBC\xC3\x9F"
                        "e") == "Gr\u00FC\u00DFe");
    CHECK(decode_header("Gr\xFC\xDF"
                        "e \x80\x99") == "Gr\u00FC\u00DFe \u20AC\u2122");
    CHECK(valid_utf8(decode_header("\xC3 \xE2\x82 \xF0\x9F =?utf-8?q?=C3?=")));
}

TEST_CASE("text: decode_header takes linear time") {
    const auto start = std::chrono::steady_clock::now();
    for (const char* hostile : {"=?", "=?a", "=?utf-8?q?", "=?utf-8?q?a?=", "?=", "=?u?q?a", "=?x ", "=? "}) {
        std::string text;
        while (text.size() < 1 << 20) text += hostile;
        CHECK(!decode_header(text).empty());
        CHECK(!decode_header(text + "?=").empty());
    }
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));  // quadratic would be hours
}

TEST_CASE("text: for_each_field") {
    std::string seen;
    const auto collect = [&seen](std::string_view name, std::string_view value) {
        seen.append(name).append("=").append(value).append("|");
    };
    for_each_field("From ann Tue 10:00\r\nSubject:  x\r\n y \r\nno colon\r\n z\r\nTo : a@b\nEmpty:\r\n\r\nBody: no\r\n",
                   collect);
    CHECK(seen == "From ann Tue 10=00|Subject=x\r\n y |To=a@b|Empty=|");
}

TEST_CASE("text: to_utf8") {
    CHECK(*to_utf8("ISO-8859-15", "\xA4") == "\u20AC");
    CHECK(*to_utf8("iso-8859-1", "\xE4\x80") == "\u00E4\u20AC");
    CHECK(*to_utf8("UTF-8", "\xC3\xA4\xFFx\xC3") == "\u00E4\uFFFDx\uFFFD");
    CHECK(*to_utf8("utf8", "\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");  // a surrogate is none
    CHECK(*to_utf8("us-ascii", "a\xE4") == "a\u00E4");
    CHECK(*to_utf8("koi8-r", "\xF0\xD2\xC9\xD7\xC5\xD4") == "\u041F\u0440\u0438\u0432\u0435\u0442");
    CHECK(*to_utf8("utf-16be", std::string("\0a\x20\xAC", 4)) == "a\u20AC");
    CHECK(*to_utf8("utf-7", "Hi +AOQ-") == "Hi \u00E4");
    CHECK(*to_utf8("x-sjis", "\x93\xFA\x96\x7B") == "\u65E5\u672C");
    CHECK(*to_utf8(" windows-1251 ", "\xCF") == "\u041F");
    CHECK(*to_utf8("euc-jp",
                   "\xC6\xFC\xFF"
                   "a") ==
          "\u65E5\uFFFD"
          "a");
    CHECK(*to_utf8("macintosh", "\x8A") == "\u00E4");
    CHECK(to_utf8("x-no-such", "a").error().kind == ErrorKind::invalid);
}

TEST_CASE("text: charset names that are none of mail's reach no library") {
    for (const char* name :
         {"", "UTF-8//IGNORE", "../../etc/passwd", "utf-8//TRANSLIT", "no such", "a\tb", "utf-8\n"}) {
        CAPTURE(name);
        CHECK(known_charset(name) == (std::string_view(name) == "utf-8\n"));  // white space around is let pass
    }
    CHECK_FALSE(known_charset(std::string(100000, 'a')));
    CHECK(known_charset("Big5"));
    CHECK(known_charset("GB18030"));
    CHECK(known_charset("ISO-8859-8-I"));
}
