#include <doctest/doctest.h>

#include "helpers/describe_command.h"
#include "helpers/parsed_every_way.h"
#include "imap/parse.h"

using namespace imaparc;
using namespace imaparc::imap;

namespace {

std::string parsed(std::string_view text) { return test::describe(test::parsed_every_way(text)); }
bool bad(std::string_view text, std::string_view why) {
    const auto result = test::parsed_every_way("a STORE " + std::string(text));
    const auto* b = std::get_if<BadRequest>(&result);
    return b != nullptr && b->text.find(why) != std::string::npos;
}

}  // namespace

TEST_CASE("STORE") {
    CHECK(parsed("A003 STORE 2:4 +FLAGS (\\Deleted)") == "A003 STORE by number 2:4 add [\\Deleted]");
    CHECK(parsed("a005 store 12 +flags \\deleted") == "a005 STORE by number 12 add [\\Deleted]");
    CHECK(parsed("a STORE 1 FLAGS ()") == "a STORE by number 1 replace []");
    CHECK(parsed("a STORE 1 -FLAGS.SILENT (\\Seen \\ANSWERED \\flagged \\Draft)") ==
          "a STORE by number 1 remove silent [\\Answered \\Flagged \\Seen \\Draft]");
    CHECK(parsed("a UID STORE 1:* flags.silent \\Seen $Forwarded NonJunk") ==
          "a UID STORE by uid 1:* replace silent [\\Seen] $Forwarded NonJunk");
    CHECK(parsed("a STORE 1 +FLAGS (work Work \\Seen \\seen)") == "a STORE by number 1 add [\\Seen] work");
    CHECK(parsed("a STORE 1 +FLAGS " + std::string(255, 'k')).size() > 255);
}

TEST_CASE("STORE: what is wrong is named") {
    CHECK(bad("1", "space"));
    CHECK(bad("1 ", "+FLAGS"));
    CHECK(bad("x FLAGS ()", "sequence set"));
    CHECK(bad("1 FLAGS", "space"));
    CHECK(bad("1 FLAGS ", "a flag"));
    CHECK(bad("1 FLAG (\\Seen)", "+FLAGS"));
    CHECK(bad("1 *FLAGS (\\Seen)", "+FLAGS"));
    CHECK(bad("1 FLAGS.LOUD (\\Seen)", "+FLAGS"));
    CHECK(bad("1 FLAGS (\\Seen", "\")\""));
    CHECK(bad("1 FLAGS (\\Seen))", "end of the command"));
    CHECK(bad("1 FLAGS (\\)", "a flag"));
    CHECK(bad("1 FLAGS (\"x\")", "a flag"));
    CHECK(bad("1 FLAGS (\\*)", "a flag"));
    CHECK(bad("1 FLAGS \\Recent", "\\Recent cannot"));
    CHECK(bad("1 +FLAGS (\\Seen \\recent)", "\\Recent cannot"));
    CHECK(bad("1 FLAGS (\\Important)", "no system flag \\Important"));
    CHECK(bad("1 FLAGS (\xC3\xA4)", "a flag"));
    CHECK(bad("1 FLAGS " + std::string(256, 'k'), "255"));
    std::string many = "1 FLAGS (";
    for (int i = 0; i < 1001; ++i) many += "k ";
    CHECK(bad(many, "1000 flags"));
}

TEST_CASE("STORE: UNCHANGEDSINCE (RFC 7162 3.1.3)") {
    CHECK(parsed("a103 UID STORE 6,4,8 (UNCHANGEDSINCE 12121230045) +FLAGS.SILENT (\\Deleted)") ==
          "a103 UID STORE by uid 6,4,8 add silent unless since 12121230045 [\\Deleted]");
    CHECK(parsed("a102 STORE 12 (unchangedsince 0) +FLAGS.SILENT ($MDNSent)") ==
          "a102 STORE by number 12 add silent unless since 0 [] $MDNSent");
    CHECK(bad("1 () FLAGS ()", "UNCHANGEDSINCE"));
    CHECK(bad("1 (UNCHANGEDSINCE 1)", "space"));
    CHECK(bad("1 (UNCHANGEDSINCE) FLAGS ()", "space"));
    CHECK(bad("1 (UNCHANGEDSINCE 1 UNCHANGEDSINCE 1) FLAGS ()", "once"));
    CHECK(bad("1 (UNCHANGEDSINCE 9223372036854775808) FLAGS ()", "mod-sequence"));
}
