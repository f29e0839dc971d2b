// An index in memory for tests of sync: folders, UIDs, tombstones and notes as index.h promises them, without views,
// flags and files. It checks its caller: a commit that adds a message twice or removes an unknown one throws.
//
// All functions from any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/index.h"

namespace imaparc::test {

class MemoryIndex;

class MemoryOwner : public index::Owner {
  public:
    struct Row {
        Uid uid;
        MessageId id;
        Seconds date = 0;
        std::string store;
        FlagNames flags;
        std::optional<std::uint64_t> octets;
    };
    struct Folder {
        FolderNumber number;
        UidValidity validity;
        bool selectable = true;
        std::uint32_t uid_next = 1;
        std::map<std::uint32_t, Row> rows;
        std::map<MessageId, Uid> tombstones;
    };

    MemoryOwner(MemoryIndex& index, std::string name) : index_(index), name_(std::move(name)) {}

    const std::string& name() const override { return name_; }
    index::OwnerState state() const override {
        std::lock_guard lock(mutex_);
        return state_;
    }
    std::shared_ptr<const index::FolderList> folders() const override {
        std::lock_guard lock(mutex_);
        auto list = std::make_shared<index::FolderList>();
        if (state_ == index::OwnerState::unsynchronised)
            list->push_back({FolderNumber(1), "INBOX", true, UidValidity(1)});
        for (const auto& [path, folder] : folders_)
            if (path == "INBOX") list->push_back({folder.number, path, folder.selectable, folder.validity});
        for (const auto& [path, folder] : folders_)
            if (path != "INBOX") list->push_back({folder.number, path, folder.selectable, folder.validity});
        return list;
    }

    UserNumber user(std::string_view) override { return UserNumber(0); }
    std::optional<UserNumber> find_user(std::string_view) override { return UserNumber(0); }
    Result<std::shared_ptr<const index::View>> view(FolderNumber, UserNumber) override { return no_views(); }
    std::shared_ptr<const index::View> view_if_resident(FolderNumber, UserNumber) override { return nullptr; }
    Result<index::FlagOutcome> store_flags(FolderNumber, UserNumber, const NumberSet&, index::FlagAction,
                                           const FlagNames&, std::optional<ModSeq>, index::Durability) override {
        return no_views();
    }
    Result<void> subscribe(UserNumber, std::string_view, bool) override { return no_views(); }
    bool subscribed(UserNumber, std::string_view) const override { return true; }
    std::vector<std::string> subscribed_names_without_folder(UserNumber) const override { return {}; }

    Result<index::Committed> commit(const index::Change& change) override;
    Result<void> rebuild() override {
        std::lock_guard lock(mutex_);
        if (state_ == index::OwnerState::rebuilding) state_ = index::OwnerState::ready;
        ++rebuilds_;
        return {};
    }
    Result<void> for_each(FolderNumber folder, const std::function<bool(const index::Message&)>& visit) override {
        std::vector<Row> rows;
        {
            std::lock_guard lock(mutex_);
            const auto* found = by_number(folder);
            if (!found) return Error{ErrorKind::not_found, "folder"};
            for (const auto& [uid, row] : found->rows) rows.push_back(row);
        }
        for (const auto& row : rows)
            if (!visit({row.uid, row.id, row.date, row.octets, row.store, ModSeq(1)})) break;
        return {};
    }
    Result<void> learn(FolderNumber folder, const std::vector<index::Learned>& messages) override {
        std::lock_guard lock(mutex_);
        auto* found = by_number(folder);
        if (!found) return Error{ErrorKind::not_found, "folder"};
        for (const auto& message : messages)
            if (const auto row = found->rows.find(message.uid.value); row != found->rows.end())
                row->second.octets = message.octets;
        return {};
    }
    bool wants_contents() const override { return false; }
    Result<void> settle_all_mail() override { return {}; }
    Result<index::Usage> usage() override { return no_views(); }
    std::string note(std::string_view key) const override {
        std::lock_guard lock(mutex_);
        const auto found = notes_.find(std::string(key));
        return found == notes_.end() ? "" : found->second;
    }
    Result<void> set_note(std::string_view key, std::string_view value) override {
        std::lock_guard lock(mutex_);
        if (state_ == index::OwnerState::unsynchronised) throw std::logic_error("a note before the first commit");
        notes_[std::string(key)] = value;
        return {};
    }

    // ---- for tests
    void state(index::OwnerState state) {
        std::lock_guard lock(mutex_);
        state_ = state;
    }
    std::map<std::string, Folder> content() const {
        std::lock_guard lock(mutex_);
        return folders_;
    }
    unsigned rebuilds() const { return rebuilds_; }
    unsigned commits() const { return commits_; }

  private:
    static Error no_views() { return {ErrorKind::unavailable, "the index in memory has no views"}; }
    Folder* by_number(FolderNumber number) {
        for (auto& [path, folder] : folders_)
            if (folder.number == number) return &folder;
        return nullptr;
    }

