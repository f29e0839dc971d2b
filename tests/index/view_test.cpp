#include "index/view.h"

#include <doctest/doctest.h>

#include "folder_model.h"

using namespace imaparc;
using namespace imaparc::index;
using namespace imaparc::index::test;

namespace {

unsigned random_seed() {
    const char* given = std::getenv("IMAPARC_SEED");
    return given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
}

std::uint32_t outside(const FolderModel& model, unsigned user) {
    std::uint32_t count = 0;
    for (const auto& [uid, m] : model.living)
        if (m.date < model.cutoffs[user]) ++count;
    return count;
}

// A QRESYNC client: what it knew at some HIGHESTMODSEQ (RFC 7162).
struct Client {
    std::uint64_t since = 0;
    Listing known;
};

}  // namespace

TEST_CASE("an empty folder") {
    FolderModel model(1);
    model.make_views();
    const auto& view = *model.views[0];
    CHECK(view.count() == 0);
    CHECK(view.unseen() == 0);
    CHECK(view.blocks().empty());
    CHECK(view.uid_next() == Uid{1});
    CHECK(view.highest_modseq().value >= 1);
    CHECK(!view.first_unseen());
    CHECK(!view.uid_at(Number{1}));
    CHECK(!view.number_of(Uid{1}));
    CHECK(view.vanished_since(ModSeq{1}).empty());
    CHECK(view.last_uid() == Uid{});
}

TEST_CASE("views against plain maps, through thousands of changes") {
    const auto seed = random_seed();
    MESSAGE("IMAPARC_SEED=", seed);
    FolderModel model(seed);
    std::vector<Client> clients[2];
    for (int round = 0; round < 800; ++round) {
        CAPTURE(seed);
        CAPTURE(round);
        model.something();
        model.make_views();
        for (unsigned user = 0; user < 2; ++user) {
            CAPTURE(user);
            const auto& view = *model.views[user];
            const auto now = model.listing(user);
            check_view(view, now);
            CHECK(view.hidden_by_window() == outside(model, user));
            CHECK(view.uid_next().value == model.uid_next);
            for (const auto& [uid, s] : now) CHECK(s.modseq <= view.highest_modseq().value);

            // Clients that synchronised some time ago, and do so now with QRESYNC.
            if (!clients[user].empty()) {
                const auto& client = clients[user][model.pick(static_cast<unsigned>(clients[user].size()))];
                const auto vanished = view.vanished_since(ModSeq{client.since});
                for (const auto& known : client.known) {
                    CAPTURE(known.first);
                    CHECK(vanished.contains(known.first) == (now.count(known.first) == 0));
                }
                for (const auto& [uid, s] : now) {
                    CHECK(!vanished.contains(uid));
                    const auto at = client.known.find(uid);
                    if (s.modseq > client.since) continue;  // it is told anew
                    REQUIRE(at != client.known.end());
                    CHECK(at->second.flags == s.flags);
                    CHECK(at->second.modseq == s.modseq);
                }
            }
            if (clients[user].size() < 40)
                clients[user].push_back({view.highest_modseq().value, now});
            else if (model.pick(10) == 0)
                clients[user][model.pick(40)] = {view.highest_modseq().value, now};

            model.database->resident = model.pick(2);
            for (std::size_t b = 0; b < view.blocks().size(); ++b)
                if (const auto rows = view.rows_if_resident(b)) CHECK(rows->uid(0) == view.rows(b)->uid(0));
            model.database->resident = true;
        }
    }
}

TEST_CASE("a view costs directory rows, not messages; only straddling segments are decoded, and once") {
    FolderModel model(3, 1);
    BaseEditor editor(model.base, *model.database, ++model.version);
    // 20 full segments with ascending dates.
    for (std::uint32_t uid = 1; uid <= 20 * segment_span; ++uid) {
        auto m = model.some_message(uid);
        m.date = uid;
        CHECK(editor.put(m));
    }
    model.finish(editor);
    REQUIRE(model.base->rows.size() == 20);

    model.make_views();
    CHECK(model.views[0]->count() == 20 * segment_span);
    CHECK(model.views[0]->uid_at(Number{50000}) == Uid{50000});
    CHECK(model.views[0]->number_of(Uid{70000}) == Number{70000});
    CHECK(model.database->base_loads == 0);

    // The cut-off lies within the eleventh segment.
    OverlayEditor window(model.overlays[0], model.base, *model.database, ++model.version);
    window.move_window({10 * segment_span + 100, ModSeq{2}});
    model.finish(window, 0);
    model.database->base_loads = 0;
    const auto view = make_view(model.base, model.overlays[0], model.database);
    CHECK(view->count() == 10 * segment_span - 99);
    CHECK(view->hidden_by_window() == 10 * segment_span + 99);
    CHECK(view->blocks().size() == 10);
    CHECK(model.database->base_loads == 1);

    // One more message: nothing is counted again.
    BaseEditor more(model.base, *model.database, ++model.version);
    auto m = model.some_message(20 * segment_span + 1);
    m.date = m.uid.value;
    CHECK(more.put(m));
    model.finish(more);
    model.database->base_loads = 0;
    const auto next = make_view(model.base, model.overlays[0], model.database, view);
    CHECK(next->count() == view->count() + 1);
    CHECK(model.database->base_loads == 0);
}

