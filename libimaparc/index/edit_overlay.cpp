#include <algorithm>

#include "base/text.h"
#include "index/edit.h"
#include "index/uid_table.h"

namespace imaparc::index {
namespace {

struct Entries {
    std::shared_ptr<const OverlaySegment> old;  // nullptr: there was none
    UidTable<OverlayEntry> table;
    bool changed = false;
};

// A year of daily moves is enough. What goes is the oldest move between two that narrow, so that no widening is
// forgotten (its modseq is that of messages) and clients of that time count as if they had seen more.
void trim(std::vector<WindowMove>& window) {
    while (window.size() > window_moves_kept) {
        const auto narrows = [&](std::size_t i) { return i == 0 || window[i - 1].cutoff < window[i].cutoff; };
        std::size_t i = 0;
        while (i + 1 < window.size() && !(narrows(i) && narrows(i + 1))) ++i;
        if (i + 1 == window.size()) return;
        window.erase(window.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

}  // namespace

struct OverlayEditor::Inside {
    std::shared_ptr<const Overlay> old;
    std::shared_ptr<const Base> base;
    SegmentSource& source;
    const std::uint64_t version;
    Overlay made;  // its rows are set by finish()
    Reveals reveals;
    std::map<std::uint32_t, Entries> entries;
    std::uint32_t near_segment = 0;  // the segment looked at last
    std::shared_ptr<const BaseSegment> near_base;
    std::shared_ptr<const OverlaySegment> near_overlay;

    // Contents of the base's segment; nullptr if nothing lives there.
    const BaseSegment* look(std::uint32_t segment) {
        if (near_base && near_segment == segment) return near_base.get();
        const auto* row = base->row(segment);
        if (!row) return nullptr;
        near_base = load(source, base->folder, *row);
        near_segment = segment;
        const auto* overlay_row = old->row(segment);
        near_overlay = overlay_row ? load(source, old->folder, old->user, *overlay_row) : nullptr;
        return near_base.get();
    }

    Entries& open(std::uint32_t segment) {
        if (const auto at = entries.find(segment); at != entries.end()) return at->second;
        std::shared_ptr<const OverlaySegment> from;
        if (const auto* row = old->row(segment)) from = load(source, old->folder, old->user, *row);
        auto& e = entries.emplace(segment, Entries{from, UidTable<OverlayEntry>(segment), false}).first->second;
        if (from)
            for (const auto& entry : from->entries()) e.table.put(entry);
        return e;
    }

    // What the entries change in the number of unseen messages of the base's segment.
    std::int32_t unseen_delta(std::uint32_t segment, const std::vector<OverlayEntry>& all) {
        const auto* contents = look(segment);
        std::int32_t delta = 0;
        if (!contents) return delta;
        for (const auto& entry : all) {
            const auto i = contents->find(entry.uid);
            if (!i) continue;
            const bool seed_seen = old->owners() && (contents->seed(*i) & flag::seen);
            const bool seen = entry.flags.system & flag::seen;
            delta += (seed_seen ? 1 : 0) - (seen ? 1 : 0);
        }
        return delta;
    }
};

OverlayEditor::OverlayEditor(std::shared_ptr<const Overlay> overlay, std::shared_ptr<const Base> base,
                             SegmentSource& source, std::uint64_t version)
    : inside_(new Inside{
          overlay, std::move(base), source, version, *overlay, Reveals(overlay->window), {}, 0, nullptr, nullptr}) {}
OverlayEditor::~OverlayEditor() = default;

std::optional<OverlayEditor::Current> OverlayEditor::current(Uid uid) {
    if (uid.value == 0) return std::nullopt;
    const auto segment = segment_of(uid);
    const auto* contents = inside_->look(segment);
    if (!contents) return std::nullopt;
    const auto i = contents->find(uid);
    if (!i) return std::nullopt;
    const OverlayEntry* entry = nullptr;
    if (const auto edited = inside_->entries.find(segment); edited != inside_->entries.end())
        entry = edited->second.table.find(uid);
    else if (inside_->near_overlay)
        entry = inside_->near_overlay->find(uid);
    Current result;
    result.date = contents->date(*i);
    result.modseq = std::max(contents->added(*i), inside_->reveals.at(result.date));
    if (entry) {
        result.flags = entry->flags;
        result.modseq = std::max(result.modseq, entry->modseq);
    } else if (inside_->old->owners()) {
        result.flags.system = contents->seed(*i) & flag::kept;
    }
    return result;
}

std::vector<Uid> OverlayEditor::living(Uid first, Uid last) {
    std::vector<Uid> uids;
    const auto& rows = inside_->base->rows;
    auto row =
        std::lower_bound(rows.begin(), rows.end(), first, [](const SegmentRow& r, Uid uid) { return r.last < uid; });
    for (; row != rows.end() && row->first <= last; ++row) {
        const auto* contents = inside_->look(row->segment);
        for (auto i = contents->lower_bound(first); i < contents->size() && contents->uid(i) <= last; ++i)
            uids.push_back(contents->uid(i));
    }
    return uids;
}

void OverlayEditor::set(Uid uid, FlagBits flags, ModSeq modseq) {
    if (uid.value == 0) throw std::logic_error("overlay: flags of no UID");
    flags.system &= flag::kept;
    auto& e = inside_->open(segment_of(uid));
    const OverlayEntry entry{uid, flags, modseq};
    const auto* there = e.table.find(uid);
    if (!there || !(*there == entry)) {
        e.table.put(entry);
        e.changed = true;
    }
    raise_highest_modseq(modseq);
}

std::optional<unsigned> OverlayEditor::keyword(std::string_view name) {
    auto& table = inside_->made.keywords;
    for (std::size_t i = 0; i < table.size(); ++i)
        if (ascii_iequals(table[i], name)) return static_cast<unsigned>(i);
    if (table.size() >= keywords_at_most) return std::nullopt;
    table.emplace_back(name);
    return static_cast<unsigned>(table.size() - 1);
}

void OverlayEditor::set_keywords(std::vector<std::string> table) { inside_->made.keywords = std::move(table); }

void OverlayEditor::move_window(WindowMove move) {
    auto& window = inside_->made.window;
    if (!window.empty() && (window.back().cutoff == move.cutoff || move.modseq <= window.back().modseq)) return;
    window.push_back(move);
    trim(window);
    inside_->reveals = Reveals(window);
    raise_highest_modseq(move.modseq);
}

void OverlayEditor::raise_highest_modseq(ModSeq modseq) {
    inside_->made.highest_modseq = std::max(inside_->made.highest_modseq, modseq);
}

void OverlayEditor::recount() {
    for (const auto& row : inside_->old->rows) {
        const auto* base_row = inside_->base->row(row.segment);
        if (base_row && base_row->membership != row.membership) inside_->open(row.segment).changed = true;
    }
}

OverlayEdit OverlayEditor::finish() {
    auto& in = *inside_;
    OverlayEdit edit;
    auto& rows = in.made.rows;
    for (auto& [segment, e] : in.entries) {
        if (!e.changed || e.table.empty()) continue;
        const auto all = e.table.sorted();
        const auto* base_row = in.base->row(segment);
        OverlayRow row;
        row.segment = segment;
        row.count = static_cast<std::uint32_t>(all.size());
        row.unseen_delta = in.unseen_delta(segment, all);
        row.membership = base_row ? base_row->membership : 0;
        for (const auto& entry : all) row.max_modseq = std::max(row.max_modseq, entry.modseq);
        row.cell = std::make_shared<const Cell<OverlaySegment>>(in.version, OverlaySegment::make(segment, all));
        if (const auto* before = in.old->row(segment)) before->cell->replaced(e.old);
        const auto at = std::lower_bound(rows.begin(), rows.end(), segment,
                                         [](const OverlayRow& r, std::uint32_t n) { return r.segment < n; });
        if (at != rows.end() && at->segment == segment)
            *at = std::move(row);
        else
            rows.insert(at, std::move(row));
        edit.segments.push_back(segment);
    }
    edit.changed = !edit.segments.empty() || in.made.keywords != in.old->keywords || in.made.window != in.old->window ||
                   in.made.highest_modseq != in.old->highest_modseq;
    edit.overlay = edit.changed ? std::make_shared<const Overlay>(in.made) : in.old;
    in.entries.clear();
    return edit;
}

}  // namespace imaparc::index
