// Results of SEARCH and SORT that are kept up to date (CONTEXT=SEARCH, CONTEXT=SORT: RFC 5267).
//
// A context holds the UIDs of its result: as ranges, or, of a SORT, in order. What changed is found by mod-sequence, so
// that changes of this client's own count, too; only those messages are looked at anew. A SORT is put in order anew
// when something is added.
//
// Bounded in number and size; what is beyond, or cannot be computed from changes, is refused with NOUPDATE. They end
// with the mailbox (RFC 5267 4.3). The session's thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "imap/command.h"
#include "imap/render_context.h"
#include "search/collation.h"
#include "session/news.h"
#include "session/outcome.h"

namespace imaparc::session {

struct Context {
    std::string tag;
    imap::Numbering by = imap::Numbering::number;
    search::Criteria criteria;  // frozen()
    search::Collation collation = search::Collation::unicode_casemap;
    NumberSet result;                    // UIDs
    std::vector<search::SortKey> keys;   // of SORT; empty: SEARCH
    std::vector<std::uint32_t> order;    // of SORT: the UIDs of the result as they are sorted
    std::vector<imap::FetchItem> items;  // of messages that arrive and belong to it
    bool given_up = false;               // it cannot be kept up to date any more
};

// Collects a result in whatever order it is found, as ranges, up to a bound.
class UidCollector {
  public:
    void add(Uid uid);
    bool too_many() const { return too_many_; }
    NumberSet take();

  private:
    std::vector<NumberRange> ranges_;
    bool too_many_ = false;
};

class Contexts : public NewsListener {
  public:
    static constexpr std::size_t most_contexts = 8;
    static constexpr std::size_t most_ranges = 10'000;  // of a result: 80 kB
    static constexpr std::size_t most_sorted = 10'000;  // messages of a SORT's result

    // The state's, made at the first call.
    static Contexts& of(State& state);

    bool has(std::string_view tag) const;
    bool full() const { return contexts_.size() >= most_contexts; }
    void add(State& state, Context context);
    void cancel(std::string_view tag);
    void clear() {  // the mailbox is left
        contexts_.clear();
        seen_.reset();
    }

    // After news were told: what they and the client's own changes mean to the results.
    async::Task<void> catch_up(State& state);

    async::Task<void> before_removals(State& state, const index::View& before, const Mailbox::News& news) override;
    async::Task<void> after_arrivals(State& state, const Mailbox::News& news) override;
    async::Task<void> after_flags(State& state, const Mailbox::News& news) override;

  private:
    struct Changes {
        NumberSet uids, numbers;  // messages that changed or arrived
        NumberSet arrived;        // of them, UIDs
    };
    async::Task<Changes> changes(State& state, const std::shared_ptr<const index::View>& view);
    async::Task<void> update(State& state, const std::shared_ptr<const index::View>& view, Context& context,
                             const Changes& changes);
    async::Task<std::vector<imap::ContextPiece>> put_in(State& state, Context& context, const NumberSet& added);
    async::Task<void> tell(State& state, const index::View& view, const Context& context, imap::ContextUpdate update,
                           std::vector<imap::ContextPiece> pieces);

    std::vector<Context> contexts_;
    std::shared_ptr<const index::View> seen_;  // up to which changes are taken in
};

// The criteria with message numbers replaced by the UIDs they are now, as results change but the numbers in the search
// do not (RFC 5267 4.3). nullopt: too many ranges. May wait.
std::optional<search::Criteria> frozen(search::Criteria criteria, const std::shared_ptr<const index::View>& view);

// What a search with UPDATE does before it begins (BAD: the tag is taken) and when it has its result: the context is
// kept, or an untagged NO [NOUPDATE] says that it is not. Not complete: the result is not known as a whole.
std::optional<Outcome> update_refused(const State& state, const std::optional<imap::SearchReturn>& returns);
async::Task<void> keep_updated(State& state, Context context, bool complete);

}  // namespace imaparc::session
