// A folder as plain maps, beside the real thing: operations are done on both, and what views say is compared with what
// the maps say. The "database" keeps encoded segments, only the newest version of each, as IMAPDB.FDB does.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "index/edit.h"
#include "index/make_view.h"
#include "index/source.h"
#include "index/view.h"

namespace imaparc::index::test {

class MemoryDatabase : public SegmentSource {
  public:
    std::shared_ptr<const BaseSegment> base(FolderNumber, std::uint32_t segment, std::uint64_t version) override {
        ++base_loads;
        return get<BaseSegment>(bases_, segment, version);
    }
    std::shared_ptr<const BaseSegment> base_if_resident(FolderNumber, std::uint32_t segment,
                                                        std::uint64_t version) override {
        return resident ? get<BaseSegment>(bases_, segment, version) : nullptr;
    }
    std::shared_ptr<const OverlaySegment> overlay(FolderNumber, UserNumber user, std::uint32_t segment,
                                                  std::uint64_t version) override {
        ++overlay_loads;
        return get<OverlaySegment>(overlays_[user.value], segment, version);
    }
    std::shared_ptr<const OverlaySegment> overlay_if_resident(FolderNumber, UserNumber user, std::uint32_t segment,
                                                              std::uint64_t version) override {
        return resident ? get<OverlaySegment>(overlays_[user.value], segment, version) : nullptr;
    }
    std::shared_ptr<const TombstoneSegment> tombstones(FolderNumber, std::uint32_t segment,
                                                       std::uint64_t version) override {
        return get<TombstoneSegment>(tombstones_, segment, version);
    }

    void write(const BaseEdit& edit) {
        for (const auto n : edit.segments) write_row(bases_, n, edit.base->row(n));
        for (const auto n : edit.tombstones) write_row(tombstones_, n, edit.base->tombstone_row(n));
    }
    // Rows that were not written so far.
    void write(const Overlay& overlay) {
        for (const auto& row : overlay.rows) {
            auto& table = overlays_[overlay.user.value];
            const auto at = table.find(row.segment);
            if (at == table.end() || at->second.first != row.cell->version()) write_row(table, row.segment, &row);
        }
    }

    bool resident = true;
    unsigned base_loads = 0, overlay_loads = 0;

  private:
    using Table = std::map<std::uint32_t, std::pair<std::uint64_t, std::string>>;

    template <class Segment>
    static std::shared_ptr<const Segment> get(const Table& table, std::uint32_t segment, std::uint64_t version) {
        const auto at = table.find(segment);
        if (at == table.end() || at->second.first != version) return nullptr;
        return value_or_throw_(Segment::decode(at->second.second));
    }
    template <class T>
    static T value_or_throw_(Result<T> result) {
        if (!result) throw Fault(result.error());
        return *result;
    }
    template <class Row>
    static void write_row(Table& table, std::uint32_t segment, const Row* row) {
        if (!row) {
            table.erase(segment);
            return;
        }
        const auto contents = row->cell->held();
        REQUIRE(contents);
        table[segment] = {row->cell->version(), contents->encode()};
        row->cell->written();
    }
    Table bases_, tombstones_;
    std::map<std::uint32_t, Table> overlays_;
};

struct Shown {  // one message as a user sees it
    FlagBits flags;
    std::uint64_t modseq = 0;
    Seconds date = 0;
    std::optional<std::uint64_t> octets;
    MessageId id;
    bool operator==(const Shown&) const = default;
};
using Listing = std::map<std::uint32_t, Shown>;

class FolderModel {
  public:
    explicit FolderModel(unsigned seed, unsigned users = 2) : random(seed) {
        auto empty = std::make_shared<Base>();
        empty->folder = FolderNumber{7};
        empty->uid_validity = UidValidity{1700000000};
        base = empty;
        for (unsigned u = 0; u < users; ++u) {
            auto overlay = std::make_shared<Overlay>();
            overlay->folder = base->folder;
            overlay->user = UserNumber{u};
            overlay->window.push_back({no_cutoff, ModSeq{0}});
            overlays.push_back(overlay);
            flags.emplace_back();
            reveals.emplace_back();
            cutoffs.push_back(no_cutoff);
            views.push_back(nullptr);
        }
    }

    std::mt19937 random;
    std::shared_ptr<MemoryDatabase> database = std::make_shared<MemoryDatabase>();
    std::shared_ptr<const Base> base;
    std::vector<std::shared_ptr<const Overlay>> overlays;
    std::vector<std::shared_ptr<const View>> views;  // the latest of each user

