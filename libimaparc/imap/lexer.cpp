#include "imap/lexer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "imap/grammar.h"

namespace imaparc::imap {

namespace {

constexpr std::size_t kept_capacity = std::size_t{16} << 10;  // of an empty buffer
constexpr std::size_t longest_announcement = 32;              // "~{18446744073709551615+}" CR, with room to spare
constexpr std::size_t longest_verb = 32;

// literal = "{" number ["+"] "}" CRLF *CHAR8 (RFC 3501 9, RFC 7888 8); literal8 = "~" literal (RFC 3516).
// At the end of a line that is without its LF. A number too large for us is a literal too large for us.
std::optional<NeedLiteral> announced_literal(std::string_view line) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.size() < 3 || line.back() != '}') return std::nullopt;
    line.remove_suffix(1);
    NeedLiteral literal;
    if (line.back() == '+') {
        literal.synchronising = Synchronising::no;
        line.remove_suffix(1);
    }
    std::size_t digits = 0;
    while (digits < line.size() && is_digit(line[line.size() - 1 - digits])) ++digits;
    if (digits == 0 || digits == line.size() || line[line.size() - 1 - digits] != '{') return std::nullopt;
    literal.octets = parse_decimal(line.substr(line.size() - digits)).value_or(~std::uint64_t{0});
    const auto before = line.substr(0, line.size() - 1 - digits);
    literal.binary = !before.empty() && before.back() == '~';
    return literal;
}

std::string_view first_word(std::string_view text) { return text.substr(0, text.find_first_of(" \r\n")); }

}  // namespace

Lexer::Limits Lexer::Limits::before_login() {
    Limits limits;
    limits.command = std::size_t{64} << 10;
    limits.literal = std::uint64_t{16} << 10;
    return limits;
}

Lexer::Lexer() : Lexer(Limits{}) {}
Lexer::Lexer(Limits limits) : limits_(limits) {}

void Lexer::feed(std::string_view bytes) {
    if (state_ == State::lost) return;
    if (begin_ > 0) {
        buffer_.erase(0, begin_);
        at_ -= begin_;
        scanned_ -= begin_;
        begin_ = 0;
    }
    // Grown by doubling, but not beyond what a command may have: half of that would be memory for nobody.
    const std::size_t needed = buffer_.size() + bytes.size();
    if (needed > buffer_.capacity())
        buffer_.reserve(std::max(needed, std::min(2 * buffer_.capacity(), limits_.command + bytes.size())));
    buffer_.append(bytes);
}

LexerStep Lexer::next() {
    if (begin_ == buffer_.size()) {
        buffer_.clear();
        begin_ = at_ = scanned_ = 0;
        if (buffer_.capacity() > kept_capacity) std::string().swap(buffer_);
    }
    for (;;) {
        switch (state_) {
            case State::announced:
                return announced_;
            case State::lost:
                return OutOfSync{dropped_.tag, dropped_.why, "The rest of the command is too long to be read past"};
            case State::dropped:
                state_ = State::text;
                return std::exchange(dropped_, {});
            case State::dropping_literal: {
                const auto here = std::min<std::uint64_t>(wanted_, buffer_.size() - begin_);
                begin_ += static_cast<std::size_t>(here);
                at_ = scanned_ = begin_;
                wanted_ -= here;
                if (wanted_ > 0) return NeedMore{};
                state_ = State::dropping_text;
                break;
            }
            case State::dropping_text: {
                auto step = next_dropping_text();
                if (!std::holds_alternative<NeedMore>(step) || state_ == State::dropping_text) return step;
                break;
            }
            case State::literal:
                if (buffer_.size() - at_ < wanted_) return NeedMore{};
                at_ += static_cast<std::size_t>(wanted_);
                scanned_ = at_;
                state_ = State::text;
                break;
            case State::text: {
                auto step = next_text();
                if (!std::holds_alternative<NeedMore>(step) || state_ == State::text) return step;
                break;
            }
        }
    }
}

// A whole line, or NeedMore; NeedMore with another state: go on in that one.
LexerStep Lexer::next_text() {
    const std::size_t line_feed = buffer_.find('\n', scanned_);
    scanned_ = std::min(line_feed, buffer_.size());
    if (scanned_ - begin_ > limits_.command) {
        start_dropping(Dropped::Why::too_long, limits_.command - (at_ - begin_) + limits_.discard);
        state_ = State::dropping_text;
        return NeedMore{};
    }
    if (line_feed == std::string::npos) return NeedMore{};

    const std::string_view line(buffer_.data() + at_, line_feed - at_);
    if (expect_ == Expect::command) {
        if (auto literal = announced_literal(line)) {
            at_ = scanned_ = line_feed + 1;
            const std::uint64_t used = at_ - begin_;
            const bool fits = literal->octets <= limits_.literal && used <= limits_.command &&
                              literal->octets <= limits_.command - used;
            literal->fit = fits ? LiteralFit::fits : LiteralFit::too_large;
            if (literal->synchronising == Synchronising::no && literal->octets > limits_.non_synchronising)
                literal->fit = LiteralFit::not_synchronising;
            announced_ = *literal;
            state_ = State::announced;
            return announced_;
        }
    }
    std::string_view text(buffer_.data() + begin_, line_feed - begin_);
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    last_ = begin_;
    begin_ = at_ = scanned_ = line_feed + 1;
    expect_ = Expect::command;
    return Line{text};
}

