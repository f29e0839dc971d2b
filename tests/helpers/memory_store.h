// An archive store in memory, and its faults: a twin of store::ArchiveStore for tests of archive, sync and session.
//
// All functions from any thread. What a test changes is seen by the next listing.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/store.h"

namespace imaparc::test {

class MemoryStore : public store::ArchiveStore {
  public:
    struct Message {
        std::string bytes;
        Seconds date = 0;
        FlagNames flags;
        std::string locator;
    };
    struct Folder {
        std::map<std::string, Message> messages;  // by name
        bool selectable = true;
        std::uint64_t version = 0;  // the change token
        bool frozen_token = false;  // changes do not show in the token (coarse mtime)
    };

    explicit MemoryStore(std::string name) : name_(std::move(name)) {}

    // ---- what a test does to it. A folder's path is its levels joined by '/'.
    void add_owner(const std::string& owner) {
        std::lock_guard lock(mutex_);
        owners_[owner];
    }
    void remove_owner(const std::string& owner) {
        std::lock_guard lock(mutex_);
        owners_.erase(owner);
    }
    void add_folder(const std::string& owner, const std::string& path, bool selectable = true) {
        std::lock_guard lock(mutex_);
        auto& folder = owners_[owner][path];
        folder.selectable = selectable;
        folder.version = ++version_;
    }
    void remove_folder(const std::string& owner, const std::string& path) {
        std::lock_guard lock(mutex_);
        owners_[owner].erase(path);
    }
    void add(const std::string& owner, const std::string& path, const std::string& name, Seconds date,
             std::string bytes = "Subject: x\r\n\r\nbody\r\n", FlagNames flags = {}) {
        std::lock_guard lock(mutex_);
        auto& folder = owners_[owner][path];
        folder.messages[name] = Message{std::move(bytes), date, std::move(flags), name};
        changed(folder);
    }
    void remove(const std::string& owner, const std::string& path, const std::string& name) {
        std::lock_guard lock(mutex_);
        auto& folder = owners_[owner][path];
        folder.messages.erase(name);
        changed(folder);
    }
    // The file is renamed (flags, new/ to cur/): same name, other place.
    void rename(const std::string& owner, const std::string& path, const std::string& name, std::string locator) {
        std::lock_guard lock(mutex_);
        auto& folder = owners_[owner][path];
        folder.messages.at(name).locator = std::move(locator);
        changed(folder);
    }
    // For whatever else: called with the lock held.
    void edit(const std::function<void(std::map<std::string, std::map<std::string, Folder>>&)>& f) {
        std::lock_guard lock(mutex_);
        f(owners_);
    }
    // Changes from now on do not show in the folder's token (two changes within the clock's grain).
    void freeze_token(const std::string& owner, const std::string& path, bool frozen) {
        std::lock_guard lock(mutex_);
        owners_[owner][path].frozen_token = frozen;
    }

    // ---- faults
    void unavailable(std::string reason) {  // "" ends it
        std::lock_guard lock(mutex_);
        reason_ = std::move(reason);
    }
    void root_empty(bool empty) {  // an empty mount point: the root is there, nothing in it, nobody's folder
        std::lock_guard lock(mutex_);
        empty_ = empty;
    }
    void device(std::string device) {
        std::lock_guard lock(mutex_);
        device_ = std::move(device);
    }
    // Listing this folder ends with `kind` after so many messages.
    void partial(const std::string& owner, const std::string& path, std::size_t after,
                 ErrorKind kind = ErrorKind::unavailable) {
        std::lock_guard lock(mutex_);
        partial_[{owner, path}] = {after, kind};
    }
    void whole(const std::string& owner, const std::string& path) {
        std::lock_guard lock(mutex_);
        partial_.erase({owner, path});
    }
    // Called before each message of a listing is visited, without the lock: a test may block or change things there.
    void before_item(std::function<void(const std::string& owner, const std::string& path)> hook) {
        std::lock_guard lock(mutex_);
        hook_ = std::move(hook);
    }
    // Called before each open(), without the lock.
    void before_open(std::function<void(const std::string& name)> hook) {
        std::lock_guard lock(mutex_);
        open_hook_ = std::move(hook);
    }
    void unreadable(const std::string& name, bool is = true) {  // open() says unavailable
        std::lock_guard lock(mutex_);
        if (is)
            unreadable_.insert(name);
        else
            unreadable_.erase(name);
    }

    // ---- what a test asks
    std::size_t listings() const {  // list() calls so far
        std::lock_guard lock(mutex_);
        return listings_;
    }
    std::vector<std::string> listed() const {  // "owner/path" of each list() call, in order
        std::lock_guard lock(mutex_);
        return listed_;
    }
    std::size_t opens() const {
        std::lock_guard lock(mutex_);
        return opens_;
    }

