// STORE and UID STORE (RFC 3501 6.4.6): the flags are the user's own; \Deleted and \Recent change nothing.
#include "session/fetch_job.h"
#include "session/run.h"
#include "session/saved_result.h"

namespace imaparc::session {

namespace {

index::FlagAction action_of(imap::StoreAction action) {
    switch (action) {
        case imap::StoreAction::replace:
            return index::FlagAction::replace;
        case imap::StoreAction::add:
            return index::FlagAction::add;
        case imap::StoreAction::remove:
            return index::FlagAction::remove;
    }
    return index::FlagAction::add;
}

// The UIDs of the next block that the walk names; empty at the end. On a worker.
NumberSet next_uids(Walk& walk) {
    NumberSet uids;
    if (walk.next(Waiting::allowed) == Walk::Step::block)
        for (const auto& picked : walk.picked()) uids.add(walk.rows().uid(picked.row).value);
    return uids;
}

// Changes a block of messages at a time, so that memory does not grow with the set.
Result<void> change_flags(Mailbox& box, Walk walk, OwnChange change) {
    for (;;) {
        change.uids = next_uids(walk);
        if (change.uids.empty()) return {};
        const auto stored = box.owner().store_flags(box.folder().number, box.user(), change.uids, change.action,
                                                    change.flags, std::nullopt, index::Durability::before_return);
        if (!stored) return stored.error();
        const auto latest = box.latest();
        if (!latest) return latest.error();
        box.renew(*latest, &change);
    }
}

async::Task<void> answer(State& state, Walk walk, imap::Numbering by) {
    std::vector<imap::FetchItem> items;
    if (by == imap::Numbering::uid) items.emplace_back().kind = imap::FetchItem::Kind::uid;
    items.emplace_back().kind = imap::FetchItem::Kind::flags;
    FetchJob job(state.services.archive, state.account()->identity.owner, std::move(walk), items, FetchJob::Seen::keep);
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
}

}  // namespace

async::Task<Outcome> run_store(State& state, const imap::Store& command) {
    Mailbox& box = *state.mailbox();
    if (box.access() == Mailbox::Access::read_only)
        co_return no(imap::Code::no_perm, "The mailbox is open for reading only");
    const Named messages = named(state, command.set, command.by);
    if (auto beyond = beyond_mailbox(messages.set, messages.by, *box.view())) co_return std::move(*beyond);

    co_await state.renew();
    const auto by = messages.by == imap::Numbering::uid ? Walk::By::uid : Walk::By::number;
    OwnChange change{{}, action_of(command.action), command.flags};
    change.flags.system &= flag::kept;
    const bool nothing_to_do =
        change.action != index::FlagAction::replace && change.flags.system == 0 && change.flags.keywords.empty();
    if (state.flags_can_change() && !nothing_to_do) {
        Walk walk(box.view(), messages.set, by);
        const Result<void> changed =
            co_await state.on_worker([&box, &walk, &change] { return change_flags(box, std::move(walk), change); });
        if (!changed) co_return outcome_of(changed.error());
    }
    state.tell_keywords();
    // The true flags, so that a client sees what was not changed (RFC 3501 7.1, PERMANENTFLAGS).
    if (command.silent == imap::Silent::no) co_await answer(state, Walk(box.view(), messages.set, by), command.by);
    co_return ok("STORE completed");
}

}  // namespace imaparc::session
