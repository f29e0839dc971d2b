// SORT and UID SORT (RFC 5256, RFC 5267 3).
#include "search/sorting.h"
#include "session/contexts.h"
#include "session/ordering.h"
#include "session/run.h"
#include "session/saved_result.h"
#include "session/sort_answer.h"

namespace imaparc::session {

namespace {

// The result as a context (RFC 5267 4.3).
async::Task<void> keep_sorted(State& state, const imap::Sort& command, const SortResult& result, bool complete) {
    Context context;
    context.tag = state.tag;
    context.by = command.by;
    context.criteria = with_saved_result(state, command.criteria);
    context.collation = state.collation;
    context.keys = command.keys;
    context.items = command.returns->update_items;
    complete = complete && result.count() <= Contexts::most_sorted;
    if (complete) {
        context.order = result.uids_in_order();
        std::vector<NumberRange> uids;
        for (const std::uint32_t uid : context.order) uids.push_back({uid, uid});
        context.result = NumberSet(std::move(uids)).resolved(0);
    }
    co_await keep_updated(state, std::move(context), complete);
}

async::Task<Outcome> sort(State& state, const imap::Sort& command) {
    if (auto refused = update_refused(state, command.returns)) co_return std::move(*refused);
    if (auto refused = co_await ordering_refused(state, command.criteria)) co_return std::move(*refused);

    search::Sorting sorting(command.keys, state.collation);
    SortResult result(command);
    const auto job =
        facts_job(state, command.criteria, search::need_of(command.keys), [&](const FactsJob::Facts& facts) {
            search::SortFacts keys;
            keys.number = result.count();
            keys.internal_date = facts.internal_date;
            keys.size = facts.size;
            keys.relevancy = facts.found.score;
            keys.summary = facts.summary;
            sorting.add(keys);
            result.add(facts.found);
        });
    if (auto failed = co_await put_in_order(state, *job, sorting)) co_return std::move(*failed);

    result.order(sorting.take());
    co_await result.answer(state);
    if (command.returns && command.returns->update) co_await keep_sorted(state, command, result, !job->failure());
    if (const auto& failure = job->failure())
        co_return co_await unreadable(state, *failure, job->failures(), std::nullopt);
    if (command.returns && command.returns->save) {
        auto saved = result.saved();
        if (!saved) co_return no(imap::Code::not_saved, "The result is too scattered to be saved");
        state.saved_result = std::move(*saved);
    }
    co_return ok("SORT completed");
}

}  // namespace

async::Task<Outcome> run_sort(State& state, const imap::Sort& command) {
    std::exception_ptr fault;
    Outcome outcome;
    try {
        outcome = co_await sort(state, command);
    } catch (...) {
        fault = std::current_exception();
    }
    // A search that was to be saved and failed leaves nothing saved (RFC 5182 2.1).
    if (command.returns && command.returns->save && (fault || outcome.condition == imap::Condition::no))
        state.saved_result = {};
    if (fault) std::rethrow_exception(fault);
    co_return outcome;
}

}  // namespace imaparc::session
