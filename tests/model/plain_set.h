// Sequence sets (RFC 3501 9, seq-range): "*" is the largest number in use, either end of a range may be the larger.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace imaparc::model {

using SetEnd = std::optional<std::uint32_t>;  // nullopt: "*"

struct PlainSet {
    std::vector<std::pair<SetEnd, SetEnd>> ranges;
    bool saved = false;  // "$" (RFC 5182)

    bool contains(std::uint32_t number, std::uint32_t largest) const {
        return std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
            const auto a = range.first.value_or(largest), b = range.second.value_or(largest);
            return std::min(a, b) <= number && number <= std::max(a, b);
        });
    }
    std::string text() const {
        if (saved) return "$";
        const auto end = [](SetEnd e) { return e ? std::to_string(*e) : std::string("*"); };
        std::string result;
        for (const auto& [a, b] : ranges)
            result += (result.empty() ? "" : ",") + (a == b ? end(a) : end(a) + ":" + end(b));
        return result;
    }
};

// "2,4:6" as the server writes it, in its order; anything else is an empty vector and `good` false.
inline std::vector<std::uint32_t> numbers_of(const std::string& set, bool& good) {
    std::vector<std::uint32_t> result;
    std::size_t at = 0;
    const auto number = [&]() -> std::uint32_t {
        std::uint64_t value = 0;
        const auto start = at;
        while (at < set.size() && set[at] >= '0' && set[at] <= '9' && value < 0x1'0000'0000)
            value = value * 10 + static_cast<unsigned>(set[at++] - '0');
        if (at == start || value == 0 || value > 0xFFFFFFFF) good = false;
        return static_cast<std::uint32_t>(value);
    };
    good = true;
    do {
        const auto first = number();
        auto last = first;
        if (good && at < set.size() && set[at] == ':') {
            ++at;
            last = number();
        }
        if (!good || std::max(first, last) - std::min(first, last) > 100'000) break;
        for (auto n = first;; n = n < last ? n + 1 : n - 1) {
            result.push_back(n);
            if (n == last) break;
        }
    } while (at < set.size() && set[at++] == ',');
    if (at != set.size()) good = false;
    if (!good) result.clear();
    return result;
}

}  // namespace imaparc::model
