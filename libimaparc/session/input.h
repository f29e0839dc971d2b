// What comes from the client: reads the stream, feeds the lexer, and holds no memory while it waits.
//
// The session's thread.
#pragma once

#include <chrono>
#include <optional>
#include <variant>

#include "async/workers.h"
#include "base/metrics.h"
#include "imap/lexer.h"
#include "net/deflate_stream.h"
#include "session/bell.h"
#include "session/responder.h"

namespace imaparc::session {

struct TimedOut {};
struct Interrupted {};  // the bell rang: it ends, or there is news and somebody listens
using InputEvent = std::variant<imap::Line, imap::NeedLiteral, imap::Dropped, imap::OutOfSync, TimedOut, Interrupted>;

class Input {
  public:
    Input(net::DeflateStream& stream, Responder& out, Bell& bell, Metrics& metrics, imap::Lexer::Limits limits)
        : stream_(stream), out_(out), bell_(bell), metrics_(metrics), lexer_(limits) {}

    // The next thing the client says; replies are flushed before it is waited for. A Line's text is good until the
    // next call of anything here. Disconnected when the client is gone.
    async::Task<InputEvent> next(std::chrono::milliseconds timeout);

    // During long work, between its slices: notices a client that went away (Disconnected), and reads ahead a little.
    async::Task<void> check_client();

    // Of what next() gave last, before anything else is asked: it is for somebody else, who gets it from next() again.
    void give_back(InputEvent event);

    imap::Lexer& lexer() { return lexer_; }

  private:
    async::Task<std::size_t> read();

    net::DeflateStream& stream_;
    Responder& out_;
    Bell& bell_;
    Metrics& metrics_;
    imap::Lexer lexer_;
    std::optional<InputEvent> given_back_;
};

}  // namespace imaparc::session
