// STORE and UID STORE (RFC 3501 6.4.6, RFC 7162 3.1.3): the flags are the user's own; \Deleted and \Recent change
// nothing.
#include "session/message_limit.h"
#include "session/partial.h"
#include "session/run.h"
#include "session/saved_result.h"
#include "session/send_fetch.h"
#include "session/sets.h"

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
    return uids.resolved(0);  // the walk may go backwards
}

// The messages a STORE is about: those that were named, or the newest of them (RFC 9738).
struct Chosen {
    Chosen(const Named& named, const std::optional<Limited>& limit)
        : set(limit ? limit->numbers : named.set),
          by(limit || named.by == imap::Numbering::number ? Walk::By::number : Walk::By::uid),
          newest(limit.has_value()) {}
    Walk walk(const Mailbox& box) const {
        Walk made(box.view(), set, by);
        if (newest) made.backwards();
        return made;
    }

    const NumberSet& set;  // of the command, the state or the limit
    Walk::By by;
    bool newest;
};

struct Stored {
    NumberSet changed, modified;  // UIDs; as index::FlagOutcome has them
};

// Changes a block of messages at a time, so that memory does not grow with the set.
Result<Stored> change_flags(Mailbox& box, Walk walk, OwnChange change, std::optional<ModSeq> unchanged_since) {
    Stored all;
    for (;;) {
        change.uids = next_uids(walk);
        if (change.uids.empty()) return all;
        const auto stored = box.owner().store_flags(box.folder().number, box.user(), change.uids, change.action,
                                                    change.flags, unchanged_since, index::Durability::before_return);
        if (!stored) return stored.error();
        all.changed = united(all.changed, stored->changed);
        all.modified = united(all.modified, stored->modified);
        const auto latest = box.latest();
        if (!latest) return latest.error();
        change.uids = without(change.uids, stored->modified);  // what others made of those is still to be told
        box.renew(*latest, &change);
    }
}

// Those that a conditional STORE would leave alone (RFC 7162 3.1.3). On a worker.
NumberSet changed_since(Walk walk, ModSeq modseq) {
    walk.changed_since(modseq);
    NumberSet all;
    for (NumberSet uids = next_uids(walk); !uids.empty(); uids = next_uids(walk)) all = united(all, uids);
    return all;
}

// The set of [MODIFIED]: as the command counts. On a worker.
NumberSet as_counted(const index::View& view, const NumberSet& uids, imap::Numbering by) {
    return by == imap::Numbering::uid ? uids : numbers_of(view, uids);
}

// The true flags, so that a client sees what was not changed (RFC 3501 7.1, PERMANENTFLAGS). With .SILENT a client that
// keeps mod-sequences learns the new ones all the same (RFC 7162 3.1.3), and what was in the way of a condition.
async::Task<void> answer(State& state, const imap::Store& command, const Chosen& messages, const Stored& stored) {
    Mailbox& box = *state.mailbox();
    const auto with_uid = command.by == imap::Numbering::uid ? WithUid::yes : WithUid::no;
    const auto full = change_items(state, with_uid);
    if (command.silent == imap::Silent::no) {
        Walk all = messages.walk(box);
        co_return co_await send_fetch(state, std::move(all), full);
    }
    if (!state.enabled.condstore) co_return;
    NumberSet passed = stored.changed;
    if (command.unchanged_since) {
        Walk all = messages.walk(box);
        passed = co_await state.on_worker([&] { return changed_since(std::move(all), ModSeq{}); });
        passed = without(passed, stored.modified);
    }
    const auto modseq_alone = change_items(state, with_uid, WithFlags::no);
    Walk those_stored(box.view(), passed, Walk::By::uid);
    co_await send_fetch(state, std::move(those_stored), modseq_alone);
    Walk those_in_the_way(box.view(), stored.modified, Walk::By::uid);
    co_await send_fetch(state, std::move(those_in_the_way), full);
}

}  // namespace

async::Task<Outcome> run_store(State& state, const imap::Store& command) {
    Mailbox& box = *state.mailbox();
    if (box.access() == Mailbox::Access::read_only)
        co_return no(imap::Code::no_perm, "The mailbox is open for reading only");
    const Named asked = named(state, command.set, command.by);
    if (auto beyond = beyond_mailbox(asked.set, asked.by, *box.view())) co_return std::move(*beyond);
    if (command.unchanged_since) state.enable_condstore();

    co_await state.renew();
    const std::uint32_t most = state.options->message_limit;
    const auto view = box.view();  // its numbers stay, whatever becomes of the flags
    std::optional<Limited> limit;
    if (most != 0) limit = co_await state.on_worker([&] { return limited(*view, asked.set, asked.by, most); });
    const Chosen messages(asked, limit);
    OwnChange change{{}, action_of(command.action), command.flags};
    change.flags.system &= flag::kept;
    const bool nothing_to_do =
        change.action != index::FlagAction::replace && change.flags.system == 0 && change.flags.keywords.empty();
    Stored stored;
    Walk walk = messages.walk(box);
    if (state.flags_can_change() && !nothing_to_do) {
        auto changed = co_await state.on_worker([&box, &walk, &change, &command] {
            return change_flags(box, std::move(walk), change, command.unchanged_since);
        });
        if (!changed) co_return outcome_of(changed.error());
        stored = std::move(*changed);
    } else if (command.unchanged_since) {
        stored.modified =
            co_await state.on_worker([&] { return changed_since(std::move(walk), *command.unchanged_since); });
    }
    state.tell_keywords();
    co_await answer(state, command, messages, stored);
    if (stored.modified.empty()) {
        if (limit) co_return ok("STORE completed for the newest messages", message_limit(most, limit->lowest));
        co_return ok("STORE completed");
    }
    if (limit)
        state.say(imap::Condition::no, message_limit(most, limit->lowest), "Only the newest messages were stored");
    const NumberSet modified = co_await state.on_worker([&] { return as_counted(*view, stored.modified, command.by); });
    co_return ok("Conditional STORE failed for some messages", {imap::Code::modified, modified.text()});
}

}  // namespace imaparc::session
