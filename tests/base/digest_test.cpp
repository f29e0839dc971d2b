#include "base/digest.h"

#include <doctest/doctest.h>

#include "base/ids.h"

using namespace imaparc;

TEST_CASE("CRC-32C of RFC 3720 B.4's examples") {
    CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AAU);
    CHECK(crc32c(std::string(32, '\xFF')) == 0x62A8AB43U);
    std::string up, down;
    for (int i = 0; i < 32; ++i) {
        up += static_cast<char>(i);
        down += static_cast<char>(31 - i);
    }
    CHECK(crc32c(up) == 0x46DD794EU);
    CHECK(crc32c(down) == 0x113FDB5CU);
    CHECK(crc32c("123456789") == 0xE3069283U);
    CHECK(crc32c(std::string_view(up).substr(11), crc32c(std::string_view(up).substr(0, 11))) == 0x46DD794EU);
}

TEST_CASE("SHA-256 of FIPS 180-4's examples, in pieces or whole") {
    const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    CHECK(hex(sha256("abc")) == abc);
    Hasher hasher;
    hasher.update("a");
    hasher.update("bc");
    CHECK(hex(hasher.finish()) == abc);
    CHECK(hex(hasher.finish()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");  // empty: anew
}

TEST_CASE("a message ID tells its four names apart") {
    const auto id = message_id("2024", "ann", "INBOX", "1.eml");
    CHECK(id == message_id("2024", "ann", "INBOX", "1.eml"));
    CHECK(id != message_id("2025", "ann", "INBOX", "1.eml"));
    CHECK(id != message_id("2024", "ann", "INBOX", "2.eml"));
    CHECK(message_id("a", "bc", "", "") != message_id("ab", "c", "", ""));
    CHECK(message_id("", "", "x", "") != message_id("", "", "", "x"));
    CHECK(id.hex().size() == 32);
}
