#include "base/bytes.h"

#include <doctest/doctest.h>

#include <limits>

using namespace imaparc;

TEST_CASE("numbers come back") {
    std::string out;
    Writer writer(out);
    writer.u8(200);
    writer.u16(65535);
    writer.u32(0x01020304);
    writer.u64(std::numeric_limits<std::uint64_t>::max());
    writer.varint(0);
    writer.varint(127);
    writer.varint(128);
    writer.varint(std::numeric_limits<std::uint64_t>::max());
    writer.zigzag(-1);
    writer.zigzag(std::numeric_limits<std::int64_t>::min());
    writer.zigzag(std::numeric_limits<std::int64_t>::max());
    writer.text("text");
    CHECK(out.substr(3, 4) == "\x04\x03\x02\x01");  // little-endian
    Reader reader(out);
    CHECK(reader.u8() == 200);
    CHECK(reader.u16() == 65535);
    CHECK(reader.u32() == 0x01020304);
    CHECK(reader.u64() == std::numeric_limits<std::uint64_t>::max());
    CHECK(reader.varint() == 0);
    CHECK(reader.varint() == 127);
    CHECK(reader.varint() == 128);
    CHECK(reader.varint() == std::numeric_limits<std::uint64_t>::max());
    CHECK(reader.zigzag() == -1);
    CHECK(reader.zigzag() == std::numeric_limits<std::int64_t>::min());
    CHECK(reader.zigzag() == std::numeric_limits<std::int64_t>::max());
    CHECK(reader.text() == "text");
    CHECK(reader.at_end());
    CHECK(reader.ok());
}

TEST_CASE("a reader past the end stays failed and gives nothing") {
    Reader reader(
        "\x05"
        "abc");
    CHECK(reader.text().empty());
    CHECK_FALSE(reader.ok());
    CHECK(reader.u32() == 0);
    Reader endless("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01");
    CHECK(endless.varint() == 0);
    CHECK_FALSE(endless.ok());
}
