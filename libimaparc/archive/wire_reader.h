// A message, open, in wire form.
//
// Belongs to one thread.
#pragma once

#include <memory>
#include <string>

#include "archive/archive.h"
#include "archive/wire_form.h"

namespace imaparc::archive {

class StoreWireReader : public WireReader {
  public:
    // The details are of the content that is open.
    StoreWireReader(std::unique_ptr<store::StoreReader> reader, Details details);

    const message::Summary& summary() const override { return details_.summary; }
    Result<std::size_t> read(std::uint64_t wire_offset, std::span<char> buffer) override;
    Result<std::size_t> read_raw(std::uint64_t raw_offset, std::span<char> buffer) override;

  private:
    Result<void> seek(std::uint64_t wire_offset);
    Result<void> fill();
    Error changed() const;

    std::unique_ptr<store::StoreReader> reader_;
    Details details_;
    const bool same_;  // wire form and raw form are the same bytes
    WireForm form_;
    std::uint64_t wire_at_ = 0;  // where the next conversion stands
    std::uint64_t raw_at_ = 0;   // the file offset of bytes_[used_]
    std::string bytes_;          // read ahead
    std::size_t used_ = 0;
};

}  // namespace imaparc::archive