TEST_CASE("an old view reads what it showed, though the database has newer segments") {
    FolderModel model(5, 1);
    model.add(50, 3);
    model.set_flags(0, 10);
    model.database->write(*model.overlays[0]);
    model.make_views();
    const auto old = model.views[0];
    const auto expected = model.listing(0);
    for (int i = 0; i < 5; ++i) {
        model.remove(5);
        model.add(3);
        model.set_flags(0, 10);
        model.database->write(*model.overlays[0]);
    }
    check_view(*old, expected);
}

TEST_CASE("the window's history: what a client of then is told, and which modseq a returning message has") {
    Overlay overlay;
    CHECK(overlay.cutoff() == no_cutoff);
    CHECK(overlay.cutoff_at(ModSeq{9}) == no_cutoff);
    overlay.window = {{100, ModSeq{0}}, {200, ModSeq{10}}, {50, ModSeq{20}}, {300, ModSeq{30}}};
    CHECK(overlay.cutoff() == 300);
    CHECK(overlay.cutoff_at(ModSeq{1}) == 100);
    CHECK(overlay.cutoff_at(ModSeq{10}) == 200);
    CHECK(overlay.cutoff_at(ModSeq{29}) == 50);
    CHECK(overlay.cutoff_at(ModSeq{99}) == 300);
    const Reveals reveals(overlay.window);
    CHECK(reveals.at(49) == ModSeq{});
    CHECK(reveals.at(50) == ModSeq{20});
    CHECK(reveals.at(199) == ModSeq{20});
    CHECK(reveals.at(200) == ModSeq{});
}

TEST_CASE("the window's history is bounded, and forgets no widening") {
    FolderModel model(6, 1);
    OverlayEditor editor(model.overlays[0], model.base, *model.database, ++model.version);
    std::uint64_t modseq = 0;
    for (int day = 0; day < 100; ++day) editor.move_window({day, ModSeq{modseq++}});
    const auto widened = modseq++;
    editor.move_window({10, ModSeq{widened}});
    for (int day = 11; day < 1500; ++day) editor.move_window({day, ModSeq{modseq++}});
    const auto overlay = editor.finish().overlay;
    CHECK(overlay->window.size() <= window_moves_kept);
    CHECK(overlay->cutoff() == 1499);
    CHECK(overlay->highest_modseq.value == modseq - 1);
    CHECK(Reveals(overlay->window).at(50) == ModSeq{widened});
    CHECK(Reveals(overlay->window).at(10) == ModSeq{widened});
    CHECK(Reveals(overlay->window).at(9) == ModSeq{});
    CHECK(overlay->cutoff_at(ModSeq{modseq - 10}) == 1490);
    CHECK(overlay->cutoff_at(ModSeq{150}) <= 60);  // never more than what held then
}

TEST_CASE("keywords: the first case stays, the table is bounded") {
    FolderModel model(7, 1);
    OverlayEditor editor(model.overlays[0], model.base, *model.database, ++model.version);
    CHECK(editor.keyword("$Junk") == 0U);
    CHECK(editor.keyword("$junk") == 0U);
    for (unsigned i = 1; i < keywords_at_most; ++i) CHECK(editor.keyword("k" + std::to_string(i)) == i);
    CHECK(!editor.keyword("one too many"));
    CHECK(editor.keyword("K63") == 63U);
    const auto overlay = editor.finish().overlay;
    CHECK(overlay->keywords.size() == keywords_at_most);
    CHECK(overlay->keywords[0] == "$Junk");
}

TEST_CASE("changes can be applied twice") {
    FolderModel model(8, 1);
    model.add(20, 3000);
    const auto before = model.listing(0);
    BaseEditor again(model.base, *model.database, ++model.version);
    for (const auto& [uid, m] : model.living) CHECK(!again.put(m));
    CHECK(!again.remove(Uid{model.uid_next + 3}, ModSeq{99}));
    const auto edit = again.finish();
    CHECK(!edit.changed);
    CHECK(edit.base == model.base);
    model.make_views();
    check_view(*model.views[0], before);
}
