// Records as they lie in a ledger's file: framing and checksums, apart from what they mean and from who may write.
//
// A FrameReader belongs to one thread; the file may grow meanwhile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "index/ledger.h"

namespace imaparc::index {

constexpr std::string_view ledger_magic = "imaparcL";
constexpr std::uint16_t ledger_format = 1;
constexpr std::size_t frame_head = 8;  // length, CRC

// Body types beside those of ledger_records.cpp.
constexpr std::uint8_t frame_header = 0;
constexpr std::uint8_t frame_begin = 126;
constexpr std::uint8_t frame_commit = 127;
constexpr std::uint8_t frame_in_transaction = 0x80;

// Appends the frame for a body that will lie at `position`.
void write_frame(std::string& out, Position position, std::string_view body);

// The first bytes of a file: magic and header record.
std::string ledger_head(std::string_view owner, std::uint64_t generation);

struct LedgerHead {
    std::uint64_t generation = 0;
    std::string owner;
    std::uint64_t end = 0;  // where the first record lies
};
// damaged, refused (newer format), io; the text names the path.
Result<LedgerHead> read_ledger_head(const File& file, const std::filesystem::path& path);

class FrameReader {
  public:
    FrameReader(const File& file, std::uint64_t generation, std::uint64_t size)
        : file_(file), generation_(generation), size_(size) {}

    struct Frame {
        std::string_view body;   // until the next call
        std::uint64_t next = 0;  // offset behind it
    };
    // nullopt: no valid record lies at this offset.
    Result<std::optional<Frame>> at(std::uint64_t offset);
    // The first offset from `offset` on at which a valid record lies; nullopt: none.
    Result<std::optional<std::uint64_t>> find(std::uint64_t offset);
    std::uint64_t size() const { return size_; }

  private:
    // Up to `count` bytes from `offset`, fewer at the end of the file.
    Result<std::string_view> bytes(std::uint64_t offset, std::size_t count);

    const File& file_;
    const std::uint64_t generation_;
    const std::uint64_t size_;
    std::string buffer_;
    std::uint64_t buffer_at_ = 0;
};

}  // namespace imaparc::index
