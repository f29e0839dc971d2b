#include <doctest/doctest.h>

#include "helpers/describe_command.h"
#include "helpers/parsed_every_way.h"
#include "imap/parse.h"

using namespace imaparc;
using namespace imaparc::imap;

namespace {

std::string parsed(std::string_view text) { return test::describe(test::parsed_every_way(text)); }
bool bad(std::string_view text, std::string_view why) {
    const auto result = test::parsed_every_way(text);
    const auto* b = std::get_if<BadRequest>(&result);
    return b != nullptr && b->text.find(why) != std::string::npos;
}

}  // namespace

TEST_CASE("SORT: the examples of RFC 5256") {
    CHECK(parsed("A282 SORT (SUBJECT) UTF-8 SINCE 1-Feb-1994") == "A282 SORT subject by number (and (since 8797))");
    CHECK(parsed("A283 SORT (SUBJECT REVERSE DATE) UTF-8 ALL") == "A283 SORT subject -date by number (and (and))");
    CHECK(parsed("A284 SORT (SUBJECT) US-ASCII TEXT \"not in mailbox\"") ==
          "A284 SORT subject by number (and (text \"not in mailbox\"))");
}

TEST_CASE("SORT: every criterion, any case, UIDs") {
    CHECK(parsed("a uid sort (arrival cc reverse date from size subject to) \"utf-8\" 1:3 unseen") ==
          "a UID SORT arrival cc -date from size subject to by uid (and 1:3 (not \\Seen))");
    CHECK(parsed("a SORT (DISPLAYFROM REVERSE DISPLAYTO) UTF-8 ALL") ==
          "a SORT displayfrom -displayto by number (and (and))");
    CHECK(parsed("a SORT (RELEVANCY) UTF-8 FUZZY SUBJECT x").starts_with("a SORT relevancy by number "));
    // A criterion that was there before decides nothing.
    CHECK(parsed("a SORT (DATE FROM REVERSE DATE) UTF-8 ALL") == "a SORT date from by number (and (and))");
}

TEST_CASE("SORT: return options of RFC 5267") {
    CHECK(parsed("E01 UID SORT RETURN () (REVERSE DATE) UTF-8 UNDELETED UNKEYWORD $Junk") ==
          "E01 UID SORT return (all) -date by uid (and (not \\Deleted) (not $Junk))");
    CHECK(parsed("a SORT RETURN (MIN MAX COUNT PARTIAL 1:10) (SIZE) UTF-8 ALL") ==
          "a SORT return (min max count partial 1:10) size by number (and (and))");
}

TEST_CASE("SORT: mistakes") {
    CHECK(bad("a SORT", "a space"));
    CHECK(bad("a SORT SUBJECT UTF-8 ALL", "\"(\""));
    CHECK(bad("a SORT () UTF-8 ALL", "ARRIVAL"));
    CHECK(bad("a SORT (REVERSE) UTF-8 ALL", "a space"));
    CHECK(bad("a SORT (REVERSE REVERSE DATE) UTF-8 ALL", "ARRIVAL"));
    CHECK(bad("a SORT (BCC) UTF-8 ALL", "ARRIVAL"));
    CHECK(bad("a SORT (DATE) UTF-8", "a space"));
    CHECK(bad("a SORT (RELEVANCY) UTF-8 SUBJECT x", "FUZZY"));
    CHECK(std::holds_alternative<BadCharset>(test::parsed_every_way("a SORT (DATE) NO-SUCH ALL")));
}

TEST_CASE("THREAD: the examples of RFC 5256, and REFS") {
    CHECK(parsed("A283 THREAD ORDEREDSUBJECT UTF-8 SINCE 5-MAR-2000") ==
          "A283 THREAD orderedsubject by number (and (since 11021))");
    CHECK(parsed("A284 THREAD ORDEREDSUBJECT US-ASCII TEXT \"gewp\"") ==
          "A284 THREAD orderedsubject by number (and (text \"gewp\"))");
    CHECK(parsed("A285 uid thread references utf-8 ALL") == "A285 UID THREAD references by uid (and (and))");
    CHECK(parsed("t1 UID THREAD REFS UTF-8 ALL") == "t1 UID THREAD refs by uid (and (and))");
    CHECK(bad("a THREAD JWZ UTF-8 ALL", "REFERENCES"));
    CHECK(bad("a THREAD REFERENCES ALL", "a space"));  // ALL is taken for the charset
    CHECK(bad("a THREAD REFERENCES UTF-8", "a space"));
}
