#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "protocol/player.h"

using namespace imaparc::test;

TEST_CASE("patterns of expected lines") {
    std::map<std::string, std::string> names;
    CHECK(matches("* OK ...", "* OK ready", names));
    CHECK(!matches("* OK ...", "* NO ready", names));
    CHECK(matches("* <number> EXISTS", "* 12 EXISTS", names));
    CHECK(!matches("* <number> EXISTS", "* x EXISTS", names));
    CHECK(matches("[UIDNEXT <next:number>] ...", "[UIDNEXT 17] ok", names));
    CHECK(names["next"] == "17");
    CHECK(matches("* <next:number> then $next", "* 18 then 17", names));
    CHECK(matches("* FLAGS (\\Seen)", "* FLAGS (\\Seen)", names));
    CHECK(!matches("exact", "exact and more", names));
}

TEST_CASE("scripts") {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(IMAPARC_TESTS_DIR "/protocol"))
        if (entry.path().extension() == ".script") files.push_back(entry.path());
    std::ranges::sort(files);
    REQUIRE(!files.empty());
    const char* only = std::getenv("IMAPARC_SCRIPT");

    setenv("TZ", "UTC", 1);  // INTERNALDATE is shown in the server's zone
    tzset();
    Player player;
    for (const auto& file : files) {
        if (only && file.stem().string().find(only) == std::string::npos) continue;
        const Script script = read_script(file, IMAPARC_TESTS_DIR "/messages");
        for (const Way way : script.ways) {
            const std::string trouble = player.play(script, way);
            if (!trouble.empty()) FAIL_CHECK(trouble);
        }
    }
}
