// What goes to the client: replies gather here and are written in few large pieces, when a piece is full or the command
// ends. A slow client makes the writer wait, so it costs time and no memory.
//
// The session's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "async/workers.h"
#include "base/error.h"
#include "base/metrics.h"
#include "net/stream.h"

namespace imaparc::session {

// Thrown inside the session when the connection can't go on: the client went away, or must not get another byte.
struct Disconnected {
    Error why;
};

class Responder {
  public:
    Responder(net::Stream& stream, Metrics& metrics, std::size_t piece, std::chrono::milliseconds timeout)
        : stream_(stream), metrics_(metrics), piece_(piece), timeout_(timeout) {}

    // Where whole responses are appended. Takes any amount; who appends in a loop calls room() each time round.
    std::string& out() { return out_; }
    std::size_t piece() const { return piece_; }

    // Writes if a piece is full, and lets other sessions have their turn; else returns at once. Disconnected.
    async::Task<void> room();
    // Writes all there is. Disconnected.
    async::Task<void> flush();
    // Writes `bytes` after what is gathered, without gathering them; then others have their turn. Disconnected.
    async::Task<void> write(std::string_view bytes);
    // Gives the buffer's memory back; what was not written stays.
    void release();

  private:
    async::Task<void> give_way();

    net::Stream& stream_;
    Metrics& metrics_;
    std::size_t piece_;
    std::chrono::milliseconds timeout_;
    std::string out_;
};

}  // namespace imaparc::session
