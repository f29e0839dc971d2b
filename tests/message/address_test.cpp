#include "message/address.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "helpers/summary_print.h"

using namespace imaparc;
using namespace imaparc::message;

namespace {

// The list as IMAP shows it, "NIL" if empty.
std::string list(std::string_view body, std::size_t limit = 100) {
    TextArena arena(1 << 20);
    std::vector<Address> out;
    parse_addresses(body, arena, out, limit);
    return test::to_text(test::value_of(out));
}

}  // namespace

TEST_CASE("address: RFC 5322 A.1") {
    CHECK(list("\"Joe Q. Public\" <john.q.public@example.com>") ==
          R"((("Joe Q. Public" NIL "john.q.public" "example.com")))");
    CHECK(list("Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>") ==
          R"((("Mary Smith" NIL "mary" "x.test") (NIL NIL "jdoe" "example.org") ("Who?" NIL "one" "y.test")))");
    CHECK(list("<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>") ==
          R"(((NIL NIL "boss" "nil.test") ("Giant; "Big" Box" NIL "sysservices" "example.net")))");
}

TEST_CASE("address: groups, RFC 3501 7.4.2") {
    CHECK(list("A Group:Ed Jones <c@a.test>,joe@where.test;") ==
          R"(((NIL NIL "A Group" NIL) ("Ed Jones" NIL "c" "a.test") (NIL NIL "joe" "where.test") (NIL NIL NIL NIL)))");
    CHECK(list("Undisclosed recipients:;") == R"(((NIL NIL "Undisclosed recipients" NIL) (NIL NIL NIL NIL)))");
    CHECK(list("G: a@b, x@y") == R"(((NIL NIL "G" NIL) (NIL NIL "a" "b") (NIL NIL "x" "y") (NIL NIL NIL NIL)))");
    CHECK(list("\"Colleagues\": \"J S\" <j@v.com>; Friends: jane@e.com;") ==
          R"(((NIL NIL "Colleagues" NIL) ("J S" NIL "j" "v.com") (NIL NIL NIL NIL) )"
          R"((NIL NIL "Friends" NIL) (NIL NIL "jane" "e.com") (NIL NIL NIL NIL)))");
}

TEST_CASE("address: comments and white space, RFC 5322 A.5 and A.6") {
    CHECK(list("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>") ==
          R"((("Pete" NIL "pete" "silly.test")))");
    CHECK(list("(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;") ==
          R"(((NIL NIL "Hidden recipients" NIL) (NIL NIL NIL NIL)))");
    CHECK(list("Joe Q. Public <john.q.public@example.com>") ==
          R"((("Joe Q. Public" NIL "john.q.public" "example.com")))");
    CHECK(list("Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example") ==
          R"((("Mary Smith" "@node.test" "mary" "example.net") (NIL NIL "jdoe" "test.example")))");
    CHECK(list("John Doe <jdoe@machine(comment).  example>") == R"((("John Doe" NIL "jdoe" "machine.example")))");
    CHECK(list(" , ,,") == "NIL");
    CHECK(list("(nothing)") == "NIL");
    CHECK(list("") == "NIL");
}

TEST_CASE("address: a comment is the name where there is no other") {
    CHECK(list("ann@example.org (Ann Lee)") == R"((("Ann Lee" NIL "ann" "example.org")))");
    CHECK(list("(c1) ann@example.org (Ann) (Lee \\(x\\))") == R"=((("Lee (x)" NIL "ann" "example.org")))=");
    CHECK(list("a@b (x(y)z), c@d") == R"((("x(y)z" NIL "a" "b") (NIL NIL "c" "d")))");
}

