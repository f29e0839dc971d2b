#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "message/text.h"

using namespace imaparc;
using namespace imaparc::message;

namespace {

ReadRaw reader(const std::string& raw, std::size_t most = 1 << 20) {
    return [&raw, most](std::uint64_t offset, char* buffer, std::size_t size) -> Result<std::size_t> {
        if (offset >= raw.size()) return std::size_t{0};
        return raw.copy(buffer, std::min(size, most), static_cast<std::size_t>(offset));
    };
}

std::string text_of(const std::string& raw, std::size_t most = 1 << 20) {
    std::string all;
    const auto result = visit_body_text(parse_summary(raw), reader(raw, most), [&all](std::string_view piece, Follows) {
        all += piece;
        return true;
    });
    REQUIRE(result);
    return all;
}

}  // namespace

TEST_CASE("body text: encodings and charsets are undone") {
    CHECK(text_of("\r\nplain\r\n") == "plain\r\n");
    CHECK(text_of("Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                  "Gr=FC=\r\n=DFe=20\r\n") == "Gr\u00FC\u00DFe \r\n");
    CHECK(text_of("Content-Type: text/html; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: "
                  "BASE64\r\n\r\nw6TD\r\ntg==\r\n") == "\u00E4\u00F6");
    CHECK(text_of("Content-Type: text/plain; charset*=us-ascii'en'koi8-r\r\n\r\n\xF0") == "\u041F");
    CHECK(text_of("Content-Type: text/plain; charset=x-no-such\r\n\r\n\xE4") == "\u00E4");
    CHECK(text_of("\r\nno charset \xC3\xA4 \xE4") == "no charset \u00E4 \u00E4");
    CHECK(text_of("Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nthe file:\r\nbegin 644 "
                  "x\r\n#0V%T\r\n`\r\n"
                  "end\r\n") == "Cat");
}

TEST_CASE("body text: text parts and nested messages, nothing else") {
    const std::string raw =
        "Subject: outer\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n"
        "--b\r\n\r\nfirst\n--b\r\nContent-Type: application/octet-stream\r\n\r\nbytes\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: =?utf-8?q?=C3=A4?=\r\nX-Other: y\r\n z\r\n\r\nnested\r\n"
        "--b\r\nContent-Type: text/html\r\n\r\n<p>\r\n--b--\r\nepilogue\r\n";
    CHECK(text_of(raw) == "firstSubject: \u00E4\nX-Other: y z\nnested<p>");
    CHECK(text_of("Content-Type: message/rfc822\r\n\r\nX-\xE4: y\r\n\r\n") == "X-\u00E4: y\n");
}

TEST_CASE("body text: where a part or a nested header ends is told, and nowhere else") {
    const std::string line = "a line of some text, not too short\r\n";
    std::string large;
    while (large.size() < 300000) large += line;
    const std::string raw =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + large +
        "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nnested\r\n--b\r\n\r\n\r\n--b--\r\n";
    std::vector<std::string> texts(1);
    REQUIRE(visit_body_text(parse_summary(raw), reader(raw), [&texts](std::string_view piece, Follows follows) {
        texts.back() += piece;
        if (follows == Follows::other_part) texts.emplace_back();
        return true;
    }));
    CHECK(texts == std::vector<std::string>{large, "Subject: s\n", "nested", "", ""});
}

TEST_CASE("body text: the size of reads makes no difference; all of it is UTF-8") {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(IMAPARC_TESTS_DIR) / "messages")) {
        if (entry.path().extension() != ".eml") continue;
        CAPTURE(entry.path().string());
        const std::string raw = value_or_throw(read_file(entry.path()));
        const std::string whole = text_of(raw);
        CHECK(valid_utf8(whole));
        if (raw.size() > 10000) continue;
        CHECK(text_of(raw, 1) == whole);
        CHECK(text_of(raw, 7) == whole);
    }
}

TEST_CASE("body text: pieces end at line ends, and stop when told") {
    std::string raw = "\r\n";
    while (raw.size() < 500000) raw += "a line of some text, not too short\r\n";
    std::size_t pieces = 0;
    REQUIRE(visit_body_text(parse_summary(raw), reader(raw), [&pieces](std::string_view piece, Follows) {
        CHECK(piece.ends_with('\n'));
        CHECK(piece.size() < 200000);
        return ++pieces < 3;
    }));
    CHECK(pieces == 3);

    raw = "\r\n" + std::string(1000000, 'x');  // no line end at all: memory stays bounded
    std::size_t total = 0;
    REQUIRE(visit_body_text(parse_summary(raw), reader(raw), [&total](std::string_view piece, Follows) {
        CHECK(piece.size() < 200000);
        total += piece.size();
        return true;
    }));
    CHECK(total == 1000000);
}

TEST_CASE("body text: an error while reading comes through, an early end is one") {
    const std::string raw = "\r\ntext\r\n";
    const Summary summary = parse_summary(raw);
    const auto visit = [](std::string_view, Follows) { return true; };
    const auto failed = visit_body_text(
        summary,
        [](std::uint64_t, char*, std::size_t) -> Result<std::size_t> {
            return Error{ErrorKind::unavailable, "gone"};
        },
        visit);
    CHECK(failed.error().kind == ErrorKind::unavailable);
    CHECK(visit_body_text(summary, reader(""), visit).error().kind == ErrorKind::damaged);
}
