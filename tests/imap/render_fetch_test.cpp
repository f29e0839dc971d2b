#include <doctest/doctest.h>

#include <ctime>
#include <random>

#include "imap/parse.h"
#include "imap/render.h"

using namespace imaparc;
using namespace imaparc::imap;

namespace {

std::string date_time(Seconds date, std::int32_t zone) {
    std::string out;
    render_date_time(out, date, zone);
    return out;
}

FetchItem item(std::string_view text) {
    return std::get<Fetch>(std::get<Request>(parse_request("a FETCH 1 " + std::string(text))).command).items.at(0);
}
std::string name(std::string_view text) {
    std::string out;
    render_item_name(out, item(text));
    return out;
}

}  // namespace

TEST_CASE("INTERNALDATE") {
    CHECK(date_time(837596665, -420) == "17-Jul-1996 02:44:25 -0700");  // RFC 3501 8
    CHECK(date_time(0, 0) == " 1-Jan-1970 00:00:00 +0000");
    CHECK(date_time(-1, 0) == "31-Dec-1969 23:59:59 +0000");
    CHECK(date_time(951782400, 330) == "29-Feb-2000 05:30:00 +0530");
    CHECK(date_time(951782399, -30) == "28-Feb-2000 23:29:59 -0030");
    CHECK(date_time(-62135596800, 0) == " 1-Jan-0001 00:00:00 +0000");
    CHECK(date_time(253402300799, 0) == "31-Dec-9999 23:59:59 +0000");
    CHECK(date_time(253402300800, 0).size() == 26);  // a year has four digits, whatever a store says
    CHECK(date_time(-99999999999999, 0).size() == 26);
}

TEST_CASE("INTERNALDATE: the same as the C library") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 10'000; ++round) {
        const auto date = static_cast<Seconds>(random() % 8'000'000'000ULL) - 4'000'000'000;
        CAPTURE(date);
        const std::time_t t = date;
        std::tm tm{};
        gmtime_r(&t, &tm);
        char expected[40];
        std::strftime(expected, sizeof expected, "%e-%b-%Y %H:%M:%S +0000", &tm);
        REQUIRE(date_time(date, 0) == expected);
    }
}

TEST_CASE("item names in answers") {
    CHECK(name("BODY[]") == "BODY[]");
    CHECK(name("BODY.PEEK[]<2048.100>") == "BODY[]<2048>");
    CHECK(name("BODY.PEEK[1.2.HEADER.FIELDS (Date \"From\")]") == "BODY[1.2.HEADER.FIELDS (Date From)]");
    CHECK(name("BODY[HEADER.FIELDS.NOT ({4}\r\na\r\nb)]") == "BODY[HEADER.FIELDS.NOT ({4}\r\na\r\nb)]");
    CHECK(name("BODY[1.MIME]") == "BODY[1.MIME]");
    CHECK(name("BODY[3.TEXT]") == "BODY[3.TEXT]");
    CHECK(name("RFC822.HEADER") == "RFC822.HEADER");
}

TEST_CASE("FETCH responses") {
    std::string out;
    {
        FetchResponse response(out, Number(23));
        response.flags({flag::seen, 0}, {});
        response.rfc822_size(44827);
        response.end();
    }
    CHECK(out == "* 23 FETCH (FLAGS (\\Seen) RFC822.SIZE 44827)\r\n");  // RFC 3501 7.4.2
    out.clear();
    {
        FetchResponse response(out, Number(4294967295));
        response.uid(Uid(7));
        response.flags({flag::answered | flag::draft, 0b1101}, {"work", "unset", "a b", "$x"});
        response.internal_date(0, 0);
        response.section_string(item("BODY[HEADER]"), "A: b\r\n\r\n");
        response.section_nil(item("BODY[5]"));
        response.section_literal(item("BODY[]<5.3>"), 3);
        out += "abc";
        response.end();
    }
    CHECK(out ==
          "* 4294967295 FETCH (UID 7 FLAGS (\\Answered \\Draft work $x) INTERNALDATE \" 1-Jan-1970 00:00:00 +0000\" "
          "BODY[HEADER] {8}\r\nA: b\r\n\r\n BODY[5] NIL BODY[]<5> {3}\r\nabc)\r\n");
    out.clear();
    {
        FetchResponse response(out, Number(1));
        response.flags({0, 0}, {"work"});
        response.flags({0, 1}, {"work"});
        response.end();
    }
    CHECK(out == "* 1 FETCH (FLAGS () FLAGS (work))\r\n");
}
