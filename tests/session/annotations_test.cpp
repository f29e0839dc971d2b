#include "session/annotations.h"

#include <doctest/doctest.h>

using namespace imaparc;
using namespace imaparc::session;
using Depth = imap::GetMetadata::Depth;

namespace {

const std::vector<imap::MetadataEntry> known = {
    {"/private/filters/values/small", "SMALLER 5000"},
    {"/private/filters/values/boss", "FROM \"boss@example.com\""},
    {"/private/filters/values/boss/more", "x"},
    {"/private/filtersother", "y"},
    {"/shared/comment", "0123456789"},
};

std::string text_of(const AskedEntries& asked) {
    std::string text;
    for (const auto& entry : asked.entries) text += entry.name + "=" + entry.value.value_or("NIL") + ";";
    return text + (asked.longest != 0 ? " longest " + std::to_string(asked.longest) : "");
}

}  // namespace

TEST_CASE("annotations: depth (RFC 5464 4.2.2)") {
    const std::vector<std::string> values = {"/private/filters/values"};
    CHECK(text_of(asked_entries(known, values)) == "/private/filters/values=NIL;");
    CHECK(text_of(asked_entries(known, values, Depth::one)) ==
          "/private/filters/values/small=SMALLER 5000;/private/filters/values/boss=FROM \"boss@example.com\";");
    CHECK(text_of(asked_entries(known, values, Depth::infinity)) ==
          "/private/filters/values/small=SMALLER 5000;/private/filters/values/boss=FROM \"boss@example.com\";"
          "/private/filters/values/boss/more=x;");
    CHECK(text_of(asked_entries(known, {"/PRIVATE/Filters/values/BOSS"}, Depth::one)) ==
          "/PRIVATE/Filters/values/BOSS=FROM \"boss@example.com\";/private/filters/values/boss/more=x;");
    CHECK(text_of(asked_entries(known, {"/private/filters", "/private/filters/values"}, Depth::infinity)) ==
          text_of(asked_entries(known, values, Depth::infinity)));
}

TEST_CASE("annotations: size (RFC 5464 4.2.1)") {
    CHECK(text_of(asked_entries(known, {"/shared/comment"}, Depth::zero, 10)) == "/shared/comment=0123456789;");
    CHECK(text_of(asked_entries(known, {"/shared/comment", "/shared/x"}, Depth::zero, 9)) ==
          "/shared/x=NIL; longest 10");
    CHECK(text_of(asked_entries(known, {"/private"}, Depth::infinity, 12)) ==
          "/private/filters/values/small=SMALLER 5000;/private/filters/values/boss/more=x;/private/filtersother=y; "
          "longest 23");
}

TEST_CASE("annotations: of server and mailbox") {
    Options options;
    CHECK(server_annotations(options).empty());
    options.comment = "hello";
    options.admin = "tel:1";
    CHECK(text_of(asked_entries(server_annotations(options), {"/shared"}, Depth::one)) ==
          "/shared/comment=hello;/shared/admin=tel:1;");
    CHECK(mailbox_annotations({}).empty());
    const imap::MailboxAttributes roles{imap::MailboxAttribute::sent, imap::MailboxAttribute::drafts};
    CHECK(text_of(asked_entries(mailbox_annotations(roles), {"/private/specialuse"})) ==
          "/private/specialuse=\\Drafts \\Sent;");  // RFC 6154 4
}
