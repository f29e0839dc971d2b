// Lexer::again() and take(); literals under LITERAL-.
#include <doctest/doctest.h>

#include <string>

#include "imap/lexer.h"

using namespace imaparc::imap;

TEST_CASE("a line taken for an answer is a command after all") {
    Lexer lexer;
    lexer.feed("a1 IDLE\r\na2 NOOP\r\na3 NOOP\r\n");
    CHECK(std::get<Line>(lexer.next()).text == "a1 IDLE");
    lexer.expect(Lexer::Expect::continuation);
    CHECK(std::get<Line>(lexer.next()).text == "a2 NOOP");
    lexer.again();
    CHECK(std::get<Line>(lexer.next()).text == "a2 NOOP");
    CHECK(std::get<Line>(lexer.next()).text == "a3 NOOP");
    lexer.again();
    lexer.feed("a4 NOOP\r\n");  // what comes meanwhile changes nothing
    CHECK(std::get<Line>(lexer.next()).text == "a3 NOOP");
    CHECK(std::get<Line>(lexer.next()).text == "a4 NOOP");
    CHECK(std::holds_alternative<NeedMore>(lexer.next()));
}

TEST_CASE("with its literal") {
    Lexer lexer;
    lexer.expect(Lexer::Expect::continuation);
    lexer.feed("a2 STATUS {5+}\r\nINBOX ()\r\n");
    CHECK(std::get<Line>(lexer.next()).text == "a2 STATUS {5+}");
    lexer.again();
    CHECK(std::get<NeedLiteral>(lexer.next()).octets == 5);
    lexer.accept_literal();
    CHECK(std::get<Line>(lexer.next()).text == "a2 STATUS {5+}\r\nINBOX ()");
}

TEST_CASE("what was read ahead is given away") {
    Lexer lexer;
    lexer.feed(std::string("a1 COMPRESS DEFLATE\r\n\0\x01\n\xFF", 25));
    CHECK(std::get<Line>(lexer.next()).text == "a1 COMPRESS DEFLATE");
    CHECK(lexer.take() == std::string("\0\x01\n\xFF", 4));
    CHECK(lexer.buffered() == 0);
    lexer.feed("a2 NOOP\r\n");
    CHECK(std::get<Line>(lexer.next()).text == "a2 NOOP");
}

TEST_CASE("a literal that does not wait is too large by a limit of its own (RFC 7888 5)") {
    Lexer::Limits limits;
    limits.non_synchronising = 4096;
    Lexer lexer(limits);
    lexer.feed("a1 APPEND x {4096+}\r\n");
    CHECK(std::get<NeedLiteral>(lexer.next()).fit == LiteralFit::fits);
    lexer.accept_literal();
    lexer.feed(std::string(4096, 'x') + "\r\na2 APPEND x {4097+}\r\n");
    CHECK(std::holds_alternative<Line>(lexer.next()));
    CHECK(std::get<NeedLiteral>(lexer.next()).fit == LiteralFit::not_synchronising);
    lexer.accept_literal();  // cannot be
    lexer.feed(std::string(4097, 'x') + "\r\na3 APPEND x {4097}\r\n");
    const auto dropped = std::get<Dropped>(lexer.next());
    CHECK(dropped.why == Dropped::Why::literal_too_large);
    CHECK(dropped.tag == "a2");
    CHECK(std::get<NeedLiteral>(lexer.next()).fit == LiteralFit::fits);
    lexer.refuse_literal();
    CHECK(std::get<Dropped>(lexer.next()).why == Dropped::Why::literal_refused);
    lexer.feed("a4 APPEND x {2000000+}\r\n");
    lexer.next();
    lexer.refuse_literal();
    CHECK(std::get<OutOfSync>(lexer.next()).why == Dropped::Why::literal_too_large);
}
