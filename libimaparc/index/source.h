// Where segments come from that no cell holds: the index implements it over the database with an LRU cache; one source
// an owner. Views keep it alive.
//
// Any thread. Fault: the database is gone, or a segment in it is damaged.
#pragma once

#include <memory>

#include "base/ids.h"
#include "index/base.h"
#include "index/overlay.h"
#include "index/segment.h"

namespace imaparc::index {

class SegmentSource {
  public:
    virtual ~SegmentSource() = default;
    // The segment in this very version; nullptr if the database holds another version of it (then it was replaced, and
    // its cell holds it by now). May wait; the *_if_resident twins never do, and answer nullptr rather.
    virtual std::shared_ptr<const BaseSegment> base(FolderNumber folder, std::uint32_t segment,
                                                    std::uint64_t version) = 0;
    virtual std::shared_ptr<const BaseSegment> base_if_resident(FolderNumber folder, std::uint32_t segment,
                                                                std::uint64_t version) = 0;
    virtual std::shared_ptr<const OverlaySegment> overlay(FolderNumber folder, UserNumber user, std::uint32_t segment,
                                                          std::uint64_t version) = 0;
    virtual std::shared_ptr<const OverlaySegment> overlay_if_resident(FolderNumber folder, UserNumber user,
                                                                      std::uint32_t segment, std::uint64_t version) = 0;
    virtual std::shared_ptr<const TombstoneSegment> tombstones(FolderNumber folder, std::uint32_t segment,
                                                               std::uint64_t version) = 0;  // may wait
};

enum class Wait { allowed, never };

// From the cell, else from the source. Never nullptr with Wait::allowed (Fault damaged instead).
std::shared_ptr<const BaseSegment> load(SegmentSource& source, FolderNumber folder, const SegmentRow& row,
                                        Wait wait = Wait::allowed);
std::shared_ptr<const OverlaySegment> load(SegmentSource& source, FolderNumber folder, UserNumber user,
                                           const OverlayRow& row, Wait wait = Wait::allowed);
std::shared_ptr<const TombstoneSegment> load(SegmentSource& source, FolderNumber folder, const TombstoneRow& row);

}  // namespace imaparc::index
