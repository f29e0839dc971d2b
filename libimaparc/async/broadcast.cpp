#include "async/broadcast.h"

#include <algorithm>

namespace imaparc::async {

struct Broadcast::Subscription::Entry {
    std::string owner;
    std::mutex calling;  // held while the listener runs
    Listener listener;   // empty once unsubscribed
};

Broadcast::Subscription& Broadcast::Subscription::operator=(Subscription&& other) noexcept {
    std::swap(entry_, other.entry_);
    std::swap(broadcast_, other.broadcast_);
    return *this;
}

Broadcast::Subscription::~Subscription() {
    if (!entry_) return;
    {
        std::lock_guard lock(broadcast_->mutex_);
        auto found = broadcast_->owners_.find(entry_->owner);
        if (found != broadcast_->owners_.end()) {
            std::erase(found->second, entry_);
            if (found->second.empty()) broadcast_->owners_.erase(found);
        }
    }
    std::lock_guard wait(entry_->calling);
    entry_->listener = nullptr;
}

Broadcast::Subscription Broadcast::subscribe(std::string_view owner, Listener listener) {
    Subscription subscription;
    subscription.entry_ = std::make_shared<Subscription::Entry>();
    subscription.entry_->owner = owner;
    subscription.entry_->listener = std::move(listener);
    subscription.broadcast_ = this;
    std::lock_guard lock(mutex_);
    owners_[subscription.entry_->owner].push_back(subscription.entry_);
    return subscription;
}

void Broadcast::tell(std::string_view owner, const Happening& happening) {
    std::vector<std::shared_ptr<Subscription::Entry>> entries;
    {
        std::lock_guard lock(mutex_);
        const auto found = owners_.find(std::string(owner));
        if (found == owners_.end()) return;
        entries = found->second;
    }
    for (const auto& entry : entries) {
        std::lock_guard calling(entry->calling);
        if (entry->listener) entry->listener(happening);
    }
}

std::size_t Broadcast::listeners() const {
    std::lock_guard lock(mutex_);
    std::size_t total = 0;
    for (const auto& [owner, entries] : owners_) total += entries.size();
    return total;
}

}  // namespace imaparc::async
