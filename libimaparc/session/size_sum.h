// The sum of RFC822.SIZE of a view's messages as plain blocking work in slices: from the index where it knows them,
// else from the archive, which may have to read the messages.
//
// One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "archive/archive.h"
#include "session/walk.h"

namespace imaparc::session {

class SizeSum {
  public:
    // `owner` outlives it.
    SizeSum(archive::Archive& archive, const std::string& owner, std::shared_ptr<const index::View> view)
        : archive_(archive), owner_(owner), walk_(Walk::everything(std::move(view))) {}

    // Works for a bounded number of messages; true at the end, or once there is a failure().
    bool advance();
    std::uint64_t octets() const { return octets_; }
    const std::optional<Error>& failure() const { return failure_; }  // of a message whose size nobody knows

  private:
    void add_from_archive(const std::vector<MessageId>& ids);

    archive::Archive& archive_;
    const std::string& owner_;
    Walk walk_;
    bool walking_ = false;
    std::size_t at_ = 0;  // in walk_.picked()
    std::uint64_t octets_ = 0;
    std::optional<Error> failure_;
};

}  // namespace imaparc::session
