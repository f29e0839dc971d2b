#include "index/view.h"

#include <algorithm>
#include <stdexcept>

#include "index/folder_view.h"
#include "index/make_view.h"

namespace imaparc::index {
namespace {

// A segment of the base under a segment of the overlay, perhaps through a filter.
class SegmentRows final : public Rows {
  public:
    SegmentRows(std::shared_ptr<const BaseSegment> base, std::shared_ptr<const OverlaySegment> overlay, bool owners,
                std::shared_ptr<const Reveals> reveals)
        : base_(std::move(base)), overlay_(std::move(overlay)), owners_(owners), reveals_(std::move(reveals)) {}

    // Leaves what is dated before the cut-off or hidden out.
    void filter(Seconds cutoff, const NumberSet* hidden) {
        filtered_ = true;
        for (std::size_t i = 0; i < base_->size(); ++i)
            if (base_->date(i) >= cutoff && !(hidden && hidden->contains(base_->uid(i).value)))
                places_.push_back(static_cast<std::uint16_t>(i));
    }

    std::size_t size() const override { return filtered_ ? places_.size() : base_->size(); }
    Uid uid(std::size_t i) const override { return base_->uid(place(i)); }
    Seconds date(std::size_t i) const override { return base_->date(place(i)); }
    std::optional<std::uint64_t> octets(std::size_t i) const override { return base_->octets(place(i)); }
    const MessageId& id(std::size_t i) const override { return base_->id(place(i)); }
    StoreNumber store(std::size_t i) const override { return base_->store(place(i)); }
    FlagBits flags(std::size_t i) const override {
        if (const auto* entry = overlay_ ? overlay_->find(uid(i)) : nullptr) return entry->flags;
        return {static_cast<std::uint8_t>(owners_ ? base_->seed(place(i)) & flag::kept : 0), 0};
    }
    ModSeq modseq(std::size_t i) const override {
        auto result = base_->added(place(i));
        if (const auto* entry = overlay_ ? overlay_->find(uid(i)) : nullptr) result = std::max(result, entry->modseq);
        if (!reveals_->empty()) result = std::max(result, reveals_->at(date(i)));
        return result;
    }
    std::optional<Seconds> saved(std::size_t i) const override { return base_->saved(place(i)); }

  private:
    std::size_t place(std::size_t i) const { return filtered_ ? places_[i] : i; }

