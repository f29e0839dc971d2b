// A function a verb: what was asked, may it be done, ask the index or the archive, answer.
//
// Untagged responses go to state.out; the tagged line is the loop's to make of the outcome. A Fault or Disconnected may
// be thrown. The command outlives the call.
#pragma once

#include "async/workers.h"
#include "imap/command.h"
#include "session/outcome.h"
#include "session/state.h"

namespace imaparc::session {

// ---- any state
async::Task<Outcome> run_capability(State& state);
async::Task<Outcome> run_noop(State& state);
async::Task<Outcome> run_logout(State& state);
async::Task<Outcome> run_id(State& state, const imap::Id& command);
async::Task<Outcome> run_language(State& state, const imap::Language& command);
async::Task<Outcome> run_refused(State& state, const imap::Refused& command);

// ---- not authenticated
async::Task<Outcome> run_starttls(State& state);
async::Task<Outcome> run_login(State& state, const imap::Login& command);
async::Task<Outcome> run_authenticate(State& state, const imap::Authenticate& command);

// ---- authenticated
async::Task<Outcome> run_enable(State& state, const imap::Enable& command);
async::Task<Outcome> run_unauthenticate(State& state);
async::Task<Outcome> run_compress(State& state, const imap::Compress& command);
async::Task<Outcome> run_comparator(State& state, const imap::Comparator& command);
async::Task<Outcome> run_select(State& state, const imap::Select& command);
async::Task<Outcome> run_subscribe(State& state, const imap::Subscribe& command);
async::Task<Outcome> run_unsubscribe(State& state, const imap::Unsubscribe& command);
async::Task<Outcome> run_list(State& state, const imap::List& command);
async::Task<Outcome> run_namespace(State& state);
async::Task<Outcome> run_status(State& state, const imap::Status& command);
async::Task<Outcome> run_idle(State& state);
async::Task<Outcome> run_get_metadata(State& state, const imap::GetMetadata& command);
async::Task<Outcome> run_get_quota(State& state, const imap::GetQuota& command);
async::Task<Outcome> run_get_quota_root(State& state, const imap::GetQuotaRoot& command);
async::Task<Outcome> run_my_rights(State& state, const imap::MyRights& command);
async::Task<Outcome> run_get_acl(State& state, const imap::GetAcl& command);
async::Task<Outcome> run_list_rights(State& state, const imap::ListRights& command);
async::Task<Outcome> run_notify(State& state, const imap::Notify& command);

// ---- selected
async::Task<Outcome> run_check(State& state);
async::Task<Outcome> run_close(State& state);
async::Task<Outcome> run_unselect(State& state);
async::Task<Outcome> run_expunge(State& state);
async::Task<Outcome> run_search(State& state, const imap::Search& command);
async::Task<Outcome> run_sort(State& state, const imap::Sort& command);
async::Task<Outcome> run_thread(State& state, const imap::Thread& command);
async::Task<Outcome> run_multi_search(State& state, const imap::MultiSearch& command);
async::Task<Outcome> run_cancel_update(State& state, const imap::CancelUpdate& command);
async::Task<Outcome> run_uid_batches(State& state, const imap::UidBatches& command);
async::Task<Outcome> run_fetch(State& state, const imap::Fetch& command);
async::Task<Outcome> run_store(State& state, const imap::Store& command);

// Whether passwords may be taken on this connection; why not.
std::optional<Outcome> password_refused(const State& state);
// What CAPABILITY lists now: rows of capabilities.cpp.
std::vector<std::string_view> capabilities(const State& state);
// NO [UNAVAILABLE] or [EXPUNGEISSUED] for messages of the selected mailbox that could not be read (DESIGN.md 5).
async::Task<Outcome> unreadable(State& state, const Error& first, std::size_t count, std::optional<Uid> uid);
// The name as a living, selectable folder; NO [NONEXISTENT].
Result<index::Folder> find_folder(const State& state, const imap::MailboxName& mailbox);
// BAD for a set with a number that the mailbox does not have (RFC 3501 9, seq-number).
std::optional<Outcome> beyond_mailbox(const NumberSet& set, imap::Numbering by, const index::View& view);

}  // namespace imaparc::session
