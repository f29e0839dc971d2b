// Not in the table of verbs yet.
#include "session/run.h"

namespace imaparc::session {

async::Task<Outcome> run_get_metadata(State&, const imap::GetMetadata&) { co_return bad("The command is not known"); }

}  // namespace imaparc::session
