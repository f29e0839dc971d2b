#include "session/send_octets.h"

#include "session/send_fetch.h"

namespace imaparc::session {

async::Task<void> send_octets(State& state, Walk walk, const std::vector<imap::FetchItem>& items) {
    FetchJob job(state.services.archive, state.account()->identity.owner, std::move(walk), items, manner(state));
    const std::size_t piece = state.out.piece();
    auto step = FetchJob::Step::full;
    while (step != FetchJob::Step::done && step != FetchJob::Step::broken) {
        step = co_await state.on_worker([&job, piece] { return job.fill(piece, Waiting::allowed); });
        if (step == FetchJob::Step::broken) break;
        state.out.out() += job.buffer();
        job.buffer().clear();
        co_await state.out.room();
    }
    if (job.cut_short())
        throw Disconnected{{ErrorKind::unavailable, "in the middle of a message: " + job.failure()->error.text}};
    state.mailbox()->told(job.told());
    state.told_modseq(job.highest_modseq());
}

}  // namespace imaparc::session
