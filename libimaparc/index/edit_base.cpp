#include <algorithm>
#include <unordered_set>

#include "index/edit.h"
#include "index/uid_table.h"

namespace imaparc::index {
namespace {

constexpr std::size_t tables_open_at_most = 32;  // 230 KB each; others wait in packed form

struct Messages {
    std::shared_ptr<const BaseSegment> old;     // nullptr: there was none
    std::shared_ptr<const BaseSegment> packed;  // edited, put away; nullptr: as old, or in the table
    std::unique_ptr<UidTable<StoredMessage>> table;
    bool shape = false, membership = false;
    bool learned = false;  // octets or content: nothing that a view counts with
    bool changed() const { return shape || learned; }
};

struct Tombstones {
    std::shared_ptr<const TombstoneSegment> old;
    UidTable<Tombstone> table;
    bool changed = false;
};

// Puts the row in its place, replaces the one that is there, or (with nullopt) takes it out.
template <class Row>
void place(std::vector<Row>& rows, std::uint32_t segment, std::optional<Row> row) {
    const auto at = std::lower_bound(rows.begin(), rows.end(), segment,
                                     [](const Row& r, std::uint32_t n) { return r.segment < n; });
    const bool there = at != rows.end() && at->segment == segment;
    if (there && row)
        *at = std::move(*row);
    else if (there)
        rows.erase(at);
    else if (row)
        rows.insert(at, std::move(*row));
}

}  // namespace

struct BaseEditor::Inside {
    std::shared_ptr<const Base> old;
    SegmentSource& source;
    const std::uint64_t version;
    Uid uid_next;
    ModSeq highest_modseq;
    std::map<std::uint32_t, Messages> messages;
    std::map<std::uint32_t, Tombstones> tombstones;
    std::vector<std::uint32_t> open_tables;  // in the order they were opened

    static std::shared_ptr<const BaseSegment> pack(std::uint32_t segment, const UidTable<StoredMessage>& table) {
        return BaseSegment::make(segment, table.sorted());
    }

    // Not for looking only, where a segment may not exist: see find().
    Messages& open(std::uint32_t segment) {
        const auto [at, fresh] = messages.try_emplace(segment);
        auto& m = at->second;
        if (fresh) {
            if (const auto* row = old->row(segment)) m.old = load(source, old->folder, *row);
            // Counters of overlays may be about messages that lived here once.
            m.membership = !m.old && first_uid_of(segment) < old->uid_next;
        }
        if (m.table) return m;
        if (open_tables.size() >= tables_open_at_most) close(open_tables.front());
        m.table = std::make_unique<UidTable<StoredMessage>>(segment);
        if (const auto& from = m.packed ? m.packed : m.old)
            for (std::size_t i = 0; i < from->size(); ++i) m.table->put(from->message(i));
        m.packed.reset();
        open_tables.push_back(segment);
        return m;
    }

    void close(std::uint32_t segment) {
        auto& m = messages.at(segment);
        if (m.changed()) m.packed = pack(segment, *m.table);
        m.table.reset();
        std::erase(open_tables, segment);
    }

    Tombstones& open_tombstones(std::uint32_t segment) {
        if (const auto at = tombstones.find(segment); at != tombstones.end()) return at->second;
        std::shared_ptr<const TombstoneSegment> from;
        if (const auto* row = old->tombstone_row(segment)) from = load(source, old->folder, *row);
        auto& t = tombstones.emplace(segment, Tombstones{from, UidTable<Tombstone>(segment), false}).first->second;
        if (from)
            for (const auto& tombstone : from->tombstones()) t.table.put(tombstone);
        return t;
    }

