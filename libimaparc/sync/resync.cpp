// Requests: `imaparch-ctl resync`.
#include <boost/asio/use_awaitable.hpp>

#include "base/text.h"
#include "sync/inside.h"

namespace imaparc::sync {

Ticket Engine::Inside::request(Resync resync) {
    auto job = std::make_shared<Job>();
    job->resync = std::move(resync);
    job->ticket = std::make_shared<Ticket::State>();
    const Ticket ticket(job->ticket);
    bool started = false;
    {
        std::lock_guard lock(mutex_);
        started = started_;
        if (started) {
            if (job->resync.owner)
                ++asked_[*job->resync.owner];
            else
                ++asked_all_;
        }
    }
    if (!started || stopping()) {
        job->ticket->finish(Error{ErrorKind::unavailable, "the synchronisation does not run"});
        return ticket;
    }
    auto pass = gate_.enter();
    if (!pass) {
        job->ticket->finish(Error{ErrorKind::unavailable, "the synchronisation was stopped"});
        return ticket;
    }
    boost::asio::post(strand_, [this, job, pass = std::move(*pass)] {
        jobs_.insert(job);
        spawn(serve(job));
    });
    return ticket;
}

async::Task<> Engine::Inside::serve(std::shared_ptr<Job> job) {
    const auto& resync = job->resync;
    std::optional<Error> refused;
    if (resync.store &&
        std::none_of(stores_.begin(), stores_.end(), [&](const auto* store) { return store->name() == *resync.store; }))
        refused = Error{ErrorKind::not_found, "no store is named \"" + *resync.store + "\""};
    roots_.forget();
    if (!refused) co_await roll_call();
    if (stopping()) co_return;  // stop() ends the ticket
    if (!refused && resync.owner && !slots_.contains(*resync.owner))
        refused = Error{ErrorKind::not_found, "no store has anything of \"" + *resync.owner + "\""};

    const auto now = clock_.steady();
    if (!refused)
        for (auto& [name, slot] : slots_) {
            if (resync.owner && *resync.owner != name) continue;
            ++job->open;
            slot->wishes.push_back({job, 0});
            {
                std::lock_guard lock(mutex_);
                ++slot->resyncing;
            }
            if (!slot->running) schedule_.want(name, resync.owner ? Urgency::now : Urgency::first, now);
        }
    {
        std::lock_guard lock(mutex_);
        if (!resync.owner)
            --asked_all_;
        else if (--asked_[*resync.owner] == 0)
            asked_.erase(*resync.owner);
    }
    log_.info("sync_requested", {{"owner", resync.owner.value_or("*")},
                                 {"store", resync.store.value_or("*")},
                                 {"accept_removals", resync.accept_removals ? "yes" : "no"},
                                 {"owners", job->open}});
    if (refused || job->open == 0) {
        jobs_.erase(job);
        job->ticket->finish(refused ? Result<ResyncReport>(*refused) : Result<ResyncReport>(job->report));
    }
    kick();
}

void Engine::Inside::done_with(Slot& slot, const Wish& wish, const RoundResult& result) {
    auto& job = *wish.job;
    auto& report = job.report;
    const auto refuse = [&](std::string text) {
        if (report.refusals.size() < 100) report.refusals.push_back(std::move(text));
    };
    ++report.owners;
    if (result.stores.empty()) refuse(printable(slot.name) + ": " + result.trouble);
    for (std::size_t s = 0; s < result.stores.size(); ++s) {
        const auto& store = result.stores[s];
        if (job.resync.store && *job.resync.store != stores_[s]->name()) continue;
        if (store.looked_at && !store.available)
            refuse(stores_[s]->name() + ": " + printable(slot.name) + ": " + store.reason + "; nothing removed");
    }
    {
        std::lock_guard lock(mutex_);
        --slot.resyncing;
    }
    if (--job.open > 0) return;
    jobs_.erase(wish.job);
    job.ticket->finish(report);
}

bool Engine::Inside::resyncing(std::string_view owner) const {
    std::lock_guard lock(mutex_);
    if (asked_all_ > 0 || asked_.contains(owner)) return true;
    const auto found = slots_.find(owner);
    return found != slots_.end() && found->second->resyncing > 0;
}

}  // namespace imaparc::sync
