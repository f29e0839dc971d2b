#include "message/date.h"

#include <doctest/doctest.h>

using namespace imaparc;
using namespace imaparc::message;

namespace {

// Seconds and zone; the expectations are `date -u -d ... +%s`.
void check(std::string_view body, Seconds utc, int zone) {
    CAPTURE(body);
    const auto date = parse_date(body);
    REQUIRE(date);
    CHECK(date->utc == utc);
    CHECK(date->zone_minutes == zone);
}

}  // namespace

TEST_CASE("date: RFC 5322 appendix A") {
    check("Fri, 21 Nov 1997 09:55:06 -0600", 880127706, -360);
    check("Tue, 1 Jul 2003 10:52:37 +0200", 1057049557, 120);
    check("Thu, 13 Feb 1969 23:32:54 -0330", -27723426, -210);
    check("Thu,      13        Feb          1969      23:32               -0330 (Newfoundland Time)", -27723480, -210);
    check("21 Nov 97 09:55:06 GMT", 880106106, 0);
    check("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", 880127706, -360);
}

TEST_CASE("date: years of two and three digits, RFC 5322 4.3") {
    check("1 Jan 00 00:00:00 +0000", 946684800, 0);
    check("1 Jan 49 00:00:00 +0000", 2493072000, 0);
    check("1 Jan 50 00:00:00 +0000", -631152000, 0);
    check("1 Jan 103 00:00:00 +0000", 1041379200, 0);
    check("1 Jan 1900 00:00:00 +0000", -2208988800, 0);
}

TEST_CASE("date: zones") {
    check("1 Jan 2000 00:00:00 EST", 946702800, -300);
    check("1 Jan 2000 00:00:00 pdt", 946710000, -420);
    check("1 Jan 2000 00:00:00 UT", 946684800, 0);
    check("1 Jan 2000 00:00:00 Z", 946684800, 0);
    check("1 Jan 2000 00:00:00 A", 946684800, 0);  // military: all -0000
    check("1 Jan 2000 00:00:00 XYZT", 946684800, 0);
    check("1 Jan 2000 00:00:00", 946684800, 0);
    check("1 Jan 2000 00:00:00 -0000", 946684800, 0);
    check("1 Jan 2000 00:00:00 +1400", 946634400, 840);
    check("1 Jan 2000 00:00:00 +0199", 946684800, 0);  // no such minute
    check("1 Jan 2000 00:00:00 +123456", 946684800, 0);
}

TEST_CASE("date: edges") {
    check("29 Feb 2004 23:59:60 +0000", 1078099200, 0);
    check("31 Dec 9999 23:59:59 +0000", 253402300799, 0);
    check("Mon, 1-Jul-2003 10:52:37 +0200", 1057049557, 120);
    check("1 July 2003 10.52.37 +0200", 1057049557, 120);
    check("Tue 1 JUL 2003 10:52 +0200", 1057049520, 120);
}

TEST_CASE("date: what names no moment") {
    for (const char* body : {"",
                             "foo",
                             "Tue",
                             "Tue, 1 Jul",
                             "1 Jul 2003",
                             "1 Jul 2003 10",
                             "1 Jul 2003 10:",
                             "1 Jul 2003 10:52:",
                             "1 Jul 2003 24:00:00",
                             "1 Jul 2003 10:60:00",
                             "1 Jul 2003 10:00:61",
                             "0 Jul 2003 10:00:00",
                             "31 Jun 2003 10:00:00",
                             "29 Feb 2003 10:00:00",
                             "32 Jan 2003 10:00:00",
                             "1 Foo 2003 10:00:00",
                             "1 Jul 1899 10:00:00",
                             "1 Jul 20030 10:00:00",
                             "1 Jul 3 10:00:00",
                             "99999999999 Jul 2003 10:00:00",
                             "Tue Jul  1 10:52:37 2003",
                             "2003-07-01T10:52:37Z",
                             "1 Jul 2003 (10:52:37"}) {
        CAPTURE(body);
        CHECK_FALSE(parse_date(body));
    }
}
