#include "auth/sasl/sasl.h"

#include <doctest/doctest.h>

#include "auth/secret.h"

using namespace imaparc;
using namespace imaparc::auth;
using Kind = SaslStep::Kind;

// Base64 below is from base64(1).

TEST_CASE("sasl: mechanisms by name") {
    CHECK(sasl_mechanisms() == std::vector<std::string>{"PLAIN", "LOGIN"});
    CHECK(start_sasl("plain"));
    CHECK(start_sasl("Login"));
    CHECK_FALSE(start_sasl("SCRAM-SHA-256"));
    CHECK_FALSE(start_sasl(""));
}

TEST_CASE("PLAIN: RFC 4616 section 4, in one step and in two") {
    // tim, tanstaaftanstaaf: AHRpbQB0YW5zdGFhZnRhbnN0YWFm
    auto one = start_sasl("PLAIN")->start("AHRpbQB0YW5zdGFhZnRhbnN0YWFm");
    REQUIRE(one.kind == Kind::done);
    CHECK(one.credentials.user == "tim");
    CHECK(one.credentials.password.view() == "tanstaaftanstaaf");

    auto exchange = start_sasl("PLAIN");
    auto first = exchange->start(std::nullopt);
    CHECK(first.kind == Kind::challenge);
    CHECK(first.challenge.empty());
    auto second = exchange->next("AHRpbQB0YW5zdGFhZnRhbnN0YWFm");
    REQUIRE(second.kind == Kind::done);
    CHECK(second.credentials.user == "tim");
}

TEST_CASE("PLAIN: authzid") {
    // Ursel NUL Kurt NUL xipj3plmq (RFC 4616 section 4): acting as another
    const auto other = start_sasl("PLAIN")->start("VXJzZWwAS3VydAB4aXBqM3BsbXE=");
    CHECK(other.kind == Kind::failed);
    CHECK(other.error.kind == ErrorKind::refused);
    // tim NUL tim NUL x, and Tim NUL tim NUL x: the same user
    CHECK(start_sasl("PLAIN")->start("dGltAHRpbQB4").kind == Kind::done);
    CHECK(start_sasl("PLAIN")->start("VGltAHRpbQB4").kind == Kind::done);
}

TEST_CASE("PLAIN: broken messages") {
    const auto kind = [](std::string_view line) {
        const auto step = start_sasl("PLAIN")->start(line);
        CHECK(step.kind == Kind::failed);
        return step.error.kind;
    };
    CHECK(kind("=") == ErrorKind::invalid);             // an empty initial response
    CHECK(kind("dGlt") == ErrorKind::invalid);          // no NUL
    CHECK(kind("AHRpbQ==") == ErrorKind::invalid);      // one NUL
    CHECK(kind("AAB4") == ErrorKind::invalid);          // empty name
    CHECK(kind("AHRpbQA=") == ErrorKind::invalid);      // empty password
    CHECK(kind("AHRpbQB4AHg=") == ErrorKind::invalid);  // three NULs
    CHECK(kind("AP8AeA==") == ErrorKind::invalid);      // name is no UTF-8
    CHECK(kind("AHRpbQB4!") == ErrorKind::invalid);
    CHECK(kind("AHRpbQB4 ") == ErrorKind::invalid);
    CHECK(kind("AHRpbQA") == ErrorKind::invalid);  // padding missing
    CHECK(kind(std::string(5000, 'A')) == ErrorKind::invalid);
    CHECK(start_sasl("PLAIN")->start("*").kind == Kind::cancelled);
}

TEST_CASE("LOGIN: name, then password") {
    auto exchange = start_sasl("LOGIN");
    auto step = exchange->start(std::nullopt);
    CHECK(step.challenge == "VXNlcm5hbWU6");  // Username:
    step = exchange->next("dGlt");
    CHECK(step.kind == Kind::challenge);
    CHECK(step.challenge == "UGFzc3dvcmQ6");  // Password:
    step = exchange->next("dGFuc3RhYWZ0YW5zdGFhZg==");
    REQUIRE(step.kind == Kind::done);
    CHECK(step.credentials.user == "tim");
    CHECK(step.credentials.password.view() == "tanstaaftanstaaf");

    exchange = start_sasl("LOGIN");
    CHECK(exchange->start("dGlt").challenge == "UGFzc3dvcmQ6");  // the name as initial response
    CHECK(exchange->next("*").kind == Kind::cancelled);

    CHECK(start_sasl("LOGIN")->start("=").kind == Kind::failed);
    exchange = start_sasl("LOGIN");
    (void)exchange->start("dGlt");
    CHECK(exchange->next("").kind == Kind::failed);  // an empty password
    CHECK(start_sasl("LOGIN")->start("not base64").error.kind == ErrorKind::invalid);
}

TEST_CASE("secret: moves, does not copy, is empty when wiped") {
    Secret a("hunter2");
    Secret b(std::move(a));
    CHECK(b.view() == "hunter2");
    b = Secret("other");
    CHECK(b.view() == "other");
    b.wipe();
    CHECK(b.empty());
    std::string text = "hunter2";
    text.resize(3);
    const char* memory = text.data();
    wipe(text);
    CHECK(text.empty());
    CHECK(std::string_view(memory, 1) == std::string_view("\0", 1));
}
