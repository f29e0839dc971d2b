#include "imap/render.h"

#include <doctest/doctest.h>

#include <array>

using namespace imaparc;
using namespace imaparc::imap;
using namespace std::string_view_literals;

namespace {

template <class Function, class... Arguments>
std::string text_of(Function render, Arguments&&... arguments) {
    std::string out;
    render(out, std::forward<Arguments>(arguments)...);
    return out;
}
std::string status(std::string_view tag, Condition condition, const StatusCode& code, std::string_view text) {
    return text_of(render_status_response, tag, condition, code, text, TextForm::us_ascii);
}

}  // namespace

TEST_CASE("status responses: the examples of RFC 3501 7.1 and RFC 5530") {
    CHECK(status("*", Condition::ok, {}, "IMAP4rev1 server ready") == "* OK IMAP4rev1 server ready\r\n");
    CHECK(status("A222", Condition::no, {}, "COPY failed: disk is full") == "A222 NO COPY failed: disk is full\r\n");
    CHECK(status("*", Condition::bad, {}, "Command line too long") == "* BAD Command line too long\r\n");
    CHECK(status("*", Condition::bye, {}, "Autologout; idle for too long") ==
          "* BYE Autologout; idle for too long\r\n");
    CHECK(status("*", Condition::preauth, {}, "IMAP4rev1 server logged in as Smith") ==
          "* PREAUTH IMAP4rev1 server logged in as Smith\r\n");
    CHECK(status("*", Condition::ok, {Code::unseen, 12}, "Message 12 is first unseen") ==
          "* OK [UNSEEN 12] Message 12 is first unseen\r\n");
    CHECK(status("*", Condition::ok, {Code::uid_validity, 3857529045}, "UIDs valid") ==
          "* OK [UIDVALIDITY 3857529045] UIDs valid\r\n");
    CHECK(status("A142", Condition::ok, Code::read_write, "SELECT completed") ==
          "A142 OK [READ-WRITE] SELECT completed\r\n");
    CHECK(status("*", Condition::ok, permanent_flags(flag::deleted | flag::seen, {}, NewKeywords::allowed),
                 "Limited") == "* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited\r\n");
    CHECK(status("*", Condition::ok, permanent_flags(0, {}, NewKeywords::refused), "No permanent flags permitted") ==
          "* OK [PERMANENTFLAGS ()] No permanent flags permitted\r\n");
    CHECK(status("*", Condition::ok, permanent_flags(0, {"work", "a b", "$x"}, NewKeywords::refused), "x") ==
          "* OK [PERMANENTFLAGS (work $x)] x\r\n");
    CHECK(status("a", Condition::no, bad_charset(), "x") ==
          "a NO [BADCHARSET (US-ASCII UTF-8 ISO-8859-1 ISO-8859-15 WINDOWS-1252)] x\r\n");
    CHECK(status("b", Condition::no, Code::authentication_failed, "Authentication failed") ==
          "b NO [AUTHENTICATIONFAILED] Authentication failed\r\n");
}

TEST_CASE("every code has a name of its own") {
    std::vector<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(Code::bad_event); ++i) names.push_back(to_string(static_cast<Code>(i)));
    CHECK(names.front().empty());
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
    CHECK(to_string(Code::privacy_required) == "PRIVACYREQUIRED");
    CHECK(to_string(Code::no_perm) == "NOPERM");
    CHECK(to_string(Code::expunge_issued) == "EXPUNGEISSUED");
}

TEST_CASE("no text can carry a line end, or pass for a code") {
    CHECK(status("a", Condition::no, {}, "x\r\n* BYE y\0\x7F\t"sv) == "a NO x  * BYE y   \r\n");
    CHECK(status("a\r\nb", Condition::no, {}, "x") == "* NO x\r\n");
    CHECK(status("a", Condition::no, {Code::capability, "x\r\n] y"}, "x") == "a NO [CAPABILITY x  ) y] x\r\n");
    CHECK(status("a", Condition::no, {}, "") == "a NO -\r\n");
    CHECK(status("a", Condition::no, {}, "[ALERT] x") == "a NO (ALERT] x\r\n");
    CHECK(status("a", Condition::no, {}, "Gel\xC3\xB6scht") == "a NO Gel??scht\r\n");
    CHECK(status("a", Condition::no, {}, std::string(5000, 'x')) == "a NO " + std::string(1000, 'x') + "...\r\n");
    CHECK(text_of(render_continuation, "idling") == "+ idling\r\n");
    CHECK(text_of(render_continuation, "") == "+ \r\n");
    CHECK(text_of(render_continuation, "a\r\nb") == "+ a  b\r\n");
}

