// MYRIGHTS, GETACL, LISTRIGHTS (RFC 4314 3): an access control list to look at. Only who has the "a" right sees more
// than their own rights of it, and nobody has that right in an archive.
#include "imap/render_metadata.h"
#include "session/roles.h"
#include "session/run.h"

namespace imaparc::session {

namespace {

// A command that wants the "a" right. Of a mailbox that is not there it says that (RFC 4314 6).
Outcome without_administer_right(const State& state, const imap::MailboxName& mailbox, const char* verb) {
    if (const auto folder = find_folder(state, mailbox); !folder) return outcome_of(folder.error());
    return no(imap::Code::no_perm, std::string(verb) + " needs the right to administer the mailbox");
}

}  // namespace

imap::MailboxAttributes roles_of(const State& state, const index::Folder& folder) {
    const auto folders = state.account()->owner->folders();
    for (const auto& given : state.options->special_use.assign(*folders))
        if ((*folders)[given.folder].number == folder.number) return given.roles;
    return {};
}

std::string_view rights_of(const State& state) {
    return state.options->flags == FlagsMode::private_flags ? "lrsw" : "lr";
}

async::Task<Outcome> run_my_rights(State& state, const imap::MyRights& command) {
    const Result<index::Folder> folder = find_folder(state, command.mailbox);
    if (!folder) co_return outcome_of(folder.error());
    imap::render_my_rights(state.out.out(), folder->path, state.names(), rights_of(state));
    co_return ok("MYRIGHTS completed");
}

async::Task<Outcome> run_get_acl(State& state, const imap::GetAcl& command) {
    co_return without_administer_right(state, command.mailbox, "GETACL");
}

async::Task<Outcome> run_list_rights(State& state, const imap::ListRights& command) {
    co_return without_administer_right(state, command.mailbox, "LISTRIGHTS");
}

}  // namespace imaparc::session
