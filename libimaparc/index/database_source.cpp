#include "index/database_source.h"

#include "base/file.h"

namespace imaparc::index {

namespace {

// `stored` decoded and cached if it is the version asked for.
template <class Segment>
std::shared_ptr<const Segment> decoded(SegmentCache& cache, const SegmentKey& key,
                                       const std::optional<VersionedBytes>& stored) {
    if (!stored || stored->version != key.version) return nullptr;
    auto segment = value_or_throw(Segment::decode(stored->bytes));
    if (segment->segment() != key.segment)
        throw Fault(ErrorKind::damaged, "a segment in the index is in another's place");
    cache.put<Segment>(key, segment);
    return segment;
}

}  // namespace

std::shared_ptr<const BaseSegment> DatabaseSource::base(FolderNumber folder, std::uint32_t segment,
                                                        std::uint64_t version) {
    if (auto resident = base_if_resident(folder, segment, version)) return resident;
    const SegmentKey key{owner_, SegmentKey::Kind::base, folder, {}, segment, version};
    return decoded<BaseSegment>(*cache_, key, connections_->read()->base_segment(owner_, folder, segment));
}

std::shared_ptr<const BaseSegment> DatabaseSource::base_if_resident(FolderNumber folder, std::uint32_t segment,
                                                                    std::uint64_t version) {
    return cache_->get<BaseSegment>({owner_, SegmentKey::Kind::base, folder, {}, segment, version});
}

std::shared_ptr<const OverlaySegment> DatabaseSource::overlay(FolderNumber folder, UserNumber user,
                                                              std::uint32_t segment, std::uint64_t version) {
    if (auto resident = overlay_if_resident(folder, user, segment, version)) return resident;
    const SegmentKey key{owner_, SegmentKey::Kind::overlay, folder, user, segment, version};
    return decoded<OverlaySegment>(*cache_, key, connections_->read()->overlay_segment(owner_, folder, user, segment));
}

std::shared_ptr<const OverlaySegment> DatabaseSource::overlay_if_resident(FolderNumber folder, UserNumber user,
                                                                          std::uint32_t segment,
                                                                          std::uint64_t version) {
    return cache_->get<OverlaySegment>({owner_, SegmentKey::Kind::overlay, folder, user, segment, version});
}

std::shared_ptr<const TombstoneSegment> DatabaseSource::tombstones(FolderNumber folder, std::uint32_t segment,
                                                                   std::uint64_t version) {
    const SegmentKey key{owner_, SegmentKey::Kind::tombstones, folder, {}, segment, version};
    if (auto resident = cache_->get<TombstoneSegment>(key)) return resident;
    return decoded<TombstoneSegment>(*cache_, key, connections_->read()->tombstones(owner_, folder, segment));
}

void DatabaseSource::keep(FolderNumber folder, std::uint64_t version,
                          const std::shared_ptr<const BaseSegment>& segment) {
    cache_->put<BaseSegment>({owner_, SegmentKey::Kind::base, folder, {}, segment->segment(), version}, segment);
}

void DatabaseSource::keep(FolderNumber folder, UserNumber user, std::uint64_t version,
                          const std::shared_ptr<const OverlaySegment>& segment) {
    cache_->put<OverlaySegment>({owner_, SegmentKey::Kind::overlay, folder, user, segment->segment(), version},
                                segment);
}

}  // namespace imaparc::index
