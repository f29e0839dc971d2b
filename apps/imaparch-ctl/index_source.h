// Where the index verbs get their answers: from the daemon, or from IMAPDB.FDB itself when no daemon runs.
//
// The program's one thread.
#pragma once

#include <memory>
#include <optional>

#include "base/log.h"
#include "commands.h"
#include "control/client.h"
#include "control/index_listing.h"

namespace imaparc::ctl {

class IndexSource {
  public:
    explicit IndexSource(const Globals& globals) : globals_(globals) {}

    // denied: the daemon runs and may not be asked; not_found: neither a daemon nor an index (exit code 3).
    Result<void> open();

    template <class Request>
    auto ask(const Request& request) {
        // A check of a large index takes its time.
        return client_ ? client_->ask(request, std::chrono::minutes(30)) : control::list(*index_, request);
    }

  private:
    Result<void> open_file();

    const Globals& globals_;
    std::optional<control::Client> client_;
    SystemClock clock_;
    std::unique_ptr<Log> log_;
    std::unique_ptr<index::Index> index_;
};

}  // namespace imaparc::ctl
