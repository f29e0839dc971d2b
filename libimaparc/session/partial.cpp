#include "session/partial.h"

#include <algorithm>

namespace imaparc::session {

namespace {

// The number of the first message with this UID or a higher one; one past the last message if there is none.
std::uint32_t first_number_from(const index::View& view, std::uint32_t uid) {
    const auto& blocks = view.blocks();
    const auto block =
        std::ranges::lower_bound(blocks, uid, {}, [](const index::Block& b) { return b.last_uid.value; });
    if (block == blocks.end()) return view.count() + 1;
    if (uid <= block->first_uid.value) return block->first.value;
    const auto rows = view.rows(static_cast<std::size_t>(block - blocks.begin()));
    return block->first.value + static_cast<std::uint32_t>(rows->lower_bound(Uid(uid)));
}

}  // namespace

NumberSet numbers_of(const index::View& view, const NumberSet& uids) {
    NumberSet numbers;
    const NumberSet plain = uids.resolved(view.last_uid().value);
    for (const auto& range : plain.ranges()) {
        const std::uint32_t first = first_number_from(view, range.first);
        const std::uint32_t end =
            range.last >= view.last_uid().value ? view.count() + 1 : first_number_from(view, range.last + 1);
        if (first < end) numbers.add(first, end - 1);
    }
    return numbers.resolved(0);
}

NumberSet at_positions(const NumberSet& numbers, const imap::ResultRange& range) {
    const auto count = static_cast<std::int64_t>(numbers.count());
    const auto position = [&](std::int64_t asked) { return asked > 0 ? asked : count + 1 + asked; };
    const std::int64_t first = std::max<std::int64_t>(1, std::min(position(range.first), position(range.last)));
    const std::int64_t last = std::min(count, std::max(position(range.first), position(range.last)));
    NumberSet picked;
    std::int64_t before = 0;  // of the set, already passed
    for (const auto& run : numbers.ranges()) {
        const std::int64_t size = std::int64_t{run.last} - run.first + 1;
        const std::int64_t from = std::max(first, before + 1), to = std::min(last, before + size);
        if (from <= to)
            picked.add(static_cast<std::uint32_t>(run.first + (from - before - 1)),
                       static_cast<std::uint32_t>(run.first + (to - before - 1)));
        before += size;
    }
    return picked;
}

}  // namespace imaparc::session
