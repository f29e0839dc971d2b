// The difference between what the stores list and what the index has, without any I/O: of one folder (FolderScan), of
// what was missed before (Pending), and whether a loss may be believed (too_much_lost).
//
// One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "index/index.h"
#include "store/store.h"

namespace imaparc::sync {

using StorePosition = std::uint16_t;  // in the configuration's list of stores
constexpr StorePosition no_store =
    std::numeric_limits<StorePosition>::max();  // a store that is not configured (any more)
using Instant = std::chrono::steady_clock::time_point;

// One folder: first all that the index knows of it, then the listings, store after store.
class FolderScan {
  public:
    enum class Seen { known, fresh, again };

    void reserve(std::size_t messages);
    void know(const MessageId& id, StorePosition store);

    void begin(StorePosition store);
    // `name` orders messages of the same date; it is copied. again: this listing had it already, nothing is changed.
    Seen see(const MessageId& id, std::string_view name, const std::string& store_name, Seconds date,
             FlagNames&& flags);
    void end() { current_ = no_store; }
    void abandon();  // since begin(): counts for nothing

    // What is new, in the order UIDs are to be given in: dates, then names. Leaves none here.
    std::vector<index::NewMessage> take_fresh();
    std::size_t fresh() const { return fresh_.size(); }
    std::size_t fresh(StorePosition store) const;
    std::vector<MessageId> missing(StorePosition store) const;  // known from there, seen in no listing
    std::uint64_t known(StorePosition store) const;
    std::uint64_t known() const { return known_; }

  private:
    struct Entry {
        MessageId id;
        StorePosition store;
        std::uint16_t seen;
    };
    struct Fresh {
        index::NewMessage message;
        std::uint64_t name_at;
        std::uint32_t name_size;
        StorePosition store;
    };

    std::uint32_t* slot_of(const MessageId& id);
    void grow();
    std::string_view name_of(const Fresh& fresh) const { return {names_.data() + fresh.name_at, fresh.name_size}; }

    std::vector<Entry> entries_;        // known ones, then fresh ones
    std::vector<std::uint32_t> slots_;  // open addressing by the ID, which is a hash already; entry number + 1
    std::vector<Fresh> fresh_;
    std::string names_;
    std::uint64_t known_ = 0;
    StorePosition current_ = no_store;
    std::size_t entries_at_begin_ = 0, fresh_at_begin_ = 0, names_at_begin_ = 0;
    std::vector<std::uint32_t> seen_since_begin_;
};

// Messages that one scan missed: gone only when another scan, begun at least `confirm` after the first had ended,
// misses them, too.
class Pending {
  public:
    // The folder's listing from this store, begun and ended then, missed these; what it did not miss is pending no
    // longer. Those that are gone come back, and are not pending any more.
    std::vector<MessageId> missed(const std::string& folder, StorePosition store, const std::vector<MessageId>& ids,
                                  Instant begun, Instant ended, std::chrono::seconds confirm);
    // The same for the folder itself. true: gone.
    bool folder_missed(const std::string& folder, Instant begun, Instant ended, std::chrono::seconds confirm);
    void folder_seen(const std::string& folder);
    void forgive(StorePosition store);  // nothing of this store is pending

    bool has(const std::string& folder) const;
    bool empty() const { return messages_.empty() && folders_.empty(); }
    std::uint64_t count(StorePosition store) const;  // messages

  private:
    using Since = std::unordered_map<MessageId, Instant>;
    std::map<std::pair<std::string, StorePosition>, Since> messages_;
    std::map<std::string, Instant> folders_;
};

// More than `percent` of `before`, and more than `least` messages.
bool too_much_lost(std::uint64_t lost, std::uint64_t before, unsigned percent, unsigned least);

}  // namespace imaparc::sync
