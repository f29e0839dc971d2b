#include "imap/cursor.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "imap/grammar.h"
#include "imap/parse.h"

namespace imaparc::imap {

namespace {

constexpr std::size_t deepest_list = 50;  // of what is read past; as max_search_depth
constexpr std::size_t shown_octets = 24;  // of what is there instead of what was expected
constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool tolerated_astring_char(char c) { return is_astring_char(c) || is_8bit(c); }
bool tolerated_list_char(char c) { return is_list_char(c) || is_8bit(c); }
bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

// Days since 1970-01-01 of a date in the Gregorian calendar, years counted from March so that the odd day is the last.
std::int64_t days_of(std::int64_t year, unsigned month, unsigned day) {
    if (month <= 2) --year;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

unsigned days_in(std::int64_t year, unsigned month) {
    if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

}  // namespace

void Cursor::fail(std::string text) {
    if (failed_) return;
    failed_ = true;
    error_ = std::move(text);
}

void Cursor::expected(std::string_view what) {
    if (failed_) return;
    std::string text = "Expected " + std::string(what);
    if (at_ == text_.size())
        text += ", the command ends there";
    else if (secret_)
        text += " at octet " + std::to_string(at_ + 1);
    else
        text += " at octet " + std::to_string(at_ + 1) + ", found \"" +
                printable(text_.substr(at_, text_.find_first_of(" \r\n", at_ + 1) - at_), shown_octets) + "\"";
    fail(std::move(text));
}

void Cursor::fail_charset(std::string charset) {
    if (failed_) return;
    fail("The charset " + printable(charset, shown_octets) + " is not known");
    bad_charset_ = std::move(charset);
}

bool Cursor::consume_if(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
}

bool Cursor::consume_if_word(std::string_view word) {
    if (failed_ || !ascii_istarts_with(text_.substr(at_), word)) return false;
    const auto behind = at_ + word.size();
    if (behind < text_.size() && is_atom_char(text_[behind])) return false;
    at_ = behind;
    return true;
}

void Cursor::expect(char c) {
    if (consume_if(c)) return;
    expected(c == ' ' ? std::string("a space") : "\"" + std::string(1, c) + "\"");
}

void Cursor::end() {
    while (consume_if(' ')) {
    }
    if (!at_end()) expected("the end of the command");
}

std::string_view Cursor::take_while(bool (*belongs)(char)) {
    if (failed_) return {};
    const auto start = at_;
    while (at_ < text_.size() && belongs(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
}

// atom = 1*ATOM-CHAR
std::string_view Cursor::atom(std::string_view what) {
    const auto text = take_while(is_atom_char);
    if (text.empty()) expected(what);
    return text;
}

// astring = 1*ASTRING-CHAR / string
std::string Cursor::astring(std::string_view what) {
    if (string_ahead()) return string(what);
    const auto text = take_while(tolerated_astring_char);
    if (text.empty()) expected(what);
    return std::string(text);
}

// string = quoted / literal
std::string Cursor::string(std::string_view what) {
    if (next_is('"')) return quoted();
    if (next_is('{')) return literal();
    expected(what);
    return {};
}

// nstring = string / nil
std::optional<std::string> Cursor::nstring(std::string_view what) {
    if (consume_if_word("NIL")) return std::nullopt;
    return string(what);
}

// list-mailbox = 1*list-char / string
std::string Cursor::list_mailbox(std::string_view what) {
    if (string_ahead()) return string(what);
    const auto text = take_while(tolerated_list_char);
    if (text.empty()) expected(what);
    return std::string(text);
}

MailboxName Cursor::mailbox() {
    const auto start = at_;
    const auto wire = astring("a mailbox name");
    if (failed_) return {};
    if (wire.size() > max_mailbox_name)
        fail("The mailbox name at octet " + std::to_string(start + 1) + " is longer than " +
             std::to_string(max_mailbox_name) + " octets");
    return mailbox_from_wire(wire, names_);
}

// quoted = DQUOTE *QUOTED-CHAR DQUOTE; QUOTED-CHAR = <any TEXT-CHAR except quoted-specials> / "\" quoted-specials
std::string Cursor::quoted() {
    const auto start = at_++;
    std::string value;
    for (;;) {
        const auto special = text_.find_first_of(std::string_view("\"\\\r\n\0", 5), at_);
        if (special == std::string_view::npos) {
            fail("The quoted string that starts at octet " + std::to_string(start + 1) + " has no end");
            return {};
        }
        value.append(text_.substr(at_, special - at_));
        at_ = special + 1;
        const char c = text_[special];
        if (c == '"') {
            // Once names are UTF-8, what is none is refused (RFC 6855 3, RFC 9051 4.3); before, it is taken as it came.
            if (names_ == NameForm::utf8 && !valid_utf8(value))
                fail("The quoted string that starts at octet " + std::to_string(start + 1) + " is not UTF-8");
            return value;
        }
        const char behind = at_ < text_.size() ? text_[at_] : '\0';
        if (c != '\\' || (behind != '"' && behind != '\\')) {
            fail(c == '\\'
                     ? "In a quoted string only \\\" and \\\\ may follow a backslash; octet " + std::to_string(at_)
                     : "A quoted string cannot hold CR, LF or NUL; octet " + std::to_string(at_));
            return {};
        }
        value += behind;
        ++at_;
    }
}

bool Cursor::literal8_ahead() const { return (next_is('~') && at_ + 1 < text_.size() && text_[at_ + 1] == '{'); }

// literal = "{" number ["+"] "}" CRLF *CHAR8; CHAR8 is any octet but NUL, which literal8 ("~{") may hold too
std::string Cursor::literal() {
    const bool binary = consume_if('~');
    const auto start = at_++;
    const auto octets = parse_decimal(take_while(is_digit));
    consume_if('+');
    bool announced = octets && consume_if('}');
    if (announced) {
        consume_if('\r');
        announced = consume_if('\n');
    }
    if (!announced || *octets > text_.size() - at_) {
        fail("Expected a literal, {octets} and a line end, at octet " + std::to_string(start + 1));
        return {};
    }
    const auto value = text_.substr(at_, static_cast<std::size_t>(*octets));
    at_ += value.size();
    if (!binary && value.find('\0') != std::string_view::npos) fail("A literal cannot hold NUL");
    return std::string(value);
}

// number = 1*DIGIT, an unsigned 32-bit integer
std::uint32_t Cursor::number(std::string_view what) {
    if (failed_) return 0;
    std::uint64_t value = 0;
    auto end = at_;
    while (end < text_.size() && is_digit(text_[end]) && value <= 0xFFFFFFFFU)
        value = value * 10 + static_cast<std::uint64_t>(text_[end++] - '0');
    if (end == at_ || value > 0xFFFFFFFFU) {
        expected(what);
        return 0;
    }
    at_ = end;
    return static_cast<std::uint32_t>(value);
}

std::uint32_t Cursor::nonzero_number(std::string_view what) {
    const auto start = at_;
    const auto value = number(what);
    if (!failed_ && value == 0) {
        at_ = start;
        expected(what);
    }
    return value;
}

// sequence-set = (seq-number / seq-range) *("," sequence-set) / "$"; seq-number = nz-number / "*". "$" stands instead
// of numbers, not among them (RFC 5182 1).
NumberSet Cursor::sequence_set() {
    if (consume_if('$')) return NumberSet::saved_result();
    constexpr std::string_view what = "a sequence set of numbers from 1 to 4294967295, like 1,4:7,9:*,";
    const auto one = [&] { return consume_if('*') ? NumberRange::star : nonzero_number(what); };
    NumberSet set;
    do {
        const auto first = one();
        if (consume_if(':'))
            set.add(first, one());
        else if (first == NumberRange::star)
            set.add(first, first);
        else
            set.add(first);
    } while (consume_if(','));
    return failed_ ? NumberSet{} : set;
}

// date = date-text / DQUOTE date-text DQUOTE; date-text = date-day "-" date-month "-" date-year
std::int64_t Cursor::date() {
    constexpr std::string_view what = "a date like 1-Feb-1994";
    const auto start = at_;
    const bool in_quotes = consume_if('"');
    if (in_quotes) consume_if(' ');  // as date-day-fixed has it
    const auto day = take_while(is_digit);
    consume_if('-');
    const auto month = take_while(is_letter);
    consume_if('-');
    const auto year = take_while(is_digit);
    const bool closed = !in_quotes || consume_if('"');
    if (failed_) return 0;

    const auto found = std::find_if(months.begin(), months.end(), [&](auto m) { return ascii_iequals(m, month); });
    const std::size_t length = (in_quotes ? 2U : 0U) + day.size() + month.size() + year.size() + 2;
    const bool dashes = at_ - start == length || (in_quotes && at_ - start == length + 1 && text_[start + 1] == ' ');
    if (closed && dashes && found != months.end() && !day.empty() && day.size() <= 2 && year.size() == 4) {
        const auto month_number = static_cast<unsigned>(found - months.begin()) + 1;
        const auto year_number = static_cast<std::int64_t>(*parse_decimal(year));
        const auto day_number = static_cast<unsigned>(*parse_decimal(day));
        if (day_number >= 1 && day_number <= days_in(year_number, month_number))
            return days_of(year_number, month_number, day_number);
    }
    at_ = start;
    expected(what);
    return 0;
}

void Cursor::skip_value() {
    std::size_t depth = 0;
    do {
        if (consume_if('(')) {
            if (++depth > deepest_list) fail("Parentheses are nested deeper than " + std::to_string(deepest_list));
        } else if (depth > 0 && consume_if(')')) {
            --depth;
        } else if (string_ahead()) {
            string("a string");
        } else if (literal8_ahead()) {
            literal();
        } else {
            const auto text = take_while(
                [](char c) { return c != '(' && c != ')' && c != ' ' && c != '"' && c != '{' && !is_control(c); });
            if (text.empty()) return expected("an argument");
        }
        if (depth > 0) consume_if(' ');
    } while (depth > 0 && !failed_);
}

}  // namespace imaparc::imap