    // ---- ArchiveStore
    const std::string& name() const override { return name_; }
    store::StoreHealth health() override {
        std::lock_guard lock(mutex_);
        if (!reason_.empty()) return {false, true, "", reason_};
        return {true, empty_ || owners_.empty(), device_, ""};
    }
    Result<std::vector<std::string>> owners() override {
        std::lock_guard lock(mutex_);
        if (!reason_.empty()) return Error{ErrorKind::unavailable, reason_};
        std::vector<std::string> names;
        if (!empty_)
            for (const auto& [owner, folders] : owners_) names.push_back(owner);
        return names;
    }
    store::StoreHealth owner_health(const std::string& owner) override {
        std::lock_guard lock(mutex_);
        if (!reason_.empty()) return {false, true, "", reason_};
        const auto found = owners_.find(owner);
        if (empty_ || found == owners_.end()) return {false, true, "", owner + ": not found"};
        return {true, found->second.empty(), device_, ""};
    }
    Result<std::vector<store::StoreFolder>> folders(const std::string& owner) override {
        std::lock_guard lock(mutex_);
        if (!reason_.empty()) return Error{ErrorKind::unavailable, reason_};
        const auto found = owners_.find(owner);
        if (empty_ || found == owners_.end()) return Error{ErrorKind::not_found, owner};
        std::vector<store::StoreFolder> result;
        for (const auto& [path, folder] : found->second) result.push_back(store_folder(path, folder));
        return result;
    }
    Result<void> list(const std::string& owner, const store::StoreFolder& folder,
                      const std::function<bool(store::StoreItem&&)>& visit) override {
        std::vector<store::StoreItem> items;
        std::function<void(const std::string&, const std::string&)> hook;
        std::optional<std::pair<std::size_t, ErrorKind>> cut;
        {
            std::lock_guard lock(mutex_);
            ++listings_;
            listed_.push_back(owner + "/" + folder.location);
            if (!reason_.empty()) return Error{ErrorKind::unavailable, reason_};
            const auto found = owners_.find(owner);
            if (empty_ || found == owners_.end()) return Error{ErrorKind::not_found, owner};
            const auto there = found->second.find(folder.location);
            if (there == found->second.end()) return Error{ErrorKind::not_found, folder.location};
            items.reserve(there->second.messages.size());
            for (const auto& [name, message] : there->second.messages)
                items.push_back({name, message.locator, message.date, message.flags, message.bytes.size()});
            hook = hook_;
            const auto partial = partial_.find({owner, folder.location});
            if (partial != partial_.end()) cut = partial->second;
        }
        std::size_t visited = 0;
        for (auto& item : items) {
            if (cut && visited == cut->first) break;
            if (hook) hook(owner, folder.location);
            ++visited;
            if (!visit(std::move(item))) return {};
        }
        if (cut) return Error{cut->second, folder.location + ": listing broke off"};
        return {};
    }
    Result<std::unique_ptr<store::StoreReader>> open(const std::string& owner, const std::string& location,
                                                     const std::string& name, const std::string&) override {
        std::unique_lock lock(mutex_);
        if (const auto hook = open_hook_) {
            lock.unlock();
            hook(name);
            lock.lock();
        }
        ++opens_;
        if (!reason_.empty()) return Error{ErrorKind::unavailable, reason_};
        if (unreadable_.contains(name)) return Error{ErrorKind::unavailable, name + ": cannot be read"};
        const auto found = owners_.find(owner);
        if (empty_ || found == owners_.end()) return Error{ErrorKind::not_found, owner};
        const auto folder = found->second.find(location);
        if (folder == found->second.end()) return Error{ErrorKind::not_found, location};
        const auto message = folder->second.messages.find(name);
        if (message == folder->second.messages.end()) return Error{ErrorKind::not_found, name};
        return std::unique_ptr<store::StoreReader>(
            std::make_unique<Reader>(message->second.bytes, message->second.locator));
    }
    std::vector<std::string> watch_paths(const std::string& owner, const store::StoreFolder& folder) override {
        std::lock_guard lock(mutex_);
        const auto found = watch_.find({owner, folder.location});
        return found == watch_.end() ? std::vector<std::string>{} : found->second;
    }
    std::vector<std::string> owner_watch_paths(const std::string& owner) override {
        std::lock_guard lock(mutex_);
        const auto found = watch_.find({owner, ""});
        return found == watch_.end() ? std::vector<std::string>{} : found->second;
    }
    // Directories of the file system that stand for the folder's (path "" : for the owner's root).
    void watchable(const std::string& owner, const std::string& path, std::vector<std::string> directories) {
        std::lock_guard lock(mutex_);
        watch_[{owner, path}] = std::move(directories);
    }

  private:
    class Reader : public store::StoreReader {
      public:
        Reader(std::string bytes, std::string locator) : bytes_(std::move(bytes)), locator_(std::move(locator)) {}
        std::uint64_t size() const override { return bytes_.size(); }
        Result<std::size_t> read(std::uint64_t offset, std::span<char> buffer) override {
            if (offset >= bytes_.size()) return std::size_t{0};
            const auto n = std::min(buffer.size(), bytes_.size() - static_cast<std::size_t>(offset));
            bytes_.copy(buffer.data(), n, static_cast<std::size_t>(offset));
            return n;
        }
        std::string fingerprint() const override { return std::to_string(std::hash<std::string>{}(bytes_)); }
        std::string locator() const override { return locator_; }

      private:
        std::string bytes_, locator_;
    };

    void changed(Folder& folder) {
        if (!folder.frozen_token) folder.version = ++version_;
    }
    static store::StoreFolder store_folder(const std::string& path, const Folder& folder) {
        store::StoreFolder result;
        for (std::size_t start = 0; start <= path.size();) {
            auto end = path.find('/', start);
            if (end == std::string::npos) end = path.size();
            result.levels.push_back(path.substr(start, end - start));
            start = end + 1;
        }
        result.location = path;
        result.change_token = std::to_string(folder.version);
        result.selectable = folder.selectable;
        return result;
    }

    mutable std::mutex mutex_;
    const std::string name_;
    std::map<std::string, std::map<std::string, Folder>> owners_;
    std::map<std::pair<std::string, std::string>, std::pair<std::size_t, ErrorKind>> partial_;
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> watch_;
    std::set<std::string> unreadable_;
    std::function<void(const std::string&, const std::string&)> hook_;
    std::function<void(const std::string&)> open_hook_;
    std::string reason_, device_ = "8:1";
    bool empty_ = false;
    std::uint64_t version_ = 0;
    std::size_t listings_ = 0, opens_ = 0;
    std::vector<std::string> listed_;
};

}  // namespace imaparc::test
