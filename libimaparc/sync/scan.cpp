#include "sync/scan.h"

#include <algorithm>

namespace imaparc::sync {

void FolderScan::reserve(std::size_t messages) {
    entries_.reserve(messages);
    while (slots_.size() < messages * 2) grow();
}

void FolderScan::grow() {
    std::vector<std::uint32_t> wider(slots_.empty() ? 64 : slots_.size() * 2, 0);
    slots_.swap(wider);
    for (std::size_t i = 0; i < entries_.size(); ++i) *slot_of(entries_[i].id) = static_cast<std::uint32_t>(i + 1);
}

std::uint32_t* FolderScan::slot_of(const MessageId& id) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = std::hash<MessageId>{}(id)&mask;
    while (slots_[at] != 0 && entries_[slots_[at] - 1].id != id) at = (at + 1) & mask;
    return &slots_[at];
}

void FolderScan::know(const MessageId& id, StorePosition store) {
    if ((entries_.size() + 1) * 2 > slots_.size()) grow();
    auto* slot = slot_of(id);
    if (*slot != 0) return;
    entries_.push_back({id, store, 0});
    *slot = static_cast<std::uint32_t>(entries_.size());
    ++known_;
}

void FolderScan::begin(StorePosition store) {
    current_ = store;
    entries_at_begin_ = entries_.size();
    fresh_at_begin_ = fresh_.size();
    names_at_begin_ = names_.size();
    seen_since_begin_.clear();
}

FolderScan::Seen FolderScan::see(const MessageId& id, std::string_view name, const std::string& store_name,
                                 Seconds date, FlagNames&& flags) {
    if ((entries_.size() + 1) * 2 > slots_.size()) grow();
    auto* slot = slot_of(id);
    if (*slot != 0) {
        auto& entry = entries_[*slot - 1];
        if (entry.seen) return Seen::again;
        entry.seen = 1;
        seen_since_begin_.push_back(*slot - 1);
        return Seen::known;
    }
    entries_.push_back({id, current_, 1});
    *slot = static_cast<std::uint32_t>(entries_.size());
    Fresh fresh{{id, date, store_name, std::move(flags), std::nullopt},
                names_.size(),
                static_cast<std::uint32_t>(name.size()),
                current_};
    names_.append(name);
    fresh_.push_back(std::move(fresh));
    return Seen::fresh;
}

void FolderScan::abandon() {
    for (const auto number : seen_since_begin_) entries_[number].seen = 0;
    if (entries_.size() > entries_at_begin_) {
        entries_.resize(entries_at_begin_, Entry{});
        fresh_.erase(fresh_.begin() + static_cast<std::ptrdiff_t>(fresh_at_begin_), fresh_.end());
        names_.resize(names_at_begin_);
        std::fill(slots_.begin(), slots_.end(), 0);
        for (std::size_t i = 0; i < entries_.size(); ++i) *slot_of(entries_[i].id) = static_cast<std::uint32_t>(i + 1);
    }
    end();
}

std::vector<index::NewMessage> FolderScan::take_fresh() {
    std::sort(fresh_.begin(), fresh_.end(), [this](const Fresh& a, const Fresh& b) {
        if (a.message.date != b.message.date) return a.message.date < b.message.date;
        const auto order = name_of(a).compare(name_of(b));
        return order != 0 ? order < 0 : a.store < b.store;
    });
    std::vector<index::NewMessage> result;
    result.reserve(fresh_.size());
    for (auto& fresh : fresh_) result.push_back(std::move(fresh.message));
    fresh_.clear();
    return result;
}

std::size_t FolderScan::fresh(StorePosition store) const {
    return static_cast<std::size_t>(
        std::count_if(fresh_.begin(), fresh_.end(), [&](const Fresh& fresh) { return fresh.store == store; }));
}

std::vector<MessageId> FolderScan::missing(StorePosition store) const {
    std::vector<MessageId> result;
    for (std::size_t i = 0; i < known_; ++i)
        if (entries_[i].store == store && !entries_[i].seen) result.push_back(entries_[i].id);
    return result;
}

std::uint64_t FolderScan::known(StorePosition store) const {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < known_; ++i) count += entries_[i].store == store;
    return count;
}

std::vector<MessageId> Pending::missed(const std::string& folder, StorePosition store,
                                       const std::vector<MessageId>& ids, Instant begun, Instant ended,
                                       std::chrono::seconds confirm) {
    const auto key = std::pair(folder, store);
    std::vector<MessageId> gone;
    Since before, still;
    if (const auto found = messages_.find(key); found != messages_.end()) {
        before = std::move(found->second);
        messages_.erase(found);
    }
    for (const auto& id : ids) {
        const auto first = before.find(id);
        if (first == before.end())
            still.emplace(id, ended);
        else if (begun - first->second >= confirm)
            gone.push_back(id);
        else
            still.emplace(id, first->second);
    }
    if (!still.empty()) messages_.emplace(key, std::move(still));
    return gone;
}

bool Pending::folder_missed(const std::string& folder, Instant begun, Instant ended, std::chrono::seconds confirm) {
    const auto [found, first_time] = folders_.emplace(folder, ended);
    return !first_time && begun - found->second >= confirm;
}

void Pending::folder_seen(const std::string& folder) { folders_.erase(folder); }

void Pending::forgive(StorePosition store) {
    std::erase_if(messages_, [&](const auto& entry) { return entry.first.second == store; });
}

bool Pending::has(const std::string& folder) const {
    const auto found = messages_.lower_bound({folder, 0});
    return (found != messages_.end() && found->first.first == folder) || folders_.contains(folder);
}

std::uint64_t Pending::count(StorePosition store) const {
    std::uint64_t count = 0;
    for (const auto& [key, since] : messages_)
        if (key.second == store) count += since.size();
    return count;
}

bool too_much_lost(std::uint64_t lost, std::uint64_t before, unsigned percent, unsigned least) {
    return lost > least && lost * 100 > before * percent;
}

}  // namespace imaparc::sync
