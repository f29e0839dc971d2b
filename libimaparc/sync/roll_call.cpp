// Who is there: the owners that the stores list, and at the first time those that the index knows.
#include <boost/asio/use_awaitable.hpp>

#include "sync/inside.h"

namespace imaparc::sync {

namespace {

struct Roll {
    struct OfStore {
        bool available = false;
        std::string reason;
        std::optional<std::vector<std::string>> owners;
    };
    std::vector<OfStore> stores;
    std::vector<index::OwnerSummary> published;
};

}  // namespace

Slot& Engine::Inside::slot(const std::string& owner) {
    const auto found = slots_.find(owner);
    if (found != slots_.end()) return *found->second;
    auto fresh = std::make_unique<Slot>();
    fresh->name = owner;
    fresh->listed.resize(stores_.size());
    fresh->store_due.resize(stores_.size());
    ++not_looked_at_;
    std::lock_guard lock(mutex_);
    return *slots_.emplace(owner, std::move(fresh)).first->second;
}

async::Task<> Engine::Inside::roll_call() {
    calling_ = true;
    Roll roll;
    try {
        roll = co_await workers_.run([this, with_index = !index_asked_] {
            Roll called;
            for (std::size_t s = 0; s < stores_.size() && !stopping(); ++s) {
                auto& store = called.stores.emplace_back();
                const auto health = roots_.of(s);
                store.available = health.available && !health.empty;
                store.reason = health.available ? (health.empty ? "root is empty" : "") : health.reason;
                if (!health.available) continue;
                auto owners = stores_[s]->owners();
                if (owners) {
                    store.owners = std::move(owners).value();
                } else {
                    store.available = false;
                    store.reason = owners.error().text;
                }
            }
            if (with_index && !stopping()) called.published = index_.owners();
            return called;
        });
    } catch (const std::exception& error) {
        log_.error("sync_roll_call_failed", {{"reason", error.what()}});
        roll.stores.clear();
    }
    calling_ = false;
    if (stopping()) co_return;
    const auto now = clock_.steady();
    roll_due_ = now + rescan();
    std::vector<std::string> fresh;
    for (std::size_t s = 0; s < roll.stores.size(); ++s) {
        const auto& store = roll.stores[s];
        {
            std::lock_guard lock(mutex_);
            const bool changed = roots_seen_[s].first != store.available;
            roots_seen_[s] = {store.available, store.reason};
            if (changed && store.available) log_.info("sync_root_available", {{"store", stores_[s]->name()}});
            if (!store.available && (changed || !index_asked_))
                log_.warning("sync_root_unavailable", {{"store", stores_[s]->name()}, {"reason", store.reason}});
        }
        if (!store.owners) continue;
        for (auto& [name, slot] : slots_) slot->listed[s] = false;
        for (const auto& name : *store.owners) {
            if (!slots_.contains(name)) fresh.push_back(name);
            slot(name).listed[s] = true;
        }
    }
    for (const auto& owner : roll.published) {
        if (!slots_.contains(owner.name)) fresh.push_back(owner.name);
        auto& known = slot(owner.name);
        std::lock_guard lock(mutex_);
        known.ready = owner.state == index::OwnerState::ready;
    }
    index_asked_ = index_asked_ || !roll.stores.empty();
    for (const auto& name : fresh) {
        auto& owner = slot(name);
        if (!owner.ready) {
            Progress waiting;
            waiting.owner = name;
            board_.set(std::move(waiting));
        }
        schedule_.want(name, Urgency::first, now);
        if (interest_.contains(name)) schedule_.prefer(name);
    }
    settle();
    kick();
}

void Engine::Inside::settle() {
    if (!index_asked_ || not_looked_at_ > 0 || Ticket(settled_).done()) return;
    ResyncReport report;
    report.owners = slots_.size();
    log_.info("sync_settled", {{"owners", report.owners}});
    settled_->finish(report);
}

}  // namespace imaparc::sync
