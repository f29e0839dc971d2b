// A password while it is needed: never copied by accident, overwritten when it goes.
//
// A value; one thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace imaparc::auth {

class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string_view text);
    Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret() { wipe(); }

    std::string_view view() const { return {bytes_.get(), size_}; }
    bool empty() const { return size_ == 0; }
    void wipe();

  private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
};

// Overwrites the string's whole memory in a way the compiler must keep, and empties it.
void wipe(std::string& text);

}  // namespace imaparc::auth
