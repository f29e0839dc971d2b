// A round of one owner, in slices between those of the others, and what follows from it.
#include <boost/asio/use_awaitable.hpp>

#include "sync/inside.h"

namespace imaparc::sync {

namespace {

constexpr auto slice = std::chrono::milliseconds(100);
constexpr unsigned most_looks = 5;  // for one request

double seconds_between(Instant from, Instant to) { return std::chrono::duration<double>(to - from).count(); }

bool serves_store(const Wish& wish, const std::string& store) {
    return !wish.job->resync.store || *wish.job->resync.store == store;
}

}  // namespace

Order Engine::Inside::order_for(const Slot& slot, const std::vector<Wish>& wishes, const Options& now) const {
    Order order;
    order.listed = slot.listed;
    order.dirty = slot.dirty;
    order.left_out.resize(stores_.size());
    order.thorough.resize(stores_.size());
    order.accept.resize(stores_.size());
    for (std::size_t s = 0; s < stores_.size(); ++s) {
        const auto& store = stores_[s]->name();
        const auto own = now.store_rescan.find(store);
        const bool rests = own != now.store_rescan.end() && own->second > 0 && clock_.steady() < slot.store_due[s];
        order.left_out[s] = rests && slot.memory.counted && slot.dirty.empty() &&
                            slot.memory.pending.count(static_cast<StorePosition>(s)) == 0;
        for (const auto& wish : wishes) {
            if (!serves_store(wish, store)) continue;
            order.left_out[s] = false;
            if (wish.looks == 0) order.thorough[s] = true;
            if (wish.job->resync.accept_removals) order.accept[s] = true;
        }
    }
    for (const auto& wish : wishes)
        if (wish.job->resync.accept_removals && !wish.job->resync.store) order.accept_unconfigured = true;
    return order;
}

async::Task<> Engine::Inside::visit(Slot& slot) {
    auto wishes = std::move(slot.wishes);
    slot.wishes.clear();
    const auto now = options();
    auto order = order_for(slot, wishes, now);
    slot.dirty.clear();
    const bool quiet = slot.ready && wishes.empty();  // nobody waits for it
    {
        std::lock_guard lock(mutex_);
        slot.running = true;
    }
    const auto began = clock_.steady();
    Progress progress;
    progress.owner = slot.name;
    progress.phase = SyncPhase::listing;
    if (!quiet) show(progress, false);

    RoundResult result;
    try {
        Round round(surroundings_, now, slot.name, slot.memory, std::move(order));
        {
            const auto turn = co_await turns_.enter();
            co_await workers_.run([&round] { round.prepare(); });
        }
        if (!quiet)
            log_.info("sync_started", {{"owner", slot.name},
                                       {"folders", round.folders_total()},
                                       {"first", round.first() ? "yes" : "no"},
                                       {"asked", wishes.empty() ? "no" : "yes"}});
        for (bool more = true; more;) {
            const auto turn = co_await turns_.enter();
            more = co_await workers_.run([&round] { return round.list_some(slice); });
            progress.folders_done = round.folders_done();
            progress.folders_total = round.folders_total();
            progress.messages_done = round.messages_listed();
            const auto so_far = seconds_between(began, clock_.steady());
            progress.rate = so_far > 0 ? static_cast<double>(round.messages_listed()) / so_far : 0;
            if (!quiet || so_far > 5) show(progress, false);
        }
        if (!quiet) {
            progress.phase = SyncPhase::publishing;
            show(progress, false);
        }
        const auto turn = co_await turns_.enter();
        result = co_await workers_.run([&round] { return round.commit(); });
    } catch (const std::exception& error) {
        result.trouble = error.what();
        result.ready = slot.ready;
        log_.error("sync_failed", {{"owner", slot.name}, {"reason", result.trouble}});
    }
    --active_;
    kick();
    if (stopping() || result.interrupted) {
        std::lock_guard lock(mutex_);
        slot.running = false;
        co_return;
    }
    after(slot, result, std::move(wishes), seconds_between(began, clock_.steady()));
}

void Engine::Inside::after(Slot& slot, const RoundResult& result, std::vector<Wish> wishes, double seconds) {
    const bool failed = result.stores.empty();
    const bool first_look = !slot.looked_at;
    if (first_look) --not_looked_at_;
    const bool quiet = slot.ready && wishes.empty();
    if (!failed) log_stores(slot, result.stores);
    {
        std::lock_guard lock(mutex_);
        slot.running = false;
        slot.looked_at = true;
        slot.ready = result.ready;
        if (!failed) {
            slot.stores = result.stores;
            slot.last_scan = clock_.now();
            slot.last_scan_seconds = seconds;
        }
    }
    const auto& committed = result.committed;
    metrics_.messages_published_total += committed.added + committed.returned;
    if (result.first)
        log_.info("sync_published", {{"owner", slot.name},
                                     {"folders", committed.folders_added},
                                     {"messages", committed.added},
                                     {"seconds", seconds},
                                     {"rate", seconds > 0 ? static_cast<double>(committed.added) / seconds : 0.0}});
    else if (committed.added + committed.removed + committed.returned + committed.folders_added +
                 committed.folders_removed >
             0)
        log_.info("sync_changed", {{"owner", slot.name},
                                   {"added", committed.added},
                                   {"removed", committed.removed},
                                   {"returned", committed.returned},
                                   {"folders_added", committed.folders_added},
                                   {"folders_removed", committed.folders_removed}});
    if (!quiet)
        log_.info("sync_finished", {{"owner", slot.name},
                                    {"folders", result.folders},
                                    {"listed", result.listed},
                                    {"seconds", seconds},
                                    {"published", result.ready ? "yes" : "no"},
                                    {"trouble", result.trouble}});

    // A second look decides about what was missed; it belongs to the requests of this round. A rescan may come before
    // it is due, and decides nothing; but a store from which something vanishes all the time holds up nobody for ever.
    const bool second_look = result.second_look && result.trouble.empty();
    for (auto& wish : wishes) {
        wish.job->report.added += committed.added;
        wish.job->report.removed += committed.removed;
        wish.job->report.returned += committed.returned;
        if (second_look && wish.looks + 1 < most_looks)
            slot.wishes.push_back({wish.job, wish.looks + 1});
        else
            done_with(slot, wish, result);
    }
    slot.failures = failed || !result.ready ? slot.failures + 1 : 0;
    if (result.ready && (first_look || !result.grown.empty() || result.places_were_missing))
        want_details(slot, result.grown, result.places_were_missing, first_look || result.first);
    if (!quiet || first_look || !result.ready) {
        Progress progress;
        progress.owner = slot.name;
        progress.phase =
            result.ready ? (slot.details_queued ? SyncPhase::details : SyncPhase::idle) : SyncPhase::failed;
        progress.folders_done = progress.folders_total = result.folders;
        progress.note = result.ready ? "" : result.trouble;
        if (quiet)
            board_.set(std::move(progress));
        else
            show(std::move(progress), true);
    }
    want_next(slot, result, second_look);
    arm_if_needed(slot);  // new folders, and those whose directory was away: an unmounted store loses its watches
    settle();
}

void Engine::Inside::log_stores(const Slot& slot, const std::vector<StoreResult>& now) {
    for (std::size_t s = 0; s < now.size(); ++s) {
        if (!now[s].looked_at) continue;
        const bool before = s < slot.stores.size() ? slot.stores[s].available : true;
        if (before == now[s].available) continue;
        if (now[s].available)
            log_.info("sync_store_available", {{"store", stores_[s]->name()}, {"owner", slot.name}});
        else
            log_.warning("sync_store_unavailable",
                         {{"store", stores_[s]->name()}, {"owner", slot.name}, {"reason", now[s].reason}});
    }
}

void Engine::Inside::want_next(Slot& slot, const RoundResult& result, bool second_look) {
    const auto now = clock_.steady();
    const auto settings = options();
    const std::chrono::duration<double> took(slot.last_scan_seconds);
    const auto pause = std::clamp<std::chrono::steady_clock::duration>(
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(took), std::chrono::milliseconds(50),
        std::chrono::seconds(5));
    slot.not_before = now + pause;

    auto due = Instant::max();
    for (std::size_t s = 0; s < stores_.size(); ++s) {
        const auto own = settings.store_rescan.find(stores_[s]->name());
        const bool has_own = own != settings.store_rescan.end() && own->second > 0;
        const auto every = has_own ? std::chrono::seconds(own->second) : rescan();
        if (result.stores.empty() || result.stores[s].looked_at) slot.store_due[s] = now + every;
        due = std::min(due, slot.store_due[s]);
    }
    if (stores_.empty()) due = now + rescan();
    if (result.stores.empty()) {
        // The index or the disk failed: soon again, but not in a hurry.
        const auto delay = std::chrono::seconds(5) * (1U << std::min(slot.failures, 6U));
        due = now + std::min<std::chrono::steady_clock::duration>(delay, std::chrono::minutes(5));
    }
    schedule_.want(slot.name, Urgency::rotation, due);
    if (second_look) schedule_.want(slot.name, Urgency::now, now + std::chrono::seconds(settings.confirm_seconds));
    const bool asked = std::any_of(slot.wishes.begin(), slot.wishes.end(), [](const Wish& w) { return w.looks == 0; });
    if (asked) schedule_.want(slot.name, Urgency::now, now);
    if (!slot.dirty.empty()) schedule_.want(slot.name, Urgency::now, slot.not_before);
    kick();
}

}  // namespace imaparc::sync
