// SELECT, EXAMINE, and the verbs that only leave or look at the selected mailbox.
#include <algorithm>

#include "imap/render_list.h"
#include "session/roles.h"
#include "session/run.h"
#include "session/send_fetch.h"
#include "session/status.h"

namespace imaparc::session {

Result<index::Folder> find_folder(const State& state, const imap::MailboxName& mailbox) {
    if (!mailbox.valid) return Error{ErrorKind::not_found, "There is no such mailbox"};
    auto folder = state.account()->owner->find(mailbox.path);
    if (!folder) return Error{ErrorKind::not_found, "There is no such mailbox"};
    if (!folder->selectable) return Error{ErrorKind::not_found, "This name only holds other mailboxes"};
    return std::move(*folder);
}

namespace {

// * LIST (...) "/" name (RFC 9051 6.3.2)
void render_list_of(State& state, const index::Folder& folder) {
    const auto folders = state.account()->owner->folders();
    const std::string below = folder.path + "/";
    const bool has_children =
        std::ranges::any_of(*folders, [&](const index::Folder& other) { return other.path.starts_with(below); });
    imap::MailboxAttributes attributes = roles_of(state, folder);
    attributes.add(has_children ? imap::MailboxAttribute::has_children : imap::MailboxAttribute::has_no_children);
    imap::render_list(state.out.out(), imap::ListKind::list, attributes, folder.path, state.names());
}

// What the client is told of the mailbox itself (RFC 3501 6.3.1, RFC 9051 6.3.2).
void render_mailbox_data(State& state, const index::View& view, std::optional<Number> unseen) {
    const Mailbox& box = *state.mailbox();
    std::string& out = state.out.out();
    state.render_flags_of(view);
    imap::render_exists(out, view.count());
    if (!state.enabled.imap4rev2) imap::render_recent(out, 0);
    if (unseen) state.say(imap::Condition::ok, {imap::Code::unseen, unseen->value}, "First unseen message");
    state.render_permanent_flags_of(view);
    state.say(imap::Condition::ok, {imap::Code::uid_validity, view.uid_validity().value}, "UIDs are valid");
    state.say(imap::Condition::ok, {imap::Code::uid_next, view.uid_next().value}, "Predicted next UID");
    state.say(imap::Condition::ok, {imap::Code::highest_modseq, view.highest_modseq().value}, "Highest mod-sequence");
    const std::string id = "(" + mailbox_id(box.folder().number, view.uid_validity()) + ")";
    state.say(imap::Condition::ok, {imap::Code::mailbox_id, id}, "Identifier of the mailbox");
    if (state.enabled.imap4rev2) render_list_of(state, box.folder());
}

// What changed since the client was here last (RFC 7162 3.2.5.1): the same as UID FETCH known (FLAGS) (CHANGEDSINCE
// modseq VANISHED). The message sequence match data are not needed: which messages left, and when, is remembered for
// ever (RFC 7162 5.3). They would even mislead: a number can have its UID again although another message left, where
// one has come back below (DESIGN.md 9).
async::Task<void> resynchronise(State& state, const imap::Resync& resync) {
    const auto view = state.mailbox()->view();
    NumberSet known;
    if (resync.uids)
        known = resync.uids->resolved(0);
    else if (view->uid_next().value > 1)
        known.add(1, view->uid_next().value - 1);
    if (known.empty()) co_return;
    co_await send_earlier_vanished(state, known, resync.modseq);
    Walk walk(view, known, Walk::By::uid);
    walk.changed_since(resync.modseq);
    const auto items = change_items(state, WithUid::yes);
    co_await send_fetch(state, std::move(walk), items);
}

}  // namespace

async::Task<Outcome> run_select(State& state, const imap::Select& command) {
    if (command.resync && !state.enabled.qresync) co_return bad("QRESYNC needs ENABLE QRESYNC first");
    if (command.resync && command.resync->match && state.enabled.uid_only)  // RFC 9586 3.7
        co_return bad("Message numbers may not be used", imap::Code::uid_required);
    if (state.mailbox()) {  // also if this one fails (RFC 3501 6.3.1)
        state.deselect();
        state.say(imap::Condition::ok, imap::Code::closed, "The mailbox before is closed");  // RFC 7162 3.2.11
    }
    const Result<index::Folder> folder = find_folder(state, command.mailbox);
    if (!folder) co_return outcome_of(folder.error());
    if (auto hidden = state.not_readable()) co_return std::move(*hidden);
    const auto view = co_await state.latest(folder->number);
    if (!view) {
        if (auto hidden = state.not_readable()) co_return std::move(*hidden);
        co_return outcome_of(view.error());
    }
    std::optional<Number> unseen;  // a message number, and no more in IMAP4rev2
    const bool tells_unseen = !state.enabled.imap4rev2 && !state.enabled.uid_only;
    if (tells_unseen && (*view)->unseen() != 0)
        unseen = co_await state.on_worker([&view] { return (*view)->first_unseen(); });

    const auto access =
        command.access == imap::Access::read_only ? Mailbox::Access::read_only : Mailbox::Access::read_write;
    const Account& account = *state.account();
    state.select(std::make_unique<Mailbox>(account.owner, *folder, account.user, access, *view));
    if (command.condstore) state.enabled.condstore = true;  // HIGHESTMODSEQ is told anyway
    render_mailbox_data(state, **view, unseen);
    if (command.resync && command.resync->uid_validity == (*view)->uid_validity())
        co_await resynchronise(state, *command.resync);

    const bool read_write = state.flags_can_change();
    co_return ok(command.access == imap::Access::read_only ? "EXAMINE completed" : "SELECT completed",
                 read_write ? imap::Code::read_write : imap::Code::read_only);
}

async::Task<Outcome> run_check(State&) { co_return ok("CHECK completed"); }

async::Task<Outcome> run_close(State& state) {
    state.deselect();  // nothing is \Deleted, so nothing is removed
    co_return ok("CLOSE completed");
}

async::Task<Outcome> run_unselect(State& state) {
    state.deselect();
    co_return ok("UNSELECT completed");
}

// Nothing is removed; what left meanwhile is told, and then how far the client has come (RFC 7162 3.2.7).
async::Task<Outcome> run_expunge(State& state) {
    constexpr const char* done = "EXPUNGE completed, nothing is removed from an archive";
    if (!state.enabled.qresync) co_return ok(done);
    co_await state.announce(Mailbox::Numbers::may_change);
    co_return ok(done, {imap::Code::highest_modseq, state.mailbox()->view()->highest_modseq().value});
}

}  // namespace imaparc::session
