#include "session/contexts.h"

#include <algorithm>

#include "search/sorting.h"
#include "session/ordering.h"
#include "session/partial.h"
#include "session/search_job.h"
#include "session/send_octets.h"
#include "session/sets.h"

namespace imaparc::session {

namespace {

constexpr auto slice = std::chrono::milliseconds(20);  // of a worker's time; then others have their turn

// The pieces of a set in the mailbox's order.
std::vector<imap::ContextPiece> pieces_of(const NumberSet& set) {
    std::vector<imap::ContextPiece> pieces;
    for (const auto& range : set.ranges()) pieces.push_back({0, range});
    return pieces;
}

// The places, from 1 on, of the order's UIDs that are in the set, the last first: so each is where it was.
std::vector<imap::ContextPiece> places_of(const std::vector<std::uint32_t>& order, const NumberSet& set) {
    std::vector<imap::ContextPiece> pieces;
    for (std::size_t i = order.size(); i-- > 0;)
        if (set.contains(order[i])) pieces.push_back({static_cast<std::uint32_t>(i + 1), {order[i], order[i]}});
    return pieces;
}

std::optional<NumberSet> uids_of(const std::shared_ptr<const index::View>& view, const NumberSet& numbers) {
    UidCollector uids;
    Walk walk(view, numbers, Walk::By::number);
    while (!uids.too_many() && walk.next(Waiting::allowed) == Walk::Step::block)
        for (const auto& picked : walk.picked()) uids.add(walk.rows().uid(picked.row));
    if (uids.too_many()) return std::nullopt;
    return uids.take();
}

}  // namespace

void UidCollector::add(Uid uid) {
    if (too_many_) return;
    if (!ranges_.empty() && ranges_.back().last + 1 == uid.value) {
        ranges_.back().last = uid.value;
    } else if (!ranges_.empty() && ranges_.back().first == uid.value + 1) {
        ranges_.back().first = uid.value;
    } else if (ranges_.size() < Contexts::most_ranges) {
        ranges_.push_back({uid.value, uid.value});
    } else {
        too_many_ = true;
        ranges_ = {};
    }
}

NumberSet UidCollector::take() { return NumberSet(std::move(ranges_)).resolved(0); }

Contexts& Contexts::of(State& state) {
    if (!state.contexts) {
        state.contexts = std::make_shared<Contexts>();
        state.listeners.push_back(state.contexts.get());
    }
    return *state.contexts;
}

bool Contexts::has(std::string_view tag) const {
    return std::ranges::any_of(contexts_, [&](const Context& context) { return context.tag == tag; });
}

void Contexts::add(State& state, Context context) {
    // The others have all told until now; this one begins here.
    if (contexts_.empty()) seen_ = state.mailbox()->view();
    contexts_.push_back(std::move(context));
}

void Contexts::cancel(std::string_view tag) {
    std::erase_if(contexts_, [&](const Context& context) { return context.tag == tag; });
    if (contexts_.empty()) seen_.reset();
}

async::Task<void> Contexts::before_removals(State& state, const index::View& before, const Mailbox::News& news) {
    if (news.vanished.empty()) co_return;
    for (Context& context : contexts_) {
        const NumberSet gone = common(context.result, news.vanished);
        if (gone.empty()) continue;
        auto pieces = context.keys.empty() ? pieces_of(gone) : places_of(context.order, gone);
        co_await tell(state, before, context, imap::ContextUpdate::remove_from, std::move(pieces));
        context.result = without(context.result, gone);
        std::erase_if(context.order, [&](std::uint32_t uid) { return gone.contains(uid); });
    }
}

async::Task<void> Contexts::after_arrivals(State&, const Mailbox::News&) { co_return; }
async::Task<void> Contexts::after_flags(State&, const Mailbox::News&) { co_return; }

async::Task<void> Contexts::catch_up(State& state) {
    if (contexts_.empty() || !state.mailbox()) co_return;
    const auto view = state.mailbox()->view();
    if (view == seen_) co_return;
    const Changes changed = co_await changes(state, view);
    // Should one fail, all are looked at again: for those that are up to date nothing is new then.
    if (!changed.uids.empty())
        for (Context& context : contexts_) co_await update(state, view, context, changed);
    seen_ = view;
    for (const Context& context : contexts_)
        if (context.given_up) {
            std::string tag;
            imap::render_string(tag, context.tag);
            state.say(imap::Condition::no, {imap::Code::no_update, std::move(tag)},
                      "The result cannot be updated any more");
        }
    std::erase_if(contexts_, [](const Context& context) { return context.given_up; });
}

async::Task<Contexts::Changes> Contexts::changes(State& state, const std::shared_ptr<const index::View>& view) {
    const ModSeq since = seen_->highest_modseq();
    const Uid known = seen_->last_uid();
    co_return co_await state.services.workers.run([&view, since, known] {
        Changes changes;
        Walk walk = Walk::everything(view);
        walk.changed_since(since);
        while (walk.next(Waiting::allowed) == Walk::Step::block)
            for (const auto& picked : walk.picked()) {
                const Uid uid = walk.rows().uid(picked.row);
                changes.uids.add(uid.value);
                changes.numbers.add(picked.number.value);
                if (uid > known) changes.arrived.add(uid.value);
            }
        return changes;
    });
}

async::Task<void> Contexts::update(State& state, const std::shared_ptr<const index::View>& view, Context& context,
                                   const Changes& changes) {
    SearchJob::Settings settings;
    settings.now = state.services.clock.now();
    settings.collation = context.collation;
    settings.numbers = changes.numbers;
    SearchJob job(state.services.archive, state.account()->identity.owner, view, context.criteria, std::move(settings));
    NumberSet matches;
    for (auto step = SearchJob::Step::more; step != SearchJob::Step::done;) {
        step = co_await state.services.workers.run([&job] { return job.advance(slice, Waiting::allowed); });
        for (const auto& found : job.found()) matches.add(found.uid.value);
        job.found().clear();
    }
    if (job.failure()) {  // nobody knows whether that message belongs to it
        context.given_up = true;
        co_return;
    }
    const NumberSet removed = without(common(context.result, changes.uids), matches);
    const NumberSet added = without(matches, context.result);
    if (!removed.empty()) {
        auto gone = context.keys.empty() ? pieces_of(removed) : places_of(context.order, removed);
        co_await tell(state, *view, context, imap::ContextUpdate::remove_from, std::move(gone));
        context.result = without(context.result, removed);
        std::erase_if(context.order, [&](std::uint32_t uid) { return removed.contains(uid); });
    }
    if (added.empty()) co_return;
    const NumberSet new_here = common(added, changes.arrived);
    if (!context.items.empty() && !new_here.empty()) {
        Walk walk(view, new_here, Walk::By::uid);
        co_await send_octets(state, std::move(walk), context.items);
    }
    context.result = united(context.result, added);
    const bool too_many = !context.keys.empty() && context.result.count() > 2 * most_sorted;
    if (too_many || context.result.ranges().size() > 2 * most_ranges) {
        context.given_up = true;
        co_return;
    }
    std::vector<imap::ContextPiece> pieces = pieces_of(added);
    if (!context.keys.empty()) pieces = co_await put_in(state, context, added);
    co_await tell(state, *view, context, imap::ContextUpdate::add_to, std::move(pieces));
}

// Sorts the result anew; the places of what is new in it, the first first: so each is where it will be.
async::Task<std::vector<imap::ContextPiece>> Contexts::put_in(State& state, Context& context, const NumberSet& added) {
    search::Criteria members, result;
    members.kind = search::Criteria::Kind::uid_set;
    members.set = context.result;
    result.children.push_back(std::move(members));
    if (std::ranges::find(context.keys, search::SortKey::By::relevancy, &search::SortKey::by) != context.keys.end())
        result.children.push_back(context.criteria);  // what the scores come from
    search::Sorting sorting(context.keys, context.collation);
    const auto job = facts_job(state, result, search::need_of(context.keys), [&](const FactsJob::Facts& facts) {
        search::SortFacts keys;
        keys.number = facts.found.uid.value;
        keys.internal_date = facts.internal_date;
        keys.size = facts.size;
        keys.relevancy = facts.found.score;
        keys.summary = facts.summary;
        sorting.add(keys);
    });
    std::vector<imap::ContextPiece> pieces;
    const auto failed = co_await put_in_order(state, *job, sorting);
    if (failed || job->failure() ||
        sorting.count() != context.result.count()) {  // without its place a message cannot be told
        context.given_up = true;
        co_return pieces;
    }
    std::vector<std::uint32_t> order = sorting.take();
    for (std::size_t i = 0; i < order.size(); ++i)
        if (added.contains(order[i])) pieces.push_back({static_cast<std::uint32_t>(i + 1), {order[i], order[i]}});
    context.order = std::move(order);
    co_return pieces;
}

// `pieces` are UIDs; the client reads them as its command counts.
async::Task<void> Contexts::tell(State& state, const index::View& view, const Context& context,
                                 imap::ContextUpdate update, std::vector<imap::ContextPiece> pieces) {
    // UIDONLY, enabled since, takes the numbers away (RFC 9586 3).
    const auto by = state.enabled.uid_only ? imap::Numbering::uid : context.by;
    if (by == imap::Numbering::number) {
        const bool sorted = !context.keys.empty();
        pieces = co_await state.services.workers.run([&view, &pieces, sorted] {
            std::vector<imap::ContextPiece> counted;
            if (!sorted) {
                NumberSet uids;
                for (const auto& piece : pieces) uids.add(piece.range.first, piece.range.last);
                return pieces_of(numbers_of(view, uids));
            }
            for (const auto& piece : pieces)
                if (const auto number = view.number_of(Uid{piece.range.first}))
                    counted.push_back({piece.position, {number->value, number->value}});
            return counted;
        });
    }
    imap::render_context_update(state.out.out(), context.tag, by, update, pieces);
    co_await state.out.room();
}

std::optional<search::Criteria> frozen(search::Criteria criteria, const std::shared_ptr<const index::View>& view) {
    if (criteria.kind == search::Criteria::Kind::number_set) {
        auto uids = uids_of(view, criteria.set);
        if (!uids) return std::nullopt;
        criteria.kind = search::Criteria::Kind::uid_set;
        criteria.set = std::move(*uids);
    }
    for (auto& child : criteria.children) {
        auto known = frozen(std::move(child), view);
        if (!known) return std::nullopt;
        child = std::move(*known);
    }
    return criteria;
}

std::optional<Outcome> update_refused(const State& state, const std::optional<imap::SearchReturn>& returns) {
    if (!returns || !returns->update || !state.contexts || !state.contexts->has(state.tag)) return std::nullopt;
    return bad("Another search with UPDATE has that tag");
}

async::Task<void> keep_updated(State& state, Context context, bool complete) {
    std::string tag;
    imap::render_string(tag, context.tag);
    const imap::StatusCode code(imap::Code::no_update, std::move(tag));
    Contexts& contexts = Contexts::of(state);
    if (contexts.full())
        co_return state.say(imap::Condition::no, code, "There are too many searches with UPDATE: cancel one");
    // Time makes their results change, and nobody tells (RFC 5032).
    if (search::has(context.criteria, search::Criteria::Kind::younger) ||
        search::has(context.criteria, search::Criteria::Kind::older))
        co_return state.say(imap::Condition::no, code, "Results of YOUNGER and OLDER are not updated");
    const auto view = state.mailbox()->view();
    std::optional<search::Criteria> known;
    if (complete)
        known = co_await state.services.workers.run(
            [&context, &view] { return frozen(std::move(context.criteria), view); });
    if (!known)
        co_return state.say(imap::Condition::no, code, "The result is too large, or too scattered, to be updated");
    context.criteria = std::move(*known);
    co_await contexts.catch_up(state);  // so that all stand at the same view
    contexts.add(state, std::move(context));
}

}  // namespace imaparc::session
