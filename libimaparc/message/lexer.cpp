#include "message/lexer.h"

namespace imaparc::message {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

namespace {

bool is_space(char c) { return is_blank(c) || c == '\r' || c == '\n'; }

class CharacterSet {
  public:
    constexpr explicit CharacterSet(std::string_view members) : has_() {
        for (const char c : members) has_[static_cast<unsigned char>(c)] = true;
    }
    bool has(char c) const { return has_[static_cast<unsigned char>(c)]; }

  private:
    bool has_[256];
};

constexpr CharacterSet ends_atom(" \t\r\n()<>[]:;@\\,.\"");     // RFC 5322 3.2.3, specials
constexpr CharacterSet ends_token(" \t\r\n()<>@,;:\\\"/[]?=");  // RFC 2045 5.1, tspecials

}  // namespace

bool Lexer::take(char c) {
    if (!at(c)) return false;
    ++at_;
    return true;
}

bool Lexer::skip_comment(std::string* comment) {
    if (comments_unclosed_) return false;
    std::string content;
    std::size_t depth = 0;
    for (std::size_t i = at_; i < text_.size(); ++i) {
        const char c = text_[i];
        if (c == '\\' && i + 1 < text_.size()) {
            if (comment) content.push_back(text_[i + 1]);
            ++i;
            continue;
        }
        if (c == '(' && depth++ == 0) continue;
        if (c == ')' && --depth == 0) {
            at_ = i + 1;
            if (comment) *comment = std::move(content);
            return true;
        }
        if (comment) content.push_back(c);
    }
    comments_unclosed_ = true;
    return false;
}

bool Lexer::skip_cfws(std::string* comment) {
    const std::size_t start = at_;
    while (at_ < text_.size()) {
        if (is_space(text_[at_]))
            ++at_;
        else if (text_[at_] != '(' || !skip_comment(comment))
            break;
    }
    return at_ != start;
}

bool Lexer::quoted_string(std::string& out) {
    if (quotes_unclosed_ || !at('"')) return false;
    const std::size_t size_before = out.size();
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
        char c = text_[i];
        if (c == '"') {
            at_ = i + 1;
            return true;
        }
        if (c == '\\' && i + 1 < text_.size()) c = text_[++i];
        out.push_back(c);
    }
    out.resize(size_before);
    quotes_unclosed_ = true;
    return false;
}

std::string_view Lexer::atom() {
    const std::size_t start = at_;
    while (at_ < text_.size() && !ends_atom.has(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
}

std::string_view Lexer::token() {
    const std::size_t start = at_;
    while (at_ < text_.size() && !ends_token.has(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
}

}  // namespace imaparc::message
