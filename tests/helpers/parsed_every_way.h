// Parsing, checked on the way.
#pragma once

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "helpers/describe_command.h"

namespace imaparc::test {

// parse_request(), also by way of a lexer that is fed the text whole, octet by octet and in random pieces; it must come
// out the same. (A text with line ends outside literals is several commands to a lexer: that one is only parsed.)
inline imap::Parsed parsed_every_way(std::string_view text) {
    auto direct = imap::parse_request(text);
    const auto bytes = std::string(text) + "\r\n";
    imap::Lexer whole;
    const auto expected = lex(whole, {bytes});
    if (expected.empty() || expected.back() != "line " + std::string(text)) return direct;
    imap::Lexer octet_by_octet;
    CHECK(lex(octet_by_octet, single_octets(bytes)) == expected);
    std::mt19937 random(static_cast<unsigned>(bytes.size()));
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < bytes.size(); at += pieces.back().size())
        pieces.push_back(std::string_view(bytes).substr(at, 1 + random() % 9));
    imap::Lexer in_pieces;
    CHECK(lex(in_pieces, pieces) == expected);
    return direct;
}

}  // namespace imaparc::test
