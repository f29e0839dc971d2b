// Not in the table of verbs yet.
#include "session/run.h"

namespace imaparc::session {

async::Task<Outcome> run_cancel_update(State&, const imap::CancelUpdate&) { co_return bad("The command is not known"); }

}  // namespace imaparc::session
