// parse_request() and every verb but FETCH, SEARCH and STORE, which have files of their own.
#include "imap/parse.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "helpers/describe_command.h"
#include "helpers/parsed_every_way.h"

using namespace imaparc;
using namespace imaparc::imap;
using imaparc::test::describe;

namespace {

struct Case {
    std::string_view text, expected;
};

std::string parsed(std::string_view text) { return describe(test::parsed_every_way(text)); }

// The answer to a command that is wrong must say why.
void check_bad(std::string_view text, std::string_view tag, std::string_view why) {
    CAPTURE(text);
    const auto result = test::parsed_every_way(text);
    const auto* bad = std::get_if<BadRequest>(&result);
    REQUIRE(bad != nullptr);
    CHECK(bad->tag == tag);
    CHECK_MESSAGE(bad->text.find(why) != std::string::npos, bad->text);
    for (char c : bad->text) REQUIRE((c >= 0x20 && c < 0x7F));
}

}  // namespace

TEST_CASE("the commands of RFC 3501's examples") {
    const Case cases[] = {
        {"abcd CAPABILITY", "abcd CAPABILITY"},
        {"efgh STARTTLS", "efgh STARTTLS"},
        {"a002 NOOP", "a002 NOOP"},
        {"A023 LOGOUT", "A023 LOGOUT"},
        {"a004 LOGIN joe password", "a004 LOGIN \"joe\" \"password\""},
        {"A001 AUTHENTICATE GSSAPI", "A001 AUTHENTICATE GSSAPI"},
        {"a001 LOGIN SMITH SESAME", "a001 LOGIN \"SMITH\" \"SESAME\""},
        {"A142 SELECT INBOX", "A142 SELECT \"INBOX\" read-write"},
        {"A932 EXAMINE blurdybloop", "A932 EXAMINE \"blurdybloop\" read-only"},
        {"A003 CREATE owatagusiam/", "A003 CREATE refused CREATE"},
        {"A684 DELETE foo", "A684 DELETE refused DELETE"},
        {"Z433 RENAME INBOX old-mail", "Z433 RENAME refused RENAME"},
        {"A002 SUBSCRIBE #news.comp.mail.mime", "A002 SUBSCRIBE \"#news.comp.mail.mime\""},
        {"A002 UNSUBSCRIBE #news.comp.mail.mime", "A002 UNSUBSCRIBE \"#news.comp.mail.mime\""},
        {"A682 LIST \"\" *", "A682 LIST list \"\" \"*\""},
        {"A86 LIST \"\" %", "A86 LIST list \"\" \"%\""},
        {"A101 LIST \"\" \"\"", "A101 LIST list \"\" \"\""},
        {"A102 LIST #news.comp.mail.misc \"\"", "A102 LIST list \"#news.comp.mail.misc\" \"\""},
        {"A103 LIST /usr/staff/jones \"\"", "A103 LIST list \"/usr/staff/jones\" \"\""},
        {"A202 LIST ~/Mail/ %", "A202 LIST list \"~/Mail/\" \"%\""},
        {"A002 LSUB \"#news.\" \"comp.mail.*\"", "A002 LSUB lsub \"#news.\" \"comp.mail.*\""},
        {"A003 LSUB \"#news.\" \"comp.%\"", "A003 LSUB lsub \"#news.\" \"comp.%\""},
        {"A042 STATUS blurdybloop (UIDNEXT MESSAGES)", "A042 STATUS \"blurdybloop\" UIDNEXT MESSAGES"},
        {"FXXZ CHECK", "FXXZ CHECK"},
        {"A341 CLOSE", "A341 CLOSE"},
        {"A202 EXPUNGE", "A202 EXPUNGE"},
        {"A003 COPY 2:4 MEETING", "A003 COPY refused COPY"},
        {"A001 LOGIN {11}\r\nFRED FOOBAR {7}\r\nfat man", "A001 LOGIN \"FRED FOOBAR\" \"fat man\""},
        {"a001 login mrc secret", "a001 LOGIN \"mrc\" \"secret\""},
        {"a002 select inbox", "a002 SELECT \"INBOX\" read-write"},
        {"A003 APPEND saved-messages (\\Seen) {12}\r\nDate: x\r\n\r\ny", "A003 APPEND refused APPEND"},
    };
    for (const auto& c : cases) CHECK(parsed(c.text) == c.expected);
}

