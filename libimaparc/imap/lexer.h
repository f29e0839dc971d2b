// Bytes from a client in, whole commands out (RFC 3501 2.2, 4.3). No socket: the caller feeds what it read and asks
// next() until NeedMore. A command's text keeps its literals where they stood, as "{n}" CRLF and n octets; that is the
// form parse_request() takes.
//
// Tolerant: a lone LF ends a line as CR LF does. Strict: everything else is the parser's business.
//
//     lexer.feed(bytes);
//     for (;;) {
//         auto step = lexer.next();
//         NeedMore     read on
//         Line         parse it; the view is good until the next call of feed() or next()
//         NeedLiteral  accept_literal(), and write "+ ..." first if it is synchronising; or refuse_literal()
//         Dropped      a refused or too long command is over: answer it with its tag; the connection is in sync
//         OutOfSync    nothing sensible can follow: BYE, close
//     }
//
// One connection's own; not for two threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace imaparc::imap {

enum class Synchronising : std::uint8_t { yes, no };  // "{n}" waits for our "+"; "{n+}" (RFC 7888) does not
enum class LiteralFit : std::uint8_t {                // by Limits; all but the first must be refused
    fits,
    too_large,
    not_synchronising,  // too large for one that does not wait for our "+" (LITERAL-, RFC 7888 5)
};

struct NeedMore {};

struct Line {
    std::string_view text;  // without its line end
};

// A literal of `octets` octets is announced. What of the command is there already: Lexer::tag(), Lexer::verb().
struct NeedLiteral {
    std::uint64_t octets = 0;
    Synchronising synchronising = Synchronising::yes;
    LiteralFit fit = LiteralFit::fits;
    bool binary = false;  // "~{n}" (RFC 3516)
};

// A command that was not kept is completely read past.
struct Dropped {
    enum class Why : std::uint8_t {
        literal_refused,
        literal_too_large,  // a non-synchronising one beyond what LITERAL- allows (RFC 7888 5)
        too_long,
    };
    Why why = Why::literal_refused;
    std::string tag;   // "*" if the command had none worth the name
    std::string verb;  // upper case, "UID FETCH"; "" if there was none
};

struct OutOfSync {
    std::string tag;
    Dropped::Why why = Dropped::Why::too_long;  // of the command that cannot be read past
    std::string text;                           // for the BYE
};

using LexerStep = std::variant<NeedMore, Line, NeedLiteral, Dropped, OutOfSync>;

class Lexer {
  public:
    // Memory for one command is bounded by `command` plus what one feed() brings.
    struct Limits {
        std::size_t command = std::size_t{2} << 20;      // a command's octets, literals included: UID sets of 100,000
                                                         // single numbers are 700 KiB
        std::uint64_t literal = std::uint64_t{1} << 20;  // one literal: mailbox names, search strings
        std::uint64_t non_synchronising = ~std::uint64_t{0};  // LITERAL- would be 4096 (RFC 7888 5)
        std::uint64_t discard = std::uint64_t{1} << 20;  // octets read past for one dropped command, then OutOfSync
        // Strangers get less: 64 KiB a command, 16 KiB a literal (a password, a SASL initial response).
        static Limits before_login();
    };

    // What a line is. `continuation`: an answer to our "+" (SASL response, IDLE's DONE): "{n}" at its end means
    // nothing.
    enum class Expect : std::uint8_t { command, continuation };

    Lexer();
    explicit Lexer(Limits limits);

    void limits(const Limits& limits) { limits_ = limits; }  // from the next line or literal on
    const Limits& limits() const { return limits_; }

    void feed(std::string_view bytes);
    LexerStep next();
    // What the next line is; between lines. Falls back to `command` after one line.
    void expect(Expect expect) { expect_ = expect; }

    // After NeedLiteral only. accept: the literal's octets become part of the command. refuse: for a synchronising
    // literal the command is over at once (the client sends nothing more of it); else its octets and the rest of the
    // command are read past. Either way Dropped follows.
    void accept_literal();
    void refuse_literal();

    // Of the command under way, as far as it has been read: at NeedLiteral both are there if the client sent them.
    std::string tag() const;   // "*" if none worth the name
    std::string verb() const;  // upper case; "UID COPY" for "uid copy"; "" if none

    // Behind a Line: next() gives that line again, as a command's, literals and all. What was taken for an answer to
    // our
    // "+" was a command (IDLE left without DONE).
    void again();

    // Forgets what was read ahead and answers how many octets that was: before a TLS handshake (RFC 3501 6.2.1).
    std::size_t clear();
    // The same, and gives it: it was no text (RFC 4978: it is compressed).
    std::string take();
    std::size_t buffered() const { return buffer_.size() - begin_; }  // octets held, not yet given out
    std::size_t capacity() const { return buffer_.capacity(); }
    void release_memory();  // for an idle connection: keeps nothing that is not needed

  private:
    enum class State : std::uint8_t { text, announced, literal, dropping_text, dropping_literal, dropped, lost };

    std::string_view command_start() const;
    LexerStep next_text();
    LexerStep next_dropping_text();
    void start_dropping(Dropped::Why why, std::uint64_t budget);
    LexerStep lose();

    Limits limits_;
    std::string buffer_;
    std::size_t begin_ = 0;    // of the command under way
    std::size_t last_ = 0;     // of the Line given out last
    std::size_t at_ = 0;       // of its current line, or literal
    std::size_t scanned_ = 0;  // no LF between at_ and here
    State state_ = State::text;
    Expect expect_ = Expect::command;
    NeedLiteral announced_;
    std::uint64_t wanted_ = 0;  // octets of a literal still to come
    std::uint64_t budget_ = 0;  // octets that may still be read past
    std::string tail_;          // the end of a line that is being dropped: it may announce a literal
    Dropped dropped_;
};

}  // namespace imaparc::imap
