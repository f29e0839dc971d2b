// Finds messages and reads of each what SORT and THREAD order them by: from the index where that knows it, else from
// summaries, a batch of them at a time. Plain blocking work in slices, as SearchJob is.
//
// One thread at a time, a worker's.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archive/archive.h"
#include "session/search_job.h"

namespace imaparc::session {

class FactsJob {
  public:
    struct Facts {
        SearchJob::Found found;
        Seconds internal_date = 0;
        std::optional<std::uint64_t> size;          // RFC822.SIZE
        const message::Summary* summary = nullptr;  // if it was needed
    };
    using Take = std::function<void(const Facts&)>;  // in the order of message numbers; the summary lives for the call

    // As SearchJob has it; the settings' order is ascending. `need` is what `take` wants to know of a message, at most
    // a summary.
    FactsJob(archive::Archive& archive, const std::string& owner, std::shared_ptr<const index::View> view,
             search::Criteria criteria, SearchJob::Settings settings, search::Need need, Take take);

    // Works for about `time`. true: all was found and read.
    bool advance(std::chrono::microseconds time);

    std::uint64_t looked_at() const { return search_.looked_at(); }
    std::uint64_t to_look_at() const { return search_.to_look_at(); }
    // Messages that could not be read: how many, the first one's reason. They are not in the result.
    std::size_t failures() const { return search_.failures() + failures_; }
    const std::optional<Error>& failure() const { return search_.failure() ? search_.failure() : failure_; }

  private:
    void read_some();

    archive::Archive& archive_;
    const std::string& owner_;
    std::shared_ptr<const index::View> view_;
    SearchJob search_;
    bool searched_ = false;
    search::Need need_;
    Take take_;

    std::size_t read_ = 0;  // of search_.found()
    std::optional<std::size_t> block_;
    std::shared_ptr<const index::Rows> rows_;  // of that block
    std::optional<Error> failure_;
    std::size_t failures_ = 0;
};

}  // namespace imaparc::session
