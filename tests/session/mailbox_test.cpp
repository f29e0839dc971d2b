#include "session/mailbox.h"

#include <doctest/doctest.h>

#include "helpers/archive_world.h"
#include "helpers/memory_store.h"
#include "session/walk.h"

using namespace imaparc;
using session::Mailbox;
using session::OwnChange;

namespace {

class Box {
  public:
    Box() : store("s"), world(store) {
        for (int i = 1; i <= 4; ++i) store.add("ann", "INBOX", "m" + std::to_string(i), 1000 + i);
        world.sync("ann");
        owner = world.index->owner("ann");
        folder = *owner->find("INBOX");
    }
    Mailbox open() {
        return Mailbox(owner, folder, UserNumber(0), Mailbox::Access::read_write,
                       *owner->view(folder.number, UserNumber(0)));
    }
    std::shared_ptr<const index::View> latest() { return *owner->view(folder.number, UserNumber(0)); }
    void flag(std::uint32_t uid, std::uint8_t bits, index::FlagAction action = index::FlagAction::add) {
        NumberSet uids;
        uids.add(uid);
        REQUIRE(owner->store_flags(folder.number, UserNumber(0), uids, action, {bits, {}}, std::nullopt,
                                   index::Durability::soon));
    }
    std::vector<std::uint32_t> uids(const Mailbox& box) {
        std::vector<std::uint32_t> all;
        auto walk = session::Walk::everything(box.view());
        while (walk.next(session::Waiting::allowed) == session::Walk::Step::block)
            for (const auto& picked : walk.picked()) all.push_back(walk.rows().uid(picked.row).value);
        return all;
    }

    test::MemoryStore store;
    test::ArchiveWorld world;
    std::shared_ptr<index::Owner> owner;
    index::Folder folder;
};

using Uids = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("numbers stay until step() lets them change") {
    Box box;
    Mailbox mailbox = box.open();
    box.store.remove("ann", "INBOX", "m2");
    box.store.add("ann", "INBOX", "m5", 2000);
    box.world.sync("ann");
    mailbox.renew(box.latest());
    CHECK(box.uids(mailbox) == Uids{1, 2, 3, 4});
    auto news = mailbox.step(box.latest(), Mailbox::Numbers::stay);
    CHECK(news.expunged.empty());
    CHECK(!news.grown);
    CHECK(box.uids(mailbox) == Uids{1, 2, 3, 4});
    news = mailbox.step(box.latest(), Mailbox::Numbers::may_change);
    CHECK(news.expunged == std::vector<Number>{Number(2)});
    CHECK(news.vanished.text() == "2");
    CHECK(news.grown);
    REQUIRE(news.arrived);
    CHECK(*news.arrived == NumberRange{5, 5});
    CHECK(box.uids(mailbox) == Uids{1, 3, 4, 5});
    CHECK(mailbox.step(box.latest(), Mailbox::Numbers::may_change).empty());
}

TEST_CASE("several expunges: each number as it is when it is sent") {
    Box box;
    Mailbox mailbox = box.open();
    for (const char* name : {"m1", "m3", "m4"}) box.store.remove("ann", "INBOX", name);
    box.world.sync("ann");
    const auto news = mailbox.step(box.latest(), Mailbox::Numbers::may_change);
    Uids client{1, 2, 3, 4};
    for (const auto number : news.expunged) {
        REQUIRE(number.value >= 1);
        REQUIRE(number.value <= client.size());
        client.erase(client.begin() + number.value - 1);
    }
    CHECK(client == Uids{2});
    CHECK(box.uids(mailbox) == client);
}

TEST_CASE("others' flags are told once, one's own not at all") {
    Box box;
    Mailbox mailbox = box.open();
    box.flag(1, flag::flagged);  // another session
    OwnChange own;
    own.uids.add(2);
    own.action = index::FlagAction::add;
    own.flags.system = flag::seen;
    box.flag(2, flag::seen);
    mailbox.renew(box.latest(), &own);
    auto news = mailbox.step(box.latest(), Mailbox::Numbers::may_change);
    CHECK(news.flags.text() == "1");
    NumberSet told;
    told.add(1);
    mailbox.told(told);
    CHECK(mailbox.step(box.latest(), Mailbox::Numbers::may_change).empty());
}

TEST_CASE("a message that another session changed at the same moment is told, although it is one's own, too") {
    Box box;
    Mailbox mailbox = box.open();
    box.flag(2, flag::answered);  // another session, not yet seen here
    OwnChange own;
    own.uids.add(2, 3);
    own.uids = own.uids.resolved(4);
    own.flags.system = flag::seen;
    box.flag(2, flag::seen);
    box.flag(3, flag::seen);
    mailbox.renew(box.latest(), &own);
    CHECK(mailbox.step(box.latest(), Mailbox::Numbers::may_change).flags.text() == "2");
}

TEST_CASE("flags of a message that leaves are not told any more") {
    Box box;
    Mailbox mailbox = box.open();
    box.flag(1, flag::flagged);
    box.flag(2, flag::flagged);
    mailbox.renew(box.latest());
    box.store.remove("ann", "INBOX", "m1");
    box.world.sync("ann");
    const auto news = mailbox.step(box.latest(), Mailbox::Numbers::may_change);
    CHECK(news.expunged.size() == 1);
    CHECK(news.flags.text() == "2");
}

TEST_CASE("new keywords are told once") {
    Box box;
    Mailbox mailbox = box.open();
    NumberSet uids;
    uids.add(1);
    REQUIRE(box.owner->store_flags(box.folder.number, UserNumber(0), uids, index::FlagAction::add, {0, {"Junk"}},
                                   std::nullopt, index::Durability::soon));
    mailbox.renew(box.latest());
    CHECK(mailbox.take_keywords_changed());
    CHECK(!mailbox.take_keywords_changed());
    CHECK(!mailbox.step(box.latest(), Mailbox::Numbers::may_change).keywords_changed);
}
