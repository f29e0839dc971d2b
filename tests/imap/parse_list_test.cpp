#include <doctest/doctest.h>

#include "helpers/describe_command.h"
#include "helpers/parsed_every_way.h"
#include "imap/parse.h"

using namespace imaparc;

namespace {

std::string read(std::string_view text) { return test::describe(test::parsed_every_way(text)); }

void check_bad(std::string_view text, std::string_view why) {
    CAPTURE(text);
    const auto said = read(text);
    CHECK(said.starts_with("BAD a "));
    CHECK_MESSAGE(said.find(why) != std::string::npos, said);
}

}  // namespace

TEST_CASE("LIST in the extended syntax (RFC 5258 5)") {
    CHECK(read("A02 LIST (SUBSCRIBED) \"\" \"*\"") == "A02 LIST list \"\" \"*\" select (subscribed) return ()");
    CHECK(read("A03 LIST () \"\" \"%\" RETURN (CHILDREN)") == "A03 LIST list \"\" \"%\" select () return (children)");
    CHECK(read("A04 LIST (REMOTE) \"\" \"%\" RETURN (CHILDREN)") ==
          "A04 LIST list \"\" \"%\" select (remote) return (children)");
    CHECK(read("A05 LIST (REMOTE SUBSCRIBED) \"\" \"*\"") ==
          "A05 LIST list \"\" \"*\" select (subscribed, remote) return ()");
    CHECK(read("BBB LIST \"\" (\"INBOX\" \"Drafts\" \"Sent/%\")") ==
          "BBB LIST list \"\" \"INBOX\" \"Drafts\" \"Sent/%\" select () return ()");
    CHECK(read("C04 LIST (SUBSCRIBED RECURSIVEMATCH) \"\" \"%\" RETURN (CHILDREN)") ==
          "C04 LIST list \"\" \"%\" select (subscribed, recursivematch) return (children)");
    CHECK(read("a3.1 LIST \"\" (% music/rock)") == "a3.1 LIST list \"\" \"%\" \"music/rock\" select () return ()");
    CHECK(read("a list (subscribed Subscribed) r x return (children)  ") ==
          "a LIST list \"r\" \"x\" select (subscribed) return (children)");
    CHECK(read("a LIST (RECURSIVEMATCH REMOTE SPECIAL-USE SUBSCRIBED) \"\" x") ==
          "a LIST list \"\" \"x\" select (subscribed, remote, recursivematch, special-use) return ()");
}

TEST_CASE("LIST: an empty pattern is nothing once the command is extended (RFC 5258 3)") {
    CHECK(read("a LIST \"\" (\"\" x \"\")") == "a LIST list \"\" \"x\" select () return ()");
    CHECK(read("a LIST () \"\" \"\"") == "a LIST list \"\" select () return ()");
    CHECK(read("a LIST \"\" \"\" RETURN ()") == "a LIST list \"\" select () return ()");
    CHECK(read("a LIST \"\" \"\"  ") == "a LIST list \"\" \"\"");
}

TEST_CASE("LIST: what it may return (RFC 5819, 6154, 8440, 9590)") {
    CHECK(read("A01 LIST \"\" % RETURN (STATUS (MESSAGES UNSEEN MESSAGES))") ==
          "A01 LIST list \"\" \"%\" select () return (status MESSAGES UNSEEN)");
    CHECK(read("a LIST \"\" % RETURN (METADATA (\"/shared/comment\" /private/x) SPECIAL-USE MYRIGHTS SUBSCRIBED)") ==
          "a LIST list \"\" \"%\" select () return (subscribed, special-use, myrights, metadata /shared/comment "
          "/private/x)");
    CHECK(read("a LIST \"\" % RETURN (METADATA /shared/comment CHILDREN)") ==
          "a LIST list \"\" \"%\" select () return (children, metadata /shared/comment)");
}

TEST_CASE("LIST: what is wrong") {
    check_bad("a LIST (RECURSIVEMATCH) \"\" *", "SUBSCRIBED");
    check_bad("a LIST (REMOTE RECURSIVEMATCH) \"\" *", "SUBSCRIBED");
    check_bad("a LIST (RECURSIVEMATCH SPECIAL-USE) \"\" *", "SUBSCRIBED");
    check_bad("a LIST (X) \"\" *", "RECURSIVEMATCH");
    check_bad("a LIST (SUBSCRIBED", ")");
    check_bad("a LIST (SUBSCRIBED) \"\"", "space");
    check_bad("a LIST \"\" ()", "pattern");
    check_bad("a LIST \"\" (x", ")");
    check_bad("a LIST \"\" * RETURN", "space");
    check_bad("a LIST \"\" * RETURN CHILDREN", "(");
    check_bad("a LIST \"\" * RETURN (X)", "CHILDREN");
    check_bad("a LIST \"\" * RETURN (STATUS)", "space");
    check_bad("a LIST \"\" * RETURN (STATUS ())", "MESSAGES");
    check_bad("a LIST \"\" * RETURN (METADATA ())", "entry");
    check_bad("a LIST \"\" * RETURN (METADATA (/shared))", "two parts");
    check_bad("a LIST \"\" * x", "RETURN");
    check_bad("a LSUB () \"\" *", "reference");
    check_bad("a XLIST \"\" * RETURN (CHILDREN)", "end of the command");
    std::string many = "a LIST \"\" (";
    for (int i = 0; i < 101; ++i) many += "x ";
    many.back() = ')';
    check_bad(many, "patterns");
    std::string long_ones = "a LIST \"\" (";
    for (int i = 0; i < 5; ++i) long_ones += std::string(4000, 'x') + " ";
    long_ones.back() = ')';
    check_bad(long_ones, "together");
}

