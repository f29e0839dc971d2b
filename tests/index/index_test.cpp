#include "index/index.h"

#include "index_fixture.h"

using namespace imaparc;
using namespace imaparc::index;
using namespace imaparc::index::test;

TEST_CASE("index: from nothing to messages, and again after a restart") {
    Fixture f;
    f.open();
    auto ann = f.owner();
    CHECK(ann->state() == OwnerState::unsynchronised);
    CHECK(paths(*ann) == std::vector<std::string>{"INBOX"});
    CHECK(ann->view(FolderNumber{1}, UserNumber{0}).error().kind == ErrorKind::unavailable);
    CHECK(ann->commit(change_of({folder_with("INBOX", {message("a")})})).error().kind == ErrorKind::invalid);

    const auto committed = good(ann->commit(change_of(
        {folder_with("INBOX", {message("later", 200), message("first", 100), message("same", 200)}),
         folder_with("Work/2024", {message("w", 5, flag::seen | flag::deleted, {"$Forwarded", "bad word", "todo"})})},
        {}, true)));
    CHECK(committed.added == 4);
    CHECK(committed.folders_added == 2);
    CHECK(ann->state() == OwnerState::ready);
    CHECK(paths(*ann) == std::vector<std::string>{"INBOX", "Work/2024"});

    const auto check = [&](Owner& owner) {
        const auto inbox = shown(owner, "inBox");
        REQUIRE(inbox.size() == 3);
        CHECK(inbox[0] == Shown{1, id_of("first"), 100, 0, {}});
        CHECK(inbox[1] == Shown{2, id_of("later"), 200, 0, {}});
        CHECK(inbox[2] == Shown{3, id_of("same"), 200, 0, {}});
        const auto work = shown(owner, "Work/2024");
        REQUIRE(work.size() == 1);
        CHECK(work[0] == Shown{1, id_of("w"), 5, flag::seen, {"$Forwarded", "todo"}});
        CHECK(view_of(owner, "INBOX")->unseen() == 3);
        CHECK(view_of(owner, "Work/2024")->unseen() == 0);
        CHECK(view_of(owner, "INBOX")->uid_next() == Uid{4});
    };
    check(*ann);
    CHECK(complaints(*f.index).empty());
    const auto validity = ann->find("INBOX")->uid_validity;
    CHECK(validity.value >= start_of_time);

    ann.reset();
    f.open();
    ann = f.owner();
    CHECK(ann->state() == OwnerState::ready);
    CHECK(ann->find("INBOX")->uid_validity == validity);
    check(*ann);
    CHECK(complaints(*f.index).empty());
    const auto statistics = f.index->statistics();
    CHECK(statistics.owners == 1);
    CHECK(statistics.folders == 2);
    CHECK(statistics.messages == 4);
    REQUIRE(f.index->owners().size() == 1);
    CHECK(f.index->owners()[0].messages == 4);
    CHECK(f.index->owners()[0].state == OwnerState::ready);
}
