#include <doctest/doctest.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <random>
#include <string>

#include "base/file.h"
#include "helpers/summary_check.h"
#include "helpers/summary_print.h"
#include "message/summary.h"

using namespace imaparc;
using namespace imaparc::message;

namespace {

std::vector<std::string> sample_messages() {
    std::vector<std::string> result;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(IMAPARC_TESTS_DIR) / "messages"))
        if (entry.path().extension() == ".eml") result.push_back(value_or_throw(read_file(entry.path())));
    std::sort(result.begin(), result.end());
    return result;
}

std::string fed_at(std::string_view raw, const std::vector<std::size_t>& cuts) {
    SummaryParser parser;
    std::size_t from = 0;
    for (const std::size_t cut : cuts) {
        parser.feed(raw.substr(from, cut - from));
        from = cut;
    }
    parser.feed(raw.substr(from));
    return test::describe(parser.finish());
}

std::string part_bytes(const Part& part, std::string_view raw) {
    return std::string(raw.substr(part.body.raw, part.end.raw - part.body.raw));
}

}  // namespace

TEST_CASE("summary parser: RFC 2046 5.1.1, the line end before a delimiter is not the part's") {
    const std::string raw =
        "Content-type: multipart/mixed; boundary=\"simple boundary\"\r\n\r\npreamble\r\n"
        "--simple boundary\r\n\r\nIt does NOT end with a linebreak.\r\n"
        "--simple boundary\r\nContent-type: text/plain; charset=us-ascii\r\n\r\nIt DOES end with a linebreak.\r\n\r\n"
        "--simple boundary--\r\nepilogue\r\n";
    const Summary summary = parse_summary(raw);
    REQUIRE(summary.root.children.size() == 2);
    CHECK(part_bytes(summary.root.children[0], raw) == "It does NOT end with a linebreak.");
    CHECK(part_bytes(summary.root.children[1], raw) == "It DOES end with a linebreak.\r\n");
    CHECK(summary.root.children[0].lines == 0);
    CHECK(summary.root.children[1].lines == 1);
    CHECK(summary.root.lines == 11);
    test::check_summary(summary, raw);
}

TEST_CASE("summary parser: the sent date and its zone") {
    const Summary summary = parse_summary("Date: Tue, 1 Jul 2003 10:52:37 +0200\r\n\r\n");
    CHECK(summary.sent == 1057049557);
    CHECK(summary.sent_zone_minutes == 120);
    CHECK_FALSE(parse_summary("Date: yesterday\r\n\r\n").sent);
    CHECK_FALSE(parse_summary("Subject: x\r\n\r\n").sent);
}

TEST_CASE("summary parser: wire form of mixed line ends") {
    const std::string raw =
        "Subject: x\r\nTo: a@b\n\nbody\r\r\nlone \r and NUL \0\nlast"
        "\n\r";
    const std::string with_nul(raw.data(), raw.size());
    const Summary summary = parse_summary(with_nul);
    test::check_summary(summary, with_nul);
}

TEST_CASE("summary parser: pieces make no difference") {
    for (const std::string& raw : sample_messages()) {
        if (raw.size() > 10000) continue;
        const std::string whole = test::describe(parse_summary(raw));
        SummaryParser bytewise;
        for (const char c : raw) bytewise.feed({&c, 1});
        CHECK(test::describe(bytewise.finish()) == whole);
    }
}

TEST_CASE("summary parser: random pieces of mutated messages make no difference, and all invariants hold") {
    const unsigned seed = std::random_device()();
    std::printf("summary parser: seed %u\n", seed);
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto below = [&random](std::size_t n) {
        return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
    };
    const std::vector<std::string> samples = sample_messages();
    const std::string_view snippets[] = {"\n",
                                         "\r",
                                         "\r\n",
                                         "\r\n\r\n",
                                         "--b\r\n",
                                         "--b--\r\n",
                                         "\r\n--b\r\n",
                                         "\0",
                                         "--",
                                         ":",
                                         "Content-Type: multipart/mixed; boundary=b\r\n",
                                         "--inner\n",
                                         "\"",
                                         "(",
                                         "\\",
                                         "Content-Type: message/rfc822\r\n\r\n",
                                         " ",
                                         "\t",
                                         "\xff",
                                         ";",
                                         "<",
                                         ","};
    for (int round = 0; round < 3000; ++round) {
        std::string raw = samples[below(samples.size())];
        if (raw.size() > 5000) continue;
        for (std::size_t mutations = below(8); mutations > 0; --mutations) {
            const std::size_t at = below(raw.size() + 1);
            switch (below(4)) {
                case 0:
                    raw.insert(at, snippets[below(std::size(snippets))]);
                    break;
                case 1:
                    raw.erase(at, below(40));
                    break;
                case 2:
                    if (at < raw.size()) raw[at] = static_cast<char>(below(256));
                    break;
                default: {
                    const std::string& other = samples[below(samples.size())];
                    const std::size_t from = below(other.size() + 1);
                    raw.insert(at, other.substr(from, below(300)));
                }
            }
        }
        CAPTURE(raw);
        const Summary summary = parse_summary(raw);
        test::check_summary(summary, raw);
        std::vector<std::size_t> cuts;
        for (std::size_t n = below(6); n > 0; --n) cuts.push_back(below(raw.size() + 1));
        std::sort(cuts.begin(), cuts.end());
        REQUIRE(fed_at(raw, cuts) == test::describe(summary));
    }
}

