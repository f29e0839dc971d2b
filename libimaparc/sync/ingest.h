// Details of one owner's published messages: has the archive read those whose size the index lacks, INBOX first, then
// the folders with the newest mail, in each the newest first; the sizes go to the index in batches.
//
// One thread at a time; blocks. Fault: the index or the archive's disk is gone.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "archive/archive.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "index/index.h"

namespace imaparc::sync {

class Ingest {
  public:
    struct Slice {
        bool more = false;
        std::uint64_t done = 0, total = 0;  // messages, of the whole work
        std::uint64_t unreadable = 0;       // so far
        std::string trouble;                // why it ended early: the store cannot be read now
    };

    Ingest(archive::Archive& archive, index::Index& index, const Clock& clock, Metrics& metrics,
           const std::atomic<bool>& stopping, std::string owner);

    // Looks through all folders. `everything`: also those whose size is known, for their details may be lost.
    void start(bool everything);
    void prefer(const std::vector<std::string>& folders);  // new mail is there
    // Works for about so long.
    Slice work(std::chrono::milliseconds budget);

  private:
    struct Left {
        Uid uid;
        MessageId id;
        bool known;
    };

    void survey();
    bool known(const index::Message& message) const;  // all that reading it would tell
    bool all_mail_is_there() const;                   // or none is wanted
    bool open_next();                                 // false: nothing is left
    void collect(FolderNumber folder);
    bool read_some();
    void hand_over();

    archive::Archive& archive_;
    index::Index& index_;
    const Clock& clock_;
    Metrics& metrics_;
    const std::atomic<bool>& stopping_;
    const std::string name_;
    std::shared_ptr<index::Owner> owner_;
    bool everything_ = false, surveyed_ = true;
    bool looked_through_ = false;  // by this object: only then it knows that nothing is left
    std::vector<std::string> preferred_;
    std::deque<FolderNumber> folders_;
    std::optional<FolderNumber> current_;
    std::vector<Left> left_;  // the next one last
    std::vector<index::Learned> learned_;
    std::chrono::steady_clock::time_point handed_over_;
    std::uint64_t done_ = 0, total_ = 0, unreadable_ = 0;
    unsigned failures_in_a_row_ = 0;
    std::string trouble_;
};

}  // namespace imaparc::sync