TEST_CASE("the commands of the extensions' examples") {
    const Case cases[] = {
        {"A001 IDLE", "A001 IDLE"},                                           // RFC 2177
        {"a023 ID (\"name\" \"sodr\" \"version\" \"19.34\" \"vendor\" NIL)",  // RFC 2971
         "a023 ID \"name\"=\"sodr\" \"version\"=\"19.34\" \"vendor\"=NIL"},
        {"a042 ID NIL", "a042 ID"},
        {"a042 ID ()", "a042 ID"},
        {"A001 NAMESPACE", "A001 NAMESPACE"},                                    // RFC 2342
        {"A202 UNSELECT", "A202 UNSELECT"},                                      // RFC 3691
        {"t2 ENABLE CONDSTORE x-good-idea", "t2 ENABLE CONDSTORE X-GOOD-IDEA"},  // RFC 5161
        {"A003 UID EXPUNGE 3000:3002", "A003 UID EXPUNGE 3000:3002"},            // RFC 4315
        {"C01 AUTHENTICATE PLAIN dGVzdAB0ZXN0AHRlc3Q=",                          // RFC 4959
         std::string_view("C01 AUTHENTICATE PLAIN \"test\0test\0test\"", 39)},
        {"C01 AUTHENTICATE EXTERNAL =", "C01 AUTHENTICATE EXTERNAL \"\""},
        {"c AUTHENTICATE plain ", "c AUTHENTICATE PLAIN"},
        {"A001 LOGIN {11+}\r\nFRED FOOBAR {7+}\r\nfat man", "A001 LOGIN \"FRED FOOBAR\" \"fat man\""},  // RFC 7888
        {"a UID MOVE 42:69 foo", "a UID MOVE refused UID MOVE"},                                        // RFC 6851
        {"a MOVE 1 foo", "a MOVE refused MOVE"},
        {"A004 REPLACE 4 Drafts (\\Seen \\Draft) {3+}\r\nabc", "A004 REPLACE refused REPLACE"},  // RFC 8508
        {"A5 UID REPLACE 2 Sent {3+}\r\nabc", "A5 UID REPLACE refused UID REPLACE"},
        {"A001 SeTacl INBOX/Drafts David lrswida", "A001 SETACL refused SETACL"},  // RFC 4314
        {"A DELETEACL INBOX/Drafts -fred", "A DELETEACL refused DELETEACL"},
        {"S0000 SETQUOTA #user/alice (STORAGE 510)", "S0000 SETQUOTA refused SETQUOTA"},  // RFC 9208
        {"a SETQUOTA \"\" ()", "a SETQUOTA refused SETQUOTA"},
        {"a SETMETADATA INBOX (/private/comment {3+}\r\nabc /shared/x NIL)",
         "a SETMETADATA refused SETMETADATA"},                                        // 5464
        {"t1 CREATE MySpecial (USE (\\Drafts \\Sent))", "t1 CREATE refused CREATE"},  // RFC 6154
        {"a UID COPY 1:* x", "a UID COPY refused UID COPY"},
    };
    for (const auto& c : cases) CHECK(parsed(c.text) == c.expected);
}