TEST_CASE("address: quoting and literals") {
    CHECK(list("\"a b\"@c.d") == R"(((NIL NIL "a b" "c.d")))");
    CHECK(list("a.\"b c\".d@e") == R"(((NIL NIL "a.b c.d" "e")))");
    CHECK(list("a@[1.2.3.4]") == R"(((NIL NIL "a" "[1.2.3.4]")))");
    CHECK(list("a@[IPv6:2001:db8::1], b@c") == R"(((NIL NIL "a" "[IPv6:2001:db8::1]") (NIL NIL "b" "c")))");
    CHECK(list("=?utf-8?q?a=2Cb?= <a@b>") == R"((("=?utf-8?q?a=2Cb?=" NIL "a" "b")))");
    CHECK(list("J\xF6rg <j@x>") == "((\"J\xF6rg\" NIL \"j\" \"x\"))");
    CHECK(list("\"A  B\"\tC   D <a@b>") == R"((("A  B C D" NIL "a" "b")))");
    CHECK(list("\"\" <a@b>") == R"(((NIL NIL "a" "b")))");
}

TEST_CASE("address: what is broken is still shown") {
    CHECK(list("foo") == R"(((NIL NIL "foo" "MISSING_DOMAIN")))");
    CHECK(list("MAILER-DAEMON (Mail Delivery System)") ==
          R"((("Mail Delivery System" NIL "MAILER-DAEMON" "MISSING_DOMAIN")))");
    CHECK(list("foo bar") == R"((("foo bar" NIL "MISSING_MAILBOX" "MISSING_DOMAIN")))");
    CHECK(list("Lee, Ann <a@b>") == R"(((NIL NIL "Lee" "MISSING_DOMAIN") ("Ann" NIL "a" "b")))");
    CHECK(list("<>") == R"(((NIL NIL "MISSING_MAILBOX" "MISSING_DOMAIN")))");
    CHECK(list("Foo <bar>") == R"((("Foo" NIL "bar" "MISSING_DOMAIN")))");
    CHECK(list("Foo <bar@>") == R"((("Foo" NIL "bar" "SYNTAX_ERROR")))");
    CHECK(list("Foo <a@b@c>, d@e") == R"((("Foo" NIL "a" "SYNTAX_ERROR") (NIL NIL "d" "e")))");
    CHECK(list("<@foo>") == R"(((NIL "INVALID_ROUTE" "MISSING_MAILBOX" "MISSING_DOMAIN")))");
    CHECK(list("<nobody:@host.example;>, a@b") == R"(((NIL NIL "nobody" "SYNTAX_ERROR") (NIL NIL "a" "b")))");
    CHECK(list("Foo <a@b, c@d") == R"((("Foo" NIL "a" "b") (NIL NIL "c" "d")))");
    CHECK(list("<<a@b>>") == R"(((NIL NIL "a" "b")))");
    CHECK(list("a@b@c, d@e") == R"(((NIL NIL "a" "b") (NIL NIL "d" "e")))");
    CHECK(list("A <a@b> B, c@d") == R"((("A" NIL "a" "b") (NIL NIL "c" "d")))");
    CHECK(list("@host.example") == R"(((NIL NIL "MISSING_MAILBOX" "host.example")))");
}

TEST_CASE("address: angle brackets hold the address whatever stands before them") {
    CHECK(list("'x@y' <x@y>") == R"((("'x@y'" NIL "x" "y")))");
    CHECK(list("[List]  X <list@example.org>, a@b") == R"((("[List] X" NIL "list" "example.org") (NIL NIL "a" "b")))");
    CHECK(list("\"never closed <e@f>") == R"(((""never closed" NIL "e" "f")))");
    CHECK(list("(never closed <e@f>") == R"((("(never closed" NIL "e" "f")))");
    CHECK(list("a@b; c@d") == R"(((NIL NIL "a" "b") (NIL NIL "c" "d")))");
}

TEST_CASE("address: no more than the limit, and in linear time") {
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "a@b,";
    TextArena arena(1 << 20);
    std::vector<Address> out;
    parse_addresses(many, arena, out, 7);
    CHECK(out.size() == 7);

    for (const char* hostile : {"(", "\"", "<", "a@[", "<@", "\"\\", "a<", ":", ";", "<a@b,", "(\"", "a (", "a:"}) {
        CAPTURE(hostile);
        std::string text;
        while (text.size() < 1 << 20) text += hostile;
        const auto start = std::chrono::steady_clock::now();
        out.clear();
        parse_addresses(text, arena, out, 10000);
        CHECK(out.size() <= 10002);
        CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));  // quadratic would be minutes
    }
}
