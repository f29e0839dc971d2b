// Reads a command's text from left to right, in the terms of RFC 3501's grammar (section 9). The first thing that is
// not as it must be makes the cursor failed(); it stays so, further reads give empty values, and a parser that loops
// asks failed() or at_end() in its loop. So a parser reads like the grammar and the caller asks once.
//
// Tolerant: spaces at the end of a command; 8-bit octets in quoted strings and astrings (clients send UTF-8 there).
//
// Belongs to one call of parse_request().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/number_set.h"
#include "imap/names.h"

namespace imaparc::imap {

class Cursor {
  public:
    explicit Cursor(std::string_view text, NameForm names = NameForm::modified_utf7) : text_(text), names_(names) {}

    NameForm names() const { return names_; }

    bool at_end() const { return failed_ || at_ == text_.size(); }
    char peek() const { return at_end() ? '\0' : text_[at_]; }  // '\0' at the end
    bool next_is(char c) const { return !at_end() && text_[at_] == c; }
    bool consume_if(char c);
    bool consume_if_word(std::string_view word);  // any case; a whole atom

    void expect(char c);
    void space() { expect(' '); }
    void end();  // of the command

    // The longest run of such characters, perhaps none.
    std::string_view take_while(bool (*belongs)(char));

    // `what` completes "Expected ...": "a mailbox name".
    std::string_view atom(std::string_view what);  // of one character at least
    std::string astring(std::string_view what);    // atom, quoted or literal
    std::string string(std::string_view what);     // quoted or literal
    std::optional<std::string> nstring(std::string_view what);
    std::string list_mailbox(std::string_view what);  // astring that may have wildcards
    MailboxName mailbox();
    std::uint32_t number(std::string_view what);          // < 4,294,967,296
    std::uint32_t nonzero_number(std::string_view what);  // nz-number
    NumberSet sequence_set();
    std::int64_t date();  // days since 1970-01-01
    void skip_value();    // atom-like, string, literal8, or a list of such

    bool string_ahead() const { return next_is('"') || next_is('{'); }

    bool failed() const { return failed_; }
    const std::string& error() const { return error_; }
    void fail(std::string text);           // the first one counts
    void expected(std::string_view what);  // fails with what was expected here, and what is there
    std::size_t position() const { return at_; }
    void secret() { secret_ = true; }  // from here on errors do not repeat what was sent: it goes into logs, too

    // RETURN (SAVE) was read: a command that is then answered NO empties "$" (RFC 5182 2.1).
    void note_saving() { saving_ = true; }
    bool is_saving() const { return saving_; }

    // SEARCH's own way to fail: a charset nobody knows.
    void fail_charset(std::string charset);
    const std::optional<std::string>& bad_charset() const { return bad_charset_; }

  private:
    std::string quoted();
    bool literal8_ahead() const;  // "~{" (RFC 3516); nothing but the verbs that write takes one
    std::string literal();

    std::string_view text_;
    NameForm names_;
    std::size_t at_ = 0;
    bool failed_ = false;
    bool secret_ = false;
    bool saving_ = false;
    std::string error_;
    std::optional<std::string> bad_charset_;
};

}  // namespace imaparc::imap
