// What STATUS says of a folder; LIST ... RETURN (STATUS (...)) says the same of many (RFC 5819).
//
// The session's thread.
#pragma once

#include <span>
#include <vector>

#include "imap/render.h"
#include "session/state.h"

namespace imaparc::session {

// A value for each item, in their order. What is in memory is answered without waiting; else a worker looks it up.
// unavailable and not_found as State::latest() has them: the owner or the folder is not to be had now.
async::Task<Result<std::vector<imap::StatusValue>>> status_values(State& state, const index::Folder& folder,
                                                                  std::span<const imap::StatusItem> items);

}  // namespace imaparc::session
