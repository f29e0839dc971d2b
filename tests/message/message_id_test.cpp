#include "message/message_id.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace imaparc::message;

using Ids = std::vector<std::string>;

TEST_CASE("message IDs: quoting makes no difference (RFC 5256, THREAD REFERENCES)") {
    CHECK(message_ids("<\"01KF8JCEOCBS0045PS\"@xxx.yyy.com>") == Ids{"01KF8JCEOCBS0045PS@xxx.yyy.com"});
    CHECK(message_ids("<01KF8JCEOCBS0045PS@xxx.yyy.com>") == Ids{"01KF8JCEOCBS0045PS@xxx.yyy.com"});
    CHECK(message_ids("<\"a\\\"b\".c@d>") == Ids{"a\"b.c@d"});
}

TEST_CASE("message IDs: comments and white space are no part of them (RFC 5322 A.5, A.6.3)") {
    CHECK(message_ids("<testabcd.1234@silly.test>") == Ids{"testabcd.1234@silly.test"});
    CHECK(message_ids("<1234   @   local(blah)  .machine .example>") == Ids{"1234@local.machine.example"});
    CHECK(message_ids("< a.b@c >") == Ids{"a.b@c"});
    CHECK(message_ids("(<x@y>) <a@b>") == Ids{"a@b"});
}

TEST_CASE("message IDs: several, in order, whatever stands between") {
    CHECK(message_ids("<1234@local.machine.example> <3456@example.net>") ==
          Ids{"1234@local.machine.example", "3456@example.net"});
    CHECK(message_ids("<a@b><c@d>,\t<e@[192.0.2.1]>") == Ids{"a@b", "c@d", "e@[192.0.2.1]"});
    CHECK(message_ids("Your message of \"Mon <x@y>\" <a@b> ann@example.org") == Ids{"a@b"});
    CHECK(message_ids("<a@b> <c@d> <e@f>", 2) == Ids{"a@b", "c@d"});
    CHECK(message_ids("<a@b>", 0).empty());
    CHECK(first_message_id("Ann's of Monday <a@b> <c@d>") == "a@b");
    CHECK_FALSE(first_message_id("Ann's of Monday"));
}

TEST_CASE("message IDs: broken ones are read where it is clear what they are") {
    CHECK(message_ids("<a,b:c@d@e>") == Ids{"a,b:c@d@e"});
    CHECK(message_ids("<a..b@c.>") == Ids{"a..b@c."});
    CHECK(message_ids("<\xC3\xBC@b>") == Ids{"\xC3\xBC@b"});
    CHECK(message_ids("<<a@b>") == Ids{"a@b"});
    for (const char* none :
         {"", "<>", "<a>", "<@>", "<a@>", "<@b>", "a@b", "<a@b", "a@b>", "<a b>", "<\"a@b>", "<(a@b>"})
        CHECK_MESSAGE(message_ids(none).empty(), none);
    CHECK(message_ids("<" + std::string(max_message_id, 'x') + "@b> <a@b>") == Ids{"a@b"});
}

TEST_CASE("message IDs: hostile text takes no longer than other text of its size") {
    const auto began = std::chrono::steady_clock::now();
    for (const std::string piece : {"<", "<\"", "<(", "<a.", "<a@", "<a@[", "<\\\"(", "<a@b>", "(<\""}) {
        std::string text;
        while (text.size() < 1 << 20) text += piece;
        message_ids(text, 1 << 20);
    }
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(20));
}
