// Not in the table of verbs yet.
#include "session/run.h"

namespace imaparc::session {

async::Task<Outcome> run_my_rights(State&, const imap::MyRights&) { co_return bad("The command is not known"); }
async::Task<Outcome> run_get_acl(State&, const imap::GetAcl&) { co_return bad("The command is not known"); }
async::Task<Outcome> run_list_rights(State&, const imap::ListRights&) { co_return bad("The command is not known"); }

}  // namespace imaparc::session
