#include <doctest/doctest.h>

#include <chrono>

#include "helpers/describe_command.h"
#include "helpers/parsed_every_way.h"
#include "imap/parse.h"

using namespace imaparc;
using namespace imaparc::imap;

namespace {

std::string parsed(std::string_view text) { return test::describe(test::parsed_every_way(text)); }
std::string items(std::string_view text) {
    const auto result = parsed("a FETCH 1 " + std::string(text));
    const std::string_view start = "a FETCH by number 1, ";
    return result.substr(0, start.size()) == start ? result.substr(start.size()) : result;
}
bool bad(std::string_view text, std::string_view why) {
    const auto result = test::parsed_every_way("a FETCH " + std::string(text));
    const auto* b = std::get_if<BadRequest>(&result);
    if (b != nullptr) INFO(b->text);
    return b != nullptr && b->text.find(why) != std::string::npos;
}

}  // namespace

TEST_CASE("FETCH: the examples") {
    CHECK(parsed("A654 FETCH 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])") ==
          "A654 FETCH by number 2:4, FLAGS, BODY[HEADER.FIELDS (DATE FROM)] seen");
    CHECK(parsed("A999 UID FETCH 4827313:4828442 FLAGS") == "A999 UID FETCH by uid 4827313:4828442, FLAGS");
    CHECK(parsed("a003 fetch 12 full") == "a003 FETCH by number 12, FLAGS, INTERNALDATE, RFC822.SIZE, ENVELOPE, BODY");
    CHECK(parsed("a004 fetch 12 body[header]") == "a004 FETCH by number 12, BODY[HEADER] seen");
}

TEST_CASE("FETCH: every item") {
    CHECK(items("ALL") == "FLAGS, INTERNALDATE, RFC822.SIZE, ENVELOPE");
    CHECK(items("FAST") == "FLAGS, INTERNALDATE, RFC822.SIZE");
    CHECK(items("UID") == "UID");
    CHECK(items("(uid flags internaldate rfc822.size envelope body bodystructure)") ==
          "UID, FLAGS, INTERNALDATE, RFC822.SIZE, ENVELOPE, BODY, BODYSTRUCTURE");
    CHECK(items("(RFC822 RFC822.HEADER RFC822.TEXT)") == "RFC822 seen, RFC822.HEADER peek, RFC822.TEXT seen");
    CHECK(items("BODY[]") == "BODY[] seen");
    CHECK(items("BODY.PEEK[]") == "BODY[] peek");
    CHECK(items("(BODY[HEADER] BODY[TEXT] BODY.peek[text])") == "BODY[HEADER] seen, BODY[TEXT] seen, BODY[TEXT] peek");
    CHECK(items("BODY[1.2.3]") == "BODY[1.2.3] seen");
    CHECK(items("BODY[4294967295]") == "BODY[4294967295] seen");
    CHECK(items("BODY[4.2.2.1.MIME]") == "BODY[4.2.2.1.MIME] seen");
    CHECK(items("BODY[3.HEADER]") == "BODY[3.HEADER] seen");
    CHECK(items("BODY[3.TEXT]") == "BODY[3.TEXT] seen");
    CHECK(items("BODY.PEEK[1.2.HEADER.FIELDS (From \"X Y\" {2}\r\nTo)]<0.2048>") ==
          "BODY[1.2.HEADER.FIELDS (From \"X Y\" To)]<0> peek x2048");
    CHECK(items("BODY[HEADER.FIELDS.NOT (RECEIVED)]") == "BODY[HEADER.FIELDS.NOT (RECEIVED)] seen");
    CHECK(items("BODY[]<4294967295.4294967295>") == "BODY[]<4294967295> seen x4294967295");
    CHECK(items("(FLAGS FLAGS BODY[] BODY[] BODY.PEEK[] BODY[]<0.1>)") ==
          "FLAGS, BODY[] seen, BODY[] peek, BODY[]<0> seen x1");
    CHECK(parsed("a UID FETCH 1:* (FLAGS UID)") == "a UID FETCH by uid 1:*, FLAGS, UID");
    CHECK(parsed("a UID FETCH * ALL") == "a UID FETCH by uid *, FLAGS, INTERNALDATE, RFC822.SIZE, ENVELOPE");
}

