#include "sync/engine.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include "sync/inside.h"

namespace imaparc::sync {

namespace asio = boost::asio;

Engine::Inside::Inside(Options options, std::vector<store::ArchiveStore*> stores, archive::Archive& archive,
                       index::Index& index, ProgressBoard& board, const Clock& clock, Log& log, Metrics& metrics,
                       async::Workers& workers, asio::any_io_executor executor)
    : stores_(std::move(stores)),
      archive_(archive),
      index_(index),
      board_(board),
      clock_(clock),
      log_(log),
      metrics_(metrics),
      workers_(workers),
      strand_(asio::make_strand(executor)),
      roots_(stores_, clock),
      surroundings_{stores_, archive_, index_, clock_, roots_, stopping_},
      turns_(strand_, std::max(1U, options.slices_at_once)),
      timer_(strand_),
      options_(std::move(options)),
      roots_seen_(stores_.size(), {false, "not looked at yet"}) {}

void Engine::Inside::start() {
    {
        std::lock_guard lock(mutex_);
        if (started_) return;
        started_ = true;
    }
    on_strand([this] {
        roll_due_ = clock_.steady();
        const auto now = options();
        switch_watch(now.watch);
        for (unsigned i = 0; i < now.details_at_once; ++i) spawn(read_details());
        spawn(loop());
    });
}

void Engine::Inside::stop() {
    bool started = false;
    {
        std::lock_guard lock(mutex_);
        started = started_;
    }
    if (started && !stopping()) {
        stopping_ = true;
        on_strand([this] {
            timer_.cancel();
            if (watch_) watch_->close();
            for (const auto& idle : details_idle_) idle->cancel();
        });
    }
    stopping_ = true;
    gate_.close();
    gate_.wait_empty();
    const Error stopped{ErrorKind::unavailable, "the synchronisation was stopped"};
    for (const auto& job : jobs_) job->ticket->finish(stopped);
    jobs_.clear();
    settled_->finish(stopped);
}

void Engine::Inside::spawn(async::Task<> task) {
    auto pass = gate_.enter();
    if (!pass) return;
    asio::co_spawn(strand_, std::move(task), [this, pass = std::move(*pass)](std::exception_ptr failure) {
        if (!failure) return;
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            log_.error("sync_engine_failed", {{"reason", error.what()}});
        }
    });
}

void Engine::Inside::kick() { timer_.cancel(); }

