// The lexical tokens of RFC 5322 3.2 and RFC 2045 5.1 over an unfolded field body: comments and white space, quoted
// strings, atoms. Total work is linear whatever the input: a search for a closing '"' or ')' that fails is not
// repeated.
//
// Any thread; a Lexer belongs to one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace imaparc::message {

class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}

    bool at_end() const { return at_ >= text_.size(); }
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool at(char c) const { return at_ < text_.size() && text_[at_] == c; }
    void advance() { ++at_; }
    bool take(char c);
    std::size_t position() const { return at_; }
    void rewind(std::size_t position) { at_ = position; }
    std::string_view text() const { return text_; }

    // CFWS. True if something was skipped. An unclosed comment is not one: it stays. Into `comment`, if given, goes the
    // last comment's content, its quoted pairs undone.
    bool skip_cfws(std::string* comment = nullptr);

    // At a '"': the string's content, quoted pairs undone, appended. False, and nothing consumed, if it is not closed.
    bool quoted_string(std::string& out);

    // 1*atext (RFC 5322 3.2.3), bytes above 0x7F and stray control characters included; "" if there is none.
    std::string_view atom();
    // token (RFC 2045 5.1), likewise lenient; "" if there is none.
    std::string_view token();

  private:
    bool skip_comment(std::string* comment);

    std::string_view text_;
    std::size_t at_ = 0;
    bool quotes_unclosed_ = false;
    bool comments_unclosed_ = false;
};

bool is_blank(char c);  // WSP: space or tab

}  // namespace imaparc::message
