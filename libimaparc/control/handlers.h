// What the daemon does for each control verb: it implements Handlers, control::Server calls it.
//
// Called on the server's executor, several at a time (one a connection): a handler that blocks awaits async::Workers.
// An Error reaches the caller as it is; a thrown Fault, too, and is logged. Caller has been checked already against the
// verb's permission.
#pragma once

#include <functional>
#include <string>

#include "async/workers.h"
#include "base/error.h"
#include "control/verbs.h"

namespace imaparc::control {

// The peer of a connection, from the kernel (SO_PEERCRED).
struct Caller {
    std::uint32_t uid = 0, gid = 0;
    std::int32_t pid = 0;
    std::uint64_t connection = 0;  // number of the connection, unique in this process: who prepared what
};

// Sends one event to a caller that waits; await it before the handler returns. False: the caller is gone; stop waiting
// (the work itself goes on).
using SendProgress = std::function<async::Task<bool>(ResyncProgress progress)>;

class Handlers {
  public:
    virtual ~Handlers() = default;

    virtual async::Task<Result<StatusAnswer>> status(Caller caller, StatusRequest request) = 0;
    // not_found: no such user or store. With `wait` it answers when the work is done.
    virtual async::Task<Result<ResyncAnswer>> resync(Caller caller, ResyncRequest request, SendProgress progress) = 0;

    // control/index_listing.h answers these from an index::Index; they block: on a worker.
    virtual async::Task<Result<IndexUsersAnswer>> index_users(Caller caller, IndexUsersRequest request) = 0;
    virtual async::Task<Result<IndexFoldersAnswer>> index_folders(Caller caller, IndexFoldersRequest request) = 0;
    virtual async::Task<Result<IndexMessagesAnswer>> index_messages(Caller caller, IndexMessagesRequest request) = 0;
    virtual async::Task<Result<IndexStatsAnswer>> index_stats(Caller caller, IndexStatsRequest request) = 0;
    virtual async::Task<Result<IndexCheckAnswer>> index_check(Caller caller, IndexCheckRequest request) = 0;

    // invalid: the text does not validate (the error's text is what the ctl shows: config::to_text of the problems);
    // conflict: the port is taken, and by whom; refused: `path` is not the daemon's file.
    virtual async::Task<Result<ConfigPrepareAnswer>> config_prepare(Caller caller, ConfigPrepareRequest request) = 0;
    // not_found: the token is unknown, or was dropped meanwhile.
    virtual async::Task<Result<ConfigSwitchAnswer>> config_switch(Caller caller, ConfigSwitchRequest request) = 0;
    virtual async::Task<Result<ConfigAbortAnswer>> config_abort(Caller caller, ConfigAbortRequest request) = 0;
    virtual async::Task<Result<ConfigReloadAnswer>> config_reload(Caller caller, ConfigReloadRequest request) = 0;

    // A connection is over: what it had prepared and not switched to is dropped.
    virtual void disconnected(Caller caller) = 0;
};

}  // namespace imaparc::control