// Starts rounds as they are due, and sleeps until the next one is.
async::Task<> Engine::Inside::loop() {
    while (!stopping()) {
        const auto now = clock_.steady();
        if (now >= roll_due_ && !calling_) spawn(roll_call());
        const auto at_once = std::max<std::size_t>(1, options().owners_at_once);
        while (active_ < at_once) {
            const auto owner = schedule_.next(now);
            if (!owner) break;
            ++active_;
            spawn(visit(slot(*owner)));
        }
        auto wait = std::chrono::steady_clock::duration(std::chrono::hours(1));
        if (!calling_) wait = std::min(wait, std::max(roll_due_ - now, std::chrono::steady_clock::duration(0)));
        if (const auto due = schedule_.next_due(); due && active_ < at_once) {
            const auto until = *due <= now ? std::chrono::steady_clock::duration(0) : *due - now;
            wait = std::min(wait, until);
        }
        timer_.expires_after(wait);
        boost::system::error_code ignored;  // cancelled: look again, too
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

Options Engine::Inside::options() const {
    std::lock_guard lock(mutex_);
    return options_;
}

std::chrono::seconds Engine::Inside::rescan() const {
    std::lock_guard lock(mutex_);
    return std::chrono::seconds(std::max(1U, options_.rescan_seconds));
}

void Engine::Inside::show(Progress progress, bool now) {
    board_.set(progress);
    auto& last = shown_[progress.owner];
    const auto time = clock_.steady();
    const bool begins = last == Instant{};
    if (!now && !begins && time - last < options().progress_every) return;
    last = time;
    if (progress.phase == SyncPhase::idle || progress.phase == SyncPhase::failed) shown_.erase(progress.owner);
    if (!now && !begins)
        log_.info("sync_progress", {{"owner", progress.owner},
                                    {"phase", to_string(progress.phase)},
                                    {"folders", progress.folders_done},
                                    {"folders_total", progress.folders_total},
                                    {"messages", progress.messages_done},
                                    {"messages_total", progress.messages_total},
                                    {"rate", progress.rate},
                                    {"text", progress.text()}});
    if (on_progress_) on_progress_(progress);
}

Status Engine::Inside::status() const {
    Status status;
    status.settled = Ticket(settled_).done() && !stopping();
    std::lock_guard lock(mutex_);
    status.watches = watches_;
    status.watches_limit = options_.watches;
    status.watches_exhausted = watches_exhausted_;
    status.stores.resize(stores_.size());
    for (std::size_t s = 0; s < stores_.size(); ++s) {
        status.stores[s].name = stores_[s]->name();
        status.stores[s].available = roots_seen_[s].first;
        status.stores[s].reason = roots_seen_[s].second;
    }
    status.owners = slots_.size();
    for (const auto& [name, slot] : slots_) {
        status.owners_published += slot->ready;
        status.owners_scanning += slot->running;
        status.owners_waiting += !slot->looked_at;
        status.details_owners += slot->details_open;
        for (std::size_t s = 0; s < slot->stores.size(); ++s) {
            const auto& seen = slot->stores[s];
            auto& store = status.stores[s];
            store.owners += seen.present;
            store.messages += seen.messages;
            store.pending_removals += seen.pending;
            if (!seen.available) {
                ++store.owners_unavailable;
                if (store.troubles.size() < 20) store.troubles.push_back({name, seen.reason});
            }
            if (slot->last_scan && (!store.last_scan || *store.last_scan < *slot->last_scan)) {
                store.last_scan = slot->last_scan;
                store.last_scan_seconds = slot->last_scan_seconds;
            }
        }
    }
    return status;
}

Engine::Engine(Options options, std::vector<store::ArchiveStore*> stores, archive::Archive& archive,
               index::Index& index, ProgressBoard& board, const Clock& clock, Log& log, Metrics& metrics,
               async::Workers& workers, asio::any_io_executor executor)
    : inside_(std::make_shared<Inside>(std::move(options), std::move(stores), archive, index, board, clock, log,
                                       metrics, workers, std::move(executor))) {}

Engine::~Engine() { inside_->stop(); }

void Engine::start() { inside_->start(); }
void Engine::stop() { inside_->stop(); }
Ticket Engine::request(Resync resync) { return inside_->request(std::move(resync)); }
bool Engine::resyncing(std::string_view owner) const { return inside_->resyncing(owner); }

bool Engine::hidden(std::string_view owner) const {
    return inside_->options().hide_while_resyncing && inside_->resyncing(owner);
}

void Engine::watch(std::string_view owner, std::string_view folder_path) {
    inside_->on_strand(
        [this, owner = std::string(owner), folder = std::string(folder_path)] { inside_->interest(owner, folder, 1); });
}

void Engine::unwatch(std::string_view owner, std::string_view folder_path) {
    inside_->on_strand([this, owner = std::string(owner), folder = std::string(folder_path)] {
        inside_->interest(owner, folder, -1);
    });
}

Status Engine::status() const { return inside_->status(); }
bool Engine::settled() const { return Ticket(inside_->settled_).done() && !inside_->stopping(); }

async::Task<> Engine::wait_settled() const {
    static_cast<void>(co_await Ticket(inside_->settled_).finished());  // early at a stop: the caller asks settled()
}

bool Engine::wait_settled_for(std::chrono::milliseconds limit) const {
    auto& state = *inside_->settled_;
    std::unique_lock lock(state.mutex);
    return state.changed.wait_for(lock, limit, [&] { return state.result.has_value(); }) && state.result->ok();
}

void Engine::on_progress(std::function<void(const Progress&)> listener) { inside_->on_progress_ = std::move(listener); }

void Engine::rescan_seconds(unsigned seconds) {
    {
        std::lock_guard lock(inside_->mutex_);
        inside_->options_.rescan_seconds = seconds;
    }
    inside_->on_strand([this] {
        // Those who wait for their turn by the old setting get it by the new one, if that is sooner.
        const auto due = inside_->clock_.steady() + inside_->rescan();
        for (auto& [name, slot] : inside_->slots_)
            if (!slot->running && slot->looked_at) inside_->schedule_.want(name, Urgency::rotation, due);
        inside_->roll_due_ = std::min(inside_->roll_due_, due);
        inside_->kick();
    });
}

void Engine::hide_while_resyncing(bool hide) {
    std::lock_guard lock(inside_->mutex_);
    inside_->options_.hide_while_resyncing = hide;
}

void Engine::watch_enabled(bool enabled) {
    {
        std::lock_guard lock(inside_->mutex_);
        inside_->options_.watch = enabled;
    }
    inside_->on_strand([inside = inside_.get(), enabled] { inside->switch_watch(enabled); });
}

void Engine::poke() {
    inside_->on_strand([this] { inside_->kick(); });
}

}  // namespace imaparc::sync
