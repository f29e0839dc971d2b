// What STATUS says of a folder; LIST RETURN (STATUS ...) asks here, too (RFC 5819).
//
// The session's thread.
#pragma once

#include <vector>

#include "session/state.h"

namespace imaparc::session {

// In the order of `items`. Asking for HIGHESTMODSEQ makes the client one that keeps mod-sequences (RFC 7162 3.1). An
// error as State::latest has it; also if SIZE is asked for and messages whose size is not known yet cannot be read: a
// sum without them would be wrong (RFC 8438 3).
async::Task<Result<std::vector<imap::StatusValue>>> status_values(State& state, const index::Folder& folder,
                                                                  const std::vector<imap::StatusItem>& items);

// MAILBOXID (RFC 8474 4): of the folder's number, which is never given to another, and its UIDVALIDITY, which is a new
// one where the numbers begin anew.
std::string mailbox_id(FolderNumber folder, UidValidity uid_validity);

}  // namespace imaparc::session
