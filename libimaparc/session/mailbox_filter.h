// A filter of mailboxes (RFC 5465 6, RFC 7377 2.2) against the folders that there are.
//
// Only folders that can be selected. A name that no folder has means nothing and is no error: whether a mailbox is
// missing or forbidden must not be told apart (RFC 7377 5). "All Mail" shows what is elsewhere already: it is part of
// no filter but those that name it themselves and the selected one.
//
// The session's thread; touches memory only.
#pragma once

#include <vector>

#include "imap/command.h"
#include "index/index.h"
#include "session/state.h"

namespace imaparc::session {

// Whether the filter means this folder. selected, selected_delayed: the one that is selected now, if any.
bool covers(const imap::MailboxFilter& filter, const index::Folder& folder, const State& state);

// The folders that any of the filters means, each once, in the order of LIST: INBOX, then by bytes of the path.
std::vector<index::Folder> folders_of(const std::vector<imap::MailboxFilter>& filters, const State& state);

}  // namespace imaparc::session