TEST_CASE("FETCH: what the RFC822 items stand for (RFC 3501 6.4.5)") {
    using Text = message::Section::Text;
    const auto request = std::get<Request>(parse_request("a FETCH 1 (RFC822 RFC822.HEADER RFC822.TEXT)"));
    const auto& list = std::get<Fetch>(request.command).items;
    CHECK(list[0].section.text == Text::all);
    CHECK(list[1].section.text == Text::header);
    CHECK(list[2].section.text == Text::text);
    for (const auto& item : list) CHECK(item.section.path.empty());
}

TEST_CASE("FETCH: what is wrong is named") {
    CHECK(bad("", "sequence set"));
    CHECK(bad("1", "space"));
    CHECK(bad("x FLAGS", "sequence set"));
    CHECK(bad("0 FLAGS", "sequence set"));
    CHECK(bad("1:0 FLAGS", "sequence set"));
    CHECK(bad("4294967296 FLAGS", "sequence set"));
    CHECK(bad("1, FLAGS", "sequence set"));
    CHECK(bad("1,,2 FLAGS", "sequence set"));
    CHECK(bad("1:2:3 FLAGS", "space"));
    CHECK(bad("1 ", "BODYSTRUCTURE"));
    CHECK(bad("1 ()", "BODYSTRUCTURE"));
    CHECK(bad("1 FLAGGS", "found \"FLAGGS\""));
    CHECK(bad("1 (FLAGS ALL)", "BODYSTRUCTURE"));
    CHECK(bad("1 FLAGS UID", "\"(\""));
    CHECK(bad("1 (FLAGS", "\")\""));
    CHECK(bad("1 (FLAGS  UID)", "BODYSTRUCTURE"));
    CHECK(bad("1 BODY[", "section"));
    CHECK(bad("1 BODY[0]", "part number"));
    CHECK(bad("1 BODY[1.]", "section"));
    CHECK(bad("1 BODY[1..2]", "section"));
    CHECK(bad("1 BODY[.1]", "section"));
    CHECK(bad("1 BODY[MIME]", "section"));
    CHECK(bad("1 BODY[HEADERS]", "section"));
    CHECK(bad("1 BODY[1HEADER]", "\"]\""));
    CHECK(bad("1 BODY[HEADER.1]", "section"));
    CHECK(bad("1 BODY[HEADER.FIELDS]", "space"));
    CHECK(bad("1 BODY[HEADER.FIELDS ()]", "header field"));
    CHECK(bad("1 BODY[HEADER.FIELDS From]", "\"(\""));
    CHECK(bad("1 BODY[HEADER.FIELDS (From)", "\"]\""));
    CHECK(bad("1 BODY[]<0>", "\".\""));
    CHECK(bad("1 BODY[]<0.0>", "count from 1"));
    CHECK(bad("1 BODY[]<-1.5>", "first octet"));
    CHECK(bad("1 BODY[]<0.9223372036854775808>", "9223372036854775808"));
    CHECK(bad("1 BODY[]<0.99999999999999999999>", "9223372036854775808"));
    CHECK(items("BODY[]<4294967296.9223372036854775807>") == "BODY[]<4294967296> seen x9223372036854775807");
    CHECK(bad("1 BODY[]<0.5", "\">\""));
    CHECK(bad("1 BODY.PEEK", "BODYSTRUCTURE"));
    CHECK(bad("1 RFC822[]", "end of the command"));
    std::string deep = "1 BODY[1";
    for (int i = 0; i < 99; ++i) deep += ".1";
    CHECK(items(deep.substr(2) + "]").size() > 200);
    CHECK(bad(deep + ".1]", "100 part numbers"));
    std::string many = "1 (BODY[1]";
    for (int i = 2; i <= 257; ++i) many += " BODY[" + std::to_string(i) + "]";
    CHECK(bad(many + ")", "256 items"));
    std::string fields = "1 BODY[HEADER.FIELDS (x";
    for (int i = 0; i < 1000; ++i) fields += " x";
    CHECK(bad(fields + ")]", "1000 header fields"));
}

