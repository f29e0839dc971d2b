// What a synchronising client is told, by the index (RFC 7162): which messages left since a mod-sequence, and up to
// which mod-sequence it may believe that it has heard of everything.
#include "index_fixture.h"

using namespace imaparc;
using namespace imaparc::index;
using namespace imaparc::index::test;

namespace {

NumberSet one(std::uint32_t uid) {
    NumberSet set;
    set.add(uid);
    return set;
}

}  // namespace

TEST_CASE("vanished: a session that must not see what came back does not get beyond its mod-sequence") {
    Fixture f;
    f.open();
    auto ann = f.owner();
    good(ann->commit(change_of({folder_with("INBOX", {message("a", 1), message("b", 2), message("c", 3)})}, {}, true)));
    const auto full = view_of(*ann, "INBOX");
    good(ann->commit(change_of({folder_with("INBOX", {}, {id_of("b")})})));
    const auto held = view_of(*ann, "INBOX");
    good(ann->commit(change_of({folder_with("INBOX", {message("b", 2)})})));
    const auto latest = view_of(*ann, "INBOX");
    CHECK(latest->highest_modseq() > held->highest_modseq());

    auto seen = step(held, latest).view;
    CHECK(seen->count() == 2);
    CHECK(seen->highest_modseq() == held->highest_modseq());
    // To this session UID 2 is gone, though to the next it lives.
    CHECK(seen->vanished_since(full->highest_modseq()).text() == "2");
    CHECK(latest->vanished_since(full->highest_modseq()).empty());

    // Flags go on changing: still not beyond.
    const auto folder = ann->find("INBOX")->number;
    good(ann->store_flags(folder, UserNumber{0}, one(3), FlagAction::add, {flag::seen, {}}, std::nullopt,
                          Durability::before_return));
    const auto flagged = view_of(*ann, "INBOX");
    CHECK(renewed(seen, flagged)->highest_modseq() == held->highest_modseq());
    seen = step(seen, flagged).view;
    CHECK(seen->highest_modseq() == held->highest_modseq());
    CHECK(seen->rows(0)->modseq(1) > held->highest_modseq());
    // The next session hears of both.
    CHECK(flagged->rows(0)->modseq(1) > seen->highest_modseq());
    CHECK(flagged->rows(0)->modseq(2) > seen->highest_modseq());
    CHECK(flagged->highest_modseq() >= flagged->rows(0)->modseq(2));
}

TEST_CASE("vanished: what numbers must stay for is not passed over by the mod-sequence") {
    Fixture f;
    f.open();
    auto ann = f.owner();
    good(ann->commit(change_of({folder_with("INBOX", {message("a", 1), message("b", 2)})}, {}, true)));
    const auto held = view_of(*ann, "INBOX");
    good(ann->commit(change_of({folder_with("INBOX", {}, {id_of("a")})})));
    const auto folder = ann->find("INBOX")->number;
    good(ann->store_flags(folder, UserNumber{0}, one(2), FlagAction::add, {flag::seen, {}}, std::nullopt,
                          Durability::before_return));
    const auto latest = view_of(*ann, "INBOX");
    const auto during_fetch = renewed(held, latest);
    CHECK(during_fetch->count() == 2);
    CHECK(during_fetch->rows(0)->modseq(1) == latest->highest_modseq());
    CHECK(during_fetch->highest_modseq() == held->highest_modseq());
}

TEST_CASE("vanished: the same after a restart, and after a rebuild from the ledger") {
    Fixture f;
    f.open();
    const auto ids = [](const char* kind, int count) {
        std::vector<NewMessage> list;
        for (int i = 0; i < count; ++i) list.push_back(message(kind + std::to_string(i), start_of_time + i));
        return list;
    };
    good(f.owner()->commit(change_of({folder_with("INBOX", ids("m", 10))}, {}, true)));
    const auto first = view_of(*f.owner(), "INBOX")->highest_modseq();
    good(f.owner()->commit(change_of({folder_with("INBOX", {}, {id_of("m1"), id_of("m2")})})));
    const auto second = view_of(*f.owner(), "INBOX")->highest_modseq();
    good(f.owner()->commit(change_of({folder_with("INBOX", ids("n", 1), {id_of("m9")})})));
    const auto third = view_of(*f.owner(), "INBOX")->highest_modseq();
    good(f.owner()->commit(change_of({folder_with("INBOX", {message("m1", start_of_time + 1)}, {id_of("n0")})})));
    const auto last = view_of(*f.owner(), "INBOX")->highest_modseq();
    for (int round = 0; round < 3; ++round) {
        CAPTURE(round);
        const auto view = view_of(*f.owner(), "INBOX");
        CHECK(view->highest_modseq() == last);
        CHECK(view->vanished_since(ModSeq{1}).text() == "3,10:11");
        CHECK(view->vanished_since(first).text() == "3,10:11");
        CHECK(view->vanished_since(second).text() == "10:11");
        CHECK(view->vanished_since(third).text() == "11");
        CHECK(view->vanished_since(last).empty());
        CHECK(view->rows(0)->modseq(1) == last);
        f.index.reset();
        if (round == 1) std::filesystem::remove(f.file());
        f.open();
        if (f.owner()->state() == OwnerState::rebuilding) good(f.owner()->rebuild());
    }
}

TEST_CASE("UNCHANGEDSINCE 0 with keywords that were never there stores them (RFC 7162 3.1.3)") {
    Fixture f;
    f.open();
    auto ann = f.owner();
    good(ann->commit(change_of({folder_with("INBOX", {message("a", 1), message("b", 2)})}, {}, true)));
    const auto folder = ann->find("INBOX")->number;
    const auto store = [&](std::uint32_t uid, FlagAction action, FlagNames flags) {
        return good(
            ann->store_flags(folder, UserNumber{0}, one(uid), action, flags, ModSeq{0}, Durability::before_return));
    };
    CHECK(store(1, FlagAction::add, {0, {"$MDNSent"}}).changed.text() == "1");
    CHECK(store(1, FlagAction::add, {0, {"$MDNSent"}}).modified.text() == "1");
    // A system flag is always there, and so is what is replaced or taken away.
    CHECK(store(2, FlagAction::add, {flag::seen, {}}).modified.text() == "2");
    CHECK(store(2, FlagAction::add, {flag::seen, {"$MDNSent"}}).modified.text() == "2");
    CHECK(store(2, FlagAction::replace, {0, {"$MDNSent"}}).modified.text() == "2");
    CHECK(store(1, FlagAction::remove, {0, {"$MDNSent"}}).modified.text() == "1");
}
