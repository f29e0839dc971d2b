// MESSAGELIMIT for what searches: SEARCH, ESEARCH, SORT and THREAD (RFC 9738 3.1, 3.3).
//
// The session's thread.
#pragma once

#include <memory>
#include <optional>

#include "session/message_limit.h"
#include "session/state.h"

namespace imaparc::session {

// What a search of the view may look at, if that is not all that its keys name ("$" was put in its place). Both
// outlive the call.
async::Task<std::optional<Limited>> search_limit(State& state, const std::shared_ptr<const index::View>& view,
                                                 const search::Criteria& criteria);

}  // namespace imaparc::session
