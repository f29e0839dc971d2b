#include "control/index_listing.h"

#include <doctest/doctest.h>

#include "base/digest.h"
#include "helpers/fake_clock.h"
#include "helpers/temp_dir.h"

using namespace imaparc;
using namespace imaparc::control;

namespace {

// 2026-11-24T12:00:00Z, and a message from two years before it.
constexpr Seconds today = 1795521600;
constexpr Seconds old = today - 2 * 365 * 86400;

index::NewMessage message(const std::string& name, Seconds date, FlagNames flags = {}) {
    return {message_id("2024", "ann", "INBOX", name), date, "2024", std::move(flags), 1000 + name.size()};
}

// Owner ann: INBOX with an old message and two new ones; Work, which only holds folders; Work/2024, empty.
struct World {
    World() {
        index::Options options;
        options.directory = dir.path();
        options.window_months = 12;
        index = index::Index::open(options, clock, Log::silent());
        index::Change change;
        change.first = true;
        change.folders.push_back(
            {"INBOX",
             true,
             {message("old", old), message("seen", today - 100, {flag::seen, {"todo"}}), message("new", today)},
             {}});
        change.folders.push_back({"Work", false, {}, {}});
        change.folders.push_back({"Work/2024", true, {}, {}});
        const auto committed = index->owner("ann")->commit(change);
        REQUIRE_MESSAGE(committed, committed.error().text);
    }

    test::TempDir dir;
    test::FakeClock clock{today};
    std::unique_ptr<index::Index> index;
};

}  // namespace

TEST_CASE("listing: users, folders, messages, stats and check of a real index") {
    World world;
    const auto users = list(*world.index, IndexUsersRequest{});
    REQUIRE(users);
    REQUIRE(users->users.size() == 1);
    CHECK(users->users[0].owner == "ann");
    CHECK(users->users[0].state == "ready");
    CHECK(users->users[0].messages == 3);

    const auto folders = list(*world.index, IndexFoldersRequest{"ann", {}});
    REQUIRE(folders);
    REQUIRE(folders->folders.size() == 3);
    CHECK(folders->folders[0].path == "INBOX");
    CHECK(folders->folders[0].messages == 3);
    CHECK(folders->folders[0].visible == 2);
    CHECK(folders->folders[0].unseen == 1);
    CHECK(folders->folders[0].uidnext == 4);
    CHECK(folders->folders[0].uidvalidity > 0);
    CHECK_FALSE(folders->folders[1].selectable);
    CHECK(folders->folders[2].messages == 0);

    const auto messages = list(*world.index, IndexMessagesRequest{"ann", "inbox", {}, 0, 1000});
    REQUIRE(messages);
    REQUIRE(messages->messages.size() == 3);
    CHECK_FALSE(messages->more);
    CHECK(messages->messages[0].visible == "window");
    CHECK(messages->messages[0].flags.empty());
    CHECK(messages->messages[0].date == old);
    CHECK(messages->messages[0].id == message_id("2024", "ann", "INBOX", "old").hex());
    CHECK(messages->messages[0].size == 1003);
    CHECK(messages->messages[0].store == "2024");
    CHECK(messages->messages[1].uid == 2);
    CHECK(messages->messages[1].visible == "yes");
    CHECK(messages->messages[1].flags == std::vector<std::string>{"\\Seen", "todo"});
    CHECK(messages->messages[2].flags.empty());

    CHECK(list(*world.index, IndexStatsRequest{})->messages == 3);
    const auto check = list(*world.index, IndexCheckRequest{});
    REQUIRE(check);
    for (const auto& finding : check->findings) CHECK(finding.weight != "error");
}

TEST_CASE("listing: as another user, who is not made one by being asked about") {
    World world;
    const auto owner = world.index->owner("ann");
    const auto ledger_bytes = [&] { return world.index->statistics().ledger_bytes; };
    const auto before = ledger_bytes();
    CHECK(list(*world.index, IndexFoldersRequest{"ann", "bob"}).error().kind == ErrorKind::not_found);
    CHECK(list(*world.index, IndexMessagesRequest{"ann", "INBOX", "bob", 0, 2}).error().kind == ErrorKind::not_found);
    CHECK(!owner->find_user("bob"));
    CHECK(ledger_bytes() == before);
    CHECK(owner->find_user("ann") == UserNumber(0));

    const auto bob = owner->user("bob");
    CHECK(owner->find_user("bob") == bob);
    const auto folders = list(*world.index, IndexFoldersRequest{"ann", "bob"});
    REQUIRE(folders);
    CHECK(folders->folders[0].unseen == 2);  // the store's \Seen is the owner's
    CHECK(list(*world.index, IndexFoldersRequest{"ann", {}})->folders[0].unseen == 1);
}

TEST_CASE("listing: in pages") {
    World world;
    IndexMessagesRequest request{"ann", "INBOX", {}, 0, 2};
    auto page = list(*world.index, request);
    REQUIRE(page);
    CHECK(page->messages.size() == 2);
    CHECK(page->more);
    request.after = page->messages.back().uid;
    page = list(*world.index, request);
    CHECK(page->messages.size() == 1);
    CHECK(page->messages[0].uid == 3);
    CHECK_FALSE(page->more);
    request.after = 3;
    CHECK(list(*world.index, request)->messages.empty());
    request.limit = 3;
    request.after = 0;
    CHECK_FALSE(list(*world.index, request)->more);  // exactly full
    request.limit = 0;
    CHECK(list(*world.index, request).error().kind == ErrorKind::invalid);
    request.limit = index_messages_limit + 1;
    CHECK(list(*world.index, request).error().kind == ErrorKind::invalid);
}

TEST_CASE("listing: who and what is not there") {
    World world;
    CHECK(list(*world.index, IndexFoldersRequest{"bob", {}}).error().text == "no user bob in the index");
    CHECK(list(*world.index, IndexFoldersRequest{"bob", {}}).error().kind == ErrorKind::not_found);
    CHECK(list(*world.index, IndexFoldersRequest{"", {}}).error().kind == ErrorKind::invalid);
    CHECK(list(*world.index, IndexMessagesRequest{"ann", "Nowhere", {}, 0, 10}).error().kind == ErrorKind::not_found);
    CHECK(list(*world.index, IndexMessagesRequest{"ann", "Work/2024", {}, 0, 10})->messages.empty());
}
