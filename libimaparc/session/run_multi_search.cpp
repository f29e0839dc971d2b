// Not in the table of verbs yet.
#include "session/run.h"

namespace imaparc::session {

async::Task<Outcome> run_multi_search(State&, const imap::MultiSearch&) { co_return bad("The command is not known"); }

}  // namespace imaparc::session
