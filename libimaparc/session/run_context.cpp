// CANCELUPDATE (RFC 5267 4.3.5).
#include "session/contexts.h"
#include "session/run.h"

namespace imaparc::session {

async::Task<Outcome> run_cancel_update(State& state, const imap::CancelUpdate& command) {
    if (state.contexts)
        for (const auto& tag : command.tags) state.contexts->cancel(tag);
    co_return ok("No further updates");
}

}  // namespace imaparc::session
