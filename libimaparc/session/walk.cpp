#include "session/walk.h"

#include <algorithm>

#include "session/sets.h"

namespace imaparc::session {

Walk::Walk(std::shared_ptr<const index::View> view, const NumberSet& set, By by)
    : view_(std::move(view)),
      set_(set.resolved(by == By::number ? view_->count() : view_->last_uid().value)),
      by_(by) {}

Walk Walk::everything(std::shared_ptr<const index::View> view) {
    NumberSet all;
    all.add(1, NumberRange::star);
    return Walk(std::move(view), all, By::number);
}

Walk::Step Walk::next(Waiting waiting) {
    for (; block_ < view_->blocks().size(); ++block_) {
        const std::size_t place = backwards_ ? view_->blocks().size() - 1 - block_ : block_;
        const index::Block& block = view_->blocks()[place];
        const bool touched = by_ == By::number
                                 ? intersects(set_, block.first.value, block.first.value + block.count - 1)
                                 : intersects(set_, block.first_uid.value, block.last_uid.value);
        if (!touched || block.highest_modseq <= changed_since_) continue;
        rows_ = waiting == Waiting::allowed ? view_->rows(place) : view_->rows_if_resident(place);
        if (!rows_) return Step::would_wait;
        pick(block);
        if (picked_.empty()) continue;
        if (backwards_) std::ranges::reverse(picked_);
        ++block_;
        return Step::block;
    }
    rows_ = nullptr;
    picked_.clear();
    return Step::end;
}

void Walk::pick(const index::Block& block) {
    picked_.clear();
    const auto size = static_cast<std::uint32_t>(rows_->size());
    const auto& ranges = set_.ranges();
    if (by_ == By::number) {
        auto range = std::ranges::lower_bound(ranges, block.first.value, {}, &NumberRange::last);
        for (; range != ranges.end() && range->first < block.first.value + size; ++range) {
            const auto first = std::max(range->first, block.first.value);
            const auto last = std::min(range->last, block.first.value + size - 1);
            for (auto number = first; number <= last; ++number)
                picked_.push_back({Number(number), number - block.first.value});
        }
    } else {
        auto range = std::ranges::lower_bound(ranges, block.first_uid.value, {}, &NumberRange::last);
        for (; range != ranges.end() && range->first <= block.last_uid.value; ++range)
            for (auto row = static_cast<std::uint32_t>(rows_->lower_bound(Uid(range->first)));
                 row < size && rows_->uid(row).value <= range->last; ++row)
                picked_.push_back({Number(block.first.value + row), row});
    }
    if (changed_since_ > ModSeq{})
        std::erase_if(picked_, [&](const Picked& picked) { return rows_->modseq(picked.row) <= changed_since_; });
}

}  // namespace imaparc::session
