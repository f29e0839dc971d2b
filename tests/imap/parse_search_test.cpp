#include <doctest/doctest.h>

#include "helpers/describe_command.h"
#include "helpers/parsed_every_way.h"
#include "imap/parse.h"

using namespace imaparc;
using namespace imaparc::imap;

namespace {

std::string parsed(std::string_view text) { return test::describe(test::parsed_every_way(text)); }
std::string keys(std::string_view text) {
    const auto result = parsed("a SEARCH " + std::string(text));
    const std::string_view start = "a SEARCH by number (and ";
    return result.substr(0, start.size()) == start ? result.substr(start.size(), result.size() - start.size() - 1)
                                                   : result;
}
bool bad(std::string_view text, std::string_view why) {
    const auto result = test::parsed_every_way("a SEARCH" + std::string(text));
    const auto* b = std::get_if<BadRequest>(&result);
    return b != nullptr && b->text.find(why) != std::string::npos;
}
std::string repeated(unsigned count, std::string_view text) {
    std::string result;
    while (count-- > 0) result += text;
    return result;
}

}  // namespace

TEST_CASE("SEARCH: the examples") {
    CHECK(parsed("A282 SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM \"Smith\"") ==
          "A282 SEARCH by number (and \\Flagged (since 8797) (not (from \"Smith\")))");
    CHECK(parsed("A283 SEARCH TEXT \"string not in mailbox\"") ==
          "A283 SEARCH by number (and (text \"string not in mailbox\"))");
    CHECK(parsed("A284 SEARCH CHARSET UTF-8 TEXT {6}\r\n\xD0\xBC\xD0\xB8\xD1\x80") ==
          "A284 SEARCH by number (and (text \"мир\"))");
    CHECK(parsed("a UID SEARCH UID 443:557") == "a UID SEARCH by uid (and (uid 443:557))");
}

TEST_CASE("SEARCH: every key of RFC 3501 6.4.4") {
    CHECK(keys("ALL") == "(and)");
    CHECK(keys("2:4,7,*") == "2:4,7,*");
    CHECK(keys("*") == "*");
    CHECK(keys("ANSWERED DELETED DRAFT FLAGGED SEEN") == "\\Answered \\Deleted \\Draft \\Flagged \\Seen");
    CHECK(keys("UNANSWERED UNDELETED UNDRAFT UNFLAGGED UNSEEN") ==
          "(not \\Answered) (not \\Deleted) (not \\Draft) (not \\Flagged) (not \\Seen)");
    // \Recent is never set: RECENT and NEW find nothing, OLD everything.
    CHECK(keys("NEW OLD RECENT") == "(or) (and) (or)");
    CHECK(keys("bcc b cc c from f to t subject s body x text y") ==
          "(bcc \"b\") (cc \"c\") (from \"f\") (to \"t\") (subject \"s\") (body \"x\") (text \"y\")");
    CHECK(keys("BEFORE 1-Jan-1970 ON 01-jan-1970 SINCE \"31-Dec-1969\"") == "(before 0) (on 0) (since -1)");
    CHECK(keys("SENTBEFORE 29-Feb-2000 SENTON \" 1-Feb-1994\" SENTSINCE 31-DEC-2026") ==
          "(sentbefore 11016) (senton 8797) (sentsince 20818)");
    CHECK(keys("SINCE 1-Jan-0001 BEFORE 31-Dec-9999") == "(since -719162) (before 2932896)");
    CHECK(keys("LARGER 0 SMALLER 4294967295") == "(larger 0) (smaller 4294967295)");
    CHECK(keys("HEADER X-Mailer \"\" HEADER \"List-Id\" {3}\r\nfoo") ==
          "(header \"X-Mailer\" \"\") (header \"List-Id\" \"foo\")");
    CHECK(keys("KEYWORD $Forwarded UNKEYWORD work") == "$Forwarded (not work)");
    CHECK(keys("NOT SEEN") == "(not \\Seen)");
    CHECK(keys("NOT NOT 1:4") == "(not (not 1:4))");
    CHECK(keys("OR SEEN FLAGGED DRAFT") == "(or \\Seen \\Flagged) \\Draft");
    CHECK(keys("OR OR 1 2 OR 3 4") == "(or (or 1 2) (or 3 4))");
    CHECK(keys("UID 1:*") == "(uid 1:*)");
    CHECK(keys("(SEEN)") == "(and \\Seen)");
    CHECK(keys("NOT (OR SEEN (FROM a TO b) 1:3)") == "(not (and (or \\Seen (and (from \"a\") (to \"b\"))) 1:3))");
    CHECK(keys("unseen  ") == "(not \\Seen)");
    CHECK(keys("SUBJECT ]x]") == "(subject \"]x]\")");
}

