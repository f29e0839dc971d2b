#include "imap/lexer.h"

#include <doctest/doctest.h>

#include <random>

#include "helpers/describe_command.h"

using namespace imaparc;
using namespace imaparc::imap;
using imaparc::test::lex;
using imaparc::test::Literals;
using Log = std::vector<std::string>;

namespace {

Log whole(std::string_view bytes, Lexer::Limits limits = {}, Literals literals = Literals::accept) {
    Lexer lexer(limits);
    return lex(lexer, {bytes}, literals);
}

Lexer::Limits small() {
    Lexer::Limits limits;
    limits.command = 40;
    limits.literal = 10;
    limits.discard = 100;
    return limits;
}

std::string repeated(std::size_t count, char c) { return std::string(count, c); }

}  // namespace

TEST_CASE("lines end with CR LF, and with a lone LF") {
    CHECK(whole("a1 NOOP\r\na2 NOOP\n\r\n") == Log{"line a1 NOOP", "line a2 NOOP", "line "});
    CHECK(whole("a1 NOOP\r").empty());
    CHECK(whole("a1 \rNOOP\r\n") == Log{"line a1 \rNOOP"});
}

TEST_CASE("literals stay where they stood") {
    // RFC 3501 7.5
    CHECK(whole("A001 LOGIN {11}\r\nFRED FOOBAR {7}\r\nfat man\r\n") ==
          Log{"literal 11 sync A001 LOGIN", "literal 7 sync A001 LOGIN",
              "line A001 LOGIN {11}\r\nFRED FOOBAR {7}\r\nfat man"});
    // RFC 7888 4
    CHECK(whole("A001 LOGIN {11+}\r\nFRED FOOBAR {7+}\r\nfat man\r\nA2 NOOP\r\n") ==
          Log{"literal 11 non-sync A001 LOGIN", "literal 7 non-sync A001 LOGIN",
              "line A001 LOGIN {11+}\r\nFRED FOOBAR {7+}\r\nfat man", "line A2 NOOP"});
    // RFC 3516 4.4: NUL is the parser's business
    CHECK(whole({"a APPEND x ~{3+}\r\n\0\r\n\r\n", 23}).back() == std::string("line a APPEND x ~{3+}\r\n\0\r\n", 26));
}

TEST_CASE("a literal may hold line ends, what looks like a literal, and nothing at all") {
    CHECK(whole("a LOGIN {4+}\r\n\r\n\r\n {0+}\r\n\r\nb NOOP\r\n") ==
          Log{"literal 4 non-sync a LOGIN", "literal 0 non-sync a LOGIN", "line a LOGIN {4+}\r\n\r\n\r\n {0+}\r\n",
              "line b NOOP"});
    CHECK(whole("a LOGIN {6+}\r\n{3}\r\nx y\r\n").back() == "line a LOGIN {6+}\r\n{3}\r\nx y");
}

TEST_CASE("a literal is announced with the tag and verb of its command") {
    CHECK(whole("a1 uid copy {3}\r\n").back() == "literal 3 sync a1 UID COPY");
    CHECK(whole("a1 append \"x\" (\\Seen) {310}\r\n").back() == "literal 310 sync a1 APPEND");
    CHECK(whole("a1 append x ~{310+}\r\n") == Log{"literal 310 non-sync binary a1 APPEND"});
    CHECK(whole("{3}\r\n").back() == "literal 3 sync * ");
    CHECK(whole("a+ NOOP {3}\r\n").back() == "literal 3 sync * NOOP");
    CHECK(whole("a1 {3}\r\n").back() == "literal 3 sync a1 {3}");
}

TEST_CASE("what does not announce a literal") {
    for (auto line : {"a {x}", "a {}", "a {+}", "a {3} ", "a {3-}", "a 3}", "a {-3}", "a (3}", "}", "{"}) {
        CAPTURE(line);
        CHECK(whole(std::string(line) + "\r\n") == Log{"line " + std::string(line)});
    }
}

TEST_CASE("a refused synchronising literal ends its command at once") {
    // RFC 3501 7.5: the last line of the example
    CHECK(whole("A044 BLURDYBLOOP {102856}\r\nA2 NOOP\r\n", {}, Literals::refuse) ==
          Log{"literal 102856 sync A044 BLURDYBLOOP", "dropped refused A044 BLURDYBLOOP", "line A2 NOOP"});
}

