// From the bytes of a store to what IMAP sends: a LF without its CR gains one, NUL becomes 0x80 (see
// message/summary.h).
//
// Belongs to one thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace imaparc::archive {

class WireForm {
  public:
    enum class Nul { replace, none };  // none: the message has no NUL, nobody need look
    explicit WireForm(Nul nul) : nul_(nul) {}

    struct Step {
        std::size_t taken = 0;  // of the raw bytes
        std::size_t made = 0;   // wire bytes
    };
    // Converts until the raw bytes are used up or `out` is full.
    Step convert(std::string_view raw, std::span<char> out);
    // The same, made bytes counted and thrown away, at most `most` of them.
    Step pass_over(std::string_view raw, std::size_t most);
    // As if `before` had been converted last; '\0' at the message's start.
    void start_behind(char before) {
        after_cr_ = before == '\r';
        owes_lf_ = false;
    }

  private:
    template <class Sink>
    Step run(std::string_view raw, std::size_t most, Sink sink);

    Nul nul_;
    bool after_cr_ = false;
    bool owes_lf_ = false;  // the CR was the last that found room
};

}  // namespace imaparc::archive
