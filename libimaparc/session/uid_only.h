// UIDONLY (RFC 9586): message numbers in search keys.
#pragma once

#include <optional>

#include "imap/command.h"
#include "session/outcome.h"
#include "session/state.h"

namespace imaparc::session {

// BAD [UIDREQUIRED] where the client enabled UIDONLY and `criteria` names messages by number: a bare sequence set in
// UID SEARCH, UID SORT, UID THREAD (RFC 9586 3.5). "$" and "UID set" are allowed.
inline std::optional<Outcome> numbers_refused(const State& state, const search::Criteria& criteria) {
    if (!state.enabled.uid_only || !search::has(criteria, search::Criteria::Kind::number_set)) return std::nullopt;
    return bad("Message numbers may not be used, only UIDs", imap::Code::uid_required);
}

}  // namespace imaparc::session