TEST_CASE("a UID set of 100,000 single numbers is read in a moment") {
    std::string text = "a UID FETCH ";
    for (std::uint32_t uid = 1; uid <= 200'000; uid += 2) text += std::to_string(uid) + ",";
    text.back() = ' ';
    text += "(FLAGS)";
    const auto before = std::chrono::steady_clock::now();
    const auto result = parse_request(text);
    const auto took = std::chrono::steady_clock::now() - before;
    const auto& fetch = std::get<Fetch>(std::get<Request>(result).command);
    CHECK(fetch.set.ranges().size() == 100'000);
    CHECK(fetch.set.ranges().back() == NumberRange{199'999, 199'999});
    CHECK(took < std::chrono::seconds(2));  // it is milliseconds; a square would be minutes
}

TEST_CASE("sequence sets") {
    const auto set = [](std::string_view text) {
        return std::get<Fetch>(std::get<Request>(parse_request("a FETCH " + std::string(text) + " UID")).command).set;
    };
    // RFC 3501 9: "2,4:7,9,12:*" and "*:4,5:7" with 15 messages
    CHECK(set("2,4:7,9,12:*").resolved(15).text() == "2,4:7,9,12:15");
    CHECK(set("*:4,5:7").resolved(10).text() == "4:10");
    CHECK(set("4294967295").text() == "4294967295");
    CHECK(set("1,2,3,5").text() == "1:3,5");
    CHECK(set("*").text() == "*");
    CHECK(set("*:*").text() == "*");
}

TEST_CASE("FETCH: modifiers (RFC 7162, RFC 9394) and the items of RFC 7162, 8474, 8514") {
    CHECK(parsed("s100 UID FETCH 1:* (FLAGS) (CHANGEDSINCE 12345)") == "s100 UID FETCH by uid 1:*, FLAGS since 12345");
    CHECK(parsed("s100 UID FETCH 300:500 (FLAGS) (CHANGEDSINCE 12345 VANISHED)") ==
          "s100 UID FETCH by uid 300:500, FLAGS since 12345 vanished");
    CHECK(parsed("s UID FETCH 1 FLAGS (vanished changedsince 9223372036854775807)") ==
          "s UID FETCH by uid 1, FLAGS since 9223372036854775807 vanished");
    CHECK(parsed("10 UID FETCH 25900:26600 (UID FLAGS) (PARTIAL -1:-3)") ==
          "10 UID FETCH by uid 25900:26600, UID, FLAGS partial -1:-3");
    CHECK(parsed("a FETCH 1 ALL (CHANGEDSINCE 1) ") ==
          "a FETCH by number 1, FLAGS, INTERNALDATE, RFC822.SIZE, ENVELOPE since 1");
    CHECK(items("(MODSEQ EMAILID THREADID SAVEDATE)") == "MODSEQ, EMAILID, THREADID, SAVEDATE");
    CHECK(bad("1 FLAGS (CHANGEDSINCE 0)", "9223372036854775808"));
    CHECK(bad("1 FLAGS (CHANGEDSINCE 9223372036854775808)", "9223372036854775808"));
    CHECK(bad("1 FLAGS (CHANGEDSINCE 99999999999999999999999)", "9223372036854775808"));
    CHECK(bad("1 FLAGS (CHANGEDSINCE 1 CHANGEDSINCE 2)", "once"));
    CHECK(bad("1 FLAGS (CHANGEDSINCE 1 VANISHED)", "CHANGEDSINCE"));
    CHECK(bad("1 FLAGS (PARTIAL 1:2)", "CHANGEDSINCE"));
    CHECK(bad("1 FLAGS ()", "CHANGEDSINCE"));
    const auto refused = test::parsed_every_way("a UID FETCH 1 FLAGS (VANISHED)");
    CHECK(std::get<BadRequest>(refused).text.find("VANISHED needs CHANGEDSINCE") != std::string::npos);
}
