#include "sync/schedule.h"

#include <algorithm>

namespace imaparc::sync {

void Schedule::insert(const std::string& owner, const Entry& entry) {
    owners_.insert_or_assign(owner, entry);
    queues_[static_cast<std::size_t>(entry.urgency)].emplace(entry.due, entry.turn, owner);
}

void Schedule::erase(const std::string& owner, const Entry& entry) {
    queues_[static_cast<std::size_t>(entry.urgency)].erase({entry.due, entry.turn, owner});
}

void Schedule::want(const std::string& owner, Urgency urgency, Instant due) {
    const auto found = owners_.find(owner);
    if (found == owners_.end()) return insert(owner, {urgency, due, ++turn_});
    auto entry = found->second;
    erase(owner, entry);
    entry.urgency = std::min(entry.urgency, urgency);
    entry.due = std::min(entry.due, due);
    insert(owner, entry);
}

void Schedule::prefer(const std::string& owner) {
    const auto found = owners_.find(owner);
    if (found == owners_.end()) return;
    auto entry = found->second;
    erase(owner, entry);
    entry.due = Instant::min();
    insert(owner, entry);
}

void Schedule::drop(const std::string& owner) {
    const auto found = owners_.find(owner);
    if (found == owners_.end()) return;
    erase(owner, found->second);
    owners_.erase(found);
}

std::optional<std::string> Schedule::next(Instant now) {
    for (auto& queue : queues_) {
        if (queue.empty() || std::get<0>(*queue.begin()) > now) continue;
        const std::string owner = std::get<2>(*queue.begin());
        drop(owner);
        return owner;
    }
    return std::nullopt;
}

std::optional<Schedule::Instant> Schedule::next_due() const {
    std::optional<Instant> due;
    for (const auto& queue : queues_)
        if (!queue.empty() && (!due || std::get<0>(*queue.begin()) < *due)) due = std::get<0>(*queue.begin());
    return due;
}

}  // namespace imaparc::sync
