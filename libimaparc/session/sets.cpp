#include "session/sets.h"

#include <algorithm>

namespace imaparc::session {

NumberSet united(const NumberSet& a, const NumberSet& b) {
    if (a.empty()) return b;
    if (b.empty()) return a;
    std::vector<NumberRange> ranges = a.ranges();
    ranges.insert(ranges.end(), b.ranges().begin(), b.ranges().end());
    return NumberSet(std::move(ranges)).resolved(0);
}

NumberSet without(const NumberSet& from, const NumberSet& what) {
    std::vector<NumberRange> left;
    auto hole = what.ranges().begin();
    for (NumberRange range : from.ranges()) {
        while (hole != what.ranges().end() && hole->last < range.first) ++hole;
        auto inside = hole;
        bool rest = true;
        for (; inside != what.ranges().end() && inside->first <= range.last; ++inside) {
            if (inside->first > range.first) left.push_back({range.first, inside->first - 1});
            if (inside->last >= range.last) {
                rest = false;
                break;
            }
            range.first = inside->last + 1;
        }
        if (rest) left.push_back(range);
    }
    return NumberSet(std::move(left));
}

NumberSet common(const NumberSet& a, const NumberSet& b) { return without(a, without(a, b)); }

bool intersects(const NumberSet& set, std::uint32_t first, std::uint32_t last) {
    const auto& ranges = set.ranges();
    const auto range = std::ranges::lower_bound(ranges, first, {}, &NumberRange::last);
    return range != ranges.end() && range->first <= last;
}

}  // namespace imaparc::session
