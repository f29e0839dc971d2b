// INPROGRESS (RFC 9585): word of how far a long command is, so that the client neither gives up nor wonders.
//
//   * OK [INPROGRESS ("a1" 30510 48211)] Searching
//
// The session's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "session/state.h"

namespace imaparc::session {

class InProgress {
  public:
    static constexpr std::chrono::seconds interval{10};  // RFC 9585 3: every 10 to 15 seconds

    // For the command under way. `goal`: how many things it will look at; 0: nobody knows.
    InProgress(State& state, std::uint64_t goal);

    // To be called between two slices of work, where no line is half written: says how far it is if that is due.
    // Writes it out at once. Disconnected.
    async::Task<void> tell(std::uint64_t done);

  private:
    State& state_;
    std::uint64_t goal_;
    std::chrono::steady_clock::time_point told_;
};

}  // namespace imaparc::session
