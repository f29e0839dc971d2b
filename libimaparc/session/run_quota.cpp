// Not in the table of verbs yet.
#include "session/run.h"

namespace imaparc::session {

async::Task<Outcome> run_get_quota(State&, const imap::GetQuota&) { co_return bad("The command is not known"); }
async::Task<Outcome> run_get_quota_root(State&, const imap::GetQuotaRoot&) {
    co_return bad("The command is not known");
}

}  // namespace imaparc::session
