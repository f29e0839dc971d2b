// What stands behind a Ticket: the parts of a request, and who wants to hear of its end.
//
// Any thread.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

#include "sync/engine.h"

namespace imaparc::sync {

struct Ticket::State {
    mutable std::mutex mutex;
    std::condition_variable changed;
    std::optional<Result<ResyncReport>> result;
    std::vector<Listener> listeners;

    void finish(Result<ResyncReport> with);  // the first counts
};

}  // namespace imaparc::sync
