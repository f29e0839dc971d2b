// Owners that leave memory and come back, as the index does with those that nobody uses.
#include "index_fixture.h"

#include "index/ledger_owner.h"
#include "index/migrate.h"

using namespace imaparc;
using namespace imaparc::index;
using namespace imaparc::index::test;

namespace {

std::shared_ptr<Core> core_in(const TempDir& dir, const Clock& clock) {
    Options options;
    options.directory = dir.path();
    options.window_months = 0;
    auto core = std::make_shared<Core>(options, clock, Log::silent());
    std::filesystem::create_directories(core->ledger_directory());
    prepare_engine(dir.path(), 256);
    {
        auto attachment = Attachment::create(dir / "IMAPDB.FDB");
        migrate(attachment);
    }
    core->connections = std::make_shared<Connections>(dir / "IMAPDB.FDB");
    core->cache = std::make_shared<SegmentCache>(1 << 20);
    core->uid_validity = std::make_unique<UidValiditySource>(dir / "uidvalidity");
    return core;
}

}  // namespace

TEST_CASE("unload: memory goes, the next call brings it back; not while somebody looks or calls") {
    TempDir dir;
    FakeClock clock(start_of_time);
    const auto core = core_in(dir, clock);
    const auto ann = std::make_shared<LedgerOwner>(core, "ann");
    ann->load();
    good(ann->commit(change_of({folder_with("INBOX", {message("a", 1), message("b", 2)})}, {}, true)));
    const auto inbox = ann->find("INBOX")->number;
    good(ann->store_flags(inbox, UserNumber{0}, NumberSet({{2, 2}}), FlagAction::add, {flag::seen, {"x"}}, {},
                          Durability::soon));

    ann->unload([] { return false; });
    CHECK(ann->loaded());
    {
        const auto view = good(ann->view(inbox, UserNumber{0}));
        ann->unload([] { return true; });
        CHECK(ann->loaded());
        CHECK(shown(*view).size() == 2);
    }
    const auto before = good(ann->view(inbox, UserNumber{0}))->highest_modseq();
    for (int times = 0; times < 3; ++times) {
        ann->unload([] { return true; });
        CHECK_FALSE(ann->loaded());
        CHECK(ann->view_if_resident(inbox, UserNumber{0}) == nullptr);
        CHECK(paths(*ann) == std::vector<std::string>{"INBOX"});
        const auto rows = shown(*ann, "INBOX");
        CHECK(ann->loaded());
        REQUIRE(rows.size() == 2);
        CHECK(rows[1] == ShownMessage{2, id_of("b"), 2, flag::seen, {"x"}});
    }
    // A clean stop takes back the modseqs that were reserved and not given.
    CHECK(good(ann->view(inbox, UserNumber{0}))->highest_modseq() == before);
    const auto outcome = good(ann->store_flags(inbox, UserNumber{0}, NumberSet({{1, 1}}), FlagAction::add,
                                               {flag::seen, {}}, {}, Durability::before_return));
    CHECK(outcome.changed.text() == "1");
    CHECK(good(ann->view(inbox, UserNumber{0}))->highest_modseq() == ModSeq{before.value + 1});
    ann->close();
    core->connections->close();
}

TEST_CASE("unload: after a kill counting goes on at the ceiling, and HIGHESTMODSEQ with it") {
    TempDir dir;
    FakeClock clock(start_of_time);
    const auto core = core_in(dir, clock);
    ModSeq shown_to_client;
    {
        const auto ann = std::make_shared<LedgerOwner>(core, "ann");
        ann->load();
        good(ann->commit(change_of({folder_with("INBOX", {message("a", 1)})}, {}, true)));
        good(ann->store_flags(ann->find("INBOX")->number, UserNumber{0}, NumberSet({{1, 1}}), FlagAction::add,
                              {flag::seen, {}}, {}, Durability::soon));
        shown_to_client = view_of(*ann, "INBOX")->highest_modseq();
        // Gone without a word: nothing was flushed, nothing was said to the ledger.
    }
    const auto ann = std::make_shared<LedgerOwner>(core, "ann");
    ann->load();
    CHECK(ann->state() == OwnerState::ready);
    CHECK(shown(*ann, "INBOX").at(0).system == flag::seen);
    const auto now = view_of(*ann, "INBOX")->highest_modseq();
    CHECK(now.value >= shown_to_client.value + 900);  // whatever was given beyond and is lost
    good(ann->store_flags(ann->find("INBOX")->number, UserNumber{0}, NumberSet({{1, 1}}), FlagAction::replace, {0, {}},
                          {}, Durability::before_return));
    CHECK(view_of(*ann, "INBOX")->highest_modseq() > now);
    CHECK(ann->check().empty());
    ann->close();
    core->connections->close();
}

TEST_CASE("unload: Firebird fails after the ledger has it: nothing is shown half, all is there afterwards") {
    TempDir dir;
    FakeClock clock(start_of_time);
    const auto core = core_in(dir, clock);
    const auto ann = std::make_shared<LedgerOwner>(core, "ann");
    ann->load();
    good(ann->commit(change_of({folder_with("INBOX", {message("a", 1)})}, {}, true)));
    const auto held = view_of(*ann, "INBOX");
    const auto connections = core->connections;
    connections->close();
    CHECK_THROWS_AS(static_cast<void>(ann->commit(change_of({folder_with("INBOX", {message("b", 2)}, {id_of("a")})}))),
                    Fault);
    CHECK(held->count() == 1);
    CHECK(ann->view_if_resident(held->folder(), UserNumber{0}) == nullptr);
    core->connections = std::make_shared<Connections>(dir / "IMAPDB.FDB");  // the disk has room again
    const auto rows = shown(*ann, "INBOX");
    REQUIRE(rows.size() == 1);
    CHECK(rows[0] == ShownMessage{2, id_of("b"), 2, 0, {}});
    good(ann->commit(change_of({folder_with("INBOX", {message("a", 1), message("b", 2)})})));
    CHECK(shown(*ann, "INBOX").size() == 2);
    CHECK(shown(*ann, "INBOX")[0].uid == 1);
    CHECK(ann->check().empty());
    ann->close();
    core->connections->close();
}
