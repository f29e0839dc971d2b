#include "base/number_set.h"

#include <algorithm>

namespace imaparc {

void NumberSet::add(std::uint32_t number) {
    if (!ranges_.empty() && number != NumberRange::star) {
        auto& [first, last] = ranges_.back();
        // "*:4" and "7:4" may end elsewhere than at 4.
        if (first != NumberRange::star && last != NumberRange::star && first <= last && last + 1 == number) {
            last = number;
            return;
        }
    }
    ranges_.push_back({number, number});
}

void NumberSet::add(std::uint32_t first, std::uint32_t last) { ranges_.push_back({first, last}); }

NumberSet NumberSet::resolved(std::uint32_t largest) const {
    std::vector<NumberRange> sorted;
    sorted.reserve(ranges_.size());
    for (auto r : ranges_) {
        if (r.first == NumberRange::star) r.first = largest;
        if (r.last == NumberRange::star) r.last = largest;
        if (r.first > r.last) std::swap(r.first, r.last);
        if (r.first == 0) r.first = 1;
        if (r.last != 0) sorted.push_back(r);
    }
    const auto before = [](const NumberRange& a, const NumberRange& b) { return a.first < b.first; };
    if (!std::is_sorted(sorted.begin(), sorted.end(), before)) std::sort(sorted.begin(), sorted.end(), before);
    std::vector<NumberRange> united;
    for (const auto& r : sorted) {
        if (!united.empty() && r.first <= static_cast<std::uint64_t>(united.back().last) + 1)
            united.back().last = std::max(united.back().last, r.last);
        else
            united.push_back(r);
    }
    return NumberSet(std::move(united));
}

bool NumberSet::contains(std::uint32_t number) const {
    const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), number,
                                        [](std::uint32_t n, const NumberRange& r) { return n < r.first; });
    return after != ranges_.begin() && std::prev(after)->last >= number;
}

std::uint64_t NumberSet::count() const {
    std::uint64_t total = 0;
    for (const auto& r : ranges_) total += static_cast<std::uint64_t>(r.last) - r.first + 1;
    return total;
}

std::string NumberSet::text() const {
    if (saved_result_) return "$";
    std::string result;
    const auto one = [](std::uint32_t n) { return n == NumberRange::star ? std::string("*") : std::to_string(n); };
    for (const auto& r : ranges_) {
        if (!result.empty()) result += ',';
        result += one(r.first);
        if (r.first != r.last) result += ':' + one(r.last);
    }
    return result;
}

}  // namespace imaparc
