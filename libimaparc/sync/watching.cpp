// Folders that somebody looks at: inotify where the store has local paths, and a round as soon as something happens.
#include <boost/asio/use_awaitable.hpp>

#include "sync/inside.h"

namespace imaparc::sync {

namespace {

async::Task<> run_and_keep(std::shared_ptr<Watch> watch) { co_await watch->run(); }

}  // namespace

void Engine::Inside::switch_watch(bool enabled) {
    if (enabled == (watch_ != nullptr) || stopping()) return;
    if (!enabled) {
        watch_->close();
        watch_.reset();
        std::lock_guard lock(mutex_);
        watches_ = 0;
        watches_exhausted_ = false;
        return;
    }
    watch_ = std::make_shared<Watch>(strand_, options().watches, log_, [this](const Watched* what) { happened(what); });
    spawn(run_and_keep(watch_));
    for (const auto& [owner, folders] : interest_)
        if (const auto found = slots_.find(owner); found != slots_.end()) arm_if_needed(*found->second);
}

void Engine::Inside::interest(const std::string& owner, const std::string& folder, int change) {
    if (stopping()) return;
    auto& folders = interest_[owner];
    auto& count = folders[folder];
    if (change < 0) {
        if (count > 0) --count;
        if (count > 0) return;
        folders.erase(folder);
        if (watch_) watch_->drop({owner, folder});
        if (folders.empty()) {
            interest_.erase(owner);
            if (watch_) watch_->drop({owner, ""});
        }
        count_watches();
        return;
    }
    ++count;
    const auto found = slots_.find(owner);
    if (found == slots_.end()) return;  // the roll call finds the owner, and then this
    if (!found->second->looked_at) schedule_.prefer(owner);
    if (count == 1) arm_if_needed(*found->second);
}

void Engine::Inside::count_watches() {
    std::lock_guard lock(mutex_);
    watches_ = watch_ ? watch_->watches() : 0;
    watches_exhausted_ = watch_ && watch_->exhausted();
}

void Engine::Inside::happened(const Watched* what) {
    const auto touch = [this](const std::string& owner, const std::string& folder) {
        const auto found = slots_.find(owner);
        if (found == slots_.end()) return;
        auto& slot = *found->second;
        slot.dirty.insert(folder);  // "" (the root): a round, which sees new folders by itself
        if (!slot.running) schedule_.want(owner, Urgency::now, std::max(clock_.steady(), slot.not_before));
    };
    if (what) {
        touch(what->owner, what->folder);
    } else {
        for (const auto& [owner, folders] : interest_)
            for (const auto& [folder, count] : folders) touch(owner, folder);
    }
    kick();
}

void Engine::Inside::arm_if_needed(Slot& slot) {
    const auto found = interest_.find(slot.name);
    if (!watch_ || found == interest_.end()) return;
    const bool complete = watch_->watching({slot.name, ""}) &&
                          std::all_of(found->second.begin(), found->second.end(), [&](const auto& f) {
                              return watch_->watching({slot.name, f.first});
                          });
    if (complete) return;
    if (slot.arming) {
        slot.arm_again = true;
        return;
    }
    slot.arming = true;
    spawn(arm(slot));
}

// Asks the stores for the paths behind the folders, watches them, and has what was not watched before looked at once,
// for mail may have come before the watch.
async::Task<> Engine::Inside::arm(Slot& slot) {
    struct Paths {
        std::map<std::string, std::vector<std::string>> of_folder;
        std::vector<std::string> of_owner;
    };
    do {
        slot.arm_again = false;
        std::set<std::string> wanted;
        if (const auto found = interest_.find(slot.name); found != interest_.end())
            for (const auto& [folder, count] : found->second) wanted.insert(folder);
        Paths paths;
        try {
            paths = co_await workers_.run([this, &slot, &wanted] {
                Paths result;
                for (auto* store : stores_) {
                    auto folders = store->folders(slot.name);
                    if (!folders) continue;  // the rounds say what is wrong with this store
                    for (const auto& folder : *folders) {
                        const auto path = store::path_of(folder);
                        if (!wanted.contains(path)) continue;
                        for (auto& watched : store->watch_paths(slot.name, folder))
                            result.of_folder[path].push_back(std::move(watched));
                    }
                    for (auto& watched : store->owner_watch_paths(slot.name))
                        result.of_owner.push_back(std::move(watched));
                }
                return result;
            });
        } catch (const std::exception& error) {
            log_.warning("sync_watch_failed", {{"owner", slot.name}, {"reason", error.what()}});
        }
        if (stopping() || !watch_) break;
        const auto found = interest_.find(slot.name);
        if (found == interest_.end()) break;
        bool fresh = false;
        for (const auto& [folder, watched] : paths.of_folder) {
            if (!found->second.contains(folder)) continue;
            const bool before = watch_->watching({slot.name, folder});
            watch_->set({slot.name, folder}, watched);
            if (before || !watch_->watching({slot.name, folder})) continue;
            slot.dirty.insert(folder);
            fresh = true;
        }
        if (!paths.of_owner.empty() && !watch_->watching({slot.name, ""})) watch_->set({slot.name, ""}, paths.of_owner);
        if (fresh && !slot.running) schedule_.want(slot.name, Urgency::now, std::max(clock_.steady(), slot.not_before));
        count_watches();
        kick();
    } while (slot.arm_again);
    slot.arming = false;
}

}  // namespace imaparc::sync