TEST_CASE("SEARCH: charsets") {
    CHECK(keys("CHARSET US-ASCII SUBJECT x") == "(subject \"x\")");
    CHECK(keys("charset utf-8 SUBJECT {2}\r\n\xC3\xA4") == "(subject \"ä\")");
    CHECK(keys("CHARSET ISO-8859-1 SUBJECT {1}\r\n\xE4") == "(subject \"ä\")");
    CHECK(keys("CHARSET \"windows-1252\" SUBJECT {1}\r\n\x80") == "(subject \"€\")");
    CHECK(keys("CHARSET ISO-2022-JP SUBJECT {8}\r\n\x1B$BF|\x1B(B") == "(subject \"日\")");
    CHECK(keys("SUBJECT {2}\r\n\xC3\xA4") == "(subject \"ä\")");
    CHECK(bad(" SUBJECT {1}\r\n\xE4", "neither US-ASCII nor UTF-8"));
    CHECK(bad(" CHARSET UTF-8 SUBJECT {1}\r\n\xE4", "neither US-ASCII nor UTF-8"));
    CHECK(parsed("a SEARCH CHARSET X-KLINGON SUBJECT x") == "BADCHARSET a X-KLINGON");
    CHECK(parsed("a UID SEARCH CHARSET \"x\r\n\" ALL").substr(0, 3) == "BAD");
    CHECK(parsed("a SEARCH CHARSET X-KLINGON").substr(0, 5) == "BAD a");
    CHECK(bad(" CHARSET UTF-8", "space"));
    CHECK(bad(" CHARSET", "space"));
}

TEST_CASE("SEARCH: what is wrong is named") {
    CHECK(bad("", "space"));
    CHECK(bad(" ", "search key"));
    CHECK(bad(" FOO", "found \"FOO\""));
    CHECK(bad(" SEENX", "search key"));
    CHECK(bad(" SEEN  FLAGGED", "end of the command"));
    CHECK(bad(" SEEN)", "end of the command"));
    CHECK(bad(" (SEEN", "\")\""));
    CHECK(bad(" ()", "search key"));
    CHECK(bad(" NOT", "space"));
    CHECK(bad(" NOT ", "search key"));
    CHECK(bad(" OR SEEN", "space"));
    CHECK(bad(" FROM", "space"));
    CHECK(bad(" HEADER x", "space"));
    CHECK(bad(" KEYWORD \\Seen", "keyword"));
    CHECK(bad(" LARGER x", "number of octets"));
    CHECK(bad(" LARGER 4294967296", "number of octets"));
    CHECK(bad(" UID", "space"));
    CHECK(bad(" UID x", "sequence set"));
    CHECK(bad(" 0", "sequence set"));
    CHECK(bad(" RETURN (ALL) SEEN", "search key"));
    for (auto date : {"", "1", "1-Feb", "1-Feb-94", "0-Feb-1994", "29-Feb-1900", "30-Feb-2000", "31-Apr-1994",
                      "001-Feb-1994", "1-Foo-1994", "1-2-1994", "\"1-Feb-1994", "1--1994", "-Feb-1994", "1Feb1994",
                      "1-Feb1994", "\"1Feb-1994\"", "1-Feb-19940"})
        CHECK_MESSAGE(bad(" SINCE " + std::string(date), "a date like"), date);
}

TEST_CASE("SEARCH: depth and number of keys are bounded") {
    CHECK(keys(repeated(49, "NOT ") + "SEEN").substr(0, 4) == "(not");
    CHECK(bad(" " + repeated(50, "NOT ") + "SEEN", "deeper than 50"));
    CHECK(keys(repeated(49, "(") + "SEEN" + repeated(49, ")")).substr(0, 4) == "(and");
    CHECK(bad(" " + repeated(50, "(") + "SEEN" + repeated(50, ")"), "deeper than 50"));
    CHECK(bad(" " + repeated(100'000, "("), "deeper than 50"));
    CHECK(bad(" " + repeated(100'000, "OR "), "deeper than 50"));
    CHECK(keys("SEEN" + repeated(9999, " SEEN")).size() == 10'000 * 6 - 1);
    CHECK(bad(" SEEN" + repeated(10'000, " SEEN"), "More than 10000 search keys"));
    CHECK(bad(" " + repeated(5001, "OR SEEN ") + "SEEN", "deeper than 50"));
}
