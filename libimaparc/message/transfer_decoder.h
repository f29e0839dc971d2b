// Undoes a Content-Transfer-Encoding (RFC 2045 6), in pieces; what is malformed is read as far as it goes.
//
// A decoder belongs to one thread at a time; a copy goes on from where it was made.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace imaparc::message {

enum class TransferEncoding : std::uint8_t {
    identity,  // 7bit, 8bit, binary
    base64,
    quoted_printable,
    uuencode,  // as mail of old has it; no standard
};

// By its name in any case; nullopt: unknown.
std::optional<TransferEncoding> transfer_encoding(std::string_view name);

class TransferDecoder {
  public:
    explicit TransferDecoder(TransferEncoding encoding);
    TransferDecoder(const TransferDecoder& other);
    TransferDecoder& operator=(const TransferDecoder& other);
    TransferDecoder(TransferDecoder&&) noexcept;
    TransferDecoder& operator=(TransferDecoder&&) noexcept;
    ~TransferDecoder();

    // What the bytes mean; valid until the next call (of identity: as long as `bytes`).
    std::string_view decode(std::string_view bytes);
    // No more will come: what was held back.
    std::string_view flush();

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace imaparc::message
