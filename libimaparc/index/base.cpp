#include "index/base.h"

#include <algorithm>

namespace imaparc::index {
namespace {

template <class Rows>
auto find_row(const Rows& rows, std::uint32_t segment) -> decltype(rows.data()) {
    const auto at = std::lower_bound(rows.begin(), rows.end(), segment,
                                     [](const auto& row, std::uint32_t n) { return row.segment < n; });
    return at == rows.end() || at->segment != segment ? nullptr : &*at;
}

}  // namespace

std::uint64_t Base::count() const {
    std::uint64_t total = 0;
    for (const auto& row : rows) total += row.count;
    return total;
}

const SegmentRow* Base::row(std::uint32_t segment) const { return find_row(rows, segment); }
const TombstoneRow* Base::tombstone_row(std::uint32_t segment) const { return find_row(tombstones, segment); }

SegmentRow describe(const BaseSegment& contents) {
    SegmentRow row;
    row.segment = contents.segment();
    row.count = static_cast<std::uint32_t>(contents.size());
    row.first = contents.uid(0);
    row.last = contents.uid(contents.size() - 1);
    row.least_date = row.greatest_date = contents.date(0);
    for (std::size_t i = 0; i < contents.size(); ++i) {
        row.least_date = std::min(row.least_date, contents.date(i));
        row.greatest_date = std::max(row.greatest_date, contents.date(i));
        row.max_modseq = std::max(row.max_modseq, contents.added(i));
        if (!(contents.seed(i) & flag::seen)) ++row.seed_unseen;
    }
    return row;
}

}  // namespace imaparc::index
