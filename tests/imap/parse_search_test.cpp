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
    CHECK(keys("LARGER 0 SMALLER 9223372036854775807") == "(larger 0) (smaller 9223372036854775807)");  // RFC 9051
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
    CHECK(bad(" LARGER 9223372036854775808", "number of octets"));
    CHECK(bad(" UID", "space"));
    CHECK(bad(" UID x", "sequence set"));
    CHECK(bad(" 0", "sequence set"));
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

TEST_CASE("SEARCH: the keys of the extensions") {
    CHECK(keys("$") == "$");
    CHECK(keys("UID $ NOT $") == "$ (not $)");  // RFC 5182 2.2: the same
    CHECK(keys("(OR $ 1,3000:3021) SEEN") == "(and (or $ 1,3000:3021)) \\Seen");
    CHECK(keys("OLDER 1 younger 4294967295") == "(older 1) (younger 4294967295)");
    CHECK(keys("MODSEQ 620162338") == "(modseq 620162338)");
    CHECK(keys("MODSEQ 0 MODSEQ 9223372036854775807") == "(modseq 0) (modseq 9223372036854775807)");
    CHECK(keys("MODSEQ \"/flags/\\\\draft\" all 620162338") == "(modseq 620162338)");
    CHECK(keys("modseq \"/FLAGS/work\" PRIV 5 SEEN") == "(modseq 5) \\Seen");
    CHECK(keys("FUZZY SUBJECT work FROM a@b") == "(fuzzy (subject \"work\")) (from \"a@b\")");
    CHECK(keys("FUZZY (SUBJECT a BODY b)") == "(fuzzy (and (subject \"a\") (body \"b\")))");
    CHECK(keys("EMAILID M6d99ac3275bb4e THREADID T64_b-4") == "(emailid \"M6d99ac3275bb4e\") (threadid \"T64_b-4\")");
    CHECK(keys("SAVEDBEFORE 1-Jan-1970 SAVEDON 2-Jan-1970 SAVEDSINCE 3-Jan-1970 SAVEDATESUPPORTED") ==
          "(savedbefore 0) (savedon 1) (savedsince 2) (savedatesupported)");
    CHECK(keys("UIDAFTER 5 UIDBEFORE 5") == "(uid 6:4294967295) (uid 1:4)");
    CHECK(keys("UIDAFTER 4294967295 UIDBEFORE 1") == "(or) (or)");
    CHECK(bad(" OLDER 0", "seconds"));
    CHECK(bad(" MODSEQ 9223372036854775808", ""));
    CHECK(bad(" MODSEQ \"/other/x\" all 1", "/flags/"));
    CHECK(bad(" MODSEQ \"/flags/x\" mine 1", "priv, shared or all"));
    CHECK(bad(" MODSEQ \"/flags/x\" all", ""));
    CHECK(bad(" EMAILID a+b", ""));
    CHECK(bad(" EMAILID " + repeated(256, "a"), "255"));
    CHECK(bad(" FUZZY", ""));
    CHECK(bad(" UIDAFTER 0", "UID"));
    CHECK(bad(" UIDAFTER *", "UID"));
    CHECK(bad(" UIDBEFORE 1:2", ""));
    CHECK(bad(" $,1", ""));
    CHECK(bad(" 1,$", ""));
    CHECK(bad(" $Junk", ""));
    CHECK(bad(" " + repeated(max_search_depth, "FUZZY ") + "SEEN", "nested deeper"));
}

TEST_CASE("SEARCH: return options") {
    const auto returns = [](std::string_view text) { return parsed("a SEARCH RETURN " + std::string(text) + " ALL"); };
    const std::string by = " by number (and (and))";
    CHECK(returns("()") == "a SEARCH return (all)" + by);
    CHECK(returns("(MIN)") == "a SEARCH return (min)" + by);
    CHECK(returns("(save)") == "a SEARCH return (save)" + by);
    CHECK(returns("(UPDATE CONTEXT)") == "a SEARCH return (update context)" + by);
    CHECK(returns("(MAX SAVE MIN COUNT ALL MIN)") == "a SEARCH return (min max all count save)" + by);
    CHECK(returns("(PARTIAL 23500:24000)") == "a SEARCH return (partial 23500:24000)" + by);
    CHECK(returns("(PARTIAL -1:-100 COUNT)") == "a SEARCH return (count partial -1:-100)" + by);
    CHECK(parsed("a UID SEARCH RETURN (RELEVANCY ALL) FUZZY TEXT Helo") ==
          "a UID SEARCH return (all relevancy) by uid (and (fuzzy (text \"Helo\")))");
    CHECK(parsed("a SEARCH RETURN (COUNT) CHARSET UTF-8 SEEN") == "a SEARCH return (count) by number (and \\Seen)");
    CHECK(parsed("a SEARCH ALL") == "a SEARCH" + by);
    for (const char* wrong :
         {" RETURN ALL", " RETURN (NOSUCH) ALL", " RETURN (MIN MAX ALL", " RETURN (MIN)ALL", " RETURN (MIN,MAX) ALL",
          " RETURN ( MIN) ALL", " RETURN (PARTIAL) ALL", " RETURN (PARTIAL 1) ALL", " RETURN (PARTIAL 1:0) ALL",
          " RETURN (PARTIAL 1:-1) ALL", " RETURN (PARTIAL -1:1) ALL", " RETURN (PARTIAL 1:*) ALL",
          " RETURN (PARTIAL 1:2 ALL) ALL", " RETURN (ALL PARTIAL 1:2) ALL", " RETURN (PARTIAL 1:2 PARTIAL 1:2) ALL",
          " RETURN (RELEVANCY) ALL", " CHARSET UTF-8 RETURN (ALL) SEEN", " RETURN (MIN)", " RETURN"}) {
        INFO(wrong);
        CHECK(bad(wrong, ""));
    }
}

TEST_CASE("a charset that is not known says whether the search was to be saved") {
    const auto saving = [](std::string_view text) {
        const auto result = test::parsed_every_way(text);
        const auto* charset = std::get_if<BadCharset>(&result);
        return charset != nullptr && charset->saving;
    };
    CHECK(saving("a SEARCH RETURN (SAVE) CHARSET NOSUCH ALL"));
    CHECK_FALSE(saving("a SEARCH RETURN (MIN) CHARSET NOSUCH ALL"));
    CHECK_FALSE(saving("a SEARCH CHARSET NOSUCH ALL"));
}

TEST_CASE("UIDBATCHES") {
    CHECK(parsed("a UIDBATCHES 500") == "a UIDBATCHES 500");
    CHECK(parsed("a uidbatches 500 1:10") == "a UIDBATCHES 500 1:10");
    CHECK(parsed("a UIDBATCHES 500 10:1  ") == "a UIDBATCHES 500 10:1");
    for (const char* wrong : {"a UIDBATCHES", "a UIDBATCHES 0", "a UIDBATCHES 500 10", "a UIDBATCHES 500 0:1",
                              "a UIDBATCHES 500 1:2 3", "a UIDBATCHES x", "a UIDBATCHES 4294967296"}) {
        INFO(wrong);
        CHECK(std::holds_alternative<BadRequest>(test::parsed_every_way(wrong)));
    }
}
