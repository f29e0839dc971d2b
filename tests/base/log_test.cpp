#include "base/log.h"

#include <doctest/doctest.h>

using namespace imaparc;

TEST_CASE("an event is one line, whatever its fields hold") {
    std::string out;
    Log log(LogLevel::info, LogFormat::text, [&](std::string_view line) { out += line; });
    log.info("imap_login_refused", {{"user", "ann\r\n2026 error forged"}, {"tries", 3}, {"remote", "127.0.0.1"}});
    CHECK(out.find(" info imap_login_refused user=\"ann\\\\x0D\\\\x0A2026 error forged\" tries=3 remote=127.0.0.1\n") !=
          std::string::npos);
    CHECK(std::count(out.begin(), out.end(), '\n') == 1);
    out.clear();
    log.debug("unwanted");
    CHECK(out.empty());
    log.level(LogLevel::debug);
    log.debug("wanted");
    CHECK_FALSE(out.empty());
}

TEST_CASE("JSON lines quote what JSON must quote") {
    std::string out;
    Log log(LogLevel::debug, LogFormat::json, [&](std::string_view line) { out += line; });
    log.error("x", {{"path", "a\"b\\c\n"}, {"ratio", 0.5}, {"n", -2}});
    CHECK(out.find(R"("level":"error","event":"x","path":"a\"b\\c\\x0A","ratio":0.5,"n":-2})") != std::string::npos);
}
