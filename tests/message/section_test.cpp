#include "message/section.h"

#include <doctest/doctest.h>

#include <string>

#include "base/file.h"
#include "message/text.h"

using namespace imaparc;
using namespace imaparc::message;
using Text = Section::Text;

namespace {

std::string bytes(const std::string& raw, std::vector<std::uint32_t> path, Text text = Text::all) {
    const auto range = locate(parse_summary(raw), {std::move(path), text, {}});
    if (!range) return "(none)";
    return raw.substr(range->begin.raw, range->end.raw - range->begin.raw);
}

std::string sample(const char* number) {
    return value_or_throw(read_file(std::string(IMAPARC_TESTS_DIR) + "/messages/" + number + ".eml"));
}

}  // namespace

// RFC 3501 6.4.5: "Here is an example of a complex message with some of its part specifiers"; 009.eml is that message.
TEST_CASE("section: the example of RFC 3501 6.4.5") {
    const std::string raw = sample("009");
    CHECK(bytes(raw, {}) == raw);
    CHECK(bytes(raw, {}, Text::header).starts_with("From: Ann"));
    CHECK(bytes(raw, {}, Text::header).ends_with("BOUNDARY=\"outer\"\r\n\r\n"));
    CHECK(bytes(raw, {}, Text::header) + bytes(raw, {}, Text::text) == raw);
    CHECK(bytes(raw, {1}) == "part one");
    CHECK(bytes(raw, {2}) == "AAEC");
    CHECK(bytes(raw, {2}, Text::mime) ==
          "Content-Type: APPLICATION/OCTET-STREAM\r\nContent-Transfer-Encoding: BASE64\r\n\r\n");
    CHECK(bytes(raw, {3}).starts_with("From: bob@example.org\r\n"));
    CHECK(bytes(raw, {3}).ends_with("--three--"));
    CHECK(bytes(raw, {3}, Text::header) ==
          "From: bob@example.org\r\nSubject: enclosed three\r\nContent-Type: MULTIPART/MIXED; "
          "BOUNDARY=\"three\"\r\n\r\n");
    CHECK(bytes(raw, {3}, Text::header) + bytes(raw, {3}, Text::text) == bytes(raw, {3}));
    CHECK(bytes(raw, {3, 1}) == "part three one");
    CHECK(bytes(raw, {3, 2}) == "bytes");
    CHECK(bytes(raw, {4}).starts_with("--four\r\n"));
    CHECK(bytes(raw, {4, 1}) == "GIF89a");
    CHECK(bytes(raw, {4, 1}, Text::mime) == "Content-Type: IMAGE/GIF\r\nContent-ID: <gif@example.org>\r\n\r\n");
    CHECK(bytes(raw, {4, 2}, Text::header).starts_with("From: carol"));
    CHECK(bytes(raw, {4, 2}, Text::text).starts_with("--fourtwo\r\n"));
    CHECK(bytes(raw, {4, 2, 1}) == "part four two one");
    CHECK(bytes(raw, {4, 2, 2}).starts_with("--alternative\r\n"));
    CHECK(bytes(raw, {4, 2, 2, 1}) == "plain");
    CHECK(bytes(raw, {4, 2, 2, 2}) == "<bold>rich</bold>");
    CHECK(bytes(raw, {4, 2, 2, 2}, Text::mime) == "Content-Type: TEXT/RICHTEXT\r\n\r\n");
}

TEST_CASE("section: what is not there") {
    const std::string raw = sample("009");
    CHECK(bytes(raw, {5}) == "(none)");
    CHECK(bytes(raw, {0}) == "(none)");
    CHECK(bytes(raw, {1, 1}) == "(none)");
    CHECK(bytes(raw, {1}, Text::header) == "(none)");  // only of message/rfc822
    CHECK(bytes(raw, {4}, Text::text) == "(none)");
    CHECK(bytes(raw, {}, Text::mime) == "(none)");
    CHECK(bytes(raw, {4, 2, 2, 3}) == "(none)");
    CHECK(bytes(raw, {1, 1, 1, 1, 1}) == "(none)");
    CHECK(bytes(raw, {4294967295}) == "(none)");
}

