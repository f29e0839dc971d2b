// Sums and differences of resolved sets (sorted, disjoint, without '*').
//
// Any thread; pure functions; cost grows with the ranges, not with the numbers.
#pragma once

#include "base/number_set.h"

namespace imaparc::session {

NumberSet united(const NumberSet& a, const NumberSet& b);
NumberSet without(const NumberSet& from, const NumberSet& what);
NumberSet common(const NumberSet& a, const NumberSet& b);
bool intersects(const NumberSet& set, std::uint32_t first, std::uint32_t last);

}  // namespace imaparc::session
