// Not in the table of verbs yet.
#include "session/run.h"

namespace imaparc::session {

async::Task<Outcome> run_compress(State&, const imap::Compress&) { co_return bad("The command is not known"); }
async::Task<Outcome> run_unauthenticate(State&) { co_return bad("The command is not known"); }

}  // namespace imaparc::session
