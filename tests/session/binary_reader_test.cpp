#include "session/binary_reader.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <random>
#include <string>

#include "helpers/wire_model.h"

using namespace imaparc;
using namespace imaparc::session;

namespace {

// A message in memory that counts what is read of it.
class Message : public archive::WireReader {
  public:
    explicit Message(std::string raw) : raw_(std::move(raw)), summary_(message::parse_summary(raw_)) {}
    const message::Summary& summary() const override { return summary_; }
    Result<std::size_t> read(std::uint64_t, std::span<char>) override {
        return Error{ErrorKind::invalid, "BINARY reads raw octets"};
    }
    Result<std::size_t> read_raw(std::uint64_t offset, std::span<char> buffer) override {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), raw_.size() - offset));
        raw_.copy(buffer.data(), size, static_cast<std::size_t>(offset));
        octets_read += size;
        return size;
    }
    message::Range body() const { return {summary_.root.body, summary_.root.end}; }

    std::uint64_t octets_read = 0;

  private:
    std::string raw_;
    message::Summary summary_;
};

std::string base64(std::string_view bytes, const char* line_end) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < n ? static_cast<std::uint8_t>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k) out += k <= n ? digits[group >> (18 - 6 * k) & 63] : '=';
        if (i / 3 % 19 == 18) out += line_end;
    }
    return out + line_end;
}

std::string random_bytes(std::mt19937& random, std::size_t size) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    return bytes;
}

std::string read_all(BinaryReader& reader, std::uint64_t octets, std::size_t at_once) {
    std::string out;
    while (out.size() < octets) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(at_once, octets - out.size()));
        REQUIRE(reader.read(size, out));
    }
    return out;
}

}  // namespace

TEST_CASE("BINARY: what was encoded comes back, whole and in parts") {
    const unsigned seed = std::random_device()();
    std::printf("binary reader: seed %u\n", seed);
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (const std::size_t size : {0U, 1U, 2U, 3U, 100U, 16384U, 50000U, 300001U}) {
        const std::string bytes = random_bytes(random, size);
        Message message("Content-Transfer-Encoding: base64\n\n" + base64(bytes, size % 2 ? "\n" : "\r\n"));
        BinaryBookmark bookmark;
        BinaryReader reader(message, message.body(), message::TransferEncoding::base64, bookmark);
        const auto whole = reader.measure(0, UINT64_MAX);
        REQUIRE(whole);
        REQUIRE(whole->octets == size);
        CHECK(whole->nul == (bytes.find('\0') != std::string::npos));
        CHECK(read_all(reader, size, 7001) == bytes);
        for (int i = 0; i < 20; ++i) {
            const std::size_t offset = random() % (size + 10), most = 1 + random() % 5000;
            BinaryReader part(message, message.body(), message::TransferEncoding::base64, bookmark);
            const std::string expected = bytes.substr(std::min(offset, size), most);
            const auto measured = part.measure(offset, most);
            REQUIRE(measured);
            REQUIRE(measured->octets == expected.size());
            CHECK(measured->nul == (expected.find('\0') != std::string::npos));
            CHECK(read_all(part, measured->octets, 100) == expected);
            part.remember();
        }
    }
}

TEST_CASE("BINARY: without an encoding lines end in CRLF and NUL stays NUL") {
    const std::string text = std::string("one\ntwo\r\nthr\0ee\n", 16) + std::string(40000, 'x') + "\n";
    Message message("Subject: x\n\n" + text);
    BinaryBookmark bookmark;
    BinaryReader reader(message, message.body(), message::TransferEncoding::identity, bookmark);
    std::string expected;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) expected += '\r';
        expected += text[i];
    }
    const auto whole = reader.measure(0, UINT64_MAX);
    REQUIRE(whole);
    REQUIRE(whole->octets == expected.size());
    CHECK(whole->nul);
    CHECK(read_all(reader, whole->octets, 999) == expected);
}

TEST_CASE("BINARY: parts that follow each other cost no more than a few times the whole") {
    std::mt19937 random(1);
    const std::string bytes = random_bytes(random, 4 << 20);
    Message message("Content-Transfer-Encoding: base64\n\n" + base64(bytes, "\n"));
    const std::uint64_t size = message.summary().raw_size;
    BinaryBookmark bookmark;
    std::string all;
    for (std::uint64_t offset = 0; all.size() < bytes.size(); offset += 16384) {
        BinaryReader part(message, message.body(), message::TransferEncoding::base64, bookmark);
        const auto measured = part.measure(offset, 16384);
        REQUIRE(measured);
        all += read_all(part, measured->octets, 65536);
        part.remember();
    }
    CHECK(all == bytes);
    CHECK(message.octets_read < 5 * size);
}

TEST_CASE("BINARY: the place of another part, or message, is not taken for this one's") {
    Message one("Content-Transfer-Encoding: base64\n\n" + base64(std::string(1000, 'a'), "\n"));
    Message two("Content-Transfer-Encoding: base64\n\n" + base64(std::string(1000, 'b'), "\n"));
    BinaryBookmark bookmark;
    BinaryReader first(one, one.body(), message::TransferEncoding::base64, bookmark);
    REQUIRE(first.measure(0, 100));
    CHECK(read_all(first, 100, 100) == std::string(100, 'a'));
    first.remember();
    BinaryReader second(two, two.body(), message::TransferEncoding::base64, bookmark);
    REQUIRE(second.measure(100, 100));
    CHECK(read_all(second, 100, 100) == std::string(100, 'b'));
}