    MemoryIndex& index_;
    const std::string name_;
    mutable std::mutex mutex_;
    index::OwnerState state_ = index::OwnerState::unsynchronised;
    std::map<std::string, Folder> folders_;
    std::map<std::string, Folder> former_;  // removed folders: numbers, UIDVALIDITY, tombstones
    std::map<std::string, std::string> notes_;
    std::uint32_t last_folder_ = 0;
    unsigned rebuilds_ = 0, commits_ = 0;
};

class MemoryIndex : public index::Index {
  public:
    std::shared_ptr<index::Owner> owner(std::string_view name) override { return memory_owner(name); }
    std::vector<index::OwnerSummary> owners() override {
        std::lock_guard lock(mutex_);
        std::vector<index::OwnerSummary> result;
        for (const auto& [name, owner] : owners_)
            if (owner->state() != index::OwnerState::unsynchronised) result.push_back({name, owner->state(), 0, 0, 0});
        return result;
    }
    index::Statistics statistics() override { return {}; }
    std::vector<index::Finding> check() override { return {}; }
    void window_months(unsigned) override {}
    void flush() override {}
    void on_change(Listener listener) override { listener_ = std::move(listener); }

    // ---- for tests
    std::shared_ptr<MemoryOwner> memory_owner(std::string_view name) {
        std::lock_guard lock(mutex_);
        auto& owner = owners_[std::string(name)];
        if (!owner) owner = std::make_shared<MemoryOwner>(*this, std::string(name));
        return owner;
    }
    // The next commits throw a Fault, as when the disk is gone.
    void failing(bool failing) { failing_ = failing; }
    bool failing() const { return failing_; }
    void tell(const std::string& owner, FolderNumber folder) {
        if (listener_) listener_(owner, folder, std::nullopt);
    }

  private:
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<MemoryOwner>> owners_;
    Listener listener_;
    std::atomic<bool> failing_{false};
};

inline Result<index::Committed> MemoryOwner::commit(const index::Change& change) {
    if (index_.failing()) throw Fault(ErrorKind::io, "the disk is gone");
    index::Committed committed;
    std::vector<FolderNumber> changed;
    {
        std::lock_guard lock(mutex_);
        ++commits_;
        if (state_ == index::OwnerState::unsynchronised && !change.first)
            throw std::logic_error("a commit before the first publication");
        if (state_ == index::OwnerState::rebuilding) throw std::logic_error("a commit while rebuilding");
        state_ = index::OwnerState::ready;
        for (const auto& path : change.removed_folders) {
            auto folder = folders_.find(path);
            if (folder == folders_.end()) throw std::logic_error("removes an unknown folder " + path);
            committed.removed += folder->second.rows.size();
            for (const auto& [uid, row] : folder->second.rows) folder->second.tombstones[row.id] = row.uid;
            folder->second.rows.clear();
            former_[path] = std::move(folder->second);
            folders_.erase(folder);
            ++committed.folders_removed;
            changed.push_back(FolderNumber(0));
        }
        for (const auto& part : change.folders) {
            if (!folders_.contains(part.path)) {
                if (former_.contains(part.path)) {
                    folders_[part.path] = std::move(former_[part.path]);
                    former_.erase(part.path);
                } else {
                    folders_[part.path].number = FolderNumber(++last_folder_);
                    folders_[part.path].validity = UidValidity(1000 + last_folder_);
                }
                ++committed.folders_added;
                changed.push_back(FolderNumber(0));
            }
            auto& folder = folders_[part.path];
            folder.selectable = part.selectable;
            for (const auto& id : part.removed) {
                const auto row = std::find_if(folder.rows.begin(), folder.rows.end(),
                                              [&](const auto& entry) { return entry.second.id == id; });
                if (row == folder.rows.end()) throw std::logic_error("removes an unknown message");
                folder.tombstones[id] = row->second.uid;
                folder.rows.erase(row);
                ++committed.removed;
            }
            auto added = part.added;
            std::stable_sort(added.begin(), added.end(), [](const auto& a, const auto& b) { return a.date < b.date; });
            std::set<MessageId> here;
            for (const auto& [uid, row] : folder.rows) here.insert(row.id);
            for (const auto& message : added) {
                if (!here.insert(message.id).second) throw std::logic_error("adds a message twice");
                Uid uid(folder.uid_next);
                if (const auto stone = folder.tombstones.find(message.id); stone != folder.tombstones.end()) {
                    uid = stone->second;
                    folder.tombstones.erase(stone);
                    ++committed.returned;
                } else {
                    ++committed.added;
                }
                ++folder.uid_next;
                folder.rows[uid.value] = {uid, message.id, message.date, message.store, message.flags, message.octets};
            }
            if (!part.added.empty() || !part.removed.empty()) changed.push_back(folder.number);
        }
    }
    for (const auto folder : changed) index_.tell(name_, folder);
    return committed;
}

}  // namespace imaparc::test
