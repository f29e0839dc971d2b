#include "session/message_limit.h"

#include <algorithm>

#include "session/partial.h"

namespace imaparc::session {

std::optional<Limited> limited(const index::View& view, const NumberSet& set, imap::Numbering by, std::uint32_t limit) {
    if (limit == 0 || view.count() <= limit) return std::nullopt;
    NumberSet numbers;
    if (by == imap::Numbering::uid) {
        numbers = numbers_of(view, set);
    } else {
        const NumberSet plain = set.resolved(view.count());
        for (auto range : plain.ranges()) {
            range.last = std::min(range.last, view.count());
            if (range.first <= range.last) numbers.add(range.first, range.last);
        }
    }
    if (numbers.count() <= limit) return std::nullopt;
    Limited result;
    result.numbers = at_positions(numbers, {-1, -std::int64_t{limit}});
    result.lowest = view.uid_at(Number(result.numbers.ranges().front().first)).value_or(Uid());
    return result;
}

imap::StatusCode message_limit(std::uint32_t limit, Uid lowest) {
    return {imap::Code::message_limit, std::to_string(limit) + " " + std::to_string(lowest.value)};
}

}  // namespace imaparc::session
