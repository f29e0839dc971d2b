#include "message/preview.h"

#include <doctest/doctest.h>

#include <string>

#include "base/text.h"
#include "message/summary.h"

using namespace imaparc;
using namespace imaparc::message;

namespace {

std::string preview(const std::string& raw) {
    const std::string whole(parse_summary(raw).preview);
    SummaryParser parser;
    for (const char& c : raw) parser.feed({&c, 1});
    CHECK(parser.finish().preview == whole);
    return whole;
}

std::string plain(const std::string& text) { return preview("Subject: x\r\n\r\n" + text); }
std::string html(const std::string& text) { return preview("Content-Type: text/html; charset=utf-8\r\n\r\n" + text); }

}  // namespace

TEST_CASE("preview: plain text, its lines joined") {
    CHECK(plain("Hello Ann,\r\n\r\nthe  report\tis\r\nthere.\r\n") == "Hello Ann, the report is there.");
    CHECK(plain("no line end") == "no line end");
    CHECK(plain("") == "");
    CHECK(plain("\r\n \r\n\t\r\n") == "");
    CHECK(plain(std::string("a\0b\x01"
                            "c\x7F",
                            6)) == "a b c");
}

TEST_CASE("preview: at most 200 characters, whatever their octets (RFC 8970 3.3)") {
    std::string words;
    for (int i = 0; i < 100; ++i) words += "wort ";
    CHECK(plain(words).size() == 199);  // 40 words and the spaces between; the 200th would be a space
    std::string euros;
    for (int i = 0; i < 300; ++i) euros += "\xE2\x82\xAC";
    CHECK(preview("Content-Type: text/plain; charset=utf-8\r\n\r\n" + euros).size() == 600);
}

