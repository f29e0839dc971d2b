// Base: what all readers of a folder share. A directory of rows, one per segment, each with what a view needs to count
// and number itself, and a cell that leads to the segment's contents. An edit (edit.h) makes a new Base that shares the
// cells of the untouched segments.
//
// Immutable; any thread. Loaded by the index from the database's rows, or empty for a new folder.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "index/segment.h"

namespace imaparc::index {

// One version of one segment. The database holds only the newest version, but views live on: so a cell holds its
// contents in memory itself as long as the database does not have them (just made) or has them no more (replaced while
// somebody still reads this version). In between the contents are in the database and, perhaps, in a cache.
//
// There must be one cell for one version of a segment, for all who read it: a folder's Base (a user's Overlay) that was
// loaded stays loaded as long as the views of its owner live; loaded anew, it would have other cells.
//
// Version numbers are unique within a folder (and, for overlays, within a folder and user), larger for newer ones, and
// are kept in the database beside the segment.
template <class Segment>
class Cell {
  public:
    explicit Cell(std::uint64_t version) : version_(version) {}  // the database has it
    Cell(std::uint64_t version, std::shared_ptr<const Segment> fresh) : version_(version), held_(std::move(fresh)) {}

    std::uint64_t version() const { return version_; }
    std::shared_ptr<const Segment> held() const {  // nullptr: ask the database
        std::lock_guard lock(mutex_);
        return held_;
    }
    // The database has this version now (committed): contents are let go, unless a newer version was made meanwhile.
    void written() const {
        std::lock_guard lock(mutex_);
        if (!replaced_) held_.reset();
    }
    // A newer version is about to be written: hold the contents for good. The edits do this.
    void replaced(std::shared_ptr<const Segment> contents) const {
        std::lock_guard lock(mutex_);
        replaced_ = true;
        held_ = std::move(contents);
    }

  private:
    const std::uint64_t version_;
    mutable std::mutex mutex_;
    mutable std::shared_ptr<const Segment> held_;
    mutable bool replaced_ = false;
};

using BaseCell = std::shared_ptr<const Cell<BaseSegment>>;
using OverlayCell = std::shared_ptr<const Cell<OverlaySegment>>;
using TombstoneCell = std::shared_ptr<const Cell<TombstoneSegment>>;

// Directory row of a base segment: all of it is stored in the database but `cell` (its version is).
struct SegmentRow {
    std::uint32_t segment = 0;
    std::uint32_t count = 0;  // never 0: an empty segment has no row
    Uid first, last;
    Seconds least_date = 0, greatest_date = 0;
    ModSeq max_modseq;
    std::uint32_t seed_unseen = 0;  // messages whose seed lacks \Seen
    std::uint64_t shape = 0;        // version at which something other than octets changed last
    std::uint64_t membership = 0;   // version at which a message left or came back last; 0: never
    BaseCell cell;
};

struct TombstoneRow {
    std::uint32_t segment = 0;
    std::uint32_t count = 0;  // never 0
    ModSeq max_modseq;
    TombstoneCell cell;
};

struct Base {
    FolderNumber folder;
    UidValidity uid_validity;
    Uid uid_next{1};
    ModSeq highest_modseq{1};              // of base changes; a view's takes the overlay's into account
    std::vector<SegmentRow> rows;          // by segment
    std::vector<TombstoneRow> tombstones;  // by segment

    std::uint64_t count() const;
    const SegmentRow* row(std::uint32_t segment) const;  // nullptr: no living message there
    const TombstoneRow* tombstone_row(std::uint32_t segment) const;
};

// The row that describes `contents` (not empty); shape and membership are the caller's.
SegmentRow describe(const BaseSegment& contents);

}  // namespace imaparc::index
