// Texts by number: equal texts have the same one, from 0 on in order of first sight. What SORT and THREAD keep of a
// million messages are such numbers.
//
// The texts come from mail, so they are hashed under a key nobody knows (SipHash-1-3). One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace imaparc::search {

class TextTable {
  public:
    // Of a longer text only so much is kept and compared: no line of a message may be longer (RFC 5322 2.1.1).
    static constexpr std::size_t max_text = 998;

    TextTable();

    std::uint32_t number(std::string_view text);
    std::string_view text(std::uint32_t number) const;
    std::uint32_t size() const { return static_cast<std::uint32_t>(places_.size()); }
    std::uint64_t octets() const;  // of memory, about

  private:
    struct Slot {
        std::uint32_t hash = 0, number = 0;  // number + 1; 0: free
    };
    std::uint64_t hash(std::string_view text) const;
    void grow();

    std::array<std::uint64_t, 2> key_;
    std::vector<Slot> slots_;                      // a power of two, at most three quarters full
    std::vector<std::uint64_t> places_;            // chunk, place in it, length
    std::vector<std::unique_ptr<char[]>> chunks_;  // of chunk octets; texts lie one behind the other, none across two
    std::size_t used_;                             // of the last one
};

}  // namespace imaparc::search
