// ENVELOPE, BODY and BODYSTRUCTURE: RFC 3501's own examples, what the grammar demands of odd parts, and the messages of
// tests/messages with the answers written beside them.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "helpers/imap_value.h"
#include "imap/render.h"

using namespace imaparc;
using namespace imaparc::imap;
using imaparc::test::imap_value;
using imaparc::test::ImapValue;
using message::Address;
using message::Envelope;
using message::Part;

namespace {

std::string rendered(const Envelope& envelope) {
    std::string out;
    render_envelope(out, envelope);
    return out;
}
std::string rendered(const Part& part, Extensions extensions) {
    std::string out;
    render_part(out, part, extensions);
    return out;
}

Part text_part(std::uint64_t octets, std::uint32_t lines) {
    Part part;
    part.type = "TEXT";
    part.subtype = "PLAIN";
    part.encoding = "7BIT";
    part.end.wire = octets;
    part.lines = lines;
    return part;
}

std::string file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    REQUIRE(in.good());
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

ImapValue expected(const std::filesystem::path& path) {
    auto text = file(path);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return imap_value(text);
}

}  // namespace

TEST_CASE("ENVELOPE: the example of RFC 3501 8") {
    Envelope e;
    e.date = "Wed, 17 Jul 1996 02:23:25 -0700 (PDT)";
    e.subject = "IMAP4rev1 WG mtg summary and minutes";
    e.from = {{"Terry Gray", std::nullopt, "gray", "cac.washington.edu"}};
    e.to = {{std::nullopt, std::nullopt, "imap", "cac.washington.edu"}};
    e.cc = {{std::nullopt, std::nullopt, "minutes", "CNRI.Reston.VA.US"},
            {"John Klensin", std::nullopt, "KLENSIN", "MIT.EDU"}};
    e.message_id = "<B27397-0100000@cac.washington.edu>";
    CHECK(rendered(e) ==
          "(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" "
          "\"IMAP4rev1 WG mtg summary and minutes\" "
          "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
          "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
          "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
          "((NIL NIL \"imap\" \"cac.washington.edu\")) "
          "((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")"
          "(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL "
          "\"<B27397-0100000@cac.washington.edu>\")");
}

