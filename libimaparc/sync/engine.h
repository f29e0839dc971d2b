// The synchronisation of all owners of all stores with the index, in the background: finds owners, lists what the
// stores have, tells the archive the places, commits the difference to the index, then has the details read. One
// coroutine an owner at work, in slices on the workers, so that a huge owner does not make the others wait.
//
// What it promises (DESIGN.md 1 to 4): an owner becomes visible only after one complete listing of every reachable
// store; what is visible is the last complete state; an empty, missing or foreign root, or a listing that loses too
// much, removes nothing; a message is removed only after two scans miss it; a listing that fails counts for nothing.
//
// All functions from any thread, without waiting for a disk; stop() and Ticket::get() block and must not be called
// from a thread of the executor. The engine is the only one who calls index::Owner's functions "for the
// synchronisation".
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/archive.h"
#include "async/workers.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/progress.h"
#include "index/index.h"
#include "store/store.h"
#include "sync/options.h"

namespace imaparc::sync {

// `imaparch-ctl resync`: list everything again, whatever the folders' change tokens say.
struct Resync {
    std::optional<std::string> owner;  // nullopt: all
    std::optional<std::string> store;  // its name; nullopt: all
    bool accept_removals = false;      // what is missing is gone: no threshold, no check of the root
};

struct ResyncReport {
    std::uint64_t owners = 0;                            // looked through
    std::uint64_t added = 0, removed = 0, returned = 0;  // messages
    std::vector<std::string> refusals;                   // "2024: ann: root is empty; nothing removed", at most 100
    bool complete() const { return refusals.empty(); }
};

// The way to hear of a request's end. Cheap to copy; may outlive the engine.
class Ticket {
  public:
    using Listener = std::function<void(const Result<ResyncReport>&)>;

    // An error: not_found (no such owner or store), unavailable (the engine stopped before the end).
    bool done() const;
    // Called once, from the engine's thread, or at once if it is done already.
    void then(Listener listener) const;
    async::Task<Result<ResyncReport>> finished() const;
    Result<ResyncReport> get() const;  // blocks

    struct State;
    explicit Ticket(std::shared_ptr<State> state) : state_(std::move(state)) {}

  private:
    std::shared_ptr<State> state_;
};

struct OwnerTrouble {
    std::string owner;
    std::string reason;
};

struct StoreStatus {
    std::string name;
    bool available = false;                // its root; single owners may be unavailable all the same
    std::string reason;                    // why it is not
    std::uint64_t owners = 0;              // that have something here
    std::uint64_t messages = 0;            // published from here
    std::uint64_t pending_removals = 0;    // missed once, not yet confirmed
    std::uint64_t owners_unavailable = 0;  // nothing is removed for them
    std::vector<OwnerTrouble> troubles;    // the first of them, at most 20
    std::optional<Seconds> last_scan;      // when its owners were last listed
    double last_scan_seconds = 0;          // how long that took
};

struct Status {
    std::vector<StoreStatus> stores;     // in the order of the configuration
    std::uint64_t owners = 0;            // known from stores or ledgers
    std::uint64_t owners_published = 0;  // ready in the index
    std::uint64_t owners_scanning = 0;
    std::uint64_t owners_waiting = 0;  // not yet looked at since the start
    std::uint64_t details_owners = 0;  // whose details are being read or wait for it
    std::uint64_t watches = 0, watches_limit = 0;
    bool watches_exhausted = false;  // some folder could not be watched: the rescan finds its mail
    bool settled = false;            // every owner was looked at once since the start
};

class Engine {
  public:
    // Everything handed in outlives the engine. Stores are named uniquely.
    Engine(Options options, std::vector<store::ArchiveStore*> stores, archive::Archive& archive, index::Index& index,
           ProgressBoard& board, const Clock& clock, Log& log, Metrics& metrics, async::Workers& workers,
           boost::asio::any_io_executor executor);
    ~Engine();  // stops

    void start();
    // Blocks until nothing of the engine runs any more; a listing under way ends at its next message. Open tickets end
    // with unavailable. Safe to call twice. The executor must still be running.
    void stop();

    Ticket request(Resync resync);

    // A resync of this owner is under way (from request() to its end).
    bool resyncing(std::string_view owner) const;
    // SELECT and STATUS are UNAVAILABLE: resyncing, and the option hide_while_resyncing is set.
    bool hidden(std::string_view owner) const;

    // Somebody looks at this folder: new mail in it is found within a second (counted; each watch needs its unwatch).
    // Of an owner who is not published yet: the next one to be looked at.
    void watch(std::string_view owner, std::string_view folder_path);
    void unwatch(std::string_view owner, std::string_view folder_path);

    Status status() const;
    bool settled() const;                                          // every owner was looked at once since the start
    async::Task<> wait_settled() const;                            // returns early when the engine stops
    bool wait_settled_for(std::chrono::milliseconds limit) const;  // blocks; false: not yet

    // Progress as it happens, at most every progress_every an owner, plus the end of each phase. From the engine's
    // thread; must return quickly. Set before start.
    void on_progress(std::function<void(const Progress&)> listener);

    // Live settings.
    void rescan_seconds(unsigned seconds);
    void hide_while_resyncing(bool hide);
    void watch_enabled(bool enabled);

    // Looks at the clock again now (for tests, whose clock ticks when told).
    void poke();

  private:
    struct Inside;
    std::shared_ptr<Inside> inside_;
};

}  // namespace imaparc::sync
