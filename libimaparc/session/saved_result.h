// "$", the result that the last SEARCH with SAVE left (RFC 5182), put in the place of the sets that name it.
#pragma once

#include "imap/command.h"
#include "session/state.h"

namespace imaparc::session {

// A command's set and what it counts by. References to the command or to the state.
struct Named {
    const NumberSet& set;
    imap::Numbering by;
};

// "$" holds UIDs whatever the command counts by; one that is empty names no message, which is no error (RFC 5182 2.1).
inline Named named(const State& state, const NumberSet& set, imap::Numbering by) {
    if (set.is_saved_result()) return {state.saved_result, imap::Numbering::uid};
    return {set, by};
}

// The criteria with the saved UIDs wherever "$" stands.
search::Criteria with_saved_result(const State& state, search::Criteria criteria);

// NO [LIMIT] where that would need too much memory: each "$" becomes a copy of what is saved.
std::optional<Outcome> saved_result_refused(const State& state, const search::Criteria& criteria);

}  // namespace imaparc::session
