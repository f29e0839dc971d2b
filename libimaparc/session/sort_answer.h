// SORT's answer: "* SORT" or, with return options, "* ESEARCH" in the order of the sort (RFC 5256, RFC 5267 3).
//
// The session's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "imap/command.h"
#include "session/search_job.h"
#include "session/state.h"

namespace imaparc::session {

// Messages that a sort found, in the order in which they were found; of each the command's answer needs some facts.
class SortResult {
  public:
    // What is kept: UIDs always, message numbers, mod-sequences and scores where the answer shows them.
    explicit SortResult(const imap::Sort& command);

    void add(const SearchJob::Found& found);
    // The places of the messages above, from 0, in the order of the sort.
    void order(std::vector<std::uint32_t> places) { order_ = std::move(places); }
    std::vector<std::uint32_t> uids_in_order() const;
    std::uint32_t count() const { return static_cast<std::uint32_t>(uids_.size()); }

    // Disconnected.
    async::Task<void> answer(State& state) const;
    // What SAVE puts into "$" (RFC 5182 2.4, RFC 9394 3.2): UIDs. nullopt: too many ranges to keep.
    std::optional<NumberSet> saved() const;

  private:
    std::uint32_t number_at(std::size_t position) const;  // as the command counts; position in the order, from 0
    std::pair<std::size_t, std::size_t> partial() const;  // [first, last) in the order
    bool everything() const;
    bool silent() const;
    ModSeq highest_returned() const;
    async::Task<void> plain(State& state) const;
    async::Task<void> extended(State& state) const;

    const imap::Sort& command_;
    bool with_modseq_, with_scores_;
    std::vector<std::uint32_t> uids_, numbers_;
    std::vector<ModSeq> modseqs_;
    std::vector<std::uint8_t> scores_;
    std::vector<std::uint32_t> order_;
};

}  // namespace imaparc::session
