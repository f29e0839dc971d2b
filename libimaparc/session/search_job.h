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
    enum class Order : std::uint8_t { ascending, descending };  // of numbers and UIDs
    struct Settings {
        Seconds now = 0;  // as search::Matcher has it
        search::Collation collation = search::Collation::unicode_casemap;
        Order order = Order::ascending;
        std::optional<NumberSet> numbers = std::nullopt;  // these messages alone are looked at (message numbers)
    };
    struct Found {
        Number number;
        Uid uid;
        ModSeq modseq;
        std::uint8_t score = 100;  // of what FUZZY found (search::Scored)
    };

    // `owner` outlives the job. "$" was put in its place in `criteria` (saved_result.h).
    SearchJob(archive::Archive& archive, const std::string& owner, std::shared_ptr<const index::View> view,
              search::Criteria criteria, Settings settings);

    // What the top level of `criteria` restricts the search to, if it does: a number_set or uid_set node of it.
    static const search::Criteria* restriction(const search::Criteria& criteria);

    // Whether numbers, flags and dates decide it all.
    bool index_only() const { return matcher_.need() == search::Need::index; }

    // Works for about `time`, or until there are `most_found` in found().
    Step advance(std::chrono::microseconds time, Waiting waiting);
    std::vector<Found>& found() { return found_; }  // in order; the caller takes them out

    // How many messages were looked at; how many there are to be looked at, at most.
    std::uint64_t looked_at() const { return looked_at_; }
    std::uint64_t to_look_at() const { return to_look_at_; }

    // Messages that could not be read, so that nobody knows whether they match: how many, the first one's reason.
    std::size_t failures() const { return failures_; }
    const std::optional<Error>& failure() const { return failure_; }

    static constexpr std::size_t most_found = 4096;

  private:
    bool begin_slice(Waiting waiting, Step& why_not);
    void decide_by_details(const std::vector<std::size_t>& undecided);
    void decide_by_octets(std::size_t picked);
    void settle(std::size_t picked, const Result<search::Scored>& scored);
    void finish_slice();
    search::Facts facts_of(std::size_t picked);
    const std::vector<std::string>* keywords_of(std::uint64_t bits);

    archive::Archive& archive_;
    const std::string& owner_;
    search::Criteria criteria_;
    Walk walk_;
    std::uint64_t looked_at_ = 0, to_look_at_ = 0;
    search::Matcher matcher_;
    std::map<std::uint64_t, std::vector<std::string>> keyword_sets_;

    bool walking_ = false;
    std::size_t slice_begin_ = 0, slice_end_ = 0;  // in walk_.picked()
    std::vector<std::uint8_t> scores_;             // of the slice; 0: no match
    std::vector<std::size_t> to_open_;             // of the slice: only their octets decide
    std::size_t opened_ = 0;                       // of to_open_
    std::vector<Found> found_;
    std::optional<Error> failure_;
    std::size_t failures_ = 0;
};

}  // namespace imaparc::session
