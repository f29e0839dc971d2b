// Decoded segments of all owners, the least recently used ones let go when they take more than `limit` bytes together.
//
// Any thread; the lock is never held across anything that waits.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/ids.h"

namespace imaparc::index {

struct SegmentKey {
    enum class Kind : std::uint8_t { base, overlay, tombstones };
    std::uint32_t owner = 0;  // its ID in the database
    Kind kind = Kind::base;
    FolderNumber folder;
    UserNumber user;
    std::uint32_t segment = 0;
    std::uint64_t version = 0;
    bool operator==(const SegmentKey&) const = default;
};

class SegmentCache {
  public:
    explicit SegmentCache(std::size_t limit) : limit_(limit) {}

    // nullptr: not there. The type is the one put() had for this kind.
    template <class Segment>
    std::shared_ptr<const Segment> get(const SegmentKey& key) {
        return std::static_pointer_cast<const Segment>(find(key));
    }
    template <class Segment>
    void put(const SegmentKey& key, const std::shared_ptr<const Segment>& segment) {
        insert(key, segment, segment->memory_bytes() + overhead);
    }
    std::size_t bytes() const;

  private:
    static constexpr std::size_t overhead = 160;  // of an entry here, about
    struct Entry {
        SegmentKey key;
        std::shared_ptr<const void> segment;
        std::size_t bytes = 0;
    };
    struct Hash {
        std::size_t operator()(const SegmentKey& key) const noexcept;
    };
    std::shared_ptr<const void> find(const SegmentKey& key);
    void insert(const SegmentKey& key, std::shared_ptr<const void> segment, std::size_t bytes);

    const std::size_t limit_;
    mutable std::mutex mutex_;
    std::list<Entry> entries_;  // most recently used first
    std::unordered_map<SegmentKey, std::list<Entry>::iterator, Hash> by_key_;
    std::size_t bytes_ = 0;
};

}  // namespace imaparc::index