TEST_CASE("strings") {
    CHECK(text_of(render_string, "abc") == "\"abc\"");
    CHECK(text_of(render_string, "") == "\"\"");
    CHECK(text_of(render_string, "a\"b\\c") == "\"a\\\"b\\\\c\"");
    CHECK(text_of(render_string, "a\tb\x01\x7F") == "\"a\tb\x01\x7F\"");
    CHECK(text_of(render_string, "a\r\nb\"") == "{5}\r\na\r\nb\"");
    CHECK(text_of(render_string, "\xC3\xA4") == "{2}\r\n\xC3\xA4");
    CHECK(text_of(render_string, "a\0b"sv) ==
          "{3}\r\na\x80"
          "b");
    CHECK(text_of(render_nstring, message::Nstring{}) == "NIL");
    CHECK(text_of(render_nstring, message::Nstring{"NIL"}) == "\"NIL\"");
    CHECK(text_of(render_astring, "INBOX") == "INBOX");
    for (auto text : {"a b", "", "nil", "a%", "a*", "a(", "a{1}", "a]"})
        CHECK(text_of(render_astring, text) == "\"" + std::string(text) + "\"");
    CHECK(text_of(render_astring, "\\") == "\"\\\\\"");
    CHECK(text_of(render_mailbox, "Entwürfe/日本語", NameForm::modified_utf7) == "Entw&APw-rfe/&ZeVnLIqe-");
    CHECK(text_of(render_mailbox, "Gelöschte Objekte", NameForm::modified_utf7) == "\"Gel&APY-schte Objekte\"");
    // RFC 6855 3: UTF-8 in a quoted string, but never a line end or NUL.
    CHECK(text_of(render_mailbox, "Entwürfe", NameForm::utf8) == "\"Entwürfe\"");
    CHECK(text_of(render_mailbox, "ü\r\na1 OK", NameForm::utf8) == "{9}\r\nü\r\na1 OK");
    CHECK(text_of(render_mailbox, "ü\n", NameForm::utf8) == "{3}\r\nü\n");
    CHECK(text_of(render_literal_header, 18446744073709551615ULL) == "{18446744073709551615}\r\n");
}

TEST_CASE("about the server") {
    const std::array capabilities = {"IMAP4rev1"sv, "STARTTLS"sv, "AUTH=PLAIN"sv};
    CHECK(text_of(render_capability, capabilities) == "* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\n");
    const std::array<std::string, 1> enabled = {"CONDSTORE"};
    CHECK(text_of(render_enabled, enabled) == "* ENABLED CONDSTORE\r\n");
    CHECK(text_of(render_enabled, std::span<const std::string>{}) == "* ENABLED\r\n");
    const std::array<std::pair<std::string_view, std::string_view>, 2> id = {{{"name", "Cyrus"}, {"version", "1.5"}}};
    CHECK(text_of(render_id, id) == "* ID (\"name\" \"Cyrus\" \"version\" \"1.5\")\r\n");
    CHECK(text_of(render_id, std::span<const std::pair<std::string_view, std::string_view>>{}) == "* ID NIL\r\n");
    CHECK(text_of(render_namespace) == "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n");  // RFC 2342 5, example 1
}

TEST_CASE("about mailboxes") {
    const std::array<StatusValue, 2> values = {{{StatusItem::messages, 231}, {StatusItem::uid_next, 44292}}};
    CHECK(text_of(render_status, "blurdybloop", NameForm::modified_utf7, values) ==
          "* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)\r\n");
    CHECK(text_of(render_status, "x", NameForm::modified_utf7, std::span<const StatusValue>{}) == "* STATUS x ()\r\n");
}

TEST_CASE("about the selected mailbox") {
    CHECK(text_of(render_flags, 0x1F, std::vector<std::string>{}) ==
          "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n");
    CHECK(text_of(render_flags, 0, std::vector<std::string>{"work", "a\r\nb", "$x"}) == "* FLAGS (work $x)\r\n");
    CHECK(text_of(render_flags, 1, std::vector<std::string>{"work"}) == "* FLAGS (\\Seen work)\r\n");
    CHECK(text_of(render_exists, 23U) == "* 23 EXISTS\r\n");
    CHECK(text_of(render_recent, 0U) == "* 0 RECENT\r\n");
    CHECK(text_of(render_expunge, Number(44)) == "* 44 EXPUNGE\r\n");
    std::string out;
    render_search_begin(out);
    for (auto n : {2U, 3U, 6U}) render_search_number(out, n);
    render_search_end(out);
    CHECK(out == "* SEARCH 2 3 6\r\n");
}
