// Digests and checksums for all rooms; Botan's hashes are wrapped here and nowhere else.
//
// Any thread; a Hasher belongs to one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace imaparc {

using Sha256 = std::array<std::uint8_t, 32>;

// SHA-256 of what was fed, in pieces.
class Hasher {
  public:
    Hasher();
    ~Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;
    void update(std::string_view bytes);
    Sha256 finish();  // and starts anew

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

Sha256 sha256(std::string_view bytes);

// CRC-32C (Castagnoli; RFC 3720 B.4), continuing from `crc`. Hardware where the processor has it.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

// Lower-case hexadecimal.
std::string hex(std::span<const std::uint8_t> bytes);

}  // namespace imaparc
