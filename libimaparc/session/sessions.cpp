#include "session/sessions.h"

#include <algorithm>
#include <utility>

namespace imaparc::session {

struct Sessions::Entry::Record {
    Who who;  // guarded by Sessions::mutex_
    Reach reach;
    std::list<std::shared_ptr<Record>>::iterator place;
    bool compressing = false;
};

Sessions::Entry& Sessions::Entry::operator=(Entry&& other) noexcept {
    std::swap(sessions_, other.sessions_);
    std::swap(record_, other.record_);
    return *this;
}

Sessions::Entry::~Entry() {
    if (record_) sessions_->leave(record_);
}

void Sessions::Entry::change(const std::function<void(Who&)>& change) {
    if (!record_) return;
    std::lock_guard lock(sessions_->mutex_);
    change(record_->who);
}

bool Sessions::Entry::log_in(const std::string& user, const std::string& owner, std::size_t most_per_user) {
    if (!record_) return true;
    std::lock_guard lock(sessions_->mutex_);
    if (most_per_user != 0 && sessions_->count_locked(user) >= most_per_user) return false;
    record_->who.user = user;
    record_->who.owner = owner;
    return true;
}

void Sessions::Entry::log_out() {
    change([](Who& who) {
        who.user.clear();
        who.owner.clear();
    });
}

bool Sessions::Entry::begin_compressing(std::size_t most) {
    if (!record_) return true;
    std::lock_guard lock(sessions_->mutex_);
    if (most != 0 && sessions_->compressing_ >= most) return false;
    if (!std::exchange(record_->compressing, true)) ++sessions_->compressing_;
    return true;
}

void Sessions::Entry::end_compressing() {
    if (!record_) return;
    std::lock_guard lock(sessions_->mutex_);
    if (std::exchange(record_->compressing, false)) --sessions_->compressing_;
}

std::optional<Sessions::Entry> Sessions::enter(Who who, Reach reach, std::size_t most_per_address) {
    std::lock_guard lock(mutex_);
    if (closed_) return std::nullopt;
    auto& connections = per_address_[who.address];
    if (most_per_address != 0 && connections >= most_per_address) return std::nullopt;
    ++connections;
    Entry entry;
    entry.sessions_ = this;
    entry.record_ = std::make_shared<Entry::Record>(Entry::Record{std::move(who), std::move(reach), {}});
    entry.record_->place = records_.insert(records_.end(), entry.record_);
    return entry;
}

void Sessions::leave(const std::shared_ptr<Entry::Record>& record) {
    std::lock_guard lock(mutex_);
    const auto connections = per_address_.find(record->who.address);
    if (--connections->second == 0) per_address_.erase(connections);
    records_.erase(record->place);
    if (record->compressing) --compressing_;
    if (records_.empty()) left_.notify_all();
}

std::vector<Who> Sessions::who() const {
    std::lock_guard lock(mutex_);
    std::vector<Who> all;
    all.reserve(records_.size());
    for (const auto& record : records_) all.push_back(record->who);
    return all;
}

std::size_t Sessions::count() const {
    std::lock_guard lock(mutex_);
    return records_.size();
}

std::size_t Sessions::count(std::string_view user) const {
    std::lock_guard lock(mutex_);
    return count_locked(user);
}

std::size_t Sessions::count_locked(std::string_view user) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(records_, [&](const auto& record) { return record->who.user == user; }));
}

// What they do with a Reach they do without the lock: a session that ends at that moment wants it.
std::vector<Sessions::Reach> Sessions::reaches(std::optional<std::string_view> user) const {
    std::lock_guard lock(mutex_);
    std::vector<Reach> all;
    for (const auto& record : records_)
        if (!user || record->who.user == *user) all.push_back(record->reach);
    return all;
}

void Sessions::end_all(std::string_view text) {
    for (const auto& reach : reaches(std::nullopt)) reach.end(std::string(text));
}

void Sessions::end_user(std::string_view user, std::string_view text) {
    for (const auto& reach : reaches(user)) reach.end(std::string(text));
}

void Sessions::abort_all() {
    for (const auto& reach : reaches(std::nullopt)) reach.abort();
}

void Sessions::close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
}

bool Sessions::wait_empty(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return left_.wait_for(lock, patience, [this] { return records_.empty(); });
}

}  // namespace imaparc::session
