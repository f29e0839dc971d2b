// The answers of the index verbs, from an open index: the daemon's handlers use them, and the ctl when no daemon runs.
//
// Plain blocking calls from any thread. not_found: no such owner or folder; unavailable: the owner is being rebuilt.
#pragma once

#include "base/error.h"
#include "control/verbs.h"
#include "index/index.h"

namespace imaparc::control {

Result<IndexUsersAnswer> list(index::Index& index, const IndexUsersRequest& request);
Result<IndexFoldersAnswer> list(index::Index& index, const IndexFoldersRequest& request);
Result<IndexMessagesAnswer> list(index::Index& index, const IndexMessagesRequest& request);
Result<IndexStatsAnswer> list(index::Index& index, const IndexStatsRequest& request);
Result<IndexCheckAnswer> list(index::Index& index, const IndexCheckRequest& request);

}  // namespace imaparc::control
