// UIDVALIDITY values: max(now, last ever + 1), so that a folder which is made anew, or whose UIDs cannot be vouched
// for, never gets a value it had before, whatever the clock says. The last value is kept in a small file of its own,
// data_dir/uidvalidity, outside the database: "imaparc uidvalidity 1700001024\n" (a ceiling, reserved in blocks).
//
// Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>

#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"

namespace imaparc::index {

class UidValiditySource {
  public:
    // A missing file: nothing was ever given. A file that is not ours: damaged() is true, and only raise() and the
    // clock keep values from coming again. Fault: it cannot be read.
    explicit UidValiditySource(std::filesystem::path file);
    bool damaged() const { return damaged_; }
    // `seen` was given once (the ledgers and the index know): values to come are above it.
    void raise(UidValidity seen);
    // limit: 2^32 - 1 is reached. io: the file cannot be written; nothing was given.
    Result<UidValidity> take(Seconds now);

  private:
    const std::filesystem::path file_;
    std::mutex mutex_;
    std::uint64_t last_ = 0, ceiling_ = 0;
    bool damaged_ = false;
};

}  // namespace imaparc::index