TEST_CASE("letters in any case, spaces at the end, quoted and literal arguments") {
    CHECK(parsed("a nOoP") == "a NOOP");
    CHECK(parsed("a uid expunge 1") == "a UID EXPUNGE 1");
    CHECK(parsed("a NOOP  ") == "a NOOP");
    CHECK(parsed("a SELECT \"a \\\"b\\\\\"") == "a SELECT \"a \"b\\\" read-write");
    CHECK(parsed("a SELECT {3}\nfoo ") == "a SELECT \"foo\" read-write");
    CHECK(parsed("a LOGIN \"\" {0}\r\n") == "a LOGIN \"\" \"\"");
    CHECK(parsed("a LOGIN a]b]").substr(0, 3) == "BAD");
    CHECK(parsed("a LOGIN a]b] c") == "a LOGIN \"a]b]\" \"c\"");
    CHECK(parsed("a LOGIN \"p{3}\" x") == "a LOGIN \"p{3}\" \"x\"");
    CHECK(parsed("a LIST \"\" INBOX.%]*") == "a LIST list \"\" \"INBOX.%]*\"");
    CHECK(parsed("a STATUS inbox (messages Unseen RECENT uidValidity UNSEEN)") ==
          "a STATUS \"INBOX\" MESSAGES UNSEEN RECENT UIDVALIDITY");
}

TEST_CASE("mailbox names") {
    CHECK(parsed("a SELECT ~peter/mail/&U,BTFw-/&ZeVnLIqe-") == "a SELECT \"~peter/mail/台北/日本語\" read-write");
    CHECK(parsed("a SELECT &bogus") == "a SELECT !\"&bogus\" read-write");
    CHECK(parsed("a SELECT Entw\xC3\xBCrfe") == "a SELECT \"Entwürfe\" read-write");
    CHECK(parsed("a SELECT {2}\r\n\xFF\xFE") == "a SELECT !\"\xFF\xFE\" read-write");
    CHECK(parsed("a LIST &AOQ-/ &APY-*%") == "a LIST list \"ä/\" \"ö*%\"");
    check_bad("a SELECT {4097}\r\n" + std::string(4097, 'x'), "a", "longer than 4096");
    check_bad("a LIST \"\" " + std::string(5000, '*'), "a", "longer than 4096");
}

