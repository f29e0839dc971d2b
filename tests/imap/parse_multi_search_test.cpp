#include <doctest/doctest.h>

#include "helpers/describe_command.h"
#include "helpers/parsed_every_way.h"
#include "imap/parse.h"
#include "imap/parse_filter.h"

using namespace imaparc;
using namespace imaparc::imap;

namespace {

std::string parsed(std::string_view text) { return test::describe(test::parsed_every_way(text)); }
bool bad(std::string_view text, std::string_view why) {
    const auto result = test::parsed_every_way(text);
    const auto* b = std::get_if<BadRequest>(&result);
    return b != nullptr && b->text.find(why) != std::string::npos;
}
std::string notify_filter(std::string_view text) {
    Cursor cursor(text);
    const auto filter = parse_filter_mailboxes(cursor, FilterOf::notify);
    return cursor.failed() ? "bad" : test::describe(filter);
}

}  // namespace

TEST_CASE("ESEARCH: the examples of RFC 7377") {
    CHECK(parsed("tag1 ESEARCH IN (mailboxes \"folder1\" subtree \"folder2\") unseen") ==
          "tag1 ESEARCH mailboxes,\"folder1\" subtree,\"folder2\" (and (not \\Seen))");
    CHECK(parsed("tag2 ESEARCH IN (mailboxes \"folder1\" subtree-one \"folder2\") subject \"chad\"") ==
          "tag2 ESEARCH mailboxes,\"folder1\" subtree-one,\"folder2\" (and (subject \"chad\"))");
}

TEST_CASE("ESEARCH: sources, options and charset, each where it stands") {
    CHECK(parsed("a ESEARCH FROM x") == "a ESEARCH (and (from \"x\"))");
    CHECK(parsed("a esearch in (selected inboxes personal subscribed) return (min count) charset utf-8 1:100") ==
          "a ESEARCH selected inboxes personal subscribed return (min count) (and 1:100)");
    CHECK(parsed("a ESEARCH IN (mailboxes (inbox a \"b c\")) ALL") ==
          "a ESEARCH mailboxes,\"INBOX\",\"a\",\"b c\" (and (and))");
    CHECK(parsed("a ESEARCH RETURN (SAVE) ALL").starts_with("a ESEARCH return (save"));
    CHECK(parsed("a ESEARCH IN (selected) RETURN (SAVE ALL) ALL").starts_with("a ESEARCH selected return (all save"));
}

TEST_CASE("ESEARCH: mistakes") {
    CHECK(bad("a ESEARCH", "a space"));
    CHECK(bad("a ESEARCH IN () ALL", "SELECTED"));
    CHECK(bad("a ESEARCH IN (selected-delayed) ALL", "SELECTED"));
    CHECK(bad("a ESEARCH IN (mailboxes) ALL", "a space"));
    CHECK(bad("a ESEARCH IN (mailboxes ()) ALL", "mailbox"));
    CHECK(bad("a ESEARCH IN (personal (depth 1)) ALL", "scope option"));
    CHECK(bad("a ESEARCH IN (personal) RETURN (SAVE) ALL", "SAVE"));
    CHECK(bad("a ESEARCH IN (selected personal) RETURN (SAVE) ALL", "SAVE"));
    std::string many = "a ESEARCH IN (mailboxes (";
    for (std::size_t i = 0; i < max_filter_names; ++i) many += "a ";
    CHECK(bad(many + "a)) ALL", "More than"));
}

TEST_CASE("a filter of NOTIFY knows SELECTED-DELAYED and not SUBTREE-ONE") {
    CHECK(notify_filter("selected-delayed") == "selected-delayed");
    CHECK(notify_filter("SELECTED") == "selected");
    CHECK(notify_filter("subtree (a b/c)") == "subtree,\"a\",\"b/c\"");
    CHECK(notify_filter("subtree-one a") == "bad");
    CHECK(notify_filter("mailboxes a") == "mailboxes,\"a\"");
}
