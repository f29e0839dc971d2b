#include "store/maildir/names.h"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

#include "base/text.h"

using namespace imaparc;
using namespace imaparc::store;

namespace {

using Levels = std::vector<std::string>;

std::string joined(const Levels& levels) {
    std::string text;
    for (const auto& level : levels) text += "/" + level;
    return text.substr(levels.empty() ? 0 : 1);
}

// raw directory -> name, "(NAME)" for parents that are made up
std::map<std::string, std::string> named(const std::vector<Levels>& directories) {
    std::map<std::string, std::string> result;
    for (const auto& folder : name_folders(directories)) {
        const auto shown = joined(folder.shown);
        result[folder.raw.empty() ? "." : joined(folder.raw)] =
            folder.found == NamedFolder::none ? "(" + shown + ")" : shown;
    }
    return result;
}

}  // namespace

TEST_CASE("names as they are written") {
    CHECK(named({{}, {"Sent"}, {"Entw&APw-rfe"}, {"R&-D", "x"}, {"50% off"}, {"v1\\2e2"}, {"T&AAo-x"}}) ==
          std::map<std::string, std::string>{{".", "INBOX"},
                                             {"Sent", "Sent"},
                                             {"Entw&APw-rfe", "Entwürfe"},
                                             {"R&-D", "(R&D)"},
                                             {"R&-D/x", "R&D/x"},
                                             {"50% off", "50%25 off"},
                                             {"v1\\2e2", "v1\\2e2"},
                                             {"T&AAo-x", "T%0Ax"}});
}

TEST_CASE("names that say nothing in modified UTF-7 show their bytes") {
    CHECK(named({{"Entw\xC3\xBCrfe"}, {"L\xFC"}, {"A&B"}, {"tab\there"}, {"", "A"}, {"A", ""}}) ==
          std::map<std::string, std::string>{{"Entw\xC3\xBCrfe", "Entwürfe"},
                                             {"L\xFC", "L%FC"},
                                             {"A&B", "A&B"},
                                             {"tab\there", "tab%09here"},
                                             {"", "(%2E)"},
                                             {"/A", "%2E/A"},
                                             {"A", "(A)"},
                                             {"A/", "A/%2E"}});
}

TEST_CASE("two directories never share a name") {
    CHECK(named({{"Entw\xC3\xBCrfe"}, {"Entw&APw-rfe"}}) ==
          std::map<std::string, std::string>{{"Entw\xC3\xBCrfe", "Entw%C3%BCrfe"}, {"Entw&APw-rfe", "Entwürfe"}});
    CHECK(named({{"A&-B"}, {"A&B"}}) == std::map<std::string, std::string>{{"A&-B", "A&B"}, {"A&B", "A%26B"}});
    CHECK(named({{"A"}, {"&AEE-"}}) == std::map<std::string, std::string>{{"A", "A"}, {"&AEE-", "%26AEE-"}});
    CHECK(named({{"\n"}, {"&AAo-"}}) == std::map<std::string, std::string>{{"\n", "%0A"}, {"&AAo-", "%26AAo-"}});
    CHECK(named({{"a&AC8-b"}}) == std::map<std::string, std::string>{{"a&AC8-b", "a%2Fb"}});
    // below: the parents keep apart, so the children do
    CHECK(named({{"A&-B", "x"}, {"A&B", "x"}}).at("A&B/x") == "A%26B/x");
}

TEST_CASE("INBOX in all its disguises") {
    CHECK(named({{}, {"INBOX"}, {"INBOX", "x"}, {"inbox"}, {"Inbox", "y"}, {"&AEk-NBOX"}, {"sub", "inbox"}}) ==
          std::map<std::string, std::string>{{".", "INBOX"},
                                             {"INBOX", "%49NBOX"},
                                             {"INBOX/x", "INBOX/x"},
                                             {"inbox", "%69nbox"},
                                             {"Inbox", "(%49nbox)"},
                                             {"Inbox/y", "%49nbox/y"},
                                             {"&AEk-NBOX", "%26AEk-NBOX"},
                                             {"sub", "(sub)"},
                                             {"sub/inbox", "sub/inbox"}});
    // a tree without mail in its root has its INBOX in a directory, and needs no parent made up for it
    CHECK(named({{"INBOX"}, {"Sent"}}) == std::map<std::string, std::string>{{"INBOX", "INBOX"}, {"Sent", "Sent"}});
    CHECK(named({{"INBOX", "x"}}) == std::map<std::string, std::string>{{"INBOX/x", "INBOX/x"}});
}

TEST_CASE("any set of directories: all named, no name twice, nothing that breaks a client") {
    const auto seed = std::random_device()();
    CAPTURE(seed);
    std::mt19937 random(seed);
    static const std::string pieces[] = {
        "",         "A",     "a",     "&",     "&-",      "&AEE-",    "ü",
        "&APw-",    "\xFC",  "\n",    "&AAo-", "%",       "%26",      "%C3%BC",
        "%0A",      "%2E",   "INBOX", "inbox", "%49NBOX", "-",        "&AC8-",
        "\xC2\x85", "&AIU-", "&AP",   "%25",   "\x7F",    "&2D3cwQ-", "\xF0\x9F\x93\x81",
        "&,,8-"};
    for (int round = 0; round < 2000; ++round) {
        std::set<Levels> chosen;
        for (auto n = random() % 20; n > 0; --n) {
            Levels levels;
            for (auto depth = random() % 4; depth > 0; --depth) {
                std::string level;
                for (auto k = random() % 3; k > 0; --k) level += pieces[random() % std::size(pieces)];
                levels.push_back(level);
            }
            chosen.insert(levels);
        }
        const std::vector<Levels> directories(chosen.begin(), chosen.end());
        const auto folders = name_folders(directories);
        std::set<std::string> names;
        std::set<std::size_t> found;
        for (const auto& folder : folders) {
            auto first = folder.shown;
            if (ascii_iequals(first[0], "INBOX")) CHECK(first[0] == "INBOX");
            CHECK(names.insert(joined(folder.shown)).second);
            if (folder.found != NamedFolder::none) {
                CHECK(found.insert(folder.found).second);
                CHECK(directories[folder.found] == folder.raw);
            }
            for (const auto& level : folder.shown) {
                CHECK_FALSE(level.empty());
                CHECK(valid_utf8(level));
                CHECK(level.find('/') == std::string::npos);
                for (const char c : level) CHECK((static_cast<unsigned char>(c) >= 0x20 && c != 0x7F));
            }
            // the parent is there, and before
            if (folder.shown.size() > 1 && folder.shown[0] != "INBOX")
                CHECK(names.count(joined(Levels(folder.shown.begin(), folder.shown.end() - 1))) == 1);
        }
        CHECK(found.size() == directories.size());
    }
}