TEST_CASE("what is wrong is named, and what is allowed") {
    check_bad("", "*", "tag");
    check_bad(" NOOP", "*", "tag");
    check_bad("a", "a", "a1 NOOP");
    check_bad("a ", "a", "a1 NOOP");
    check_bad("a  NOOP", "a", "a1 NOOP");
    check_bad("a+ NOOP", "*", "tag");
    check_bad("\xC3\xA4 NOOP", "*", "tag");
    check_bad(std::string(129, 'a') + " NOOP", "*", "128");
    check_bad("* NOOP", "*", "tag");
    check_bad("A442 XPIG-LATIN", "A442", "XPIG-LATIN");
    check_bad("a GET\x01\xFF", "a", "GET");
    check_bad("a UID", "a", "FETCH");
    check_bad("a UID NOOP", "a", "UID NOOP");
    check_bad("a NOOP now", "a", "NOOP: Expected the end of the command at octet 8, found \"now\"");
    check_bad("a CAPABILITY()", "a", "end of the command");
    check_bad("a SELECT", "a", "a space");
    check_bad("a SELECT ", "a", "a mailbox name");
    check_bad("a SELECT x y", "a", "\"(\"");
    check_bad("a SELECT (x)", "a", "a mailbox name");
    check_bad("a SELECT \"x", "a", "no end");
    check_bad("a SELECT \"x\\y\"", "a", "backslash");
    check_bad("a SELECT \"x\r\ny\"", "a", "CR, LF or NUL");
    check_bad({"a SELECT \"x\0\"", 13}, "a", "CR, LF or NUL");
    check_bad({"a SELECT {1}\r\n\0", 15}, "a", "NUL");
    check_bad("a SELECT {5}\r\nabc", "a", "literal");
    check_bad("a SELECT {5", "a", "literal");
    check_bad("a SELECT {5}x", "a", "literal");
    check_bad("a EXAMINE", "a", "EXAMINE:");
    check_bad("a SUBSCRIBE", "a", "SUBSCRIBE:");
    check_bad("a UNSUBSCRIBE a b", "a", "UNSUBSCRIBE:");
    check_bad("a LIST", "a", "a space");
    check_bad("a LIST \"\"", "a", "a space");
    check_bad("a LIST \"\" ()", "a", "pattern");
    check_bad("a LIST % x", "a", "reference");
    check_bad("a LSUB \"\" x y", "a", "end of the command");
    check_bad("a STATUS x", "a", "space");
    check_bad("a STATUS x ()", "a", "UIDVALIDITY");
    check_bad("a STATUS x (SIZES)", "a", "UIDVALIDITY");
    check_bad("a STATUS x MESSAGES", "a", "\"(\"");
    check_bad("a STATUS x (MESSAGES", "a", "\")\"");
    check_bad("a STATUS x (MESSAGES )", "a", "UIDVALIDITY");
    check_bad("a ENABLE", "a", "space");
    check_bad("a ENABLE (x)", "a", "capability");
    check_bad("a ID", "a", "space");
    check_bad("a ID (x y)", "a", "string");
    check_bad("a ID (\"x\")", "a", "space");
    check_bad("a ID (\"x\" NIL", "a", "\")\"");
    check_bad("a UID EXPUNGE", "a", "space");
    check_bad("a UID EXPUNGE x", "a", "sequence set");
    check_bad("a EXPUNGE 1", "a", "end of the command");
    check_bad("a AUTHENTICATE", "a", "space");
    check_bad("a AUTHENTICATE PLAIN a=b", "a", "BASE64");
    check_bad("a AUTHENTICATE PLAIN dGVzdA== x", "a", "end of the command");
    check_bad("a IDLE now", "a", "IDLE");
    check_bad("a STARTTLS now", "a", "STARTTLS");
    check_bad("a LOGOUT now", "a", "LOGOUT");
    check_bad("a NAMESPACE x", "a", "NAMESPACE");
    check_bad("a CHECK x", "a", "CHECK");
    check_bad("a CLOSE x", "a", "CLOSE");
    check_bad("a UNSELECT x", "a", "UNSELECT");
}

TEST_CASE("writing verbs are refused only if they make sense") {
    CHECK(parsed({"a APPEND x ~{3}\r\na\0b", 20}) == "a APPEND refused APPEND");  // RFC 3516 4.4
    CHECK(parsed("a APPEND x (\\Seen) \"17-Jul-1996 02:44:25 -0700\" {1+}\r\nx") == "a APPEND refused APPEND");
    check_bad({"a APPEND x {3}\r\na\0b", 19}, "a", "NUL");
    check_bad("a SELECT ~{3}\r\nabc", "a", "end of the command");
    check_bad("a CREATE", "a", "space");
    check_bad("a CREATE x (USE", "a", "argument");
    check_bad("a DELETE", "a", "space");
    check_bad("a DELETE a b", "a", "end of the command");
    check_bad("a RENAME a", "a", "space");
    check_bad("a COPY x", "a", "sequence set");
    check_bad("a COPY 1", "a", "space");
    check_bad("a UID COPY 1 a b", "a", "end of the command");
    check_bad("a MOVE 1", "a", "space");
    check_bad("a UID MOVE x y", "a", "sequence set");
    check_bad("a APPEND x", "a", "space");
    check_bad("a REPLACE 1 x", "a", "space");
    check_bad("a SETACL a b", "a", "space");
    check_bad("a DELETEACL a", "a", "space");
    check_bad("a SETQUOTA a", "a", "space");
    check_bad("a SETMETADATA a", "a", "space");
    CHECK(parsed("a SETQUOTA a " + std::string(50, '(') + std::string(50, ')')) == "a SETQUOTA refused SETQUOTA");
    check_bad("a SETQUOTA a " + std::string(50, '('), "a", "argument");
    check_bad("a SETQUOTA a " + std::string(1000, '('), "a", "nested");
}

