#include "imap/charset_named.h"

#include <doctest/doctest.h>

using imaparc::imap::charset_named;

TEST_CASE("a charset is named where the grammar has one") {
    CHECK(charset_named("a1 SEARCH CHARSET UTF-8 SUBJECT x"));
    CHECK(charset_named("a1 uid search charset \"utf-8\" text {3}\r\nabc"));
    CHECK(charset_named("a1 SEARCH RETURN () CHARSET UTF-8 ALL"));
    CHECK(charset_named("a1 UID SEARCH RETURN (MIN PARTIAL 1:10) CHARSET UTF-8 ALL"));
}

TEST_CASE("and nowhere else") {
    CHECK(!charset_named("a1 SEARCH SUBJECT CHARSET"));
    CHECK(!charset_named("a1 SEARCH TEXT \"CHARSET UTF-8\""));
    CHECK(!charset_named("a1 SEARCH RETURN (CHARSET) ALL"));
    CHECK(!charset_named("CHARSET SEARCH ALL"));
    CHECK(!charset_named("a1 SORT (DATE) UTF-8 ALL"));
    CHECK(!charset_named("a1 LOGIN CHARSET CHARSET"));
    CHECK(!charset_named("a1 SEARCH CHARSETS"));
    CHECK(!charset_named("a1 SEARCH"));
    CHECK(!charset_named(""));
}
