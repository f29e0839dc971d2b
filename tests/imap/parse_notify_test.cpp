#include <doctest/doctest.h>

#include <string>

#include "imap/parse.h"

using namespace imaparc::imap;

namespace {

Parsed parsed(const std::string& text) { return parse_request(text); }

template <class T>
T command(const std::string& text) {
    const auto result = parsed(text);
    const auto* request = std::get_if<Request>(&result);
    REQUIRE_MESSAGE(request, text);
    return std::get<T>(request->command);
}

bool bad(const std::string& text) { return std::holds_alternative<BadRequest>(parsed(text)); }

}  // namespace

TEST_CASE("NOTIFY: the examples of RFC 5465 3.1 and 6") {
    const auto first = command<Notify>(
        "b notify set status (selected (MessageNew (uid body.peek[header.fields (from to subject)]) MessageExpunge)) "
        "(subtree Lists (MessageNew messageexpunge))");
    CHECK_FALSE(first.none);
    CHECK(first.status);
    REQUIRE(first.groups.size() == 2);
    CHECK(first.groups[0].filter.kind == MailboxFilter::Kind::selected);
    CHECK(first.groups[0].message_new);
    CHECK(first.groups[0].message_expunge);
    CHECK_FALSE(first.groups[0].flag_change);
    REQUIRE(first.groups[0].items.size() == 2);
    CHECK(first.groups[0].items[0].kind == FetchItem::Kind::uid);
    CHECK(first.groups[0].items[1].section.fields.size() == 3);
    CHECK(first.groups[1].filter.kind == MailboxFilter::Kind::subtree);
    CHECK(first.groups[1].filter.names.at(0).path == "Lists");

    const auto second = command<Notify>(
        "a notify set (mailboxes INBOX (Messagenew messageExpunge)) (personal (SubscriptionChange MailboxName))");
    CHECK_FALSE(second.status);
    CHECK(second.groups.at(1).subscription_change);
    CHECK(second.groups.at(1).mailbox_name);
    CHECK_FALSE(second.groups.at(1).message_new);

    const auto none = command<Notify>("a NOTIFY SET (SELECTED-DELAYED NONE) (MAILBOXES (a b) NONE)");
    CHECK_FALSE(none.groups.at(0).message_new);
    CHECK(none.groups.at(1).filter.names.size() == 2);
    CHECK(command<Notify>("a notify none").none);
}

TEST_CASE("NOTIFY: events that are not known are no mistake of the syntax, others are") {
    CHECK(command<Notify>("a NOTIFY SET (PERSONAL (MessageNew Vacation))").unsupported);
    CHECK_FALSE(command<Notify>("a NOTIFY SET (PERSONAL (MessageNew MessageExpunge AnnotationChange))").unsupported);
    for (const char* text :
         {"a NOTIFY", "a NOTIFY SET", "a NOTIFY SET STATUS", "a NOTIFY SET ()", "a NOTIFY SET (PERSONAL)",
          "a NOTIFY SET (PERSONAL ())", "a NOTIFY SET (PERSONAL MessageNew)", "a NOTIFY SET (PERSONAL (MessageNew))",
          "a NOTIFY SET (PERSONAL (MessageExpunge))", "a NOTIFY SET (PERSONAL (FlagChange))",
          "a NOTIFY SET (PERSONAL (MessageNew MessageExpunge) x)", "a NOTIFY NONE x",
          "a NOTIFY SET (SELECTED (SubscriptionChange))", "a NOTIFY SET (SELECTED NONE) (SELECTED NONE)",
          "a NOTIFY SET (INBOXES (MessageNew (FLAGS) MessageExpunge))",
          "a NOTIFY SET (SELECTED (MessageNew () MessageExpunge))", "a NOTIFY SET (MAILBOXES () NONE)"})
        CHECK_MESSAGE(bad(text), text);
}

TEST_CASE("CANCELUPDATE: tags in quotes (RFC 5267 4.3.5)") {
    CHECK(command<CancelUpdate>("B04 CANCELUPDATE \"B01\"").tags == std::vector<std::string>{"B01"});
    CHECK(command<CancelUpdate>("B04 CANCELUPDATE \"B01\" \"B02\"").tags == std::vector<std::string>{"B01", "B02"});
    CHECK(bad("B04 CANCELUPDATE"));
    CHECK(bad("B04 CANCELUPDATE B01"));
}

TEST_CASE("UPDATE: with the items of what arrives (RFC 5465 7)") {
    const auto search = command<Search>(
        "a00 SEARCH RETURN (COUNT UPDATE (UID BODY[HEADER.FIELDS (TO FROM SUBJECT)]) CONTEXT) FROM \"boss\"");
    REQUIRE(search.returns);
    CHECK(search.returns->update);
    CHECK(search.returns->context);
    CHECK(search.returns->update_items.size() == 2);
    CHECK(command<Search>("a SEARCH RETURN (UPDATE COUNT) ALL").returns->update_items.empty());
    CHECK(command<Search>("a SEARCH RETURN (UPDATE(UID)) ALL").returns->update_items.size() == 1);
    CHECK(bad("a SEARCH RETURN (UPDATE ()) ALL"));
}

TEST_CASE("FETCH: BINARY and PREVIEW (RFC 3516 7, RFC 8970 6)") {
    using Kind = FetchItem::Kind;
    const auto items = command<Fetch>("a FETCH 1 (binary[] BINARY.PEEK[1.2]<3.4> BINARY.SIZE[7] PREVIEW (LAZY))").items;
    REQUIRE(items.size() == 4);
    CHECK(items[0].kind == Kind::binary);
    CHECK(items[0].peek == Peek::no);
    CHECK(items[0].section.path.empty());
    CHECK(items[1].peek == Peek::yes);
    CHECK(items[1].section.path == std::vector<std::uint32_t>{1, 2});
    CHECK(items[1].partial == Partial{3, 4});
    CHECK(items[2].kind == Kind::binary_size);
    CHECK(items[3].lazy);
    CHECK_FALSE(command<Fetch>("a FETCH 1 PREVIEW").items.at(0).lazy);
    const auto changed = command<Fetch>("a FETCH 1 PREVIEW (CHANGEDSINCE 5)");
    CHECK_FALSE(changed.items.at(0).lazy);
    CHECK(changed.changed_since);
    for (const char* text : {"a FETCH 1 BINARY", "a FETCH 1 BINARY[1.]", "a FETCH 1 BINARY[0]",
                             "a FETCH 1 BINARY[MIME]", "a FETCH 1 BINARY.SIZE[1]<0.1>", "a FETCH 1 BINARY[1]<0.0>",
                             "a FETCH 1 (PREVIEW (NOW))", "a FETCH 1 PREVIEW (LAZY NOW)"})
        CHECK_MESSAGE(bad(text), text);
}
