#include "session/input.h"

#include <array>
#include <memory>

namespace imaparc::session {

namespace {
constexpr std::size_t read_octets = 8 * 1024;
constexpr std::chrono::milliseconds rest_after{1000};  // without a word: then compression's memory is freed
constexpr std::size_t read_ahead = 64 * 1024;          // of pipelined commands, while one is under way
}  // namespace

async::Task<InputEvent> Input::next(std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    if (given_back_) co_return *std::exchange(given_back_, std::nullopt);
    for (;;) {
        imap::LexerStep step = lexer_.next();
        if (auto* line = std::get_if<imap::Line>(&step)) co_return *line;
        if (auto* literal = std::get_if<imap::NeedLiteral>(&step)) co_return *literal;
        if (auto* dropped = std::get_if<imap::Dropped>(&step)) co_return std::move(*dropped);
        if (auto* lost = std::get_if<imap::OutOfSync>(&step)) co_return std::move(*lost);

        co_await out_.flush();
        out_.release();
        if (lexer_.buffered() == 0) lexer_.release_memory();
        if (bell_.ringing()) co_return Interrupted{};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) co_return TimedOut{};
        const bool resting = stream_.rests();
        const auto wait = resting ? left : std::min(left, rest_after);
        const Result<bool> readable = co_await stream_.readable(wait);
        if (!readable) {
            if (readable.error().kind == ErrorKind::limit) co_return Interrupted{};
            throw Disconnected{readable.error()};
        }
        if (*readable)
            co_await read();
        else if (resting || wait == left)
            co_return TimedOut{};
        else
            stream_.rest();
    }
}

void Input::give_back(InputEvent event) {
    // A line is in the lexer still, and a literal that was announced is until it is decided on.
    if (std::holds_alternative<imap::Line>(event))
        lexer_.again();
    else if (!std::holds_alternative<imap::NeedLiteral>(event))
        given_back_ = std::move(event);
}

async::Task<void> Input::check_client() {
    if (lexer_.buffered() >= read_ahead) co_return;
    const Result<bool> readable = co_await stream_.readable(std::chrono::milliseconds(0));
    if (!readable && readable.error().kind != ErrorKind::limit) throw Disconnected{readable.error()};
    if (readable && *readable) co_await read();
}

// Only after readable(), so that no buffer is held while waiting.
async::Task<std::size_t> Input::read() {
    const auto buffer = std::make_unique<std::array<char, read_octets>>();
    const Result<std::size_t> got = co_await stream_.read(*buffer, std::chrono::milliseconds(1000));
    if (!got) {
        if (got.error().kind == ErrorKind::limit) co_return 0;  // a TLS record that is not whole yet
        throw Disconnected{got.error()};
    }
    if (*got == 0) throw Disconnected{{ErrorKind::io, "the client closed the connection"}};
    metrics_.bytes_in_total += *got;
    lexer_.feed(std::string_view(buffer->data(), *got));
    co_return *got;
}

}  // namespace imaparc::session
