// The health of the stores' roots, asked at most once a second: ten thousand owners under one root need one look at it.
//
// Any thread.
#pragma once

#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "store/store.h"

namespace imaparc::sync {

class RootHealth {
  public:
    RootHealth(std::vector<store::ArchiveStore*> stores, const Clock& clock)
        : stores_(std::move(stores)), clock_(clock), seen_(stores_.size()) {}

    store::StoreHealth of(std::size_t store) {  // may wait for the store
        {
            std::lock_guard lock(mutex_);
            const auto& seen = seen_[store];
            if (seen && clock_.steady() - seen->second < std::chrono::seconds(1)) return seen->first;
        }
        const auto health = stores_[store]->health();
        std::lock_guard lock(mutex_);
        seen_[store] = {health, clock_.steady()};
        return health;
    }
    void forget() {  // look anew
        std::lock_guard lock(mutex_);
        for (auto& seen : seen_) seen.reset();
    }

  private:
    const std::vector<store::ArchiveStore*> stores_;
    const Clock& clock_;
    std::mutex mutex_;
    std::vector<std::optional<std::pair<store::StoreHealth, std::chrono::steady_clock::time_point>>> seen_;
};

}  // namespace imaparc::sync
