// Not in the table of verbs yet.
#include "session/run.h"

namespace imaparc::session {

async::Task<Outcome> run_sort(State&, const imap::Sort&) { co_return bad("The command is not known"); }
async::Task<Outcome> run_thread(State&, const imap::Thread&) { co_return bad("The command is not known"); }

}  // namespace imaparc::session
