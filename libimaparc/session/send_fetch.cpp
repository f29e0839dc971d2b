#include "session/send_fetch.h"

#include "session/sets.h"

namespace imaparc::session {

FetchJob::Manner manner(const State& state, FetchJob::Seen seen) {
    return {seen, state.enabled.uid_only ? FetchJob::Line::uid_fetch : FetchJob::Line::fetch,
            state.enabled.condstore ? FetchJob::Keeps::flags_and_modseq : FetchJob::Keeps::flags};
}

std::vector<imap::FetchItem> change_items(const State& state, WithUid uid, WithFlags flags) {
    using Kind = imap::FetchItem::Kind;
    std::vector<imap::FetchItem> items;
    const bool condstore = state.enabled.condstore;
    if ((uid == WithUid::yes || condstore) && !state.enabled.uid_only) items.emplace_back().kind = Kind::uid;
    if (flags == WithFlags::yes) items.emplace_back().kind = Kind::flags;
    if (condstore) items.emplace_back().kind = Kind::mod_seq;
    return items;
}

async::Task<void> send_fetch(State& state, Walk walk, const std::vector<imap::FetchItem>& items) {
    FetchJob job(state.services.archive, state.account()->identity.owner, std::move(walk), items, manner(state));
    const std::size_t piece = state.out.piece();
    for (auto step = FetchJob::Step::full; step != FetchJob::Step::done;) {
        step = job.fill(piece, Waiting::forbidden);
        if (step == FetchJob::Step::would_wait)
            step = co_await state.on_worker([&job, piece] { return job.fill(piece, Waiting::allowed); });
        state.out.out() += job.buffer();
        job.buffer().clear();
        co_await state.out.room();
    }
    state.mailbox()->told(job.told());
    state.told_modseq(job.highest_modseq());
}

async::Task<void> send_vanished(State& state, const NumberSet& uids, imap::Earlier earlier) {
    constexpr std::size_t ranges_a_line = 500;
    const std::span<const NumberRange> all(uids.ranges());
    for (std::size_t at = 0; at < all.size(); at += ranges_a_line) {
        imap::render_vanished(state.out.out(), all.subspan(at, std::min(ranges_a_line, all.size() - at)), earlier);
        co_await state.out.room();
    }
}

async::Task<void> send_earlier_vanished(State& state, const NumberSet& known, ModSeq since) {
    const auto view = state.mailbox()->view();
    const NumberSet vanished =
        co_await state.on_worker([&view, &known, since] { return common(view->vanished_since(since), known); });
    co_await send_vanished(state, vanished, imap::Earlier::yes);
}

}  // namespace imaparc::session
