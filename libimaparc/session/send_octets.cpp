#include "session/send_octets.h"

#include <algorithm>

#include "session/send_fetch.h"

namespace imaparc::session {

namespace {

// Who keeps mod-sequences reads UID and MODSEQ in every FETCH that no FETCH asked for (RFC 7162 3.2.4).
std::vector<imap::FetchItem> with_modseq(const State& state, std::vector<imap::FetchItem> items) {
    if (!state.enabled.condstore) return items;
    for (auto& item : change_items(state, WithUid::yes, WithFlags::no))
        if (std::ranges::find(items, item.kind, &imap::FetchItem::kind) == items.end())
            items.push_back(std::move(item));
    return items;
}

}  // namespace

async::Task<void> send_octets(State& state, Walk walk, const std::vector<imap::FetchItem>& items) {
    const std::vector<imap::FetchItem> told = with_modseq(state, items);
    FetchJob job(state.services.archive, state.account()->identity.owner, std::move(walk), told, manner(state));
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
