// Where the strings of a summary live while it is being made: they keep their addresses as more come, and together
// have a bound, so that a hostile message cannot make a summary larger than itself.
//
// One thread at a time.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace imaparc::message {

class TextArena {
  public:
    explicit TextArena(std::size_t limit) : left_(limit) {}

    // A copy that lives as long as the arena; empty once the limit is reached.
    std::string_view keep(std::string_view text) {
        if (text.empty() || text.size() > left_) return {};
        left_ -= text.size();
        if (text.size() > room_) grow(text.size());
        char* const copy = next_;
        std::memcpy(copy, text.data(), text.size());
        next_ += text.size();
        room_ -= text.size();
        return {copy, text.size()};
    }

  private:
    void grow(std::size_t needed) {
        constexpr std::size_t usual = 4096;
        room_ = needed > usual ? needed : usual;
        blocks_.push_back(std::make_unique<char[]>(room_));
        next_ = blocks_.back().get();
    }

    std::vector<std::unique_ptr<char[]>> blocks_;
    char* next_ = nullptr;
    std::size_t room_ = 0;
    std::size_t left_;
};

}  // namespace imaparc::message