TEST_CASE("summary parser: checkpoints, also in one endless line and between CR and LF") {
    const unsigned seed = std::random_device()();
    std::printf("summary parser: seed %u\n", seed);
    std::mt19937 random(seed);
    const auto check = [&random](const std::string& raw, std::size_t least) {
        const Summary summary = parse_summary(raw);
        CHECK(summary.checkpoints.size() >= least);
        std::uint64_t last = 0;
        for (const Place& place : summary.checkpoints) {
            CHECK(place.wire >= last / checkpoint_every * checkpoint_every + checkpoint_every);
            CHECK(place.wire - place.wire / checkpoint_every * checkpoint_every <= 2);
            CHECK(!(raw[place.raw] == '\n' && raw[place.raw - 1] == '\r'));
            CHECK(place.wire == test::wire_at(raw, place.raw));
            last = place.wire;
        }
        std::vector<std::size_t> cuts;
        for (int n = 0; n < 9; ++n) cuts.push_back(std::uniform_int_distribution<std::size_t>(0, raw.size())(random));
        std::sort(cuts.begin(), cuts.end());
        CHECK(fed_at(raw, cuts) == test::describe(summary));
    };
    check("Subject: x\n\n" + std::string(1000000, 'x'), 7);
    std::string lines, feeds, pairs;
    while (lines.size() < 700000) lines += "a line of text that ends in LF alone\n";
    while (feeds.size() < 400000) feeds += "\n";
    while (pairs.size() < 700000) pairs += "\r\n";
    check("Subject: x\n\n" + lines, 5);
    check("Subject: x\n\n" + feeds, 6);
    check("Subject: x\n\n" + pairs, 5);
    check("Subject: xy\n\n" + pairs, 5);
    check("\n" + std::string(300000, '\r'), 2);
    CHECK(parse_summary(std::string(checkpoint_every - 1, 'x')).checkpoints.empty());
}

TEST_CASE("summary parser: limits") {
    SUBCASE("depth") {
        std::string raw;
        for (int i = 0; i < 300; ++i) raw += "Content-Type: message/rfc822\r\n\r\n";
        const Summary summary = parse_summary(raw);
        test::check_summary(summary, raw);
        unsigned depth = 0;
        for (const Part* part = &summary.root; !part->children.empty(); part = &part->children.front()) ++depth;
        CHECK(depth <= max_depth);
        CHECK(depth >= max_depth - 1);
    }
    SUBCASE("depth of multiparts") {
        std::string raw;
        for (int i = 0; i < 300; ++i) {
            const std::string boundary = "b" + std::to_string(i);
            raw += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
        }
        const Summary summary = parse_summary(raw);
        test::check_summary(summary, raw);
    }
    SUBCASE("parts") {
        std::string raw = "Content-Type: multipart/mixed; boundary=b\n\n";
        for (int i = 0; i < 30000; ++i) raw += "--b\n\n";
        const Summary summary = parse_summary(raw);
        CHECK(summary.root.children.size() == max_parts - 1);
        CHECK(summary.root.children.back().end.raw == raw.size());
    }
    SUBCASE("header") {
        const std::string filler(max_header_bytes, 'x');
        CHECK(parse_summary("X: " + filler + "\r\nSubject: late\r\n\r\n").envelope.subject == std::nullopt);
        CHECK(parse_summary("Subject: " + filler + filler + "\r\n\r\n").envelope.subject->size() <= max_header_bytes);
        CHECK(parse_summary("X: " + filler.substr(100) + "\r\nSubject: y\r\n\r\n").envelope.subject == "y");
    }
    SUBCASE("addresses") {
        std::string raw = "To: ";
        for (int i = 0; i < 20000; ++i) raw += "a@b,";
        CHECK(parse_summary(raw + "\r\n\r\n").envelope.to.size() == max_addresses);
    }
    SUBCASE("what a summary keeps of many large headers") {
        std::string raw = "Content-Type: multipart/mixed; boundary=b\r\n";
        for (int i = 0; i < 300; ++i) raw += "\r\n--b\r\nContent-Description: " + std::string(100000, 'd') + "\r\n\r\n";
        const Summary summary = parse_summary(raw);
        CHECK(summary.backing().size() < 5U << 20);
        CHECK(summary.root.children.size() == 300);
    }
}

TEST_CASE("summary parser: hostile shapes take linear time") {
    const auto start = std::chrono::steady_clock::now();
    std::string raw;
    for (int i = 0; i < 90; ++i) {
        const std::string boundary(static_cast<std::size_t>(90 - i), '-');
        raw += "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n--" + boundary + "\r\n";
    }
    std::string dashes;
    while (dashes.size() < 4 << 20) dashes += "--\n";
    parse_summary(raw + dashes);
    parse_summary("Subject: x" + std::string(8 << 20, '\n'));
    parse_summary("Subject: x\n" + dashes);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("summary parser: a summary may be moved, its strings stay") {
    std::optional<Summary> first = parse_summary("Subject: short\r\nFrom: a@b\r\n\r\n");
    Summary second = std::move(*first);
    first.reset();
    CHECK(second.envelope.subject == "short");
    CHECK(second.envelope.from.at(0).host == "b");
    const std::string_view backing = second.backing();
    CHECK(second.envelope.subject->data() >= backing.data());
    CHECK(second.envelope.subject->data() < backing.data() + backing.size());
}