TEST_CASE("XLIST") { CHECK(read("x XLIST \"\" \"*\"") == "x XLIST xlist \"\" \"*\""); }

TEST_CASE("GETMETADATA (RFC 5464 4.2, 5)") {
    CHECK(read("a GETMETADATA \"\" /shared/comment") == "a GETMETADATA \"\" /shared/comment");
    CHECK(read("a GETMETADATA \"INBOX\" (/shared/comment /private/comment)") ==
          "a GETMETADATA \"INBOX\" /shared/comment /private/comment");
    CHECK(read("a GETMETADATA \"INBOX\" (MAXSIZE 1024) (/shared/comment /private/comment)") ==
          "a GETMETADATA \"INBOX\" /shared/comment /private/comment at most 1024");
    CHECK(read("a GETMETADATA (MAXSIZE 1024 DEPTH 1) INBOX /shared") ==
          "a GETMETADATA \"INBOX\" /shared at most 1024 "
          "depth 1");
    CHECK(read("a GETMETADATA \"INBOX\" (DEPTH infinity) (/private/filters/values)") ==
          "a GETMETADATA \"INBOX\" /private/filters/values depth infinity");
    CHECK(read("a GETMETADATA INBOX /private/comment /shared/comment  ") ==
          "a GETMETADATA \"INBOX\" /private/comment /shared/comment");
    CHECK(read("a GETMETADATA INBOX (/shared/Comment /SHARED/comment)") == "a GETMETADATA \"INBOX\" /shared/Comment");
    check_bad("a GETMETADATA INBOX (/shared/comment) (MAXSIZE 1)", "end of the command");
    check_bad("a GETMETADATA INBOX (SIZE 1) (/shared/comment)", "starts with /");
    check_bad("a GETMETADATA INBOX (DEPTH 2) (/shared/comment)", "infinity");
    check_bad("a GETMETADATA INBOX (MAXSIZE x) (/shared/comment)", "number");
    for (const auto* entry : {"comment", "/comment/x", "/shared", "/shared/", "/shared//x", "\"/shared/a*\"",
                              "\"/shared/a%\"", "/shared/vendor", "/shared/vendor/x", "/private/vendor/x", "/\xC3\xA4"})
        check_bad(std::string("a GETMETADATA \"\" ") + entry, "The name of an entry");
    CHECK(read("a GETMETADATA \"\" /shared/vendor/x/y") == "a GETMETADATA \"\" /shared/vendor/x/y");
    CHECK(read("a GETMETADATA (DEPTH 1) \"\" /shared/vendor") == "a GETMETADATA \"\" /shared/vendor depth 1");
    std::string many = "a GETMETADATA \"\" (";
    for (int i = 0; i < 101; ++i) many += "/shared/x" + std::to_string(i) + " ";
    many.back() = ')';
    check_bad(many, "entries");
}

TEST_CASE("rights and quota (RFC 4314 7, RFC 9208 7)") {
    CHECK(read("a MYRIGHTS inbox") == "a MYRIGHTS \"INBOX\"");
    CHECK(read("a getacl \"a b\"") == "a GETACL \"a b\"");
    CHECK(read("a LISTRIGHTS ~/Mail/saved smith") == "a LISTRIGHTS \"~/Mail/saved\" \"smith\"");
    CHECK(read("a GETQUOTA \"#user/alice\"") == "a GETQUOTA \"#user/alice\"");
    CHECK(read("a GETQUOTA \"\"") == "a GETQUOTA \"\"");
    CHECK(read("a GETQUOTAROOT INBOX") == "a GETQUOTAROOT \"INBOX\"");
    check_bad("a LISTRIGHTS x \"\"", "identifier");
    check_bad("a LISTRIGHTS x \"a\x01\"", "identifier");
    check_bad("a LISTRIGHTS x \"\xFF\"", "identifier");
    check_bad("a MYRIGHTS", "space");
    check_bad("a MYRIGHTS x y", "end of the command");
    CHECK(read("A002 SETACL INBOX/Drafts Chris +cda") == "A002 SETACL refused SETACL");
    check_bad("a SETACL INBOX/Drafts John lrQswicda", "Rights");  // RFC 4314 3.1
    check_bad("a SETACL INBOX/Drafts John lrqswicda", "Rights");
}
