// FETCH responses that nobody asked for in a FETCH and that may hold octets of messages: of NOTIFY's MessageNew and of
// UPDATE (RFC 5465 5.2, 7). They never set \Seen.
//
// The session's thread.
#pragma once

#include <vector>

#include "session/fetch_job.h"
#include "session/state.h"

namespace imaparc::session {

// A message that cannot be read is left out. Disconnected; also if one fails when a part of it went out already.
async::Task<void> send_octets(State& state, Walk walk, const std::vector<imap::FetchItem>& items);

}  // namespace imaparc::session