// "Every message has at least one part number. Non-[MIME-IMB] messages, and non-multipart [MIME-IMB] messages with no
// encapsulated message, only have a part 1."
TEST_CASE("section: part 1 of a message that is no multipart is its text") {
    const std::string raw = "Subject: x\r\n\r\nbody\r\n";
    CHECK(bytes(raw, {1}) == "body\r\n");
    CHECK(bytes(raw, {1}, Text::mime) == "Subject: x\r\n\r\n");
    CHECK(bytes(raw, {2}) == "(none)");
    CHECK(bytes(raw, {1, 1}) == "(none)");
    CHECK(bytes(raw, {1}, Text::header) == "(none)");
    CHECK(bytes("", {1}) == "");
    CHECK(bytes("Subject: no end", {1}) == "");
    CHECK(bytes("Subject: no end", {}, Text::header) == "Subject: no end");
}

TEST_CASE("section: messages in messages") {
    const std::string raw = sample("037");
    CHECK(bytes(raw, {1}).starts_with("Subject: two\r\n"));
    CHECK(bytes(raw, {1}, Text::header) == "Subject: two\r\nContent-Type: message/rfc822\r\n\r\n");
    CHECK(bytes(raw, {1, 1}).starts_with("Subject: three\r\n"));
    CHECK(bytes(raw, {1, 1}, Text::header).starts_with("Subject: three\r\n"));
    CHECK(bytes(raw, {1, 1, 1}) == "x");
    CHECK(bytes(raw, {1, 1, 2}) == "(none)");
    // An enclosed message that is no multipart: its text is part 1 of the part.
    const std::string enclosed =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        "Subject: in\r\n\r\nbody\r\n--b--\r\n";
    CHECK(bytes(enclosed, {1, 1}) == "body");
    CHECK(bytes(enclosed, {1, 1}, Text::mime) == "Subject: in\r\n\r\n");
    CHECK(bytes(enclosed, {1}, Text::mime) == "Content-Type: message/rfc822\r\n\r\n");
    CHECK(bytes(enclosed, {1}, Text::text) == "body");
}

TEST_CASE("section: a multipart without parts has an empty part 1, as its BODYSTRUCTURE shows") {
    const std::string raw = sample("021");
    CHECK(bytes(raw, {1}) == "");
    CHECK(bytes(raw, {2}) == "(none)");
    CHECK(bytes(raw, {}, Text::text) == "There is no delimiter line.\r\n");
}

TEST_CASE("section: filter_header") {
    const std::string header =
        "From x@y Tue Jan  1\r\nReceived: one\r\n folded\r\nSubject: x\r\nno colon\r\nSUBJECT : again\r\n\tfold\r\n"
        "To: a\r\n\r\n";
    CHECK(filter_header(header, {"subject"}, true) == "Subject: x\r\nSUBJECT : again\r\n\tfold\r\n\r\n");
    CHECK(filter_header(header, {"TO", "Received"}, true) == "Received: one\r\n folded\r\nTo: a\r\n\r\n");
    CHECK(filter_header(header, {"subject"}, false) ==
          "From x@y Tue Jan  1\r\nReceived: one\r\n folded\r\nno colon\r\nTo: a\r\n\r\n");
    CHECK(filter_header(header, {"nothing"}, true) == "\r\n");
    CHECK(filter_header(header, {}, false) == header);
    CHECK(filter_header("Subject: x", {"subject"}, true) == "Subject: x");  // no empty line, so none is made up
    CHECK(filter_header("Subject: x\r\n", {"to"}, true) == "");
    CHECK(filter_header("", {"to"}, true) == "");
    CHECK(filter_header(" fold\r\nTo: a\r\n\r\n", {"to"}, true) == "To: a\r\n\r\n");
    CHECK(filter_header("Sub: x\r\nSubject2: y\r\n\r\n", {"subject"}, true) == "\r\n");
}
