#include "index/source.h"

#include "base/error.h"

namespace imaparc::index {
namespace {

// The cell first; then the source; then the cell once more, for while the source was asked the version may have been
// replaced.
template <class Segment, class Ask>
std::shared_ptr<const Segment> from_either(const Cell<Segment>& cell, const Ask& ask) {
    if (auto held = cell.held()) return held;
    if (auto found = ask(cell.version())) return found;
    return cell.held();
}

template <class Segment>
std::shared_ptr<const Segment> must(std::shared_ptr<const Segment> found, const char* kind, FolderNumber folder,
                                    std::uint32_t segment) {
    if (!found)
        throw Fault(ErrorKind::damaged, std::string(kind) + " segment " + std::to_string(segment) + " of folder " +
                                            std::to_string(folder.value) + " is not in the index database");
    return found;
}

}  // namespace

std::shared_ptr<const BaseSegment> load(SegmentSource& source, FolderNumber folder, const SegmentRow& row, Wait wait) {
    if (wait == Wait::never)
        return from_either(*row.cell,
                           [&](auto version) { return source.base_if_resident(folder, row.segment, version); });
    return must(from_either(*row.cell, [&](auto version) { return source.base(folder, row.segment, version); }), "base",
                folder, row.segment);
}

std::shared_ptr<const OverlaySegment> load(SegmentSource& source, FolderNumber folder, UserNumber user,
                                           const OverlayRow& row, Wait wait) {
    if (wait == Wait::never)
        return from_either(
            *row.cell, [&](auto version) { return source.overlay_if_resident(folder, user, row.segment, version); });
    return must(
        from_either(*row.cell, [&](auto version) { return source.overlay(folder, user, row.segment, version); }),
        "overlay", folder, row.segment);
}

std::shared_ptr<const TombstoneSegment> load(SegmentSource& source, FolderNumber folder, const TombstoneRow& row) {
    return must(from_either(*row.cell, [&](auto version) { return source.tombstones(folder, row.segment, version); }),
                "tombstone", folder, row.segment);
}

}  // namespace imaparc::index
