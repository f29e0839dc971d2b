// step() and renewed() against a client that only does what it is told.
#include <doctest/doctest.h>

#include <algorithm>

#include "folder_model.h"
#include "index/view.h"

using namespace imaparc;
using namespace imaparc::index;
using namespace imaparc::index::test;

namespace {

unsigned random_seed() {
    const char* given = std::getenv("IMAPARC_SEED");
    return given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
}

struct Session {
    unsigned user = 0;
    std::shared_ptr<const View> view;
    // The client's side.
    std::vector<std::uint32_t> list;
    std::map<std::uint32_t, std::pair<FlagBits, std::uint64_t>> flags;

    void learn(std::uint32_t uid, const Listing& from) {
        const auto at = from.find(uid);
        REQUIRE(at != from.end());
        flags[uid] = {at->second.flags, at->second.modseq};
    }
    void select(const FolderModel& model, unsigned who) {
        user = who;
        view = model.views[user];
        list.clear();
        flags.clear();
        const auto all = listing_of(*view);
        for (const auto& [uid, s] : all) {
            list.push_back(uid);
            learn(uid, all);
        }
    }
    // Takes a step to the latest view and does what a client does with it.
    void go_on(const FolderModel& model) {
        const auto before = list;
        const auto floor = view->uid_next().value;
        const auto told = step(view, model.views[user]);
        std::vector<std::uint32_t> went;
        for (const auto number : told.expunged) {
            REQUIRE(number.value >= 1);
            REQUIRE(number.value <= list.size());
            const auto at = list.begin() + (number.value - 1);
            went.push_back(*at);
            flags.erase(*at);
            list.erase(at);
        }
        std::sort(went.begin(), went.end());
        NumberSet by_uid;
        for (const auto uid : went) by_uid.add(uid);
        CHECK(told.vanished == by_uid);

        const auto now = listing_of(*told.view);
        CHECK(told.grown == (told.view->count() > list.size()));
        REQUIRE(told.view->count() >= list.size());
        auto at = now.begin();
        for (const auto uid : list) {
            REQUIRE(at != now.end());
            CHECK(at->first == uid);  // what stayed keeps its number
            ++at;
        }
        for (; at != now.end(); ++at) {  // what is new stands behind, and was never announced
            CHECK(at->first >= floor);
            list.push_back(at->first);
            learn(at->first, now);
        }
        for (const auto& range : told.flags_changed.ranges())
            for (auto uid = range.first; uid <= range.last; ++uid) {
                CHECK(std::binary_search(before.begin(), before.end(), uid));
                learn(uid, now);
            }
        for (const auto& [uid, s] : now) {
            CHECK(flags.at(uid).first == s.flags);
            CHECK(flags.at(uid).second == s.modseq);
        }
        CHECK(told.keywords_changed == (view->keywords() != model.views[user]->keywords()));

        // What should be there: what was and still is, and what is new.
        Listing expected;
        for (const auto& [uid, s] : model.listing(user))
            if (uid >= floor || std::binary_search(before.begin(), before.end(), uid)) expected[uid] = s;
        check_view(*told.view, expected);
        view = told.view;
    }
    // The same messages, newer flags; the client is told the flags.
    void renew(const FolderModel& model, bool keep) {
        const auto fresh = renewed(view, model.views[user]);
        const auto now = listing_of(*fresh);
        REQUIRE(now.size() == list.size());
        std::size_t i = 0;
        std::uint32_t unseen = 0;
        for (const auto& [uid, s] : now) {
            CHECK(uid == list[i++]);
            if (!(s.flags.system & flag::seen)) ++unseen;
            if (const auto set = model.flags[user].find(uid); set != model.flags[user].end())
                CHECK(s.flags == set->second.first);
            CHECK(fresh->number_of(Uid{uid}) == Number{static_cast<std::uint32_t>(i)});
            CHECK(fresh->uid_at(Number{static_cast<std::uint32_t>(i)}) == Uid{uid});
        }
        CHECK(fresh->unseen() == unseen);
        CHECK(fresh->highest_modseq() <= model.views[user]->highest_modseq());
        if (keep) {  // a session may as well keep it
            for (const auto& [uid, s] : now) learn(uid, now);
            view = fresh;
        }
    }
};

}  // namespace