LexerStep Lexer::next_dropping_text() {
    const std::size_t line_feed = buffer_.find('\n', begin_);
    const std::size_t end = std::min(line_feed, buffer_.size());
    const std::string_view piece(buffer_.data() + begin_, end - begin_);
    if (piece.size() > budget_) return lose();
    budget_ -= piece.size();
    tail_.append(piece.substr(piece.size() - std::min(piece.size(), longest_announcement)));
    if (tail_.size() > longest_announcement) tail_.erase(0, tail_.size() - longest_announcement);
    if (line_feed == std::string::npos) {
        begin_ = at_ = scanned_ = buffer_.size();
        return NeedMore{};
    }
    begin_ = at_ = scanned_ = line_feed + 1;
    const auto literal = expect_ == Expect::command ? announced_literal(tail_) : std::nullopt;
    tail_.clear();
    if (literal && literal->synchronising == Synchronising::no) {
        if (literal->octets > budget_) return lose();
        budget_ -= literal->octets;
        wanted_ = literal->octets;
        state_ = State::dropping_literal;
        return NeedMore{};
    }
    // At its end; or in front of a synchronising literal, of which nothing comes without our "+".
    expect_ = Expect::command;
    state_ = State::text;
    return std::exchange(dropped_, {});
}

LexerStep Lexer::lose() {
    state_ = State::lost;
    std::string().swap(buffer_);
    begin_ = at_ = scanned_ = 0;
    return next();
}

void Lexer::start_dropping(Dropped::Why why, std::uint64_t budget) {
    dropped_ = expect_ == Expect::command ? Dropped{why, tag(), verb()} : Dropped{why, "*", ""};
    begin_ = scanned_ = at_;
    budget_ = budget;
    tail_.clear();
}

void Lexer::accept_literal() {
    if (state_ != State::announced) return;
    if (announced_.fit != LiteralFit::fits) return refuse_literal();
    wanted_ = announced_.octets;
    state_ = State::literal;
}

void Lexer::refuse_literal() {
    if (state_ != State::announced) return;
    start_dropping(announced_.fit == LiteralFit::not_synchronising ? Dropped::Why::literal_too_large
                                                                   : Dropped::Why::literal_refused,
                   limits_.discard);
    if (announced_.synchronising == Synchronising::yes) {
        state_ = State::dropped;
    } else if (announced_.octets > budget_) {
        lose();
    } else {
        budget_ -= announced_.octets;
        wanted_ = announced_.octets;
        state_ = State::dropping_literal;
    }
}

// Of the octets that are within the limit, so that the answer does not depend on how they came.
std::string_view Lexer::command_start() const {
    return std::string_view(buffer_).substr(begin_, std::min(buffer_.size() - begin_, limits_.command));
}

std::string Lexer::tag() const {
    const auto text = command_start();
    const auto word = first_word(text);
    return word.size() < text.size() && is_tag(word) ? std::string(word) : std::string("*");
}

std::string Lexer::verb() const {
    auto text = command_start();
    const auto next_word = [&text]() {
        text.remove_prefix(first_word(text).size());
        if (text.empty() || text[0] != ' ') return std::string_view{};
        text.remove_prefix(1);
        return first_word(text);
    };
    auto result = ascii_upper(next_word().substr(0, longest_verb));
    if (result == "UID") result += " " + ascii_upper(next_word().substr(0, longest_verb));
    return result;
}

void Lexer::again() {
    begin_ = at_ = scanned_ = last_;
    expect_ = Expect::command;
}

std::size_t Lexer::clear() { return take().size(); }

std::string Lexer::take() {
    std::string octets = buffer_.substr(begin_);
    std::string().swap(buffer_);
    begin_ = at_ = scanned_ = 0;
    if (state_ != State::lost) state_ = State::text;
    expect_ = Expect::command;
    return octets;
}

void Lexer::release_memory() {
    buffer_.erase(0, begin_);
    at_ -= begin_;
    scanned_ -= begin_;
    begin_ = 0;
    buffer_.shrink_to_fit();
    tail_.shrink_to_fit();
}

}  // namespace imaparc::imap
