#include "imap/render_list.h"

#include <doctest/doctest.h>

using namespace imaparc::imap;
using enum MailboxAttribute;

namespace {

std::string list_line(ListKind kind, const MailboxAttributes& attributes, std::string_view path,
                      const ListExtension& extension = {}, NameForm form = NameForm::modified_utf7) {
    std::string out;
    render_list(out, kind, attributes, path, form, extension);
    return out;
}

std::string root_line(std::string_view reference, ListKind kind = ListKind::list) {
    std::string out;
    render_list_root(out, kind, reference, NameForm::modified_utf7);
    return out;
}

}  // namespace

TEST_CASE("LIST, LSUB and XLIST") {
    CHECK(list_line(ListKind::list, {no_select}, "foo") == "* LIST (\\Noselect) \"/\" foo\r\n");
    CHECK(list_line(ListKind::lsub, {}, "a/b") == "* LSUB () \"/\" a/b\r\n");
    CHECK(list_line(ListKind::list, {has_children, no_select}, "a b") ==
          "* LIST (\\Noselect \\HasChildren) \"/\" \"a b\"\r\n");
    CHECK(list_line(ListKind::list, {has_no_children, subscribed, drafts, sent}, "x") ==
          "* LIST (\\HasNoChildren \\Subscribed \\Drafts \\Sent) \"/\" x\r\n");
    // XLIST's names: those that Gmail gave them.
    CHECK(list_line(ListKind::xlist, {inbox}, "INBOX") == "* XLIST (\\Inbox) \"/\" INBOX\r\n");
    CHECK(list_line(ListKind::xlist, {all, archive, drafts, flagged, important, junk, sent, trash}, "x") ==
          "* XLIST (\\AllMail \\Archive \\Drafts \\Starred \\Important \\Spam \\Sent \\Trash) \"/\" x\r\n");
    CHECK(list_line(ListKind::list, {all, archive, drafts, flagged, important, junk, sent, trash}, "x") ==
          "* LIST (\\All \\Archive \\Drafts \\Flagged \\Important \\Junk \\Sent \\Trash) \"/\" x\r\n");
    CHECK(list_line(ListKind::list, {}, "Entw\xC3\xBCrfe") == "* LIST () \"/\" Entw&APw-rfe\r\n");
    CHECK(list_line(ListKind::list, {}, "Entw\xC3\xBCrfe", {}, NameForm::utf8) ==
          "* LIST () \"/\" \"Entw\xC3\xBCrfe\"\r\n");
}

TEST_CASE("what stands behind the name") {
    CHECK(list_line(ListKind::list, {}, "Foo", {true, {}}) ==
          "* LIST () \"/\" Foo (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n");  // RFC 5258 5, example 8
    CHECK(list_line(ListKind::list, {}, "INBOX", {false, "inbox"}, NameForm::utf8) ==
          "* LIST () \"/\" INBOX (\"OLDNAME\" (inbox))\r\n");  // RFC 9051 8
    CHECK(list_line(ListKind::list, {}, "a", {true, "b c"}) ==
          "* LIST () \"/\" a (\"CHILDINFO\" (\"SUBSCRIBED\") \"OLDNAME\" (\"b c\"))\r\n");
}

TEST_CASE("the delimiter") {
    CHECK(root_line("") == "* LIST (\\Noselect) \"/\" \"\"\r\n");               // RFC 3501 6.3.8
    CHECK(root_line("/usr/staff/jones") == "* LIST (\\Noselect) \"/\" /\r\n");  // RFC 3501 6.3.8
    CHECK(root_line("", ListKind::xlist) == "* XLIST (\\Noselect) \"/\" \"\"\r\n");
}

TEST_CASE("attributes as a text") {
    CHECK(to_string(MailboxAttributes{}) == "");
    CHECK(to_string(MailboxAttributes{trash, sent}) == "\\Sent \\Trash");
    CHECK(MailboxAttributes{trash}.add(MailboxAttributes{sent}) == MailboxAttributes{sent, trash});
}
