#include <algorithm>
#include <stdexcept>

#include "index/folder_view.h"
#include "index/view.h"

namespace imaparc::index {
namespace {

const FolderView& folder_view(const std::shared_ptr<const View>& view) {
    const auto* made = dynamic_cast<const FolderView*>(view.get());
    if (!made) throw std::logic_error("step: a view that make_view did not make");
    return *made;
}

std::uint64_t version_of(const OverlayRow* row) { return row ? row->cell->version() : 0; }

enum class Sight { all, none, some };

Sight sight(const FolderView& view, const SegmentRow& row) {
    if (row.greatest_date < view.parts().cutoff) return Sight::none;
    return row.least_date >= view.parts().cutoff ? Sight::all : Sight::some;
}

// Collects what a Step says, one segment after the other.
class Stepper {
  public:
    Stepper(const FolderView& held, const FolderView& latest)
        : held_(held), latest_(latest), same_reveals_(*held.parts().reveals == *latest.parts().reveals) {}

    void run() {
        const auto& olds = held_.parts().base->rows;
        const auto& news = latest_.parts().base->rows;
        auto o = olds.begin();
        auto n = news.begin();
        while (o != olds.end() || n != news.end()) {
            if (n == news.end() || (o != olds.end() && o->segment < n->segment))
                segment(&*o++, nullptr);
            else if (o == olds.end() || n->segment < o->segment)
                segment(nullptr, &*n++);
            else
                segment(&*o++, &*n++);
        }
    }

    std::vector<Number> expunged;  // ascending
    NumberSet vanished, flags_changed;
    std::vector<NumberRange> hidden;

  private:
    void segment(const SegmentRow* old_row, const SegmentRow* new_row) {
        if (old_row && new_row && same(*old_row, *new_row)) {
            const auto still = held_.hidden_in(*old_row);
            hidden.insert(hidden.end(), still.ranges().begin(), still.ranges().end());
            return;
        }
        // Nothing but new messages: the most frequent change of all, and no reason to look inside.
        if (!old_row && new_row->first >= held_.uid_next()) return;

        const auto number = (old_row ? old_row : new_row)->segment;
        const auto block = held_.block_of(number);
        const auto olds = block ? held_.rows(*block) : nullptr;
        const auto news = latest_.rows_of(new_row);
        const auto old_count = olds ? olds->size() : 0;
        const auto new_count = news ? news->size() : 0;
        std::size_t o = 0, n = 0;
        while (o < old_count || n < new_count) {
            if (n == new_count || (o < old_count && olds->uid(o) < news->uid(n))) {
                expunged.push_back(Number{held_.blocks()[*block].first.value + static_cast<std::uint32_t>(o)});
                vanished.add(olds->uid(o++).value);
            } else if (o == old_count || news->uid(n) < olds->uid(o)) {
                const auto uid = news->uid(n++);
                if (uid < held_.uid_next()) hide(uid);
            } else {
                if (!(olds->flags(o) == news->flags(n)) || olds->modseq(o) != news->modseq(n))
                    flags_changed.add(olds->uid(o).value);
                ++o;
                ++n;
            }
        }
    }

    bool same(const SegmentRow& old_row, const SegmentRow& new_row) const {
        const auto seen = sight(held_, old_row);
        const auto sees = sight(latest_, new_row);
        if (seen == Sight::none && sees == Sight::none) return true;
        return seen == sees && (seen == Sight::all || held_.parts().cutoff == latest_.parts().cutoff) &&
               old_row.shape == new_row.shape && same_reveals_ &&
               version_of(held_.parts().overlay->row(old_row.segment)) ==
                   version_of(latest_.parts().overlay->row(new_row.segment));
    }

    void hide(Uid uid) {
        if (!hidden.empty() && hidden.back().last + 1 == uid.value)
            hidden.back().last = uid.value;
        else
            hidden.push_back({uid.value, uid.value});
    }

    const FolderView& held_;
    const FolderView& latest_;
    const bool same_reveals_;
};

}  // namespace

Step step(const std::shared_ptr<const View>& held, const std::shared_ptr<const View>& latest) {
    Step result;
    result.view = latest;
    if (held == latest) return result;
    const auto& from = folder_view(held);
    const auto& to = folder_view(latest);
    Stepper stepper(from, to);
    stepper.run();

    if (!stepper.hidden.empty()) {
        auto parts = to.parts();
        parts.hidden = std::make_shared<const NumberSet>(std::move(stepper.hidden));
        // What is hidden came back with mod-sequences above this. A client that believed it had heard of everything up
        // to a higher one would never be told of them (RFC 7162 3.2).
        parts.highest_modseq = held->highest_modseq();
        result.view = std::make_shared<const FolderView>(std::move(parts), nullptr);
    }
    // From the last to the first, so that none moves another.
    result.expunged.assign(stepper.expunged.rbegin(), stepper.expunged.rend());
    result.vanished = std::move(stepper.vanished);
    result.flags_changed = std::move(stepper.flags_changed);
    result.grown = result.view->count() > held->count() - result.expunged.size();
    result.keywords_changed = held->keywords() != latest->keywords();
    return result;
}

std::shared_ptr<const View> renewed(const std::shared_ptr<const View>& held,
                                    const std::shared_ptr<const View>& latest) {
    if (held == latest) return held;
    const auto& from = folder_view(held);
    const auto& to = folder_view(latest);
    if (from.parts().overlay == to.parts().overlay) return held;
    const bool same_messages = from.parts().base == to.parts().base && from.parts().cutoff == to.parts().cutoff &&
                               *from.parts().reveals == *to.parts().reveals;
    if (same_messages && !from.parts().hidden) return latest;

    auto parts = from.parts();
    parts.overlay = to.parts().overlay;
    // The highest mod-sequence stays: there is something that the client has not been told, and it must not hear of one
    // beyond that (RFC 7162 3.2).
    const auto& newest = *to.parts().base;
    return std::make_shared<const FolderView>(std::move(parts), nullptr, [&newest](const SegmentRow& row) {
        const auto* now = newest.row(row.segment);
        return now && now->shape == row.shape;
    });
}

}  // namespace imaparc::index
