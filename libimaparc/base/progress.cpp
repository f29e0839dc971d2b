#include "base/progress.h"

#include <fmt/format.h>

namespace imaparc {

const char* to_string(SyncPhase phase) {
    switch (phase) {
        case SyncPhase::waiting:
            return "waiting";
        case SyncPhase::listing:
            return "listing";
        case SyncPhase::publishing:
            return "publishing";
        case SyncPhase::details:
            return "details";
        case SyncPhase::idle:
            return "idle";
        case SyncPhase::failed:
            return "failed";
    }
    return "unknown";
}

std::optional<unsigned> Progress::percent() const {
    if (phase == SyncPhase::idle) return 100;
    if (messages_total > 0)
        return static_cast<unsigned>(std::min(messages_done, messages_total) * 100 / messages_total);
    if (folders_total > 0) return static_cast<unsigned>(std::min(folders_done, folders_total) * 100 / folders_total);
    return std::nullopt;
}

std::optional<std::uint64_t> Progress::seconds_left() const {
    if (rate <= 0 || messages_total == 0) return std::nullopt;
    const auto left = messages_total - std::min(messages_done, messages_total);
    return static_cast<std::uint64_t>(static_cast<double>(left) / rate + 0.5);
}

std::string Progress::text() const {
    std::string text;
    if (const auto p = percent())
        text = fmt::format("{} %", *p);
    else
        text = phase == SyncPhase::waiting ? "waiting for its turn" : "just started";
    if (const auto left = seconds_left()) text += fmt::format(", about {} s left", *left);
    if (!note.empty()) text += ", " + note;
    return text;
}

void ProgressBoard::set(Progress progress) {
    std::lock_guard lock(mutex_);
    auto owner = progress.owner;
    board_.insert_or_assign(std::move(owner), std::move(progress));
}

std::optional<Progress> ProgressBoard::of(std::string_view owner) const {
    std::lock_guard lock(mutex_);
    const auto found = board_.find(owner);
    if (found == board_.end()) return std::nullopt;
    return found->second;
}

std::vector<Progress> ProgressBoard::all() const {
    std::lock_guard lock(mutex_);
    std::vector<Progress> result;
    result.reserve(board_.size());
    for (const auto& [owner, progress] : board_) result.push_back(progress);
    return result;
}

void ProgressBoard::forget(std::string_view owner) {
    std::lock_guard lock(mutex_);
    if (const auto found = board_.find(owner); found != board_.end()) board_.erase(found);
}

}  // namespace imaparc
