// SEARCH and UID SEARCH (RFC 3501 6.4.4, RFC 9051 6.4.4, RFC 4466 2.6).
#include "session/contexts.h"
#include "session/in_progress.h"
#include "session/run.h"
#include "session/saved_result.h"
#include "session/search_answer.h"
#include "session/search_limit.h"
#include "session/uid_only.h"

namespace imaparc::session {

namespace {

constexpr std::uint32_t small_mailbox = 10'000;        // messages; what the index decides of them is decided inline
constexpr auto slice = std::chrono::milliseconds(20);  // of a worker's time; then others have their turn

// Lets the job find what the answer needs; all there is, if there is somebody to collect it.
async::Task<void> deliver(State& state, SearchJob& job, SearchAnswer& answer, SearchJob::Order order,
                          UidCollector* everything) {
    bool waits = !job.index_only() || state.mailbox()->view()->count() > small_mailbox;
    InProgress progress(state, job.to_look_at());
    for (auto step = SearchJob::Step::more; step != SearchJob::Step::done && (everything || !answer.satisfied());) {
        if (!answer.begun()) co_await progress.tell(job.looked_at());
        if (waits) {
            step = co_await state.services.workers.run([&job] { return job.advance(slice, Waiting::allowed); });
            if (step != SearchJob::Step::done) co_await state.input.check_client();
        } else {
            step = job.advance(slice, Waiting::forbidden);
            waits = step == SearchJob::Step::would_wait;
        }
        for (const auto& found : job.found()) {
            answer.take(found, order);
            if (everything) everything->add(found.uid);
        }
        job.found().clear();
        answer.stream();
        co_await state.out.room();
    }
}

// What is asked of the answer. Once IMAP4rev2 is enabled every search is answered with ESEARCH (RFC 9051 6.4.4).
std::optional<imap::SearchReturn> returns_of(const State& state, const imap::Search& command) {
    if (command.returns || !state.enabled.imap4rev2) return command.returns;
    imap::SearchReturn all;
    all.all = true;
    return all;
}

Outcome outcome_of(State& state, const SearchAnswer& answer, const std::optional<Limited>& limit, bool save) {
    if (save) {
        auto saved = answer.saved();
        if (!saved) return no(imap::Code::not_saved, "The result is too scattered to be saved");
        state.saved_result = std::move(*saved);
    }
    if (limit)
        return ok("SEARCH completed for the newest messages",
                  message_limit(state.options->message_limit, limit->lowest));
    return ok("SEARCH completed");
}

async::Task<Outcome> search(State& state, const imap::Search& command) {
    if (auto hidden = state.hidden()) co_return std::move(*hidden);
    if (auto refused = update_refused(state, command.returns)) co_return std::move(*refused);
    if (auto refused = saved_result_refused(state, command.criteria)) co_return std::move(*refused);
    if (search::has(command.criteria, search::Criteria::Kind::modseq)) state.enable_condstore();
    co_await state.renew();
    search::Criteria criteria = with_saved_result(state, command.criteria);
    const auto limit = co_await search_limit(state, state.mailbox()->view(), criteria);

    const auto with_modseq = search::has(criteria, search::Criteria::Kind::modseq) ? SearchAnswer::WithModSeq::yes
                                                                                   : SearchAnswer::WithModSeq::no;
    SearchAnswer answer(state.out, state.tag, command.by, returns_of(state, command), with_modseq);
    SearchJob::Settings settings;
    settings.now = state.services.clock.now();
    settings.collation = state.collation;
    settings.order = answer.order();
    if (limit) {
        settings.numbers = limit->numbers;
        if (answer.takes_any_order()) settings.order = SearchJob::Order::descending;  // as RFC 9738 3.1 shows them
    }
    const auto order = settings.order;
    SearchJob job(state.services.archive, state.account()->identity.owner, state.mailbox()->view(), std::move(criteria),
                  std::move(settings));
    if (!job.index_only()) co_await state.out.flush();  // replies to earlier commands need not wait for this one
    const bool update = command.returns && command.returns->update;
    UidCollector everything;
    std::exception_ptr fault;
    try {
        co_await deliver(state, job, answer, order, update ? &everything : nullptr);
    } catch (const Disconnected&) {
        throw;
    } catch (...) {
        fault = std::current_exception();
    }
    co_await answer.end();  // the line must end, whatever happened
    if (fault) std::rethrow_exception(fault);
    if (update) {
        Context context;
        context.tag = state.tag;
        context.by = command.by;
        context.criteria = with_saved_result(state, command.criteria);
        context.collation = state.collation;
        context.items = command.returns->update_items;
        const bool complete = !everything.too_many() && !limit && !job.failure();
        context.result = everything.take();
        co_await keep_updated(state, std::move(context), complete);
    }
    if (const auto& failure = job.failure()) {
        if (limit)
            state.say(imap::Condition::no, message_limit(state.options->message_limit, limit->lowest),
                      "Only the newest messages were looked at");
        co_return co_await unreadable(state, *failure, job.failures(), std::nullopt);
    }
    co_return outcome_of(state, answer, limit, command.returns && command.returns->save);
}

}  // namespace

async::Task<Outcome> run_search(State& state, const imap::Search& command) {
    if (auto refused = numbers_refused(state, command.criteria)) co_return std::move(*refused);
    const bool saves = command.returns && command.returns->save;
    std::exception_ptr fault;
    Outcome outcome;
    try {
        outcome = co_await search(state, command);
    } catch (...) {
        fault = std::current_exception();
    }
    // A search that was to be saved and failed leaves nothing saved (RFC 5182 2.1).
    if (saves && (fault || outcome.condition == imap::Condition::no)) state.saved_result = {};
    if (fault) std::rethrow_exception(fault);
    co_return outcome;
}

}  // namespace imaparc::session
