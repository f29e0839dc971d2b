// SEARCH's answer as it comes about: "* SEARCH" or, with return options, "* ESEARCH". What was found is kept as ranges
// until the answer is complete or the ranges are many; from then on they are written as they come, so that a million
// results need no memory.
//
// The session's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "imap/command.h"
#include "imap/render_search.h"
#include "session/responder.h"
#include "session/search_job.h"

namespace imaparc::session {

class SearchAnswer {
  public:
    enum class WithModSeq : std::uint8_t { no, yes };  // MODSEQ was among the keys

    // `out` outlives this; `tag` is the command's. `returns` is what the answer holds; nullopt: "* SEARCH". A PARTIAL
    // that is counted from the end wants to be given the results in descending order; order() says so.
    SearchAnswer(Responder& out, std::string tag, imap::Numbering by, std::optional<imap::SearchReturn> returns,
                 WithModSeq modseq);

    // Of one of several mailboxes (RFC 7377): the answer names it, counts by UID, and is none where nothing was found.
    struct Of {
        std::string path;
        imap::NameForm form = imap::NameForm::modified_utf7;
        UidValidity uid_validity;
    };
    void of(Of mailbox) { of_ = std::move(mailbox); }

    // The order in which results are needed: where that is descending, or does not matter and the end is enough.
    SearchJob::Order order() const;
    // Whether results in descending order are answered as well as in ascending.
    bool takes_any_order() const { return !returns_ || (!returns_->partial && !returns_->relevancy); }

    // The next result, in that order.
    void take(const SearchJob::Found& found, SearchJob::Order order);
    // Nothing that is still to be found changes the answer.
    bool satisfied() const { return satisfied_; }
    // Writes what was found if it is much; called after some thousand results at the latest.
    void stream();
    // Whether a line is begun, so that no other may be written.
    bool begun() const { return begun_; }
    // Writes what is left, and the line's end; no line at all where SAVE stands alone (RFC 5182 1). Disconnected.
    async::Task<void> end();

    // What "$" becomes (RFC 5182 2.4, RFC 9394 3.2): UIDs. nullopt: too many ranges to keep.
    std::optional<NumberSet> saved() const;
    static constexpr std::size_t most_saved_ranges = 100'000;  // 800 kB in a session

  private:
    // Ranges of ascending, or of descending, numbers, each as low:high.
    class Runs {
      public:
        void add(std::uint32_t number);
        std::vector<NumberRange>& ranges() { return ranges_; }
        const std::vector<NumberRange>& ranges() const { return ranges_; }

      private:
        std::vector<NumberRange> ranges_;
    };

    bool everything() const;
    bool silent() const;
    std::uint32_t counted(const SearchJob::Found& found) const {
        return by_ == imap::Numbering::uid ? found.uid.value : found.number.value;
    }
    void take_partial(const SearchJob::Found& found);
    void note_satisfied(SearchJob::Order order);
    void begin();
    void write(const NumberRange& range);
    ModSeq highest_returned() const;
    async::Task<void> write_list();
    async::Task<void> write_scores();
    async::Task<void> end_extended(bool began_early);

    Responder& out_;
    const std::string tag_;
    const imap::Numbering by_;
    const std::optional<imap::SearchReturn> returns_;
    const WithModSeq with_modseq_;
    imap::EsearchResponse response_;
    std::optional<Of> of_;

    SearchJob::Order order_ = SearchJob::Order::ascending;
    std::uint64_t count_ = 0;
    SearchJob::Found first_, last_;  // in the mailbox's order, if count_ > 0
    ModSeq highest_, highest_partial_;
    Runs list_;                   // of ALL or PARTIAL, or of "* SEARCH": what is not written yet
    Runs saved_, saved_partial_;  // UIDs
    bool too_many_ = false;       // to be saved
    std::vector<std::uint8_t> scores_;
    bool begun_ = false;
    bool satisfied_ = false;
};

}  // namespace imaparc::session
