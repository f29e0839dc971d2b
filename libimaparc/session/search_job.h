// SEARCH as plain blocking work in slices, from the cheap to the dear: what the index knows of a message, then its
// summary, then its octets; each only where the one before does not decide.
//
// One thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "archive/archive.h"
#include "imap/command.h"
#include "search/match.h"
#include "session/walk.h"

namespace imaparc::session {

class SearchJob {
  public:
    enum class Step { more, done, would_wait };

    // `owner` outlives the job. `now` as search::Matcher has it.
    SearchJob(archive::Archive& archive, const std::string& owner, std::shared_ptr<const index::View> view,
              const imap::Search& search, Seconds now);

    // Whether numbers, flags and dates decide it all.
    bool index_only() const { return matcher_.need() == search::Need::index; }

    // Works for about `time`, or until there are `most_found` in found().
    Step advance(std::chrono::microseconds time, Waiting waiting);
    std::vector<std::uint32_t>& found() { return found_; }  // numbers or UIDs, ascending; the caller takes them out

    // Messages that could not be read, so that nobody knows whether they match: how many, the first one's reason.
    std::size_t failures() const { return failures_; }
    const std::optional<Error>& failure() const { return failure_; }

    static constexpr std::size_t most_found = 8192;

  private:
    bool begin_slice(Waiting waiting, Step& why_not);
    void decide_by_details(const std::vector<std::size_t>& undecided);
    void decide_by_octets(std::size_t picked);
    void settle(std::size_t picked, const Result<search::Verdict>& verdict);
    void finish_slice();
    search::Facts facts_of(std::size_t picked);
    const std::vector<std::string>* keywords_of(std::uint64_t bits);

    archive::Archive& archive_;
    const std::string& owner_;
    search::Criteria criteria_;
    Walk walk_;
    imap::Numbering by_;
    search::Matcher matcher_;
    std::map<std::uint64_t, std::vector<std::string>> keyword_sets_;

    bool walking_ = false;
    std::size_t slice_begin_ = 0, slice_end_ = 0;  // in walk_.picked()
    std::vector<bool> matches_;                    // of the slice
    std::vector<std::size_t> to_open_;             // of the slice: only their octets decide
    std::size_t opened_ = 0;                       // of to_open_
    std::vector<std::uint32_t> found_;
    std::optional<Error> failure_;
    std::size_t failures_ = 0;
};

}  // namespace imaparc::session
