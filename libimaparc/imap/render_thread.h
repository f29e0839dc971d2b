// The THREAD response (RFC 5256, BASE.7.2.THREAD), in pieces, so that neither a slow client nor a thread of 100,000
// replies costs more than a buffer.
//
//     * THREAD (2)(3 6 (4 23)(44 7 96))
//
// The session's thread, or a worker; nothing recurses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "search/threading.h"

namespace imaparc::imap {

class ThreadResponse {
  public:
    explicit ThreadResponse(const search::Threads& threads) : threads_(threads) {}  // which outlive it

    // Appends about `octets` more of the line; true: it is complete, with its CRLF.
    bool fill(std::string& out, std::size_t octets);

  private:
    // Siblings that are still to be written, each a list in parentheses.
    struct Level {
        const std::uint32_t* next;
        const std::uint32_t* end;
    };
    void members(std::string& out, std::uint32_t node);

    const search::Threads& threads_;
    std::vector<Level> levels_;
    std::uint32_t single_ = 0;  // the only child that goes on in the same list
    bool in_list_ = false;      // whether it does
    bool begun_ = false;
};

}  // namespace imaparc::imap
