#include "store/header_date.h"

#include <doctest/doctest.h>

using namespace imaparc;
using namespace imaparc::store;

// Expected values: `date -u -d`.
TEST_CASE("dates of RFC 5322 and their old forms") {
    CHECK(parse_date_time("Fri, 21 Nov 1997 09:55:06 -0600") == 880127706);  // RFC 5322 A.1.1
    CHECK(parse_date_time("21 Nov 97 09:55:06 GMT") == 880106106);           // A.6.2
    CHECK(parse_date_time("Thu,\r\n 13\r\n  Feb\r\n    1969\r\n  23:32\r\n  -0330 (Newfoundland Time)") ==
          -27723480);                                                                        // A.5
    CHECK(parse_date_time("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600") == 880127706);  // A.6.3
    CHECK(parse_date_time("1 Jan 2024 00:00:00 EST") == 1704085200);
    CHECK(parse_date_time("29 Feb 2024 12:00 +0100") == 1709204400);
    CHECK(parse_date_time("31 Dec 2016 23:59:60 +0000") == 1483228800);
    CHECK(parse_date_time("1 January 2024 00:00:00") == 1704067200);
    CHECK(parse_date_time("Sat, 1 Jan 100 00:00:00 +0000") == 946684800);  // three digits: 1900 + 100
    for (const char* bad :
         {"", "yesterday", "30 Feb 2024 10:00:00 +0000", "1 Foo 2024 10:00", "1 Jan 2024 24:00", "1 Jan 2024",
          "1 Jan 99999999999999999999 10:00", "0 Jan 2024 10:00", "1 Jan 2024 10", "1 Jan 2024 10:00:00:00"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_date_time(bad));
    }
}

TEST_CASE("the fields they are in") {
    const std::string header =
        "Return-Path: <a@b>\nReceived: from x (y; z)\n\tby w with SMTP\n\t; Fri, 21 Nov 1997 09:55:06 -0600\n"
        "Received: from older; Fri, 21 Nov 1997 08:00:00 -0600\r\ndate : 21 Nov 97 09:55:06 GMT\n\nDate: 1 Jan 2024 "
        "00:00:00\n";
    CHECK(received_date(header) == 880127706);
    CHECK(sent_date(header) == 880106106);
    CHECK_FALSE(sent_date("Subject: x\n\nDate: 1 Jan 2024 00:00:00\n"));
    CHECK_FALSE(received_date("Received: by nobody\n"));
    CHECK_FALSE(sent_date(""));
    CHECK_FALSE(sent_date("Dated: 1 Jan 2024 00:00:00\n"));
}
