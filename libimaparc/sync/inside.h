// The engine from inside. Its parts: engine.cpp (the loop and what is asked from outside), roll_call.cpp (who is
// there), visit.cpp (a round of one owner), resync.cpp (requests), details.cpp, watching.cpp.
//
// Everything runs on one strand; what mutex_ guards is written there only, and read from any thread.
#pragma once

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "async/gate.h"
#include "sync/engine.h"
#include "sync/ingest.h"
#include "sync/round.h"
#include "sync/schedule.h"
#include "sync/ticket.h"
#include "sync/turns.h"
#include "sync/watch.h"

namespace imaparc::sync {

// A request under way: done when every owner it asks for is.
struct Job {
    Resync resync;
    std::shared_ptr<Ticket::State> ticket;
    std::size_t open = 0;
    ResyncReport report;
};

// A job at one owner. If its round missed messages, a second look is part of it.
struct Wish {
    std::shared_ptr<Job> job;
    unsigned looks = 0;  // rounds that served it so far
};

struct Slot {
    std::string name;
    // on the strand
    OwnerMemory memory;  // the round's while one is under way
    std::vector<bool> listed;
    std::vector<Wish> wishes;
    std::set<std::string> dirty;
    std::vector<Instant> store_due;
    std::unique_ptr<Ingest> ingest;  // the slice's while one is under way
    std::vector<std::string> grown;  // for the ingest, when it is free
    bool start_details = false, details_everything = false;
    std::uint64_t details_done = 0;
    double details_rate = 0;
    bool details_queued = false, arming = false, arm_again = false;
    unsigned failures = 0;
    Instant not_before;
    // guarded by mutex_
    bool running = false, looked_at = false, ready = false, details_open = false;
    unsigned resyncing = 0;
    std::vector<StoreResult> stores;
    std::optional<Seconds> last_scan;
    double last_scan_seconds = 0;
};

struct Engine::Inside {
    Inside(Options options, std::vector<store::ArchiveStore*> stores, archive::Archive& archive, index::Index& index,
           ProgressBoard& board, const Clock& clock, Log& log, Metrics& metrics, async::Workers& workers,
           boost::asio::any_io_executor executor);

    // engine.cpp
    void start();
    void stop();
    async::Task<> loop();
    void kick();  // the loop looks again
    template <class Function>
    void on_strand(Function function);  // unless stopped
    void spawn(async::Task<> task);     // inside the gate
    bool stopping() const { return stopping_.load(std::memory_order_relaxed); }
    Options options() const;
    Status status() const;
    std::chrono::seconds rescan() const;
    void show(Progress progress, bool now);

    // roll_call.cpp
    async::Task<> roll_call();
    Slot& slot(const std::string& owner);
    void settle();

    // visit.cpp
    async::Task<> visit(Slot& slot);
    Order order_for(const Slot& slot, const std::vector<Wish>& wishes, const Options& now) const;
    void after(Slot& slot, const RoundResult& result, std::vector<Wish> wishes, double seconds);
    void log_stores(const Slot& slot, const std::vector<StoreResult>& now);
    void want_next(Slot& slot, const RoundResult& result, bool second_look);

    // resync.cpp
    Ticket request(Resync resync);
    async::Task<> serve(std::shared_ptr<Job> job);
    void done_with(Slot& slot, const Wish& wish, const RoundResult& result);
    bool resyncing(std::string_view owner) const;

    // details.cpp
    void want_details(Slot& slot, const std::vector<std::string>& grown, bool everything, bool survey);
    async::Task<> read_details();

    // watching.cpp
    void interest(const std::string& owner, const std::string& folder, int change);
    void switch_watch(bool enabled);
    void count_watches();
    void happened(const Watched* what);
    async::Task<> arm(Slot& slot);
    void arm_if_needed(Slot& slot);

    const std::vector<store::ArchiveStore*> stores_;
    archive::Archive& archive_;
    index::Index& index_;
    ProgressBoard& board_;
    const Clock& clock_;
    Log& log_;
    Metrics& metrics_;
    async::Workers& workers_;
    boost::asio::strand<boost::asio::any_io_executor> strand_;
    std::atomic<bool> stopping_{false};
    async::Gate gate_;

    // on the strand
    RootHealth roots_;
    const Surroundings surroundings_;
    Schedule schedule_;
    Turns turns_;
    boost::asio::steady_timer timer_;
    Instant roll_due_;
    bool calling_ = false, index_asked_ = false;
    std::size_t active_ = 0, not_looked_at_ = 0;
    std::shared_ptr<Watch> watch_;
    std::map<std::string, std::map<std::string, unsigned>> interest_;  // owner, folder: how many look at it
    std::deque<Slot*> details_queue_;
    std::vector<std::shared_ptr<boost::asio::steady_timer>> details_idle_;
    std::map<std::string, Instant> shown_;  // progress events
    std::function<void(const Progress&)> on_progress_;
    std::set<std::shared_ptr<Job>> jobs_;

    mutable std::mutex mutex_;
    Options options_;
    bool started_ = false;
    std::map<std::string, std::unique_ptr<Slot>, std::less<>> slots_;
    std::vector<std::pair<bool, std::string>> roots_seen_;  // available, reason
    std::map<std::string, unsigned, std::less<>> asked_;    // resyncs not yet handed to the owner's slot
    unsigned asked_all_ = 0;
    std::uint64_t watches_ = 0;
    bool watches_exhausted_ = false;
    const std::shared_ptr<Ticket::State> settled_ = std::make_shared<Ticket::State>();
};

template <class Function>
void Engine::Inside::on_strand(Function function) {
    auto pass = gate_.enter();
    if (!pass) return;
    boost::asio::post(strand_, [pass = std::move(*pass), function = std::move(function)]() mutable { function(); });
}

}  // namespace imaparc::sync
