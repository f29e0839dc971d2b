#include <doctest/doctest.h>

#include "helpers/describe_command.h"
#include "helpers/parsed_every_way.h"
#include "imap/parse.h"

using namespace imaparc;
using namespace imaparc::imap;

namespace {

std::string parsed(std::string_view text) { return test::describe(test::parsed_every_way(text)); }
bool bad(std::string_view parameters, std::string_view why) {
    const auto result = test::parsed_every_way("a SELECT x " + std::string(parameters));
    const auto* b = std::get_if<BadRequest>(&result);
    if (b != nullptr) INFO(b->text);
    return b != nullptr && b->text.find(why) != std::string::npos;
}

}  // namespace

TEST_CASE("SELECT and EXAMINE with parameters: the examples of RFC 7162") {
    CHECK(parsed("A142 SELECT INBOX (CONDSTORE)") == "A142 SELECT \"INBOX\" read-write condstore");
    CHECK(parsed("A02 SELECT INBOX (QRESYNC (67890007 20050715194045000 41,43:211,214:541))") ==
          "A02 SELECT \"INBOX\" read-write resync 67890007 20050715194045000 uids 41,43:211,214:541");
    CHECK(parsed("A03 EXAMINE INBOX (QRESYNC (67890007 90060115194045000 41:211,214:541))") ==
          "A03 EXAMINE \"INBOX\" read-only resync 67890007 90060115194045000 uids 41:211,214:541");
    CHECK(parsed("B04 SELECT INBOX (QRESYNC (67890007 90060115194045000 1:29997 (5000,7500,9000,9990:9999 "
                 "15000,22500,27000,29970,29973,29976,29979,29982,29985,29988,29991,29994,29997)))") ==
          "B04 SELECT \"INBOX\" read-write resync 67890007 90060115194045000 uids 1:29997 match "
          "5000,7500,9000,9990:9999 15000,22500,27000,29970,29973,29976,29979,29982,29985,29988,29991,29994,29997");
}

TEST_CASE("SELECT: parameters in any order and case, each part that may be missing") {
    CHECK(parsed("a select x (qresync (1 2) condstore)") == "a SELECT \"x\" read-write condstore resync 1 2");
    CHECK(parsed("a SELECT x (QRESYNC (1 2 (3 4)))") == "a SELECT \"x\" read-write resync 1 2 match 3 4");
    CHECK(parsed("a SELECT x ") == "a SELECT \"x\" read-write");
    CHECK(bad("()", "CONDSTORE"));
    CHECK(bad("(ANNOTATE)", "CONDSTORE"));
    CHECK(bad("CONDSTORE", "\"(\""));
    CHECK(bad("(CONDSTORE", "\")\""));
    CHECK(bad("(QRESYNC (1 2) QRESYNC (1 2))", "once"));
}

TEST_CASE("SELECT: what QRESYNC may not hold") {
    CHECK(bad("(QRESYNC)", "space"));
    CHECK(bad("(QRESYNC ())", "UIDVALIDITY"));
    CHECK(bad("(QRESYNC (0 1))", "UIDVALIDITY"));
    CHECK(bad("(QRESYNC (1))", "space"));
    CHECK(bad("(QRESYNC (1 0))", "mod-sequence"));
    CHECK(bad("(QRESYNC (1 9223372036854775808))", "mod-sequence"));
    CHECK(bad("(QRESYNC (1 1 1:*))", "may not stand here"));
    CHECK(bad("(QRESYNC (1 1 $))", "may not stand here"));
    CHECK(bad("(QRESYNC (1 1 1 (1)))", "space"));
    CHECK(bad("(QRESYNC (1 1 1 (1,2 1)))", "as many"));
    CHECK(bad("(QRESYNC (1 1 1 (2,1 1,2)))", "ascending"));
    CHECK(bad("(QRESYNC (1 1 1 (1,2 5:4)))", "ascending"));
    CHECK(bad("(QRESYNC (1 1 1 (1 *)))", "may not stand here"));
    CHECK(parsed("a SELECT x (QRESYNC (1 1 1 (1:4294967295 1:4294967295)))") ==
          "a SELECT \"x\" read-write resync 1 1 uids 1 match 1:4294967295 1:4294967295");
}

TEST_CASE("STATUS: every item") {
    CHECK(parsed("A042 STATUS blurdybloop (UIDNEXT MESSAGES HIGHESTMODSEQ)") ==
          "A042 STATUS \"blurdybloop\" UIDNEXT MESSAGES HIGHESTMODSEQ");
    CHECK(parsed("a STATUS x (size mailboxid deleted deleted-storage appendlimit recent unseen uidvalidity size)") ==
          "a STATUS \"x\" SIZE MAILBOXID DELETED DELETED-STORAGE APPENDLIMIT RECENT UNSEEN UIDVALIDITY");
}
