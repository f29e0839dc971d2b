#include "auth/password_hash.h"

#include <doctest/doctest.h>

using namespace imaparc;
using namespace imaparc::auth;

namespace {
// Made by argon2(1) of Debian's package argon2:
//   printf %s 'correct horse battery staple' | argon2 somesaltsalt -id -v 13 -k 19456 -t 2 -p 1 -l 32 -e
constexpr const char* horse =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzYWx0$3Aw2Z6kvvYQpUWsqNhPxgEb39foQS/pL1Udyruic8ok";
//   printf %s 'pässwörd' | argon2 'anothersalt!' -id -v 13 -k 4096 -t 3 -p 4 -l 24 -e
constexpr const char* umlauts = "$argon2id$v=19$m=4096,t=3,p=4$YW5vdGhlcnNhbHQh$QEP43yoZS7R3xh3wFWEzEa960EDTAQqq";
//   printf %s x | argon2 'anothersalt!' -i -v 13 -k 256 -t 3 -p 1 -l 24 -e
constexpr const char* argon2i = "$argon2i$v=19$m=256,t=3,p=1$YW5vdGhlcnNhbHQh$pEaDUSTMJLyRGkLZy9nZy/4baZ4IJ6sg";
constexpr HashCost cheap{64, 1, 1};
}  // namespace

TEST_CASE("password hash: what argon2(1) made is verified") {
    CHECK(verify_password("correct horse battery staple", horse));
    CHECK_FALSE(verify_password("correct horse battery stapl", horse));
    CHECK_FALSE(verify_password("", horse));
    CHECK(verify_password("p\xC3\xA4ssw\xC3\xB6rd", umlauts));
    CHECK_FALSE(verify_password("password", umlauts));
}

TEST_CASE("password hash: ours has its form, another salt each time") {
    const auto hash = hash_password("secret", cheap);
    CHECK(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
    CHECK(hash.find('=', hash.rfind(',') + 3) == std::string::npos);  // no padding
    CHECK(check_hash(hash));
    CHECK(verify_password("secret", hash));
    CHECK_FALSE(verify_password("Secret", hash));
    CHECK(hash != hash_password("secret", cheap));
    CHECK(hash_password("x").starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

TEST_CASE("password hash: nobody's has the costs and fits no password") {
    const auto hash = hash_of_nobody(cheap);
    REQUIRE(check_hash(hash));
    CHECK(cost_of(hash)->memory_kib == 64);
    CHECK_FALSE(verify_password("", hash));
}

TEST_CASE("password hash: others are refused with a reason") {
    CHECK(check_hash(argon2i).error().text.find("only argon2id") != std::string::npos);
    CHECK_FALSE(verify_password("x", argon2i));
    const std::string salt = "c29tZXNhbHRzYWx0", hash = "3Aw2Z6kvvYQpUWsqNhPxgEb39foQS/pL1Udyruic8ok";
    const auto with = [&](const std::string& costs) { return "$argon2id$v=19$" + costs + "$" + salt + "$" + hash; };
    CHECK(check_hash(with("m=64,t=1,p=1")));
    for (const auto* costs : {"m=0,t=1,p=1", "m=64,t=0,p=1", "m=64,t=1,p=0", "m=7,t=1,p=1", "m=1048577,t=1,p=1",
                              "m=64,t=33,p=1", "m=1024,t=1,p=17", "t=1,m=64,p=1", "m=64,t=1", "m=64,t=1,p=1,x=1",
                              "m=-1,t=1,p=1", "m=99999999999999999999,t=1,p=1", ""})
        CHECK_FALSE(check_hash(with(costs)));
    for (const auto* text :
         {"", "$", "secret", "{CRYPT}$6$x$y", "$2y$10$abcdefghijklmnopqrstuv", "$argon2id$",
          "$argon2id$v=16$m=64,t=1,p=1$c29tZXNhbHRzYWx0$3Aw2Z6kvvYQpUWsqNhPxgEb39foQS/pL1Udyruic8ok",
          "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzYWx0$", "$argon2id$v=19$m=64,t=1,p=1$$AAAA",
          "$argon2id$v=19$m=64,t=1,p=1$c29tZXNh!HRzYWx0$3Aw2Z6kvvYQpUWsqNhPxgEb39foQS/pL1Udyruic8ok"})
        CHECK_FALSE(check_hash(text));
    CHECK_FALSE(check_hash(std::string(600, '$')));
}
