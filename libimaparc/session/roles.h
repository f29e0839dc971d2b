// A folder of the session's user: what it is for, and what may be done with it.
//
// The session's thread; touches memory only.
#pragma once

#include <string_view>

#include "imap/render_list.h"
#include "session/state.h"

namespace imaparc::session {

// Its special uses (special_use.h).
imap::MailboxAttributes roles_of(const State& state, const index::Folder& folder);

// The user's rights on each of their mailboxes (RFC 4314 2.1): "lrsw", flags being the user's own, or "lr" where they
// cannot be changed (imap.flags). Nobody has another right in an archive, nor could get one.
std::string_view rights_of(const State& state);

}  // namespace imaparc::session
