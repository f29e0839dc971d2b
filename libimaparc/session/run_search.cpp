// SEARCH and UID SEARCH (RFC 3501 6.4.4).
#include "session/run.h"
#include "session/search_job.h"

namespace imaparc::session {

namespace {

constexpr std::uint32_t small_mailbox = 10'000;        // messages; what the index decides of them is decided inline
constexpr auto slice = std::chrono::milliseconds(20);  // of a worker's time; then others have their turn

async::Task<void> deliver(State& state, SearchJob& job) {
    bool waits = !job.index_only() || state.mailbox()->view()->count() > small_mailbox;
    for (auto step = SearchJob::Step::more; step != SearchJob::Step::done;) {
        if (waits) {
            step = co_await state.services.workers.run([&job] { return job.advance(slice, Waiting::allowed); });
            if (step != SearchJob::Step::done) co_await state.input.check_client();
        } else {
            step = job.advance(slice, Waiting::forbidden);
            waits = step == SearchJob::Step::would_wait;
        }
        for (const auto number : job.found()) imap::render_search_number(state.out.out(), number);
        job.found().clear();
        co_await state.out.room();
    }
}

}  // namespace

async::Task<Outcome> run_search(State& state, const imap::Search& command) {
    if (auto hidden = state.hidden()) co_return std::move(*hidden);
    co_await state.renew();
    SearchJob job(state.services.archive, state.account()->identity.owner, state.mailbox()->view(), command,
                  state.services.clock.now());

    if (!job.index_only()) co_await state.out.flush();  // replies to earlier commands need not wait for this one
    imap::render_search_begin(state.out.out());
    std::exception_ptr fault;
    try {
        co_await deliver(state, job);
    } catch (...) {
        fault = std::current_exception();
    }
    imap::render_search_end(state.out.out());  // the line must end, whatever happened
    if (fault) std::rethrow_exception(fault);
    if (const auto& failure = job.failure())
        co_return co_await unreadable(state, *failure, job.failures(), std::nullopt);
    co_return ok("SEARCH completed");
}

}  // namespace imaparc::session