TEST_CASE("a password is not repeated") {
    for (auto text : {"a LOGIN joe sesame x", "a LOGIN joe sesame\"", "a LOGIN joe (sesame", "a LOGIN (sesame"}) {
        const auto result = test::parsed_every_way(text);
        REQUIRE(std::holds_alternative<BadRequest>(result));
        CHECK(std::get<BadRequest>(result).text.find("sesame") == std::string::npos);
    }
}

TEST_CASE("limits") {
    std::string id = "a ID (\"0\" NIL";
    for (int i = 1; i < 30; ++i) id += " \"x\" NIL";
    CHECK(parsed(id + ")").substr(0, 4) == "a ID");
    check_bad(id + " \"x\" NIL)", "a", "30 fields");
    std::string enable = "a ENABLE";
    for (int i = 0; i < 101; ++i) enable += " X";
    check_bad(enable, "a", "100");
}

TEST_CASE("the table of verbs") {
    const auto table = verbs();
    for (const auto& row : table) {
        CAPTURE(row.name);
        CHECK(find_verb(row.name) == &row);
        CHECK((row.parse != nullptr));
    }
    CHECK(find_verb("uid fetch")->name == "UID FETCH");
    for (auto name : {"", "UID", "UID  FETCH", "UID NOOP", "FETCHX", "FETC"}) CHECK(find_verb(name) == nullptr);

    SUBCASE("message numbers: no EXPUNGE during these (RFC 3501 5.5 and 7.4.1), and none of the UID forms") {
        std::set<std::string_view> used;
        for (const auto& row : table)
            if (row.numbers == MessageNumbers::used) used.insert(row.name);
        CHECK(used ==
              std::set<std::string_view>{"COPY", "FETCH", "MOVE", "REPLACE", "SEARCH", "SORT", "STORE", "THREAD"});
    }
    SUBCASE("states (RFC 3501 6)") {
        const auto allowed = [](std::string_view name, States state) { return find_verb(name)->allowed_in(state); };
        for (auto name : {"CAPABILITY", "NOOP", "LOGOUT", "ID"}) {
            CHECK(allowed(name, States::not_authenticated));
            CHECK(allowed(name, States::authenticated));
            CHECK(allowed(name, States::selected));
        }
        for (auto name : {"STARTTLS", "LOGIN", "AUTHENTICATE"}) {
            CHECK(allowed(name, States::not_authenticated));
            CHECK_FALSE(allowed(name, States::authenticated));
            CHECK_FALSE(allowed(name, States::selected));
        }
        for (auto name : {"SELECT", "EXAMINE", "CREATE", "DELETE", "RENAME", "SUBSCRIBE", "UNSUBSCRIBE", "LIST", "LSUB",
                          "STATUS", "APPEND", "NAMESPACE", "IDLE"}) {
            CHECK_FALSE(allowed(name, States::not_authenticated));
            CHECK(allowed(name, States::authenticated));
            CHECK(allowed(name, States::selected));
        }
        for (auto name : {"CHECK", "CLOSE", "UNSELECT", "EXPUNGE", "SEARCH", "FETCH", "STORE", "COPY", "UID FETCH",
                          "UID EXPUNGE", "UID STORE", "UID SEARCH"}) {
            CHECK_FALSE(allowed(name, States::not_authenticated));
            CHECK_FALSE(allowed(name, States::authenticated));
            CHECK(allowed(name, States::selected));
        }
    }
    SUBCASE("writing verbs") {
        std::set<std::string_view> writing;
        for (const auto& row : table)
            if (row.writes()) writing.insert(row.name);
        CHECK(writing == std::set<std::string_view>{"APPEND", "COPY", "CREATE", "DELETE", "DELETEACL", "MOVE", "RENAME",
                                                    "REPLACE", "SETACL", "SETMETADATA", "SETQUOTA", "UID COPY",
                                                    "UID MOVE", "UID REPLACE"});
    }
}