TEST_CASE("ENVELOPE: nothing there, groups, routes, odd strings") {
    CHECK(rendered(Envelope{}) == "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
    Envelope e;
    e.subject = "";
    e.from = {{"\"x\\", "@a,@b", "m", "h"}};
    e.sender = {{"\xE4", std::nullopt, "s", "h"}};
    e.to = {{std::nullopt, std::nullopt, "undisclosed-recipients", std::nullopt},
            {std::nullopt, std::nullopt, std::nullopt, std::nullopt}};
    CHECK(rendered(e) ==
          "(NIL \"\" ((\"\\\"x\\\\\" \"@a,@b\" \"m\" \"h\")) (({1}\r\n\xE4 NIL \"s\" \"h\")) "
          "((\"\\\"x\\\\\" \"@a,@b\" \"m\" \"h\")) ((NIL NIL \"undisclosed-recipients\" NIL)(NIL NIL NIL NIL)) "
          "NIL NIL NIL NIL)");
}

TEST_CASE("BODY: the examples of RFC 3501 7.4.2") {
    auto part = text_part(2279, 48);
    part.parameters = {{"CHARSET", "US-ASCII"}};
    CHECK(rendered(part, Extensions::no) == "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 2279 48)");

    Part mixed;
    mixed.kind = Part::Kind::multipart;
    mixed.type = "MULTIPART";
    mixed.subtype = "MIXED";
    mixed.children.push_back(text_part(1152, 23));
    mixed.children.back().parameters = {{"CHARSET", "US-ASCII"}};
    auto second = text_part(4554, 73);
    second.parameters = {{"CHARSET", "US-ASCII"}, {"NAME", "cc.diff"}};
    second.id = "<960723163407.20117h@cac.washington.edu>";
    second.description = "Compiler diff";
    second.encoding = "BASE64";
    mixed.children.push_back(std::move(second));
    CHECK(rendered(mixed, Extensions::no) ==
          "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 1152 23)"
          "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\" \"NAME\" \"cc.diff\") "
          "\"<960723163407.20117h@cac.washington.edu>\" \"Compiler diff\" \"BASE64\" 4554 73) \"MIXED\")");
}

TEST_CASE("BODYSTRUCTURE: extension data in its order (RFC 3501 9)") {
    auto part = text_part(5, 1);
    CHECK(rendered(part, Extensions::yes) == "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 5 1 NIL NIL NIL NIL)");
    part.md5 = "Q2hlY2sgSW50ZWdyaXR5IQ==";
    part.disposition = "attachment";
    part.disposition_parameters = {{"filename", "a \"b\".txt"}};
    part.languages = {"en", "de"};
    part.location = "http://x/";
    CHECK(rendered(part, Extensions::yes) ==
          "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 5 1 \"Q2hlY2sgSW50ZWdyaXR5IQ==\" "
          "(\"attachment\" (\"filename\" \"a \\\"b\\\".txt\")) (\"en\" \"de\") \"http://x/\")");
    CHECK(rendered(part, Extensions::no) == "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 5 1)");

    Part outer;
    outer.kind = Part::Kind::multipart;
    outer.subtype = "ALTERNATIVE";
    outer.parameters = {{"boundary", "x"}};
    outer.disposition = "inline";
    outer.languages = {"en"};
    outer.children.push_back(text_part(1, 1));
    CHECK(rendered(outer, Extensions::yes) ==
          "((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 1 1 NIL NIL NIL NIL) \"ALTERNATIVE\" (\"boundary\" \"x\") "
          "(\"inline\" NIL) (\"en\") NIL)");

    Part basic;
    basic.kind = Part::Kind::basic;
    basic.type = "image";
    basic.subtype = "png";
    basic.encoding = "base64";
    basic.body.wire = 100;
    basic.end.wire = 142;
    CHECK(rendered(basic, Extensions::yes) == "(\"image\" \"png\" NIL NIL NIL \"base64\" 42 NIL NIL NIL NIL)");

    Part enclosing;
    enclosing.kind = Part::Kind::message;
    enclosing.type = "MESSAGE";
    enclosing.subtype = "RFC822";
    enclosing.encoding = "7BIT";
    enclosing.end.wire = 302;
    enclosing.lines = 9;
    enclosing.envelope = std::make_unique<Envelope>();
    enclosing.envelope->subject = "inner";
    enclosing.children.push_back(text_part(7, 1));
    CHECK(rendered(enclosing, Extensions::no) ==
          "(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 302 (NIL \"inner\" NIL NIL NIL NIL NIL NIL NIL NIL) "
          "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 7 1) 9)");
}

TEST_CASE("what the grammar demands stands there also when the message has none") {
    Part empty;
    empty.kind = Part::Kind::multipart;
    empty.subtype = "MIXED";
    CHECK(rendered(empty, Extensions::no) == "((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 0 0) \"MIXED\")");
    CHECK(rendered(empty, Extensions::yes) ==
          "((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 0 0 NIL NIL NIL NIL) \"MIXED\" NIL NIL NIL NIL)");
    Part hollow;
    hollow.kind = Part::Kind::message;
    hollow.type = "MESSAGE";
    hollow.subtype = "RFC822";
    hollow.encoding = "7BIT";
    CHECK(rendered(hollow, Extensions::no) ==
          "(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 0 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) "
          "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 0 0) 0)");
}

TEST_CASE("tests/messages: ENVELOPE and BODYSTRUCTURE as written beside them") {
    namespace fs = std::filesystem;
    const fs::path directory = fs::path(IMAPARC_TESTS_DIR) / "messages";
    std::vector<fs::path> messages;
    for (const auto& entry : fs::directory_iterator(directory))
        if (entry.path().extension() == ".eml") messages.push_back(entry.path());
    std::sort(messages.begin(), messages.end());
    REQUIRE_FALSE(messages.empty());
    for (auto path : messages) {
        CAPTURE(path.filename().string());
        const auto raw = file(path);
        const auto summary = message::parse_summary(raw);
        if (const auto beside = fs::path(path).replace_extension(".envelope"); fs::exists(beside))
            CHECK(imap_value(rendered(summary.envelope)) == expected(beside));
        if (const auto beside = fs::path(path).replace_extension(".bodystructure"); fs::exists(beside))
            CHECK(imap_value(rendered(summary.root, Extensions::yes)) == expected(beside));
    }
}