    // The plain model.
    std::map<std::uint32_t, StoredMessage> living;
    std::map<std::uint32_t, MessageId> gone;
    std::vector<std::map<std::uint32_t, std::pair<FlagBits, std::uint64_t>>> flags;  // user -> uid
    std::vector<std::map<std::uint32_t, std::uint64_t>> reveals;                     // user -> uid -> modseq
    std::vector<Seconds> cutoffs;
    std::uint32_t uid_next = 1;
    std::uint64_t modseq = 1, version = 0;

    unsigned pick(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random); }

    StoredMessage some_message(std::uint32_t uid) {
        StoredMessage m;
        m.uid = Uid{uid};
        for (auto& byte : m.id.bytes) byte = static_cast<std::uint8_t>(pick(256));
        m.date = pick(1000);
        m.store = StoreNumber{static_cast<std::uint16_t>(1 + pick(2))};
        m.seed = static_cast<std::uint8_t>(pick(16));
        m.added = ModSeq{modseq};
        if (pick(2)) m.octets = pick(5000);
        return m;
    }

    void finish(BaseEditor& editor) {
        const auto edit = editor.finish();
        database->write(edit);
        base = edit.base;
    }
    void finish(OverlayEditor& editor, unsigned user) {
        overlays[user] = editor.finish().overlay;
        if (pick(3) == 0) database->write(*overlays[user]);
    }

    void add(unsigned count, unsigned greatest_step = 1500) {
        ++modseq;
        BaseEditor editor(base, *database, ++version);
        for (unsigned i = 0; i < count; ++i) {
            const auto m = some_message(uid_next + (pick(3) ? 0 : pick(greatest_step)));
            CHECK(editor.put(m));
            living[m.uid.value] = m;
            uid_next = m.uid.value + 1;
        }
        finish(editor);
    }
    std::uint32_t some_living() {
        auto at = living.begin();
        std::advance(at, pick(static_cast<unsigned>(living.size())));
        return at->first;
    }
    void remove(unsigned count) {
        ++modseq;
        BaseEditor editor(base, *database, ++version);
        for (unsigned i = 0; i < count && !living.empty(); ++i) {
            const auto uid = some_living();
            CHECK(editor.remove(Uid{uid}, ModSeq{modseq}));
            CHECK(!editor.remove(Uid{uid}, ModSeq{modseq}));
            gone[uid] = living[uid].id;
            living.erase(uid);
            for (auto& of_user : reveals) of_user.erase(uid);
        }
        finish(editor);
        if (pick(2) && !overlays.empty()) {
            const auto user = pick(static_cast<unsigned>(overlays.size()));
            OverlayEditor recount(overlays[user], base, *database, ++version);
            recount.recount();
            finish(recount, user);
        }
    }
    void bring_back(unsigned count) {
        if (gone.empty()) return;
        ++modseq;
        std::vector<MessageId> ids;
        for (const auto& [uid, id] : gone)
            if (ids.size() < count && pick(2)) ids.push_back(id);
        const auto found = find_tombstones(*base, *database, ids);
        CHECK(found.size() == ids.size());
        BaseEditor editor(base, *database, ++version);
        for (const auto& id : ids) {
            const auto uid = found.at(id);
            CHECK(gone.at(uid.value) == id);
            auto m = some_message(uid.value);
            m.id = id;
            CHECK(editor.put(m));
            living[uid.value] = m;
            gone.erase(uid.value);
        }
        editor.raise_uid_next(Uid{++uid_next});
        finish(editor);
    }
    void learn_octets(unsigned count) {
        BaseEditor editor(base, *database, ++version);
        for (unsigned i = 0; i < count && !living.empty(); ++i) {
            auto& m = living[some_living()];
            m.octets = pick(100000);
            CHECK(editor.set_octets(m.uid, *m.octets));
        }
        CHECK(!editor.set_octets(Uid{uid_next + 5}, 1));
        finish(editor);
    }
    void set_flags(unsigned user, unsigned count) {
        ++modseq;
        OverlayEditor editor(overlays[user], base, *database, ++version);
        const auto keyword = editor.keyword("k" + std::to_string(pick(5)));
        REQUIRE(keyword);
        const FlagBits bits{static_cast<std::uint8_t>(pick(16)), pick(2) ? std::uint64_t{1} << *keyword : 0};
        for (unsigned i = 0; i < count && !living.empty(); ++i) {
            const auto uid = some_living();
            const auto now = editor.current(Uid{uid});
            REQUIRE(now);
            const auto expected = shown(user, uid);
            CHECK(now->flags == expected.flags);
            CHECK(now->modseq.value == expected.modseq);
            editor.set(Uid{uid}, bits, ModSeq{modseq});
            flags[user][uid] = {bits, modseq};
        }
        finish(editor, user);
    }
    void move_window(unsigned user, Seconds cutoff) {
        if (cutoff == cutoffs[user]) return;
        ++modseq;
        if (cutoff < cutoffs[user]) {
            for (const auto& [uid, m] : living)
                if (m.date >= cutoff && m.date < cutoffs[user]) reveals[user][uid] = modseq;
            BaseEditor raise(base, *database, ++version);
            raise.raise_uid_next(Uid{++uid_next});
            finish(raise);
        }
        OverlayEditor editor(overlays[user], base, *database, ++version);
        editor.move_window({cutoff, ModSeq{modseq}});
        finish(editor, user);
        cutoffs[user] = cutoff;
    }

