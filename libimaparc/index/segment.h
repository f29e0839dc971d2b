// Segments: the packed pieces a folder is stored in, and their codecs. Segment n of a folder covers the UIDs
// 4096 n + 1 to 4096 n + 4096, for messages (base), for one user's flags (overlay) and for tombstones alike: which
// segment a UID belongs to never changes, so a message that comes back finds its place without moving others.
//
// Each encoded segment begins with its format's version and ends with a CRC-32C; decode never trusts what it reads.
// Immutable once made; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/flags.h"
#include "base/ids.h"
#include "index/content_key.h"

namespace imaparc::index {

constexpr std::uint32_t segment_span = 4096;
constexpr std::uint32_t segment_of(Uid uid) { return (uid.value - 1) / segment_span; }  // not of UID 0
constexpr Uid first_uid_of(std::uint32_t segment) { return Uid{segment * segment_span + 1}; }
constexpr std::uint32_t segments_at_most = UINT32_MAX / segment_span + 1;

// Where a message of All Mail lies: it is that message's bytes and flags that it shows.
struct Source {
    FolderNumber folder;
    Uid uid;
    bool operator==(const Source&) const = default;
};

// One message as the base has it.
struct StoredMessage {
    Uid uid;
    MessageId id;
    Seconds date = 0;
    StoreNumber store;
    std::uint8_t seed =
        0;  // system flags of the store, as first seen (base/flags.h); seed keywords are overlay entries
    ModSeq added;
    std::optional<std::uint64_t> octets;  // RFC822.SIZE, once known
    std::optional<Seconds> saved =
        std::nullopt;  // time of the commit that added it; messages of older ledgers have none
    std::optional<ContentKey> content =
        std::nullopt;  // once known, where there is an All Mail folder; of its messages always
    std::optional<Source> source = std::nullopt;  // of messages of All Mail alone
    bool operator==(const StoredMessage&) const = default;

    // What its tombstone remembers it by: in All Mail the content, whichever copy of it comes back.
    MessageId remembered_as() const { return source && content ? MessageId{content->bytes} : id; }
};

// The living messages of a UID range, in UID order. About 29 bytes a message in memory and 23 on disk, 16 of them the
// ID; 16 more with contents, 8 more with sources.
class BaseSegment {
  public:
    // `messages` ascend by UID and all belong to `segment` (std::logic_error otherwise). May be empty.
    static std::shared_ptr<const BaseSegment> make(std::uint32_t segment, std::span<const StoredMessage> messages);
    static Result<std::shared_ptr<const BaseSegment>> decode(std::string_view bytes);  // damaged
    std::string encode() const;

    std::uint32_t segment() const { return segment_; }
    std::size_t size() const { return uids_.size(); }
    Uid uid(std::size_t i) const { return Uid{first_uid_of(segment_).value + uids_[i]}; }
    Seconds date(std::size_t i) const {
        return wide_dates_.empty() ? least_date_ + static_cast<Seconds>(dates_[i]) : wide_dates_[i];
    }
    std::optional<std::uint64_t> octets(std::size_t i) const;
    const MessageId& id(std::size_t i) const { return ids_[i]; }
    StoreNumber store(std::size_t i) const;
    std::uint8_t seed(std::size_t i) const { return seeds_[i]; }
    ModSeq added(std::size_t i) const;
    std::optional<Seconds> saved(std::size_t i) const;
    std::optional<ContentKey> content(std::size_t i) const;
    std::optional<Source> source(std::size_t i) const;
    StoredMessage message(std::size_t i) const;
    std::vector<StoredMessage> messages() const;

    std::size_t lower_bound(Uid uid) const;          // first i with uid(i) >= uid; size() if none
    std::optional<std::size_t> find(Uid uid) const;  // nullopt: not living
    std::size_t memory_bytes() const;

  private:
    template <class T>
    struct Run {
        std::uint16_t end = 0;  // one past its last message
        T value{};
    };
    std::uint32_t segment_ = 0;
    std::vector<std::uint16_t> uids_;   // minus the first UID of the segment
    std::vector<std::uint32_t> dates_;  // minus the least; empty if they span more than 136 years
    std::vector<Seconds> wide_dates_;   // then they are here
    Seconds least_date_ = 0;
    std::vector<std::uint32_t> octets_;  // 2^32 - 1: unknown; 2^32 - 2: in large_octets_
    std::vector<std::pair<std::uint16_t, std::uint64_t>> large_octets_;
    std::vector<MessageId> ids_;
    std::vector<std::uint8_t> seeds_;
    std::vector<Run<StoreNumber>> stores_;
    std::vector<Run<ModSeq>> added_;
    std::vector<Run<std::optional<Seconds>>> saved_;
    std::vector<ContentKey> contents_;  // empty: none is known; all zero bytes: that one is not
    std::vector<Source> sources_;       // empty in ordinary folders
};

// The flags one user has given to a message, or that keywords of the store seeded.
struct OverlayEntry {
    Uid uid;
    FlagBits flags;
    ModSeq modseq;
    bool operator==(const OverlayEntry&) const = default;
};

// One user's entries of a UID range, in UID order: messages whose flags were ever changed. A message without an entry
// has its seed (the owner) or no flags (others). Entries of messages that are gone stay, for the day they come back.
class OverlaySegment {
  public:
    static std::shared_ptr<const OverlaySegment> make(std::uint32_t segment, std::span<const OverlayEntry> entries);
    static Result<std::shared_ptr<const OverlaySegment>> decode(std::string_view bytes);
    std::string encode() const;

    std::uint32_t segment() const { return segment_; }
    const std::vector<OverlayEntry>& entries() const { return entries_; }
    const OverlayEntry* find(Uid uid) const;  // nullptr: none
    std::size_t memory_bytes() const;

  private:
    std::uint32_t segment_ = 0;
    std::vector<OverlayEntry> entries_;
};

// A message that is gone: its UID is remembered, for VANISHED (EARLIER) and in case it returns.
struct Tombstone {
    Uid uid;
    MessageId id;
    ModSeq removed;
    bool operator==(const Tombstone&) const = default;
};

class TombstoneSegment {
  public:
    static std::shared_ptr<const TombstoneSegment> make(std::uint32_t segment, std::span<const Tombstone> tombstones);
    static Result<std::shared_ptr<const TombstoneSegment>> decode(std::string_view bytes);
    std::string encode() const;

    std::uint32_t segment() const { return segment_; }
    const std::vector<Tombstone>& tombstones() const { return tombstones_; }
    std::size_t memory_bytes() const;

  private:
    std::uint32_t segment_ = 0;
    std::vector<Tombstone> tombstones_;
};

}  // namespace imaparc::index
