// Not in the table of verbs yet.
#include "session/run.h"

namespace imaparc::session {

async::Task<Outcome> run_language(State&, const imap::Language&) { co_return bad("The command is not known"); }
async::Task<Outcome> run_comparator(State&, const imap::Comparator&) { co_return bad("The command is not known"); }

}  // namespace imaparc::session