TEST_CASE("sessions that step, renew and reselect at their own pace") {
    const auto seed = random_seed();
    MESSAGE("IMAPARC_SEED=", seed);
    FolderModel model(seed);
    model.add(30);
    model.make_views();
    std::vector<Session> sessions(6);
    for (unsigned i = 0; i < sessions.size(); ++i) sessions[i].select(model, i % 2);
    for (int round = 0; round < 1000; ++round) {
        CAPTURE(seed);
        CAPTURE(round);
        model.something();
        model.make_views();
        for (auto& session : sessions) {
            switch (model.pick(8)) {
                case 0:
                case 1:
                    session.go_on(model);
                    break;
                case 2:
                    session.renew(model, model.pick(2) == 0);
                    break;
                case 3:
                    if (model.pick(20) == 0) session.select(model, session.user);
                    break;
                default:
                    break;
            }
        }
    }
}

TEST_CASE("what comes back below the highest known UID waits for the next SELECT") {
    FolderModel model(11, 1);
    model.add(10, 1);
    model.make_views();
    Session session;
    session.select(model, 0);
    model.remove(3);
    model.make_views();
    session.go_on(model);
    CHECK(session.list.size() == 7);
    while (!model.gone.empty()) model.bring_back(10);
    model.make_views();
    session.go_on(model);
    CHECK(session.list.size() == 7);
    model.add(1, 1);
    model.make_views();
    session.go_on(model);
    CHECK(session.list.size() == 8);
    session.select(model, 0);
    CHECK(session.list.size() == 11);
}

TEST_CASE("nothing happened: the same view, nothing to tell") {
    FolderModel model(12, 1);
    model.add(10);
    model.make_views();
    const auto told = step(model.views[0], model.views[0]);
    CHECK(told.view == model.views[0]);
    CHECK(told.expunged.empty());
    CHECK(!told.grown);
    const auto again = make_view(model.base, model.overlays[0], model.database);
    const auto same = step(model.views[0], again);
    CHECK(same.expunged.empty());
    CHECK(same.flags_changed.empty());
    CHECK(!same.grown);
    CHECK(!same.keywords_changed);
}

TEST_CASE("a step costs the segments that differ") {
    FolderModel model(13, 1);
    BaseEditor editor(model.base, *model.database, ++model.version);
    for (std::uint32_t uid = 1; uid <= 20 * segment_span; ++uid) {
        auto m = model.some_message(uid);
        m.date = uid;
        CHECK(editor.put(m));
    }
    model.finish(editor);
    const auto held = make_view(model.base, model.overlays[0], model.database);

    BaseEditor more(model.base, *model.database, ++model.version);
    for (std::uint32_t uid = 20 * segment_span + 1; uid <= 21 * segment_span; ++uid)
        CHECK(more.put(model.some_message(uid)));
    model.finish(more);
    auto latest = make_view(model.base, model.overlays[0], model.database);
    model.database->base_loads = 0;
    auto told = step(held, latest);
    CHECK(told.grown);
    CHECK(told.view == latest);
    CHECK(told.flags_changed.empty());
    CHECK(model.database->base_loads == 0);  // a new segment alone: nothing to look at

    ++model.modseq;
    OverlayEditor flags(model.overlays[0], model.base, *model.database, ++model.version);
    flags.set(Uid{5000}, {flag::flagged, 0}, ModSeq{model.modseq});
    model.finish(flags, 0);
    const auto flagged = make_view(model.base, model.overlays[0], model.database);
    model.database->base_loads = 0;
    told = step(latest, flagged);
    CHECK(told.flags_changed.text() == "5000");
    CHECK(model.database->base_loads <= 2);

    ++model.modseq;
    BaseEditor less(model.base, *model.database, ++model.version);
    CHECK(less.remove(Uid{9000}, ModSeq{model.modseq}));
    CHECK(less.remove(Uid{9002}, ModSeq{model.modseq}));
    model.finish(less);
    latest = make_view(model.base, model.overlays[0], model.database);
    model.database->base_loads = 0;
    told = step(flagged, latest);
    REQUIRE(told.expunged.size() == 2);
    CHECK(told.expunged[0] == Number{9002});
    CHECK(told.expunged[1] == Number{9000});
    CHECK(told.vanished.text() == "9000,9002");
    CHECK(model.database->base_loads <= 2);

    // The newest sizes are no news for a client.
    BaseEditor sizes(model.base, *model.database, ++model.version);
    for (std::uint32_t uid = 1; uid < 20 * segment_span; uid += 100) sizes.set_octets(Uid{uid}, 1234567);
    model.finish(sizes);
    const auto sized = make_view(model.base, model.overlays[0], model.database);
    model.database->base_loads = 0;
    told = step(latest, sized);
    CHECK(told.flags_changed.empty());
    CHECK(model.database->base_loads == 0);
    CHECK(told.view->rows(0)->octets(0) == 1234567U);
}
