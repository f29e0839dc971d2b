#include "imap/names.h"

#include <doctest/doctest.h>

#include <chrono>
#include <random>

#include "base/text.h"

using namespace imaparc;
using namespace imaparc::imap;

namespace {

bool matches(std::string_view pattern, std::string_view path) { return Pattern(pattern).matches(path); }

// RFC 3501 6.3.8, word by word: "*" matches zero or more characters; "%" does not match a hierarchy delimiter.
bool model(std::string_view pattern, std::string_view path) {
    if (pattern.empty()) return path.empty();
    if (pattern[0] == '*' || pattern[0] == '%') {
        for (std::size_t taken = 0;; ++taken) {
            if (model(pattern.substr(1), path.substr(taken))) return true;
            if (taken == path.size() || (pattern[0] == '%' && path[taken] == '/')) return false;
        }
    }
    return !path.empty() && pattern[0] == path[0] && model(pattern.substr(1), path.substr(1));
}

}  // namespace

TEST_CASE("patterns") {
    CHECK(matches("*", "a/b"));
    CHECK(matches("*", ""));
    CHECK(matches("%", "a"));
    CHECK_FALSE(matches("%", "a/b"));
    CHECK(matches("%/%", "a/b"));
    CHECK_FALSE(matches("%/%", "a/b/c"));
    CHECK(matches("a/*", "a/b/c"));
    CHECK_FALSE(matches("a/*", "a"));
    CHECK(matches("a*", "a"));
    CHECK(matches("a%", "a"));
    CHECK(matches("*c", "a/b/c"));
    CHECK(matches("%%%", "abc"));
    CHECK(matches("%*%", "a/b"));
    CHECK(matches("*/%", "a/b/c"));
    CHECK(matches("*a%b", "xa/ayb"));
    CHECK(matches("abc", "abc"));
    CHECK_FALSE(matches("abc", "abcd"));
    CHECK_FALSE(matches("Abc", "abc"));
    CHECK(matches("", ""));
    CHECK_FALSE(matches("", "a"));
    CHECK(matches("Entw%", "Entwürfe"));
}

TEST_CASE("INBOX is matched in any case, and only INBOX is") {
    CHECK(matches("inbox", "INBOX"));
    CHECK(matches("InB%", "INBOX"));
    CHECK(matches("*box", "INBOX"));
    CHECK_FALSE(matches("inboxes", "INBOX"));
    CHECK_FALSE(matches("inbox/a", "INBOX/a"));
    CHECK_FALSE(matches("inbox", "INBOx"));
}

TEST_CASE("patterns: the same as a plain model") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto text = [&](std::string_view letters, unsigned longest) {
        std::string result;
        for (auto n = random() % (longest + 1); n > 0; --n) result += letters[random() % letters.size()];
        return result;
    };
    unsigned hits = 0;
    for (int round = 0; round < 50'000; ++round) {
        const auto pattern = text("ab/*%%*", 8);
        const auto path = text("aab/", 9);
        CAPTURE(pattern);
        CAPTURE(path);
        const bool expected = model(pattern, path);
        hits += expected;
        REQUIRE(matches(pattern, path) == expected);
    }
    CHECK(hits > 5000);
}

TEST_CASE("patterns longer than a machine word, the same as a plain model") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 500; ++round) {
        std::string path, pattern;
        for (auto n = 50 + random() % 150; n > 0; --n) path += "abcdefgh/"[random() % 9];
        for (char c : path) {
            const auto dice = random() % 60;
            if (dice == 0) pattern += '*';
            if (dice == 1) pattern += '%';
            if (dice != 2) pattern += c;
        }
        CAPTURE(path);
        CAPTURE(pattern);
        REQUIRE(matches(pattern, path) == model(pattern, path));
        REQUIRE(matches(path, path));
    }
}

TEST_CASE("a hostile pattern costs no more than its length") {
    std::string pattern, path(1000, 'a');
    for (int i = 0; i < 500; ++i) pattern += "*a%";
    const Pattern hostile(pattern + "b");
    const auto before = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) CHECK_FALSE(hostile.matches(path));
    CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(5));
}

TEST_CASE("ancestors that match (LSUB, RFC 3501 6.3.9)") {
    using List = std::vector<std::string_view>;
    CHECK(Pattern("%").matching_ancestors("foo/bar") == List{"foo"});
    CHECK(Pattern("*").matching_ancestors("a/b/c") == List{"a", "a/b"});
    CHECK(Pattern("a/%").matching_ancestors("a/b/c") == List{"a/b"});
    CHECK(Pattern("b%").matching_ancestors("foo/bar").empty());
    CHECK(Pattern("%").matching_ancestors("foo").empty());
}

TEST_CASE("reference and mailbox argument (RFC 3501 6.3.8)") {
    CHECK(joined_pattern("", "*") == "*");
    CHECK(joined_pattern("~smith/Mail/", "foo.*") == "~smith/Mail/foo.*");
    CHECK(joined_pattern("archive/", "%") == "archive/%");
    CHECK(joined_pattern("#news.", "comp.mail.*") == "#news.comp.mail.*");
    CHECK(joined_pattern("~smith/Mail/", "/usr/doc/foo") == "/usr/doc/foo");
    CHECK(joined_pattern("archive/", "~fred/Mail/*") == "archive/~fred/Mail/*");
    CHECK(joined_pattern("a", "") == "a");
    CHECK(root_of("") == "");
    CHECK(root_of("/usr/staff/jones") == "/");
    CHECK(root_of("a/b/c") == "a/");
    CHECK(root_of("abc") == "");
}

TEST_CASE("mailbox names from the wire") {
    CHECK(mailbox_from_wire("iNbOx") == MailboxName{"INBOX", true});
    CHECK(mailbox_from_wire("inbox/x") == MailboxName{"inbox/x", true});
    CHECK(mailbox_from_wire("&AOQ-") == MailboxName{"ä", true});
    CHECK(mailbox_from_wire("\xC3\xA4&") == MailboxName{"ä&", true});
    CHECK(mailbox_from_wire("\xE4") == MailboxName{"\xE4", false});
    CHECK(mailbox_from_wire("&A") == MailboxName{"&A", false});
    CHECK(mailbox_to_wire("ä&") == "&AOQ-&-");
}
