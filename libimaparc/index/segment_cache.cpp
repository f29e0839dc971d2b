#include "index/segment_cache.h"

namespace imaparc::index {

std::size_t SegmentCache::Hash::operator()(const SegmentKey& key) const noexcept {
    std::uint64_t h = 0;
    for (const std::uint64_t part :
         {std::uint64_t{key.owner}, static_cast<std::uint64_t>(key.kind), std::uint64_t{key.folder.value},
          std::uint64_t{key.user.value}, std::uint64_t{key.segment}, key.version})
        h = (h ^ part) * 0x9E3779B97F4A7C15U + (h >> 29);
    return static_cast<std::size_t>(h ^ (h >> 32));
}

std::size_t SegmentCache::bytes() const {
    std::lock_guard lock(mutex_);
    return bytes_;
}

std::shared_ptr<const void> SegmentCache::find(const SegmentKey& key) {
    std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->segment;
}

void SegmentCache::insert(const SegmentKey& key, std::shared_ptr<const void> segment, std::size_t bytes) {
    std::list<Entry> let_go;  // destroyed after the lock is
    std::lock_guard lock(mutex_);
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
        entries_.splice(entries_.begin(), entries_, found->second);
        return;  // the same version has the same contents
    }
    entries_.push_front({key, std::move(segment), bytes});
    by_key_[key] = entries_.begin();
    bytes_ += bytes;
    while (bytes_ > limit_ && entries_.size() > 1) {
        bytes_ -= entries_.back().bytes;
        by_key_.erase(entries_.back().key);
        let_go.splice(let_go.begin(), entries_, std::prev(entries_.end()));
    }
}

}  // namespace imaparc::index
