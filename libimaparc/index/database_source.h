// SegmentSource over IMAPDB.FDB for one owner, with the cache that all owners share.
#pragma once

#include <memory>

#include "index/segment_cache.h"
#include "index/source.h"
#include "index/tables.h"

namespace imaparc::index {

class DatabaseSource : public SegmentSource {
  public:
    DatabaseSource(std::uint32_t owner, std::shared_ptr<Connections> connections, std::shared_ptr<SegmentCache> cache)
        : owner_(owner), connections_(std::move(connections)), cache_(std::move(cache)) {}

    std::shared_ptr<const BaseSegment> base(FolderNumber folder, std::uint32_t segment, std::uint64_t version) override;
    std::shared_ptr<const BaseSegment> base_if_resident(FolderNumber folder, std::uint32_t segment,
                                                        std::uint64_t version) override;
    std::shared_ptr<const OverlaySegment> overlay(FolderNumber folder, UserNumber user, std::uint32_t segment,
                                                  std::uint64_t version) override;
    std::shared_ptr<const OverlaySegment> overlay_if_resident(FolderNumber folder, UserNumber user,
                                                              std::uint32_t segment, std::uint64_t version) override;
    std::shared_ptr<const TombstoneSegment> tombstones(FolderNumber folder, std::uint32_t segment,
                                                       std::uint64_t version) override;

    // What was just written, so that the next reader finds it in memory.
    void keep(FolderNumber folder, std::uint64_t version, const std::shared_ptr<const BaseSegment>& segment);
    void keep(FolderNumber folder, UserNumber user, std::uint64_t version,
              const std::shared_ptr<const OverlaySegment>& segment);

  private:
    const std::uint32_t owner_;
    const std::shared_ptr<Connections> connections_;
    const std::shared_ptr<SegmentCache> cache_;
};

}  // namespace imaparc::index
