#include "index/core.h"

#include <algorithm>

namespace imaparc::index {

Seconds Core::cutoff() {
    const Seconds now = clock.now();
    const unsigned months = window_months;
    std::lock_guard lock(cutoff_mutex_);
    if (!cutoff_known_ || cutoff_at_ != now || cutoff_months_ != months) {
        cutoff_ = std::max(window_cutoff(now, months), no_cutoff + 1);
        cutoff_at_ = now;
        cutoff_months_ = months;
        cutoff_known_ = true;
    }
    return cutoff_;
}

void Core::sync_soon(std::weak_ptr<LedgerOwner> owner) {
    std::lock_guard lock(soon_mutex);
    soon.push_back(std::move(owner));
    soon_changed.notify_all();
}

}  // namespace imaparc::index
