#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <random>
#include <string>

#include "base/file.h"
#include "helpers/summary_print.h"
#include "message/summary.h"

using namespace imaparc;
using namespace imaparc::message;

namespace {

std::vector<std::string> sample_messages() {
    std::vector<std::string> result;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(IMAPARC_TESTS_DIR) / "messages"))
        if (entry.path().extension() == ".eml") result.push_back(value_or_throw(read_file(entry.path())));
    std::string large = "Date: Tue, 1 Jul 2003 10:52:37 -0930\n\n";
    while (large.size() < 1000000) large += "line\n";
    result.push_back(large);
    return result;
}

bool inside(std::string_view text, std::string_view bytes) {
    return text.empty() || (text.data() >= bytes.data() && text.data() + text.size() <= bytes.data() + bytes.size());
}

// As a decoded record must be, whoever made it.
void check_shape(const Part& part, const Place& last, unsigned depth) {
    REQUIRE(depth < 200);
    for (const Place* place : {&part.header, &part.body, &part.end}) {
        REQUIRE(place->raw <= place->wire);
        REQUIRE(place->raw <= last.raw);
        REQUIRE(place->wire <= last.wire);
    }
    REQUIRE(part.header.raw <= part.body.raw);
    REQUIRE(part.body.raw <= part.end.raw);
    REQUIRE(part.body.wire <= part.end.wire);
    if (part.kind == Part::Kind::message) REQUIRE((part.envelope && part.children.size() == 1));
    if (part.kind == Part::Kind::multipart) REQUIRE(!part.children.empty());
    for (const Part& child : part.children) check_shape(child, part.end, depth + 1);
}

}  // namespace

TEST_CASE("summary codec: decoding gives back what was encoded, without copying") {
    for (const std::string& raw : sample_messages()) {
        const Summary summary = parse_summary(raw);
        const std::string record = encode_summary(summary);
        const auto decoded = decode_summary(record);
        REQUIRE(decoded);
        CHECK(test::describe(*decoded) == test::describe(summary));
        CHECK(inside(decoded->root.type, record));
        if (decoded->envelope.subject) CHECK(inside(*decoded->envelope.subject, record));
        CHECK(encode_summary(*decoded) == record);
    }
}

TEST_CASE("summary codec: a record is small") {
    const std::string record = encode_summary(parse_summary("From: ann@example.org\r\nSubject: x\r\n\r\nbody\r\n"));
    CHECK(record.size() < 150);
}

TEST_CASE("summary codec: another version is told apart from damage") {
    std::string record = encode_summary(parse_summary("Subject: x\r\n\r\n"));
    record[0] = static_cast<char>(record[0] + 1);
    const auto newer = decode_summary(record);
    REQUIRE_FALSE(newer);
    CHECK(newer.error().kind == ErrorKind::invalid);
    CHECK(newer.error().text == "version");
    CHECK(decode_summary("").error().kind == ErrorKind::damaged);
}

TEST_CASE("summary codec: a record cut short or too long is damaged") {
    const std::string record = encode_summary(parse_summary(sample_messages()[9]));
    for (std::size_t size = 0; size < record.size(); ++size)
        CHECK(decode_summary(std::string_view(record).substr(0, size)).error().kind == ErrorKind::damaged);
    CHECK(decode_summary(record + "x").error().kind == ErrorKind::damaged);
}

TEST_CASE("summary codec: arbitrary bytes do no harm") {
    const unsigned seed = std::random_device()();
    std::printf("summary codec: seed %u\n", seed);
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto below = [&random](std::size_t n) {
        return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
    };
    std::vector<std::string> records;
    for (const std::string& raw : sample_messages()) records.push_back(encode_summary(parse_summary(raw)));
    std::size_t survived = 0;
    for (int round = 0; round < 20000; ++round) {
        std::string record = records[below(records.size())];
        if (record.size() > 4000) continue;
        for (std::size_t n = 1 + below(4); n > 0; --n) {
            const std::size_t at = 1 + below(record.size() - 1);
            switch (below(3)) {
                case 0:
                    record[at] = static_cast<char>(below(256));
                    break;
                case 1:
                    record.insert(at, std::string(1 + below(10), '\xff'));
                    break;
                default:
                    record.erase(at, 1 + below(5));
                    if (record.size() < 2) record += "xx";
            }
        }
        const auto decoded = decode_summary(record);
        if (!decoded) continue;
        ++survived;
        check_shape(decoded->root, {decoded->raw_size, decoded->wire_size}, 0);
        const std::string again = encode_summary(*decoded);
        const auto twice = decode_summary(again);
        REQUIRE(twice);
        CHECK(test::describe(*twice) == test::describe(*decoded));
    }
    CHECK(survived > 100);  // letters of strings changed: a record all the same
}

TEST_CASE("summary codec: huge counts reserve nothing") {
    std::string record = encode_summary(parse_summary(""));
    for (std::size_t at = 1; at + 9 < record.size(); ++at) {
        std::string hostile = record;
        hostile.replace(at, 9, "\xff\xff\xff\xff\xff\xff\xff\xff\x7f");
        const auto decoded = decode_summary(hostile);
        if (decoded) check_shape(decoded->root, {decoded->raw_size, decoded->wire_size}, 0);
    }
}
