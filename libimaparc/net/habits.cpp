#include "net/habits.h"

namespace imaparc::net {

Habits::Habit Habits::of(const std::string& address) const {
    std::lock_guard lock(mutex_);
    const auto found = known_.find(address);
    return found == known_.end() ? Habit::unknown : found->second.habit;
}

void Habits::remember(const std::string& address, Habit habit) {
    std::lock_guard lock(mutex_);
    if (const auto found = known_.find(address); found != known_.end()) {
        found->second.habit = habit;
        order_.splice(order_.begin(), order_, found->second.place);
        return;
    }
    order_.push_front(address);
    known_.emplace(address, Known{habit, order_.begin()});
    if (known_.size() <= most_) return;
    known_.erase(order_.back());
    order_.pop_back();
}

}  // namespace imaparc::net
