#include "index_fixture.h"

#include <atomic>
#include <random>
#include <set>
#include <thread>

using namespace imaparc;
using namespace imaparc::index;
using namespace imaparc::index::test;

namespace {

NumberSet set_of(std::initializer_list<std::uint32_t> uids) {
    NumberSet set;
    for (const auto uid : uids) set.add(uid);
    return set;
}

FlagOutcome store(Owner& owner, std::string_view path, std::string_view user, const NumberSet& uids, FlagAction action,
                  FlagNames flags, std::optional<ModSeq> unchanged_since = {},
                  Durability durability = Durability::before_return) {
    const auto folder = owner.find(path);
    REQUIRE(folder.has_value());
    return good(owner.store_flags(folder->number, owner.user(user), uids, action, flags, unchanged_since, durability));
}

std::vector<std::uint32_t> uids_of(const View& view) {
    std::vector<std::uint32_t> uids;
    for (const auto& row : shown(view)) uids.push_back(row.uid);
    return uids;
}

using Uids = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("owner: what is removed comes back under its UID, with UIDNEXT raised by one") {
    Fixture f;
    f.open();
    auto ann = f.owner();
    good(ann->commit(change_of({folder_with("INBOX", {message("a", 1), message("b", 2), message("c", 3)})}, {}, true)));
    store(*ann, "INBOX", "ann", set_of({2}), FlagAction::add, {flag::flagged, {"x"}});
    const auto held = view_of(*ann, "INBOX");
    CHECK(held->uid_next() == Uid{4});

    auto done = good(ann->commit(change_of({folder_with("INBOX", {}, {id_of("b"), id_of("never there")})})));
    CHECK(done.removed == 1);
    auto now = view_of(*ann, "INBOX");
    CHECK(uids_of(*now) == Uids{1, 3});
    CHECK(uids_of(*held) == Uids{1, 2, 3});
    CHECK(now->highest_modseq() > held->highest_modseq());
    CHECK(now->vanished_since(held->highest_modseq()).text() == "2");
    const auto removed_at = now->highest_modseq();

    done = good(ann->commit(change_of({folder_with("INBOX", {message("b", 2), message("d", 0)})})));
    CHECK(done.returned == 1);
    CHECK(done.added == 1);
    now = view_of(*ann, "INBOX");
    CHECK(uids_of(*now) == Uids{1, 2, 3, 5});  // 4 was skipped: UIDNEXT was raised for the one that came back
    CHECK(now->uid_next() == Uid{6});
    CHECK(now->vanished_since(held->highest_modseq()).empty());
    CHECK(now->rows(0)->modseq(1) > removed_at);
    CHECK(shown(*now)[1] == ShownMessage{2, id_of("b"), 2, flag::flagged, {"x"}});

    // What lives already, what is named twice, and what comes and goes in one change.
    done = good(ann->commit(
        change_of({folder_with("INBOX", {message("b", 2), message("e", 9), message("e", 9)}, {id_of("b")})})));
    CHECK(done.added == 1);
    CHECK(done.removed == 0);
    CHECK(done.returned == 0);
    CHECK(uids_of(*view_of(*ann, "INBOX")) == Uids{1, 2, 3, 5, 6});
    CHECK(complaints(*f.index).empty());
}

TEST_CASE("owner: folders go, come back with what they had, and INBOX stays") {
    Fixture f;
    f.open();
    auto ann = f.owner();
    good(ann->commit(change_of(
        {folder_with("A/B", {message("a")}), folder_with("A", {}), folder_with("C", {message("c")})}, {}, true)));
    const auto validity = ann->find("A/B")->uid_validity;
    const auto number = ann->find("A/B")->number;
    auto done = good(ann->commit(change_of({}, {"A/B", "INBOX", "never there"})));
    CHECK(done.folders_removed == 1);
    CHECK(done.removed == 1);
    CHECK(paths(*ann) == std::vector<std::string>{"INBOX", "A", "C"});
    CHECK(ann->view(number, UserNumber{0}).error().kind == ErrorKind::not_found);

    for (int restart = 0; restart < 2; ++restart) {
        ann.reset();
        f.open();
        ann = f.owner();
        CHECK(paths(*ann) == std::vector<std::string>{"INBOX", "A", "C"});
    }
    done = good(ann->commit(change_of({folder_with("A/B", {message("a"), message("new", 1)})})));
    CHECK(done.folders_added == 1);
    CHECK(done.returned == 1);
    CHECK(ann->find("A/B")->uid_validity == validity);
    CHECK(ann->find("A/B")->number == number);
    CHECK(uids_of(*view_of(*ann, "A/B")) == Uids{1, 3});

    FolderChange unselectable = folder_with("A", {});
    unselectable.selectable = false;
    good(ann->commit(change_of({unselectable})));
    CHECK_FALSE(ann->find("A")->selectable);
    ann.reset();
    f.open();
    CHECK_FALSE(f.owner()->find("A")->selectable);
    CHECK(complaints(*f.index).empty());
}

TEST_CASE("owner: names that databases confuse are kept apart") {
    Fixture f;
    f.open();
    auto ann = f.owner();
    std::string deep;
    for (int level = 0; level < 300; ++level)
        deep += (level ? "/" : "") + std::string(1, static_cast<char>('a' + level % 26));
    std::string long_level;  // 255 characters of four bytes
    for (int i = 0; i < 255; ++i) long_level += "\xF0\x9F\x93\xA7";
    const std::vector<std::string> names = {
        "a",        "a ", "A",       "\xC3\xA4", "a\xCC\x88", " a", "a  ", std::string(255, 'x'),
        long_level, deep, "inbox/a", "a/a ",     "\x7F%25"};
    std::vector<FolderChange> folders;
    for (const auto& name : names) folders.push_back(folder_with(name, {message(name)}));
    good(ann->commit(change_of(folders, {}, true)));
    const auto check = [&](Owner& owner) {
        CHECK(owner.folders()->size() == names.size() + 1);
        std::set<std::uint32_t> numbers;
        for (const auto& name : names) {
            REQUIRE(owner.find(name).has_value());
            numbers.insert(owner.find(name)->number.value);
            const auto rows = shown(owner, name);
            REQUIRE(rows.size() == 1);
            CHECK(rows[0].id == id_of(name));
        }
        CHECK(numbers.size() == names.size());
        CHECK(owner.folders()->front().path == "INBOX");
        for (std::size_t i = 2; i < owner.folders()->size(); ++i)
            CHECK((*owner.folders())[i - 1].path < (*owner.folders())[i].path);
    };
    check(*ann);
    ann.reset();
    f.open();
    ann = f.owner();
    check(*ann);
    CHECK(complaints(*f.index).empty());

    const auto kind = [&](const std::string& path) {
        auto result = ann->commit(change_of({folder_with(path, {})}));
        REQUIRE_FALSE(result.ok());
        return result.error().kind;
    };
    CHECK(kind("") == ErrorKind::invalid);
    CHECK(kind("a//b") == ErrorKind::invalid);
    CHECK(kind("/a") == ErrorKind::invalid);
    CHECK(kind(std::string("a\0b", 3)) == ErrorKind::invalid);
    CHECK(kind(std::string(1021, 'x')) == ErrorKind::limit);
    std::string long_path = "x";
    while (long_path.size() <= 60'000) long_path += "/" + std::string(1000, 'x');
    CHECK(kind(long_path) == ErrorKind::limit);
    CHECK(ann->commit(change_of({folder_with("T", {}), folder_with("T", {})})).error().kind == ErrorKind::invalid);
    CHECK(ann->commit(change_of({folder_with("INBOX", {}), folder_with("inbox", {})})).error().kind ==
          ErrorKind::invalid);
    check(*ann);
}

TEST_CASE("owner: flags are a user's own") {
    Fixture f;
    f.open();
    auto ann = f.owner();
    std::vector<NewMessage> messages;
    for (int i = 0; i < 10; ++i)
        messages.push_back(message("m" + std::to_string(i), i, i < 3 ? flag::seen : std::uint8_t{0}));
    good(ann->commit(change_of({folder_with("INBOX", messages)}, {}, true)));
    CHECK(view_of(*ann, "INBOX", "ann")->unseen() == 7);
    CHECK(view_of(*ann, "INBOX", "bob")->unseen() == 10);  // a delegate starts with none
    CHECK(ann->user("ann") == UserNumber{0});
    CHECK(ann->user("bob") == ann->user("bob"));
    CHECK(ann->user("bob") != ann->user("cyd"));

    const auto anns = view_of(*ann, "INBOX", "ann");
    auto outcome = store(*ann, "INBOX", "bob", set_of({1, 2, 3, 11, 400}), FlagAction::add,
                         {flag::seen | flag::deleted, {"Todo"}});
    CHECK(outcome.changed.text() == "1:3");
    CHECK(view_of(*ann, "INBOX", "ann")->highest_modseq() == anns->highest_modseq());
    CHECK(view_of(*ann, "INBOX", "bob")->unseen() == 7);
    CHECK(shown(*ann, "INBOX", "bob")[0].system == flag::seen);  // \Deleted is never kept
    CHECK(shown(*ann, "INBOX", "bob")[0].keywords == std::vector<std::string>{"Todo"});
    CHECK(shown(*ann, "INBOX", "ann")[0].keywords.empty());

    outcome = store(*ann, "INBOX", "bob", set_of({2, 3, 4}), FlagAction::add, {flag::seen, {"tODO"}});
    CHECK(outcome.changed.text() == "4");
    outcome = store(*ann, "INBOX", "bob", set_of({2}), FlagAction::remove, {0, {"todo", "unknown"}});
    CHECK(outcome.changed.text() == "2");
    outcome = store(*ann, "INBOX", "bob", set_of({2, 3}), FlagAction::replace, {flag::answered | flag::draft, {}});
    CHECK(outcome.changed.text() == "2:3");
    const auto now = view_of(*ann, "INBOX", "bob");
    CHECK(now->keywords() == std::vector<std::string>{"Todo"});
    CHECK(shown(*now)[1].system == (flag::answered | flag::draft));

    // UNCHANGEDSINCE (RFC 7162 3.1.3)
    const auto since = now->highest_modseq();
    store(*ann, "INBOX", "bob", set_of({5}), FlagAction::add, {flag::flagged, {}});
    outcome = store(*ann, "INBOX", "bob", set_of({4, 5, 6}), FlagAction::add, {flag::draft, {}}, since);
    CHECK(outcome.modified.text() == "5");
    CHECK(outcome.changed.text() == "4,6");
    outcome = store(*ann, "INBOX", "bob", NumberSet({{1, NumberRange::star}}), FlagAction::replace, {0, {}}, ModSeq{0});
    CHECK(outcome.modified.count() == 10);
    CHECK(outcome.changed.empty());
    outcome = store(*ann, "INBOX", "bob", NumberSet({{1, NumberRange::star}}), FlagAction::replace, {0, {}});
    CHECK(view_of(*ann, "INBOX", "bob")->unseen() == 10);

    const auto before = shown(*ann, "INBOX", "bob");
    ann.reset();
    f.open();
    ann = f.owner();
    CHECK(shown(*ann, "INBOX", "bob") == before);
    CHECK(view_of(*ann, "INBOX", "ann")->unseen() == 7);
    CHECK(complaints(*f.index).empty());
}

TEST_CASE("owner: at most 64 keywords a folder and user") {
    Fixture f;
    f.open();
    auto ann = f.owner();
    std::vector<std::string> many;
    for (int i = 0; i < 70; ++i) many.push_back("k" + std::to_string(i));
    good(ann->commit(change_of({folder_with("INBOX", {message("a", 1, 0, many)})}, {}, true)));
    CHECK(shown(*ann, "INBOX")[0].keywords.size() == 64);
    const auto folder = ann->find("INBOX")->number;
    auto refused = ann->store_flags(folder, UserNumber{0}, set_of({1}), FlagAction::add, {0, {"k1", "another"}}, {},
                                    Durability::before_return);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().kind == ErrorKind::limit);
    CHECK(refused.error().text.find("64") != std::string::npos);
    store(*ann, "INBOX", "ann", set_of({1}), FlagAction::remove, {0, {"another", "k2"}});
    CHECK(shown(*ann, "INBOX")[0].keywords.size() == 63);
    store(*ann, "INBOX", "bob", set_of({1}), FlagAction::add, {0, {"another"}});
    CHECK(shown(*ann, "INBOX", "bob")[0].keywords == std::vector<std::string>{"another"});
    CHECK(ann->store_flags(folder, UserNumber{0}, set_of({1}), FlagAction::add, {0, {std::string(256, 'x')}}, {},
                           Durability::before_return)
              .error()
              .kind == ErrorKind::limit);
    CHECK(complaints(*f.index).empty());
}

TEST_CASE("owner: imap.flags = readonly changes nothing") {
    Fixture f;
    f.options.private_flags = false;
    f.open();
    auto ann = f.owner();
    good(ann->commit(change_of({folder_with("INBOX", {message("a", 1, flag::seen)})}, {}, true)));
    const auto before = view_of(*ann, "INBOX");
    CHECK(store(*ann, "INBOX", "ann", set_of({1}), FlagAction::replace, {flag::flagged, {"x"}}).changed.empty());
    CHECK(view_of(*ann, "INBOX") == before);
    CHECK(shown(*before)[0].system == flag::seen);
}

TEST_CASE("owner: the window hides by day, noted when somebody looks") {
    Fixture f;
    f.options.window_months = 12;
    f.open();
    auto ann = f.owner();
    const Seconds cutoff = window_cutoff(start_of_time, 12);
    good(
        ann->commit(change_of({folder_with("INBOX", {message("old", cutoff - 1), message("edge", cutoff),
                                                     message("tomorrow", cutoff + day), message("new", start_of_time)}),
                               folder_with("Fresh", {message("fresh", start_of_time)})},
                              {}, true)));
    auto first = view_of(*ann, "INBOX");
    CHECK(uids_of(*first) == Uids{2, 3, 4});
    CHECK(first->hidden_by_window() == 1);
    CHECK(ann->view_if_resident(first->folder(), UserNumber{0}) == first);
    const auto fresh = view_of(*ann, "Fresh");

    f.clock.set(start_of_time + day);  // "edge" leaves
    CHECK(ann->view_if_resident(first->folder(), UserNumber{0}) == nullptr);
    auto second = view_of(*ann, "INBOX");
    CHECK(uids_of(*second) == Uids{3, 4});
    CHECK(second->highest_modseq() > first->highest_modseq());
    CHECK(second->vanished_since(first->highest_modseq()).text() == "2");
    CHECK(view_of(*ann, "INBOX") == second);
    CHECK(second->uid_next() == first->uid_next());
    // Nothing of this folder left: no modseq is spent on it.
    CHECK(view_of(*ann, "Fresh")->highest_modseq() == fresh->highest_modseq());
    CHECK(ann->view_if_resident(fresh->folder(), UserNumber{0}) != nullptr);
    CHECK(complaints(*f.index).empty());

    // Still so after a restart, for a client that comes back with the first day's modseq.
    ann.reset();
    f.open();
    ann = f.owner();
    auto again = view_of(*ann, "INBOX");
    CHECK(again->highest_modseq() == second->highest_modseq());
    CHECK(again->vanished_since(first->highest_modseq()).text() == "2");

    std::vector<std::string> heard;
    f.index->on_change([&](const std::string& owner, FolderNumber folder, std::optional<UserNumber> user) {
        heard.push_back(owner + ":" + std::to_string(folder.value) + (user ? "u" : ""));
    });
    f.index->window_months(0);
    CHECK(std::find(heard.begin(), heard.end(), "ann:" + std::to_string(again->folder().value)) != heard.end());
    auto all = view_of(*ann, "INBOX");
    CHECK(uids_of(*all) == Uids{1, 2, 3, 4});
    CHECK(all->uid_next() == Uid{again->uid_next().value + 1});
    CHECK(all->vanished_since(first->highest_modseq()).empty());
    CHECK(all->rows(0)->modseq(0) > again->highest_modseq());  // as if they were new (DESIGN.md 9)
    CHECK(all->rows(0)->modseq(3) < again->highest_modseq());

    // A message dated between, though the move was thought harmless.
    f.index->window_months(12);
    view_of(*ann, "Fresh");
    f.clock.set(start_of_time + 2 * day);
    view_of(*ann, "Fresh");
    good(ann->commit(change_of({folder_with("Fresh", {message("late", cutoff + day + 5)})})));
    CHECK(view_of(*ann, "Fresh")->count() == 1);
    CHECK(complaints(*f.index).empty());
}

TEST_CASE("owner: a window of 0 months from the start, then one of 12") {
    Fixture f;
    f.open();
    auto ann = f.owner();
    good(ann->commit(change_of({folder_with("INBOX", {message("old", 5), message("new", start_of_time)})}, {}, true)));
    const auto before = view_of(*ann, "INBOX");
    CHECK(before->count() == 2);
    f.index->window_months(12);
    const auto after = view_of(*ann, "INBOX");
    CHECK(after->count() == 1);
    CHECK(after->vanished_since(before->highest_modseq()).text() == "1");
}

TEST_CASE("owner: subscriptions and notes") {
    Fixture f;
    f.open();
    auto ann = f.owner();
    CHECK(ann->subscribe(UserNumber{0}, "A", false).error().kind == ErrorKind::unavailable);
    good(ann->set_note("st_dev", "17"));  // before anything is published
    CHECK(ann->state() == OwnerState::unsynchronised);
    ann.reset();
    f.open();
    ann = f.owner();
    CHECK(ann->state() == OwnerState::unsynchronised);
    CHECK(ann->note("st_dev") == "17");
    CHECK(ann->note("other").empty());
    CHECK(paths(*ann) == std::vector<std::string>{"INBOX"});
    const auto bob = ann->user("bob");
    good(ann->commit(change_of({folder_with("A", {}), folder_with("B", {})}, {}, true)));
    CHECK(ann->note("st_dev") == "17");
    CHECK(ann->user("bob") == bob);

    CHECK(ann->subscribed(bob, "A"));
    CHECK_FALSE(ann->subscribed(bob, "Nowhere"));
    good(ann->subscribe(bob, "A", false));
    good(ann->subscribe(bob, "Nowhere", true));
    good(ann->subscribe(bob, "inbox", false));
    good(ann->subscribe(bob, "B", true));
    good(ann->set_note("st_dev", "18"));
    for (int restart = 0; restart < 2; ++restart) {
        CHECK_FALSE(ann->subscribed(bob, "A"));
        CHECK(ann->subscribed(UserNumber{0}, "A"));
        CHECK_FALSE(ann->subscribed(bob, "INBOX"));
        CHECK(ann->subscribed(bob, "B"));
        CHECK(ann->subscribed_names_without_folder(bob) == std::vector<std::string>{"Nowhere"});
        CHECK(ann->note("st_dev") == "18");
        ann.reset();
        f.open();
        ann = f.owner();
    }
    good(ann->subscribe(bob, "Nowhere", false));
    CHECK(ann->subscribed_names_without_folder(bob).empty());
    CHECK(ann->subscribe(bob, "", true).error().kind == ErrorKind::limit);
    CHECK(ann->subscribe(bob, std::string(60'001, 'x'), true).error().kind == ErrorKind::limit);
    CHECK(ann->set_note("", "x").error().kind == ErrorKind::limit);
    CHECK(ann->set_note("k", std::string(32'769, 'x')).error().kind == ErrorKind::limit);
}

TEST_CASE("owner: for_each sees all, what was learned sticks") {
    Fixture f;
    f.options.window_months = 12;
    f.open();
    auto ann = f.owner();
    std::vector<NewMessage> messages;
    for (int i = 0; i < 9000; ++i)
        messages.push_back(message("m" + std::to_string(i), i, 0, {}, i % 2 ? "2024" : "2023"));
    messages[0].octets = 77;
    good(ann->commit(change_of({folder_with("INBOX", messages)}, {}, true)));
    const auto folder = ann->find("INBOX")->number;
    good(ann->learn(folder, {{Uid{2}, 1234}, {Uid{9000}, std::uint64_t{5} << 32}, {Uid{9001}, 1}}));
    for (int restart = 0; restart < 2; ++restart) {
        std::uint32_t seen = 0;
        good(ann->for_each(folder, [&](const Message& m) {
            CHECK(m.uid.value == ++seen);
            CHECK((m.id == id_of("m" + std::to_string(seen - 1))));
            CHECK(m.store == (seen % 2 ? "2023" : "2024"));
            CHECK(m.date == seen - 1);
            if (seen == 1) CHECK(m.octets == 77);
            if (seen == 2) CHECK(m.octets == 1234);
            if (seen == 9000) CHECK(m.octets == std::uint64_t{5} << 32);
            if (seen == 3) CHECK(m.octets == std::nullopt);
            return true;
        }));
        CHECK(seen == 9000);
        seen = 0;
        good(ann->for_each(folder, [&](const Message&) { return ++seen < 5; }));
        CHECK(seen == 5);
        CHECK(view_of(*ann, "INBOX")->count() == 0);
        CHECK(view_of(*ann, "INBOX")->hidden_by_window() == 9000);
        CHECK(complaints(*f.index).empty());
        ann.reset();
        f.open();
        ann = f.owner();
    }
    CHECK(f.index->statistics().segments == 3);
    CHECK(ann->for_each(FolderNumber{99}, [](const Message&) { return true; }).error().kind == ErrorKind::not_found);
    CHECK(ann->learn(FolderNumber{99}, {}).error().kind == ErrorKind::not_found);
}

TEST_CASE("owner: when a message became visible (SAVEDATE) survives restart and rebuild") {
    Fixture f;
    f.open();
    const auto saved = [&](std::uint32_t uid) {
        const auto view = view_of(*f.owner(), "INBOX");
        const auto rows = view->rows(0);
        const auto i = rows->find(Uid{uid});
        REQUIRE(i.has_value());
        return rows->saved(*i);
    };
    good(f.owner()->commit(change_of({folder_with("INBOX", {message("a"), message("b")})}, {}, true)));
    f.clock.advance(std::chrono::hours(1));
    good(f.owner()->commit(change_of({folder_with("INBOX", {message("c")}, {id_of("a")})})));
    f.clock.advance(std::chrono::hours(1));
    good(f.owner()->commit(change_of({folder_with("INBOX", {message("a")})})));  // comes back
    good(f.owner()->learn(f.owner()->find("INBOX")->number, {{Uid{2}, 17}}));
    f.clock.advance(std::chrono::hours(1));
    for (int round = 0; round < 3; ++round) {
        CHECK(saved(1) == start_of_time + 7200);
        CHECK(saved(2) == start_of_time);
        CHECK(saved(3) == start_of_time + 3600);
        CHECK(complaints(*f.index).empty());
        f.index.reset();
        if (round == 1) std::filesystem::remove(f.file());
        f.open();
        if (f.owner()->state() == OwnerState::rebuilding) good(f.owner()->rebuild());
    }
}

TEST_CASE("owner: usage counts every folder, whatever the window hides, and what changes") {
    Fixture f;
    f.options.window_months = 1;
    f.open();
    auto ann = f.owner();
    CHECK(ann->usage().error().kind == ErrorKind::unavailable);
    auto sized = message("a", start_of_time - 1000 * day);
    sized.octets = 100;
    std::vector<NewMessage> many;
    for (int i = 0; i < 5000; ++i) many.push_back(message("m" + std::to_string(i)));
    good(ann->commit(change_of({folder_with("INBOX", {sized, message("b")}), folder_with("Many", many)}, {}, true)));
    auto usage = good(ann->usage());
    CHECK(usage.messages == 5002);
    CHECK(usage.octets == 100);
    CHECK(usage.messages_of_unknown_size == 5001);
    std::vector<Learned> learned;
    for (std::uint32_t uid = 1; uid <= 5000; ++uid) learned.push_back({Uid{uid}, uid, std::nullopt});
    good(ann->learn(ann->find("Many")->number, learned));
    usage = good(ann->usage());
    CHECK(usage.octets == 100 + 5000 * 5001 / 2);
    CHECK(usage.messages_of_unknown_size == 1);
    good(ann->commit(
        change_of({folder_with("Many", {}, {id_of("m0"), id_of("m4999")}), folder_with("INBOX", {message("c")})})));
    usage = good(ann->usage());
    CHECK(usage.messages == 5001);
    CHECK(usage.octets == 100 + 5000 * 5001 / 2 - 5000 - 1);
    CHECK(usage.messages_of_unknown_size == 2);
    good(ann->commit(change_of({}, {"Many"})));
    usage = good(ann->usage());
    CHECK(usage.messages == 3);
    CHECK(usage.octets == 100);
}

TEST_CASE("owner: a block's bound of modseqs holds for flags, returns and what the window lets back in") {
    Fixture f;
    f.options.window_months = 1;
    f.open();
    auto ann = f.owner();
    std::vector<NewMessage> many;
    for (int i = 0; i < 9000; ++i) many.push_back(message("m" + std::to_string(i), start_of_time - (9000 - i) * 1000));
    good(ann->commit(change_of({folder_with("INBOX", many)}, {}, true)));
    const auto folder = ann->find("INBOX")->number;
    const auto holds = [&] {
        const auto view = view_of(*ann, "INBOX");
        for (std::size_t b = 0; b < view->blocks().size(); ++b) {
            const auto rows = view->rows(b);
            for (std::size_t i = 0; i < rows->size(); ++i) CHECK(rows->modseq(i) <= view->blocks()[b].highest_modseq);
        }
        return view;
    };
    const auto before = holds();
    NumberSet uids;
    uids.add(8999);
    good(ann->store_flags(folder, UserNumber{0}, uids, FlagAction::add, {flag::seen, {}}, std::nullopt,
                          Durability::before_return));
    auto view = holds();
    CHECK(view->blocks().back().highest_modseq == view->highest_modseq());
    CHECK(view->blocks().front().highest_modseq == before->blocks().front().highest_modseq);
    good(ann->commit(change_of({folder_with("INBOX", {}, {id_of("m7000")})})));
    good(ann->commit(change_of({folder_with("INBOX", {message("m7000", start_of_time - day)})})));
    holds();
    f.index->window_months(2);
    view = holds();
    CHECK(view->count() > before->count());
}

TEST_CASE("owner: an old view keeps its rows while the folder changes under it") {
    Fixture f;
    f.options.segment_cache_bytes = 1;  // nothing stays by itself
    f.open();
    auto ann = f.owner();
    std::vector<NewMessage> messages;
    for (int i = 0; i < 10'000; ++i) messages.push_back(message("m" + std::to_string(i), i));
    good(ann->commit(change_of({folder_with("INBOX", messages)}, {}, true)));
    const auto held = view_of(*ann, "INBOX");
    const auto before = shown(*held);
    for (int round = 0; round < 5; ++round) {
        std::vector<MessageId> leaving;
        for (int i = round; i < 10'000; i += 500) leaving.push_back(id_of("m" + std::to_string(i)));
        good(ann->commit(change_of({folder_with("INBOX", {message("n" + std::to_string(round))}, leaving)})));
        store(*ann, "INBOX", "ann", NumberSet({{1, 5000}}), round % 2 ? FlagAction::add : FlagAction::remove,
              {flag::seen, {}});
        f.index->flush();
    }
    CHECK((shown(*held) == before));
    const auto moved = step(held, view_of(*ann, "INBOX"));
    CHECK(moved.vanished.count() == 100);
    CHECK(moved.grown);
    CHECK(complaints(*f.index).empty());
}

TEST_CASE("owner: the listener hears what changed, and for whom") {
    Fixture f;
    f.open();
    std::vector<std::string> heard;
    f.index->on_change([&](const std::string& owner, FolderNumber folder, std::optional<UserNumber> user) {
        heard.push_back(owner + ":" + std::to_string(folder.value) + ":" +
                        (user ? std::to_string(user->value) : "all"));
    });
    auto ann = f.owner();
    good(ann->commit(change_of({folder_with("A", {message("a")})}, {}, true)));
    const auto a = std::to_string(ann->find("A")->number.value);
    const auto inbox = std::to_string(ann->find("INBOX")->number.value);
    CHECK(heard == std::vector<std::string>{"ann:0:all", "ann:" + inbox + ":all", "ann:" + a + ":all"});
    heard.clear();
    const auto bob = ann->user("bob");
    store(*ann, "A", "bob", set_of({1}), FlagAction::add, {flag::seen, {}});
    CHECK(heard == std::vector<std::string>{"ann:" + a + ":" + std::to_string(bob.value)});
    heard.clear();
    store(*ann, "A", "bob", set_of({1}), FlagAction::add, {flag::seen, {}});
    good(ann->commit(change_of({folder_with("A", {message("a")})})));
    CHECK(heard.empty());
    good(ann->commit(change_of({folder_with("A", {message("b")})})));
    CHECK(heard == std::vector<std::string>{"ann:" + a + ":all"});
}

TEST_CASE("owner: many threads read and flag while commits go on") {
    Fixture f;
    f.options.overlay_flush = std::chrono::milliseconds(5);
    f.options.segment_cache_bytes = 400'000;
    f.open();
    auto ann = f.owner();
    std::vector<NewMessage> messages;
    for (int i = 0; i < 6000; ++i) messages.push_back(message("m" + std::to_string(i), i));
    good(ann->commit(change_of({folder_with("INBOX", messages)}, {}, true)));
    const auto folder = ann->find("INBOX")->number;
    std::atomic<bool> stop{false};
    std::atomic<int> problems{0};
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 3; ++t)
        threads.emplace_back([&, t] {
            std::mt19937 random(t);
            const auto user = ann->user(t == 0 ? "ann" : "user" + std::to_string(t));
            while (!stop) {
                auto view = ann->view(folder, user);
                if (!view) {
                    ++problems;
                    continue;
                }
                std::uint32_t count = 0, unseen = 0, last = 0;
                for (std::size_t b = 0; b < (*view)->blocks().size(); ++b) {
                    const auto rows = (*view)->rows(b);
                    for (std::size_t i = 0; i < rows->size(); ++i, ++count) {
                        if (rows->uid(i).value <= last) ++problems;
                        last = rows->uid(i).value;
                        if (!(rows->flags(i).system & flag::seen)) ++unseen;
                    }
                }
                if (count != (*view)->count() || unseen != (*view)->unseen()) ++problems;
                const std::uint32_t uid = random() % 6000 + 1;
                if (!ann->store_flags(folder, user, NumberSet({{uid, uid + 10}}),
                                      random() % 2 ? FlagAction::add : FlagAction::remove, {flag::seen, {}}, {},
                                      random() % 2 ? Durability::soon : Durability::before_return))
                    ++problems;
            }
        });
    std::mt19937 random(7);
    for (int i = 0; i < 25; ++i) {
        std::vector<MessageId> leaving;
        for (int n = 0; n < 20; ++n) leaving.push_back(id_of("m" + std::to_string(random() % 6000)));
        std::vector<NewMessage> arriving = {message("n" + std::to_string(i)),
                                            message("m" + std::to_string(random() % 6000))};
        if (!ann->commit(change_of({folder_with("INBOX", arriving, leaving)}))) ++problems;
    }
    stop = true;
    for (auto& thread : threads) thread.join();
    CHECK(problems == 0);
    CHECK(complaints(*f.index).empty());
}
