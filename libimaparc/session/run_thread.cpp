// THREAD and UID THREAD (RFC 5256).
#include "imap/render_thread.h"
#include "search/threading.h"
#include "session/ordering.h"
#include "session/run.h"

namespace imaparc::session {

async::Task<Outcome> run_thread(State& state, const imap::Thread& command) {
    if (auto refused = co_await ordering_refused(state, command.criteria)) co_return std::move(*refused);

    search::Threading threading(command.algorithm, state.collation);
    const bool by_uid = command.by == imap::Numbering::uid;
    const auto job = facts_job(state, command.criteria, search::Need::summary, [&](const FactsJob::Facts& facts) {
        threading.add(by_uid ? facts.found.uid.value : facts.found.number.value, facts.internal_date, *facts.summary);
    });
    if (auto failed = co_await put_in_order(state, *job, threading)) co_return std::move(*failed);

    const search::Threads threads = threading.take();
    imap::ThreadResponse response(threads);
    while (!response.fill(state.out.out(), state.out.piece())) co_await state.out.room();
    if (const auto& failure = job->failure())
        co_return co_await unreadable(state, *failure, job->failures(), std::nullopt);
    co_return ok("THREAD completed");
}

}  // namespace imaparc::session