TEST_CASE("a refused non-synchronising literal is read past, and the rest of its command") {
    CHECK(whole("a APPEND x {5+}\r\nhello (more) {3+}\r\nabc\r\nb NOOP\r\n", {}, Literals::refuse) ==
          Log{"literal 5 non-sync a APPEND", "dropped refused a APPEND", "line b NOOP"});
    SUBCASE("up to a synchronising one, of which nothing comes") {
        CHECK(whole("a APPEND x {5+}\r\nhello {3}\r\nb NOOP\r\n", {}, Literals::refuse) ==
              Log{"literal 5 non-sync a APPEND", "dropped refused a APPEND", "line b NOOP"});
    }
    SUBCASE("as far as the limit goes") {
        CHECK(whole("a APPEND x {101+}\r\n", small(), Literals::refuse) ==
              Log{"literal 101 non-sync too large a APPEND", "out of sync a"});
        CHECK(whole("a APPEND x {100+}\r\n" + repeated(100, 'x') + "\nb NOOP\r\n", small(), Literals::refuse) ==
              Log{"literal 100 non-sync too large a APPEND", "dropped refused a APPEND", "line b NOOP"});
        CHECK(whole("a APPEND x {90+}\r\n" + repeated(90, 'x') + " {20+}\r\n", small(), Literals::refuse) ==
              Log{"literal 90 non-sync too large a APPEND", "out of sync a"});
        CHECK(whole("a APPEND x {90+}\r\n" + repeated(90 + 11, 'x'), small(), Literals::refuse) ==
              Log{"literal 90 non-sync too large a APPEND", "out of sync a"});
    }
}

TEST_CASE("literals too large for their command") {
    CHECK(whole("a LOGIN {11}\r\nb NOOP\r\n", small()) ==
          Log{"literal 11 sync too large a LOGIN", "dropped refused a LOGIN", "line b NOOP"});
    CHECK(whole("a LOGIN {10+}\r\n0123456789 {10+}\r\n0123456789\r\n", small()).at(1) ==
          "literal 10 non-sync too large a LOGIN");
    CHECK(whole("a LOGIN {99999999999999999999999999}\r\n").at(0).substr(0, 8 + 20) == "literal 18446744073709551615");
    CHECK(whole("a LOGIN {18446744073709551616+}\r\n").back() == "out of sync a");
    SUBCASE("LITERAL- (RFC 7888 5)") {
        auto limits = Lexer::Limits{};
        limits.non_synchronising = 4096;
        CHECK(whole("a LOGIN {4097}\r\n", limits) == Log{"literal 4097 sync a LOGIN"});
        CHECK(whole("a LOGIN {4096+}\r\n", limits) == Log{"literal 4096 non-sync a LOGIN"});
        CHECK(whole("a LOGIN {4097+}\r\n", limits) == Log{"literal 4097 non-sync too large a LOGIN"});
    }
    SUBCASE("accepting one all the same refuses it") {
        Lexer lexer(small());
        lexer.feed("a LOGIN {11}\r\n");
        CHECK(std::holds_alternative<NeedLiteral>(lexer.next()));
        lexer.accept_literal();
        CHECK(std::holds_alternative<Dropped>(lexer.next()));
    }
}

TEST_CASE("a command too long is read past and named") {
    const auto tail = repeated(50, 'x');
    CHECK(whole("a UID FETCH " + tail + "\r\nb NOOP\r\n", small()) ==
          Log{"dropped too long a UID FETCH", "line b NOOP"});
    CHECK(whole("a x {9+}\r\n123456789" + tail + "\r\nb NOOP\r\n", small()) ==
          Log{"literal 9 non-sync a X", "dropped too long a X", "line b NOOP"});
    CHECK(whole("a FETCH " + tail + " {9+}\r\n12345\n789 {5}\r\nb NOOP\r\n", small()) ==
          Log{"dropped too long a FETCH", "line b NOOP"});
    CHECK(whole(repeated(141, 'x'), small()) == Log{"out of sync *"});
    CHECK(whole(repeated(140, 'x') + "\nb NOOP\n", small()) == Log{"dropped too long * ", "line b NOOP"});
    SUBCASE("the limit itself is allowed") {
        CHECK(whole(repeated(40, 'x') + "\n", small()) == Log{"line " + repeated(40, 'x')});
        CHECK(whole(repeated(41, 'x') + "\n", small()) == Log{"dropped too long * "});
    }
    SUBCASE("once out of sync nothing is taken in") {
        Lexer lexer(small());
        lex(lexer, {repeated(200, 'x')});
        lexer.feed("a NOOP\r\n");
        CHECK(lexer.buffered() == 0);
        CHECK(std::holds_alternative<OutOfSync>(lexer.next()));
    }
}

