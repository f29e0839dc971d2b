// What all owners of an index share. Built by Index::open, handed on by shared pointer: owners and views may outlive
// the index, and then get a Fault where they would have to read or write.
//
// Any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "index/index.h"
#include "index/segment_cache.h"
#include "index/tables.h"
#include "index/uid_validity.h"

namespace imaparc::index {

class LedgerOwner;

struct Core {
    Core(Options given, const Clock& its_clock, Log& its_log)
        : options(std::move(given)), clock(its_clock), log(its_log), window_months(options.window_months) {}

    const Options options;
    const Clock& clock;
    Log& log;
    std::shared_ptr<Connections> connections;
    std::shared_ptr<SegmentCache> cache;
    std::unique_ptr<UidValiditySource> uid_validity;
    std::atomic<unsigned> window_months;
    Index::Listener listener;

    std::filesystem::path ledger_directory() const { return options.directory / "ledger"; }
    // The window's cut-off now. Never no_cutoff: with a window of 0 months it is a second later, so that an overlay
    // tells "everything" from "never looked at".
    Seconds cutoff();
    void notify(const std::string& owner, FolderNumber folder, std::optional<UserNumber> user) const {
        if (listener) listener(owner, folder, user);
    }

    // Owners whose ledger has records that nobody waits for; the index's thread makes them durable.
    void sync_soon(std::weak_ptr<LedgerOwner> owner);
    std::mutex soon_mutex;
    std::condition_variable soon_changed;
    std::vector<std::weak_ptr<LedgerOwner>> soon;
    bool stopping = false;  // of the index's thread

  private:
    std::mutex cutoff_mutex_;
    Seconds cutoff_at_ = 0, cutoff_ = 0;
    unsigned cutoff_months_ = 0;
    bool cutoff_known_ = false;
};

}  // namespace imaparc::index