TEST_CASE("preview: transfer encodings and charsets are undone") {
    CHECK(preview("Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                  "Gr=FC=DFe aus K=\r\n=F6ln\r\n") == "Grüße aus Köln");
    CHECK(preview("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                  "R3LDvMOf\r\nZQ==\r\n") == "Grüße");
    CHECK(preview("Content-Type: text/plain; charset=no-such\r\n\r\ncaf\xE9\r\n") == "café");
    CHECK(preview("Content-Type: text/plain; charset=utf-8\r\n\r\ncaf\xE9 x\r\n") == "caf\xEF\xBF\xBD x");
}

TEST_CASE("preview: quoted text counts only where there is no other") {
    CHECK(plain("> Are you there?\r\n>> Hello\r\n\r\nYes, I am.\r\n") == "Yes, I am.");
    CHECK(plain("Ann Lee wrote:\r\n> Are you there?\r\nYes.\r\n") == "Yes.");
    CHECK(plain("Bring these:\r\nbread\r\n") == "Bring these: bread");
    CHECK(plain("> only\r\n>> this\r\n") == "only this");
    CHECK(plain("One.\r\n-- \r\nAnn Lee\r\n") == "One.");
    CHECK(plain("-----\r\nNews\r\n=====\r\n* * *\r\nToday\r\n") == "News Today");
    CHECK(html("<p>Yes.</p><blockquote><p>Are you there?</blockquote>") == "Yes.");
    CHECK(html("<div>Ann wrote:</div><blockquote>Are <blockquote>x</blockquote>you?</blockquote>Later.") == "Later.");
    CHECK(html("<blockquote>Only this.</blockquote>") == "Only this.");
}

TEST_CASE("preview: encrypted text says nothing, signed text what is signed") {
    CHECK(plain("-----BEGIN PGP MESSAGE-----\r\nVersion: 1\r\n\r\nhQEMA0\r\n-----END PGP MESSAGE-----\r\n") == "");
    CHECK(plain("-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nHello\r\n-----BEGIN PGP SIGNATURE-----\r\n"
                "\r\niQEz\r\n") == "Hello");
}

TEST_CASE("preview: HTML without tags, scripts, styles and comments") {
    CHECK(html("<html><head><title>T</title><style>p > a { color: \"<\" }</style></head><body><p>One<br>two</p>"
               "<script>if (a < b) x = \"</p>\";</script><!-- <p>no</p> --> three</body></html>") == "One two three");
    CHECK(html("<b>bo</b>ld <a href=\"x>y\" title='<'>link</a>") == "bold link");
    CHECK(html("a &lt; b &amp;&amp; c &#228;&#xE4;&auml;&nbsp;&euro; &unknown; &amp") ==
          "a < b && c äää € &unknown; &");
    CHECK(html("1 < 2 <> 3") == "1 < 2 <> 3");
    CHECK(html("<table><tr><td>a<td>b</tr></table>") == "a b");
    CHECK(html("pre&zwnj;&nbsp;&#8203;&#xFEFF;header") == "pre header");
    CHECK(html("<![if !mso]>x<![endif]><!--[if mso]>y<![endif]-->") == "x");
    CHECK(html("<head><style>a</style><body>b") == "b");
    CHECK(html("&#0;&#xD800;&#x110000;&#99999999999;x") == "&#0;&#xD800;&#x110000;&#99999999999;x");
    CHECK(html("<p") == "");
}

TEST_CASE("preview: of the first text part that has one, plain before HTML among alternatives") {
    const auto mixed = [](const std::string& subtype, const std::string& parts) {
        return preview("Content-Type: multipart/" + subtype + "; boundary=b\r\n\r\npreamble\r\n" + parts + "--b--\r\n");
    };
    const auto part = [](const std::string& fields, const std::string& body) {
        return "--b\r\n" + fields + "\r\n" + body + "\r\n";
    };
    const std::string text = part("", "plain words"), page = part("Content-Type: text/html\r\n", "<p>HTML words"),
                      empty = part("", "\r\n"), image = part("Content-Type: image/png\r\n", "PNG"),
                      attached = part("Content-Type: text/plain\r\nContent-Disposition: attachment\r\n", "file"),
                      calendar = part("Content-Type: text/calendar\r\n", "BEGIN:VCALENDAR");
    CHECK(mixed("alternative", text + page) == "plain words");
    CHECK(mixed("alternative", page + text) == "plain words");
    CHECK(mixed("alternative", page + empty) == "HTML words");
    CHECK(mixed("alternative", empty + page) == "HTML words");
    CHECK(mixed("mixed", page + text) == "HTML words");
    CHECK(mixed("mixed", image + calendar + attached) == "");
    CHECK(mixed("mixed", attached + empty + text) == "plain words");
    CHECK(mixed("mixed", part("Content-Type: message/rfc822\r\n", "Subject: inner\r\n\r\ninner words")) ==
          "inner words");
}

TEST_CASE("preview: only the beginning of a part is looked at") {
    const std::string style = "<style>" + std::string(preview_octets, 'x') + "</style>";
    CHECK(html(style + "late") == "");
    CHECK(html(style.substr(200).insert(0, "<style>") + "soon") == "soon");
    CHECK(plain(std::string(8 << 20, ' ') + "late") == "");
    CHECK(plain(std::string(5000, 'x')) == std::string(200, 'x'));
}

TEST_CASE("references: of the References fields in order, normalised, bounded") {
    const auto references = [](const std::string& raw) {
        const Summary summary = parse_summary(raw);
        std::string all;
        for (const auto id : summary.references) all.append(id).append(" ");
        return all;
    };
    CHECK(references("References: <a@b>\r\n <\"c\"@d>\r\nIn-Reply-To: <x@y>\r\n\r\n") == "a@b c@d ");
    CHECK(references("References: <a@b>\r\nReferences: <c@d>\r\n\r\n") == "a@b c@d ");
    CHECK(references("In-Reply-To: <x@y>\r\n\r\n") == "");
    CHECK(references("References: none\r\n\r\n") == "");
    CHECK(references("Content-Type: message/rfc822\r\n\r\nReferences: <a@b>\r\n\r\n") == "");

    std::string many = "References:";
    for (int i = 0; i < 1000; ++i) many += "\r\n <" + std::to_string(i) + "@x>";
    const Summary summary = parse_summary(many + "\r\n\r\n");
    REQUIRE(summary.references.size() == max_references);
    CHECK(summary.references.front() == "0@x");
    CHECK(summary.references[1] == std::to_string(1001 - static_cast<int>(max_references)) + "@x");
    CHECK(summary.references.back() == "999@x");

    std::string long_ones = "References:";
    for (int i = 0; i < 100; ++i) long_ones += " <" + std::string(900, 'y') + std::to_string(i) + "@x>";
    std::size_t octets = 0;
    for (const auto id : parse_summary(long_ones + "\r\n\r\n").references) octets += id.size();
    CHECK(octets <= max_reference_octets);
    CHECK(octets > max_reference_octets - 1000);
}

TEST_CASE("references: the one that In-Reply-To has is kept once and read back") {
    for (const std::string raw :
         {"References: <a@b> <c@d>\r\nIn-Reply-To: <c@d>\r\n\r\n", "References: <a@b>\r\nIn-Reply-To: <a@b> x\r\n\r\n",
          "References: <\"a\"@b>\r\nIn-Reply-To: <a@b>\r\n\r\n", "References: <a@b>\r\n\r\n",
          "In-Reply-To: <>\r\n\r\n"}) {
        const Summary summary = parse_summary(raw);
        const std::string record = encode_summary(summary);
        const auto decoded = decode_summary(record);
        REQUIRE(decoded);
        CHECK(decoded->references == summary.references);
    }
    const auto size = [](const std::string& raw) { return encode_summary(parse_summary(raw)).size(); };
    const std::string answer = "In-Reply-To: <0123456789@example.org>\r\n";
    CHECK(size("References: <0123456789@example.org>\r\n" + answer + "\r\n") == size(answer + "\r\n"));
}