TEST_CASE("an answer to our + is a line, whatever it ends with") {
    Lexer lexer;
    lexer.expect(Lexer::Expect::continuation);
    CHECK(lex(lexer, {"dGVzd{3}\r\na1 LOGIN {3}\r\n"}) == Log{"line dGVzd{3}", "literal 3 sync a1 LOGIN"});
    Lexer short_one(small());
    short_one.expect(Lexer::Expect::continuation);
    CHECK(lex(short_one, {"AAAA BBBB " + repeated(50, 'x') + "{3+}\r\nDONE\r\n"}) ==
          Log{"dropped too long * ", "line DONE"});
}

TEST_CASE("limits can be raised between commands") {
    Lexer lexer(Lexer::Limits::before_login());
    CHECK(lexer.limits().command == 64 * 1024);
    const auto line = "a " + repeated(100'000, 'x') + "\r\n";
    CHECK(lex(lexer, {line}).back() == "dropped too long a XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX");
    lexer.limits({});
    CHECK(lex(lexer, {line}).back().size() == line.size() + 5 - 2);
}

TEST_CASE("before a TLS handshake what was read ahead is forgotten (RFC 3501 6.2.1)") {
    Lexer lexer;
    lexer.feed("a STARTTLS\r\nb LOGIN x y\r\nc LOGIN {3}");
    CHECK(std::holds_alternative<Line>(lexer.next()));
    CHECK(lexer.clear() == 24);
    CHECK(lexer.clear() == 0);
    CHECK(lex(lexer, {"d NOOP\r\n"}) == Log{"line d NOOP"});
}

TEST_CASE("memory stays within the limit and goes when it is not needed") {
    Lexer lexer;
    const std::string chunk(16'384, 'x');
    for (int i = 0; i < 127; ++i) {
        lexer.feed(chunk);
        CHECK(std::holds_alternative<NeedMore>(lexer.next()));
        REQUIRE(lexer.capacity() <= lexer.limits().command + chunk.size());
    }
    lexer.feed("\r\n");
    CHECK(std::get<Line>(lexer.next()).text.size() == 127 * chunk.size());
    CHECK(std::holds_alternative<NeedMore>(lexer.next()));
    CHECK(lexer.capacity() <= 16'384);

    lexer.feed("a NOOP\r\nb NO");
    CHECK(std::holds_alternative<Line>(lexer.next()));
    lexer.release_memory();
    CHECK(lexer.buffered() == 4);
    CHECK(lex(lexer, {"OP\r\n"}) == Log{"line b NOOP"});

    // What is read past is not kept.
    lexer.feed("a APPEND x {1000000+}\r\n");
    CHECK(std::holds_alternative<NeedLiteral>(lexer.next()));
    lexer.refuse_literal();
    for (int i = 0; i < 60; ++i) {
        lexer.feed(chunk);
        CHECK(std::holds_alternative<NeedMore>(lexer.next()));
    }
    CHECK(lexer.capacity() <= 64 * 1024);
}

TEST_CASE("however the octets come, the answers are the same") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const std::vector<std::string> parts = {"a NOOP\r\n",
                                            "b LOGIN {3}\r\nabc {2+}\r\n\r\n\r\n",
                                            "c APPEND x {30+}\r\n123456789012345678901234567890 {1+}\r\nx\r\n",
                                            "d FETCH " + repeated(60, '1') + "\r\n",
                                            "e F " + repeated(45, '1') + "{5+}\r\nab\r\nc\r\n",
                                            "\r\n",
                                            "f x\n",
                                            "g {11}\r\n",
                                            "h ~{3+}\r\n\r\r\r\r\n",
                                            "i {200+}\r\n",
                                            "{",
                                            "}",
                                            "+",
                                            "5",
                                            "\r",
                                            "\n",
                                            " ",
                                            "x"};
    for (int round = 0; round < 2000; ++round) {
        std::string bytes;
        for (auto count = random() % 12; count > 0; --count) bytes += parts[random() % parts.size()];
        CAPTURE(bytes);
        const auto literals = random() % 4 == 0 ? Literals::refuse : Literals::accept;
        const auto expected = whole(bytes, small(), literals);
        Lexer one_by_one(small());
        REQUIRE(lex(one_by_one, test::single_octets(bytes), literals) == expected);
        std::vector<std::string_view> pieces;
        for (std::size_t at = 0; at < bytes.size();) {
            const std::size_t n = 1 + random() % 20;
            pieces.push_back(std::string_view(bytes).substr(at, n));
            at += n;
        }
        Lexer in_pieces(small());
        REQUIRE(lex(in_pieces, pieces, literals) == expected);
    }
}