    Shown shown(unsigned user, std::uint32_t uid) const {
        const auto& m = living.at(uid);
        Shown s{{}, m.added.value, m.date, m.octets, m.id};
        if (user == 0) s.flags.system = m.seed;
        if (const auto at = flags[user].find(uid); at != flags[user].end()) {
            s.flags = at->second.first;
            s.modseq = std::max(s.modseq, at->second.second);
        }
        if (const auto at = reveals[user].find(uid); at != reveals[user].end())
            s.modseq = std::max(s.modseq, at->second);
        return s;
    }
    Listing listing(unsigned user) const {
        Listing all;
        for (const auto& [uid, m] : living)
            if (m.date >= cutoffs[user]) all[uid] = shown(user, uid);
        return all;
    }

    // Anything of the above.
    void something() {
        switch (pick(12)) {
            case 0:
            case 1:
            case 2:
                return add(1 + pick(4));
            case 3:
                return remove(1 + pick(4));
            case 4:
                return bring_back(1 + pick(4));
            case 5:
                return learn_octets(1 + pick(4));
            case 6:
                return move_window(pick(2), pick(3) ? pick(600) : no_cutoff);
            case 7:
                return living.size() > 400 ? remove(150) : add(1);
            default:
                return set_flags(pick(2), 1 + pick(6));
        }
    }
    void make_views() {
        for (unsigned u = 0; u < views.size(); ++u)
            views[u] = make_view(base, overlays[u], database, pick(4) ? views[u] : nullptr);
    }
};

// All that a view shows, through its blocks.
inline Listing listing_of(const View& view) {
    Listing all;
    std::uint32_t number = 1;
    for (std::size_t b = 0; b < view.blocks().size(); ++b) {
        const auto& block = view.blocks()[b];
        CHECK(block.first.value == number);
        CHECK(block.count > 0);
        const auto rows = view.rows(b);
        REQUIRE(rows->size() == block.count);
        for (std::size_t i = 0; i < rows->size(); ++i) {
            const auto uid = rows->uid(i);
            CHECK(uid >= block.first_uid);
            CHECK(uid <= block.last_uid);
            if (!all.empty()) CHECK(uid.value > all.rbegin()->first);
            all[uid.value] = {rows->flags(i), rows->modseq(i).value, rows->date(i), rows->octets(i), rows->id(i)};
        }
        number += block.count;
    }
    CHECK(view.count() == number - 1);
    return all;
}

// Everything a view says against a listing.
inline void check_view(const View& view, const Listing& expected) {
    CHECK(listing_of(view) == expected);
    CHECK(view.count() == expected.size());
    std::uint32_t unseen = 0, number = 0;
    std::optional<Number> first_unseen;
    for (const auto& [uid, s] : expected) {
        ++number;
        if (!(s.flags.system & flag::seen)) {
            ++unseen;
            if (!first_unseen) first_unseen = Number{number};
        }
        CHECK(view.uid_at(Number{number}) == Uid{uid});
        CHECK(view.number_of(Uid{uid}) == Number{number});
    }
    CHECK(view.unseen() == unseen);
    CHECK(view.first_unseen() == first_unseen);
    CHECK(view.last_uid().value == (expected.empty() ? 0 : expected.rbegin()->first));
    CHECK(!view.uid_at(Number{0}));
    CHECK(!view.uid_at(Number{view.count() + 1}));
    CHECK(!view.number_of(Uid{view.uid_next().value + 1}));
}

}  // namespace imaparc::index::test