    std::shared_ptr<const BaseSegment> base_;
    std::shared_ptr<const OverlaySegment> overlay_;  // nullptr: no entries
    bool owners_;
    std::shared_ptr<const Reveals> reveals_;
    bool filtered_ = false;
    std::vector<std::uint16_t> places_;
};

bool intersects(const NumberSet& set, std::uint32_t first, std::uint32_t last) {
    const auto& ranges = set.ranges();
    const auto after = std::upper_bound(ranges.begin(), ranges.end(), last,
                                        [](std::uint32_t n, const NumberRange& r) { return n < r.first; });
    return after != ranges.begin() && std::prev(after)->last >= first;
}

bool contiguous(const SegmentRow& row) { return row.count == row.last.value - row.first.value + 1; }

}  // namespace

// ---- Rows and View: from the virtual functions

std::size_t Rows::lower_bound(Uid wanted) const {
    std::size_t first = 0, count = size();
    while (count > 0) {
        const auto half = count / 2;
        if (uid(first + half) < wanted) {
            first += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return first;
}

std::optional<std::size_t> Rows::find(Uid wanted) const {
    const auto i = lower_bound(wanted);
    if (i == size() || uid(i) != wanted) return std::nullopt;
    return i;
}

std::optional<std::size_t> View::block_with(Number number) const {
    const auto& all = blocks();
    const auto after =
        std::upper_bound(all.begin(), all.end(), number, [](Number n, const Block& block) { return n < block.first; });
    if (after == all.begin()) return std::nullopt;
    const auto& block = *std::prev(after);
    if (number.value - block.first.value >= block.count) return std::nullopt;
    return static_cast<std::size_t>(std::prev(after) - all.begin());
}

std::optional<std::size_t> View::block_with(Uid uid) const {
    const auto& all = blocks();
    const auto after =
        std::upper_bound(all.begin(), all.end(), uid, [](Uid u, const Block& block) { return u < block.first_uid; });
    if (after == all.begin() || std::prev(after)->last_uid < uid) return std::nullopt;
    return static_cast<std::size_t>(std::prev(after) - all.begin());
}

std::optional<Uid> View::uid_at(Number number) const {
    const auto at = block_with(number);
    if (!at) return std::nullopt;
    const auto& block = blocks()[*at];
    const auto i = number.value - block.first.value;
    if (block.count == block.last_uid.value - block.first_uid.value + 1) return Uid{block.first_uid.value + i};
    return rows(*at)->uid(i);
}

std::optional<Number> View::number_of(Uid uid) const {
    const auto at = block_with(uid);
    if (!at) return std::nullopt;
    const auto& block = blocks()[*at];
    if (block.count == block.last_uid.value - block.first_uid.value + 1)
        return Number{block.first.value + (uid.value - block.first_uid.value)};
    const auto i = rows(*at)->find(uid);
    if (!i) return std::nullopt;
    return Number{block.first.value + static_cast<std::uint32_t>(*i)};
}

// ---- FolderView

FolderView::FolderView(ViewParts parts, const FolderView* previous,
                       const std::function<bool(const SegmentRow&)>& counters_hold)
    : parts_(std::move(parts)) {
    const auto& base = *parts_.base;
    const auto& overlay = *parts_.overlay;
    const bool reusable = previous && previous->parts_.cutoff == parts_.cutoff && !previous->parts_.hidden &&
                          !parts_.hidden && previous->folder() == folder() && previous->user() == user();
    blocks_.reserve(base.rows.size());
    pieces_.reserve(base.rows.size());

    // What was counted before and has not changed since; else from the contents.
    const auto counted = [&](const SegmentRow& row, const OverlayRow* overlay_row) {
        if (reusable) {
            const auto& old = previous->counted_;
            const auto at = std::lower_bound(old.begin(), old.end(), row.segment,
                                             [](const Counted& c, std::uint32_t n) { return c.segment < n; });
            if (at != old.end() && at->segment == row.segment && at->shape == row.shape &&
                at->overlay_version == (overlay_row ? overlay_row->cell->version() : 0))
                return *at;
        }
        return count_contents(row, overlay_row);
    };

    for (std::size_t n = 0; n < base.rows.size(); ++n) {
        const auto& row = base.rows[n];
        if (row.greatest_date < parts_.cutoff) {
            hidden_by_window_ += row.count;
            continue;
        }
        const auto* overlay_row = overlay.row(row.segment);
        const bool counter_holds =
            !overlay_row || (overlay_row->membership == row.membership && (!counters_hold || counters_hold(row)));
        std::uint32_t visible = row.count, unseen = 0;
        Uid last = row.last;
        if (filtered(row) || !counter_holds) {
            const auto count = counted(row, overlay_row);
            counted_.push_back(count);
            visible = count.visible;
            unseen = count.unseen;
            last = count.last;
            hidden_by_window_ += count.hidden_by_window;
        } else {
            const auto sum = static_cast<std::int64_t>(overlay.owners() ? row.seed_unseen : row.count) +
                             (overlay_row ? overlay_row->unseen_delta : 0);
            unseen = static_cast<std::uint32_t>(std::clamp<std::int64_t>(sum, 0, row.count));
        }
        if (visible == 0) continue;
        ModSeq highest = std::max(row.max_modseq, parts_.reveals->between(row.least_date, row.greatest_date));
        if (overlay_row) highest = std::max(highest, overlay_row->max_modseq);
        blocks_.push_back({Number{count_ + 1}, visible, row.first, row.last, highest});
        pieces_.push_back({static_cast<std::uint32_t>(n), unseen});
        count_ += visible;
        unseen_ += unseen;
        last_uid_ = last;
    }
    blocks_.shrink_to_fit();
    pieces_.shrink_to_fit();
}

bool FolderView::filtered(const SegmentRow& row) const {
    return row.least_date < parts_.cutoff ||
           (parts_.hidden && intersects(*parts_.hidden, row.first.value, row.last.value));
}

FolderView::Counted FolderView::count_contents(const SegmentRow& row, const OverlayRow* overlay_row) const {
    const auto contents = load(*parts_.source, folder(), row);
    std::shared_ptr<const OverlaySegment> overlay;
    if (overlay_row) overlay = load(*parts_.source, folder(), user(), *overlay_row);
    Counted counted;
    counted.segment = row.segment;
    counted.shape = row.shape;
    counted.overlay_version = overlay_row ? overlay_row->cell->version() : 0;
    const bool owners = parts_.overlay->owners();
    for (std::size_t i = 0; i < contents->size(); ++i) {
        if (contents->date(i) < parts_.cutoff) {
            ++counted.hidden_by_window;
            continue;
        }
        const auto uid = contents->uid(i);
        if (parts_.hidden && parts_.hidden->contains(uid.value)) continue;
        const auto* entry = overlay ? overlay->find(uid) : nullptr;
        const auto flags = entry ? entry->flags.system : owners ? contents->seed(i) : std::uint8_t{0};
        ++counted.visible;
        counted.last = uid;
        if (!(flags & flag::seen)) ++counted.unseen;
    }
    return counted;
}

std::shared_ptr<const Rows> FolderView::load_rows(const SegmentRow& row, Wait wait) const {
    auto contents = load(*parts_.source, folder(), row, wait);
    if (!contents) return nullptr;
    std::shared_ptr<const OverlaySegment> overlay;
    if (const auto* overlay_row = parts_.overlay->row(row.segment)) {
        overlay = load(*parts_.source, folder(), user(), *overlay_row, wait);
        if (!overlay) return nullptr;
    }
    auto rows = std::make_shared<SegmentRows>(std::move(contents), std::move(overlay), parts_.overlay->owners(),
                                              parts_.reveals);
    if (filtered(row)) rows->filter(parts_.cutoff, parts_.hidden.get());
    return rows;
}

std::shared_ptr<const Rows> FolderView::rows(std::size_t block) const {
    return load_rows(parts_.base->rows[pieces_.at(block).row], Wait::allowed);
}

std::shared_ptr<const Rows> FolderView::rows_if_resident(std::size_t block) const {
    return load_rows(parts_.base->rows[pieces_.at(block).row], Wait::never);
}

std::shared_ptr<const Rows> FolderView::rows_of(const SegmentRow* row) const {
    if (!row || row->greatest_date < parts_.cutoff) return nullptr;
    return load_rows(*row, Wait::allowed);
}

std::optional<std::size_t> FolderView::block_of(std::uint32_t segment) const {
    const auto at = std::lower_bound(blocks_.begin(), blocks_.end(), segment, [](const Block& block, std::uint32_t n) {
        return segment_of(block.first_uid) < n;
    });
    if (at == blocks_.end() || segment_of(at->first_uid) != segment) return std::nullopt;
    return static_cast<std::size_t>(at - blocks_.begin());
}

NumberSet FolderView::hidden_in(const SegmentRow& row) const {
    NumberSet result;
    if (!parts_.hidden) return result;
    for (const auto& range : parts_.hidden->ranges()) {
        const auto first = std::max(range.first, row.first.value);
        const auto last = std::min(range.last, row.last.value);
        if (first <= last) result.add(first, last);
    }
    return result;
}

std::optional<Number> FolderView::first_unseen() const {
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
        if (pieces_[b].unseen == 0) continue;
        const auto contents = rows(b);
        for (std::size_t i = 0; i < contents->size(); ++i)
            if (!(contents->flags(i).system & flag::seen))
                return Number{blocks_[b].first.value + static_cast<std::uint32_t>(i)};
    }
    return std::nullopt;
}

NumberSet FolderView::vanished_since(ModSeq since) const {
    std::vector<NumberRange> gone;
    for (const auto& row : parts_.base->tombstones) {
        if (row.max_modseq <= since) continue;
        const auto contents = load(*parts_.source, folder(), row);
        for (const auto& tombstone : contents->tombstones())
            if (tombstone.removed > since) gone.push_back({tombstone.uid.value, tombstone.uid.value});
    }
    // Left the window since: dated between the cut-off of then and of now. And what came (back) since, but outside the
    // window: the client may have known it under the date it had before.
    const auto then = parts_.overlay->cutoff_at(since);
    for (const auto& row : parts_.base->rows) {
        if (row.least_date >= parts_.cutoff || (row.greatest_date < then && row.max_modseq <= since)) continue;
        if (row.least_date >= then && row.greatest_date < parts_.cutoff && contiguous(row)) {
            gone.push_back({row.first.value, row.last.value});
            continue;
        }
        const auto contents = load(*parts_.source, folder(), row);
        for (std::size_t i = 0; i < contents->size(); ++i)
            if (contents->date(i) < parts_.cutoff && (contents->date(i) >= then || contents->added(i) > since))
                gone.push_back({contents->uid(i).value, contents->uid(i).value});
    }
    // What came back, but not for the session that holds this view: to it those are as good as gone.
    if (parts_.hidden) gone.insert(gone.end(), parts_.hidden->ranges().begin(), parts_.hidden->ranges().end());
    return NumberSet(std::move(gone)).resolved(UINT32_MAX);
}

std::shared_ptr<const View> make_view(std::shared_ptr<const Base> base, std::shared_ptr<const Overlay> overlay,
                                      std::shared_ptr<SegmentSource> source,
                                      const std::shared_ptr<const View>& previous) {
    ViewParts parts;
    parts.cutoff = overlay->cutoff();
    parts.reveals = std::make_shared<const Reveals>(overlay->window);
    parts.highest_modseq = std::max(base->highest_modseq, overlay->highest_modseq);
    parts.base = std::move(base);
    parts.overlay = std::move(overlay);
    parts.source = std::move(source);
    return std::make_shared<const FolderView>(std::move(parts), dynamic_cast<const FolderView*>(previous.get()));
}

}  // namespace imaparc::index