    bool has_tombstones(std::uint32_t segment) const {
        return tombstones.count(segment) != 0 || old->tombstone_row(segment) != nullptr;
    }
};

BaseEditor::BaseEditor(std::shared_ptr<const Base> base, SegmentSource& source, std::uint64_t version)
    : inside_(new Inside{base, source, version, base->uid_next, base->highest_modseq, {}, {}, {}}) {}
BaseEditor::~BaseEditor() = default;

bool BaseEditor::put(const StoredMessage& message) {
    if (message.uid.value == 0) throw std::logic_error("base: a message without a UID");
    const auto segment = segment_of(message.uid);
    auto& m = inside_->open(segment);
    if (m.table->find(message.uid)) return false;
    m.table->put(message);
    m.shape = true;
    if (message.uid < inside_->uid_next) m.membership = true;  // it may have lived before, and have overlay entries
    if (inside_->has_tombstones(segment)) {
        auto& t = inside_->open_tombstones(segment);
        if (t.table.erase(message.uid)) t.changed = true;
    }
    if (message.uid.value != UINT32_MAX) raise_uid_next(Uid{message.uid.value + 1});
    raise_highest_modseq(message.added);
    return true;
}

bool BaseEditor::remove(Uid uid, ModSeq at) {
    const auto message = find(uid);
    if (!message) return false;
    const auto segment = segment_of(uid);
    auto& m = inside_->open(segment);
    m.table->erase(uid);
    m.shape = m.membership = true;
    auto& t = inside_->open_tombstones(segment);
    t.table.put({uid, message->remembered_as(), at});
    t.changed = true;
    raise_highest_modseq(at);
    return true;
}

bool BaseEditor::set_octets(Uid uid, std::uint64_t octets) {
    const auto message = find(uid);
    if (!message) return false;
    if (message->octets == octets) return true;
    auto& m = inside_->open(segment_of(uid));
    m.table->find(uid)->octets = octets;
    m.learned = true;
    return true;
}

bool BaseEditor::set_content(Uid uid, const ContentKey& content) {
    const auto message = find(uid);
    if (!message) return false;
    if (message->content == content) return true;
    auto& m = inside_->open(segment_of(uid));
    m.table->find(uid)->content = content;
    m.learned = true;
    return true;
}

void BaseEditor::raise_uid_next(Uid uid_next) { inside_->uid_next = std::max(inside_->uid_next, uid_next); }
void BaseEditor::raise_highest_modseq(ModSeq modseq) {
    inside_->highest_modseq = std::max(inside_->highest_modseq, modseq);
}
Uid BaseEditor::uid_next() const { return inside_->uid_next; }

std::optional<StoredMessage> BaseEditor::find(Uid uid) {
    if (uid.value == 0) return std::nullopt;
    const auto segment = segment_of(uid);
    if (inside_->messages.count(segment) == 0 && !inside_->old->row(segment)) return std::nullopt;
    const auto* found = inside_->open(segment).table->find(uid);
    if (!found) return std::nullopt;
    return *found;
}

BaseEdit BaseEditor::finish() {
    auto& in = *inside_;
    auto made = std::make_shared<Base>(*in.old);
    BaseEdit edit;
    for (auto& [segment, m] : in.messages) {
        if (!m.changed()) continue;
        const auto contents = m.table ? Inside::pack(segment, *m.table) : m.packed;
        const auto* before = in.old->row(segment);
        if (!before && contents->size() == 0) continue;  // came and went within the edit
        edit.segments.push_back(segment);
        if (before) before->cell->replaced(m.old);
        if (contents->size() == 0) {
            place<SegmentRow>(made->rows, segment, std::nullopt);
            continue;
        }
        auto row = describe(*contents);
        row.shape = m.shape || !before ? in.version : before->shape;
        row.membership = m.membership ? in.version : before ? before->membership : 0;
        row.cell = std::make_shared<const Cell<BaseSegment>>(in.version, contents);
        place<SegmentRow>(made->rows, segment, std::move(row));
    }
    for (auto& [segment, t] : in.tombstones) {
        if (!t.changed) continue;
        const auto* before = in.old->tombstone_row(segment);
        if (!before && t.table.empty()) continue;
        edit.tombstones.push_back(segment);
        if (before) before->cell->replaced(t.old);
        if (t.table.empty()) {
            place<TombstoneRow>(made->tombstones, segment, std::nullopt);
            continue;
        }
        const auto all = t.table.sorted();
        TombstoneRow row{segment, static_cast<std::uint32_t>(all.size()), {}, {}};
        for (const auto& tombstone : all) row.max_modseq = std::max(row.max_modseq, tombstone.removed);
        row.cell = std::make_shared<const Cell<TombstoneSegment>>(in.version, TombstoneSegment::make(segment, all));
        place<TombstoneRow>(made->tombstones, segment, std::move(row));
    }
    made->uid_next = in.uid_next;
    made->highest_modseq = in.highest_modseq;
    edit.changed = !edit.segments.empty() || !edit.tombstones.empty() || made->uid_next != in.old->uid_next ||
                   made->highest_modseq != in.old->highest_modseq;
    edit.base = edit.changed ? made : in.old;
    in.messages.clear();
    in.tombstones.clear();
    in.open_tables.clear();
    return edit;
}

std::unordered_map<MessageId, Uid> find_tombstones(const Base& base, SegmentSource& source,
                                                   const std::vector<MessageId>& ids) {
    std::unordered_map<MessageId, Uid> found;
    if (base.tombstones.empty() || ids.empty()) return found;
    const std::unordered_set<MessageId> wanted(ids.begin(), ids.end());
    std::unordered_map<MessageId, ModSeq> when;
    for (const auto& row : base.tombstones) {
        const auto contents = load(source, base.folder, row);
        for (const auto& tombstone : contents->tombstones()) {
            if (wanted.count(tombstone.id) == 0) continue;
            auto& last = when[tombstone.id];
            if (found.count(tombstone.id) != 0 && tombstone.removed <= last) continue;
            last = tombstone.removed;
            found[tombstone.id] = tombstone.uid;
        }
    }
    return found;
}

}  // namespace imaparc::index
