// SELECT, EXAMINE, STATUS, and the verbs that only leave or look at the selected mailbox.
#include "session/run.h"

namespace imaparc::session {

Result<index::Folder> find_folder(const State& state, const imap::MailboxName& mailbox) {
    if (!mailbox.valid) return Error{ErrorKind::not_found, "There is no such mailbox"};
    auto folder = state.account()->owner->find(mailbox.path);
    if (!folder) return Error{ErrorKind::not_found, "There is no such mailbox"};
    if (!folder->selectable) return Error{ErrorKind::not_found, "This name only holds other mailboxes"};
    return std::move(*folder);
}

async::Task<Outcome> run_select(State& state, const imap::Select& command) {
    state.deselect();  // also if this one fails (RFC 3501 6.3.1)
    const Result<index::Folder> folder = find_folder(state, command.mailbox);
    if (!folder) co_return outcome_of(folder.error());
    if (auto hidden = state.not_readable()) co_return std::move(*hidden);
    const auto view = co_await state.latest(folder->number);
    if (!view) {
        if (auto hidden = state.not_readable()) co_return std::move(*hidden);
        co_return outcome_of(view.error());
    }
    std::optional<Number> unseen;
    if ((*view)->unseen() != 0) unseen = co_await state.on_worker([&view] { return (*view)->first_unseen(); });

    const auto access =
        command.access == imap::Access::read_only ? Mailbox::Access::read_only : Mailbox::Access::read_write;
    const Account& account = *state.account();
    state.select(std::make_unique<Mailbox>(account.owner, *folder, account.user, access, *view));

    std::string& out = state.out.out();
    state.render_flags_of(**view);
    imap::render_exists(out, (*view)->count());
    imap::render_recent(out, 0);
    if (unseen)
        imap::render_untagged(out, imap::Condition::ok, {imap::Code::unseen, unseen->value}, "First unseen message");
    state.render_permanent_flags_of(**view);
    imap::render_untagged(out, imap::Condition::ok, {imap::Code::uid_validity, (*view)->uid_validity().value},
                          "UIDs are valid");
    imap::render_untagged(out, imap::Condition::ok, {imap::Code::uid_next, (*view)->uid_next().value},
                          "Predicted next UID");
    const bool read_write = state.flags_can_change();
    co_return ok(command.access == imap::Access::read_only ? "EXAMINE completed" : "SELECT completed",
                 read_write ? imap::Code::read_write : imap::Code::read_only);
}

async::Task<Outcome> run_status(State& state, const imap::Status& command) {
    const Result<index::Folder> folder = find_folder(state, command.mailbox);
    if (!folder) co_return outcome_of(folder.error());
    if (auto hidden = state.not_readable()) co_return std::move(*hidden);
    const auto view = co_await state.latest(folder->number);
    if (!view) {
        if (auto hidden = state.not_readable()) co_return std::move(*hidden);
        co_return outcome_of(view.error());
    }

    std::vector<imap::StatusValue> values;
    for (const auto item : command.items) {
        switch (item) {
            case imap::StatusItem::messages:
                values.push_back({item, (*view)->count()});
                break;
            case imap::StatusItem::recent:
                values.push_back({item, 0});
                break;
            case imap::StatusItem::uid_next:
                values.push_back({item, (*view)->uid_next().value});
                break;
            case imap::StatusItem::uid_validity:
                values.push_back({item, (*view)->uid_validity().value});
                break;
            case imap::StatusItem::unseen:
                values.push_back({item, (*view)->unseen()});
                break;
            case imap::StatusItem::append_limit:
                values.push_back({item, 0});  // nothing can be uploaded, as the capability says
                break;
            default:
                break;
        }
    }
    imap::render_status(state.out.out(), folder->path, state.names(), values);
    co_return ok("STATUS completed");
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

async::Task<Outcome> run_expunge(State&) { co_return ok("EXPUNGE completed, nothing is removed from an archive"); }

}  // namespace imaparc::session
