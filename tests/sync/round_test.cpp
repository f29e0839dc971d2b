#include "sync/round.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <random>

#include "sync/world.h"

using namespace imaparc;
using namespace imaparc::sync;
using namespace std::chrono_literals;
using test::World;

TEST_CASE("first publication: folders of all stores merged, INBOX always, UIDs by date then name") {
    World world;
    world.store(0).add("ann", "INBOX", "b", 50);
    world.store(0).add("ann", "INBOX", "a", 50);
    world.store(1).add("ann", "INBOX", "c", 10);
    world.store(1).add("ann", "Work/2024", "d", 10);
    world.store(1).add_folder("ann", "Empty");
    world.store(1).add_folder("ann", "Only above", false);
    const auto result = world.round("ann");
    CHECK(result.first);
    CHECK(result.ready);
    CHECK(result.committed.added == 4);
    CHECK(result.trouble.empty());
    CHECK(world.folders("ann") == std::set<std::string>{"INBOX", "Work/2024", "Empty", "Only above"});
    const auto inbox = world.published("ann")["INBOX"];
    CHECK(inbox.at(message_id("2024", "ann", "INBOX", "c")) == 1);
    CHECK(inbox.at(message_id("2023", "ann", "INBOX", "a")) == 2);
    CHECK(inbox.at(message_id("2023", "ann", "INBOX", "b")) == 3);
    const auto content = world.index.memory_owner("ann")->content();
    CHECK_FALSE(content.at("Only above").selectable);
    CHECK(content.at("Empty").selectable);
    CHECK(world.archive->place_of("ann", message_id("2023", "ann", "INBOX", "a")).ok());
    CHECK(result.stores[0].messages == 2);
    CHECK(result.stores[1].messages == 2);
}

TEST_CASE("INBOX is there without any store folder of that name, in any case it is written") {
    World world;
    world.store(0).add("ann", "Work", "a", 1);
    world.round("ann");
    CHECK(world.folders("ann") == std::set<std::string>{"INBOX", "Work"});
    world.store(1).add("ann", "inbox/Sub", "b", 1);
    world.round("ann");
    CHECK(world.folders("ann") == std::set<std::string>{"INBOX", "Work", "INBOX/Sub"});
}

TEST_CASE("nothing is published before one complete listing of every reachable store") {
    World world;
    world.fill(0, "ann", "INBOX", 10);
    world.fill(1, "ann", "INBOX", 10);
    world.store(1).partial("ann", "INBOX", 5);
    auto result = world.round("ann");
    CHECK_FALSE(result.ready);
    CHECK(result.trouble == "2024: INBOX: INBOX: listing broke off");
    CHECK(world.index.memory_owner("ann")->state() == index::OwnerState::unsynchronised);
    world.store(1).whole("ann", "INBOX");
    result = world.round("ann");
    CHECK(result.first);
    CHECK(world.count("ann", "INBOX") == 20);
}

TEST_CASE("a store that is not reachable does not hold the first publication up; none reachable does") {
    World world;
    world.fill(0, "ann", "INBOX", 10);
    world.store(0).unavailable("no such directory");
    world.store(1).unavailable("no such directory");
    CHECK_FALSE(world.round("ann").ready);
    world.store(1).unavailable("");
    world.store(1).add("bob", "INBOX", "x", 1);
    CHECK_FALSE(world.round("ann").ready);  // nothing of ann's there
    world.store(0).unavailable("");
    world.store(1).unavailable("no such directory");
    const auto result = world.round("ann");
    CHECK(result.first);
    CHECK(result.trouble == "2024: no such directory");
    CHECK(world.count("ann", "INBOX") == 10);
}

TEST_CASE("an owner whose only root is empty is not published empty") {
    World world({"one"});
    world.store(0).add_owner("ann");
    CHECK_FALSE(world.round("ann").ready);
    world.store(0).add_folder("ann", "INBOX");
    CHECK(world.round("ann").first);
    CHECK(world.count("ann", "INBOX") == 0);
}

TEST_CASE("an index that is rebuilding is rebuilt first") {
    World world({"one"});
    world.fill(0, "ann", "INBOX", 3);
    world.round("ann");
    const auto before = world.published("ann");
    world.index.memory_owner("ann")->state(index::OwnerState::rebuilding);
    world.memory.clear();
    const auto result = world.round("ann");
    CHECK(result.rebuilt);
    CHECK_FALSE(result.first);
    CHECK(result.committed.added == 0);
    CHECK(world.published("ann") == before);
}

TEST_CASE("new mail, a new folder; nothing changed: nothing is listed and nothing committed") {
    World world({"one"});
    world.fill(0, "ann", "INBOX", 3);
    world.fill(0, "ann", "Work", 3);
    world.round("ann");
    world.round("ann");  // once more: each may have changed within the grain of its time before it was listed
    const auto listings = world.store(0).listings();
    const auto commits = world.index.memory_owner("ann")->commits();
    world.round("ann");
    CHECK(world.store(0).listings() == listings);
    CHECK(world.index.memory_owner("ann")->commits() == commits);
    world.fill(0, "ann", "Work", 1, 3);
    world.fill(0, "ann", "New", 2);
    const auto result = world.round("ann");
    CHECK(world.store(0).listings() == listings + 2);
    CHECK(result.committed.added == 3);
    CHECK(result.grown == std::vector<std::string>{"New", "Work"});
    CHECK(world.count("ann", "Work") == 4);
}

TEST_CASE("a change within the grain of the directory's time is found by the next round") {
    World world({"one"});
    world.fill(0, "ann", "INBOX", 3);
    world.round("ann");
    world.store(0).freeze_token("ann", "INBOX", true);
    world.fill(0, "ann", "INBOX", 1, 3);  // the same token
    world.round("ann", {}, 500ms);
    CHECK(world.count("ann", "INBOX") == 4);
    world.fill(0, "ann", "INBOX", 1, 4);  // still within two seconds of the first sight
    world.round("ann", {}, 1s);
    CHECK(world.count("ann", "INBOX") == 5);
    world.round("ann");  // listed more than two seconds after it: trusted from now on
    world.fill(0, "ann", "INBOX", 1, 5);
    world.round("ann");
    CHECK(world.count("ann", "INBOX") == 5);
    Order thorough;
    thorough.thorough = {true};
    world.round("ann", thorough);
    CHECK(world.count("ann", "INBOX") == 6);
    world.fill(0, "ann", "INBOX", 1, 6);
    Order dirty;
    dirty.dirty = {"INBOX"};
    world.round("ann", dirty);
    CHECK(world.count("ann", "INBOX") == 7);
}

TEST_CASE("a message is removed only after two looks at least two seconds apart; its UID stays remembered") {
    World world({"one"});
    world.fill(0, "ann", "INBOX", 3);
    world.round("ann");
    const auto uids = world.published("ann")["INBOX"];
    world.store(0).remove("ann", "INBOX", "m1");
    auto result = world.round("ann");
    CHECK(result.second_look);
    CHECK(result.stores[0].pending == 1);
    CHECK(world.count("ann", "INBOX") == 3);
    world.round("ann", {}, 1999ms);
    CHECK(world.count("ann", "INBOX") == 3);
    result = world.round("ann", {}, 1ms);
    CHECK(result.committed.removed == 1);
    CHECK_FALSE(result.second_look);
    CHECK(world.count("ann", "INBOX") == 2);
    CHECK_FALSE(world.archive->has_place("ann", message_id("one", "ann", "INBOX", "m1")));
    world.store(0).add("ann", "INBOX", "m1", 1001);
    result = world.round("ann");
    CHECK(result.committed.returned == 1);
    CHECK(world.published("ann")["INBOX"] == uids);
}

TEST_CASE("missed once, then there again (a rename during the listing): never removed") {
    World world({"one"});
    world.fill(0, "ann", "INBOX", 3);
    world.round("ann");
    const auto before = world.published("ann");
    for (int i = 0; i < 5; ++i) {
        world.store(0).remove("ann", "INBOX", "m1");
        world.round("ann");
        world.store(0).add("ann", "INBOX", "m1", 1001);
        CHECK(world.round("ann").committed.removed == 0);
        CHECK(world.published("ann") == before);
    }
}

TEST_CASE("a listing that fails removes nothing and publishes nothing of that folder; the others go on") {
    World world({"one"});
    world.fill(0, "ann", "INBOX", 10);
    world.fill(0, "ann", "Work", 10);
    world.round("ann");
    world.store(0).partial("ann", "INBOX", 4);
    world.fill(0, "ann", "INBOX", 5, 10);
    world.fill(0, "ann", "Work", 5, 10);
    for (int i = 0; i < 3; ++i) {
        const auto result = world.round("ann");
        CHECK_FALSE(result.stores[0].available);
        CHECK(world.count("ann", "INBOX") == 10);
        CHECK(world.count("ann", "Work") == 15);
    }
    world.store(0).whole("ann", "INBOX");
    world.round("ann");
    CHECK(world.count("ann", "INBOX") == 15);
    world.store(0).partial("ann", "New", 1);
    world.fill(0, "ann", "New", 3);
    world.round("ann");
    CHECK_FALSE(world.folders("ann").contains("New"));  // never an empty mailbox that is not empty
    world.store(0).whole("ann", "New");
    world.round("ann");
    world.round("ann");
    world.round("ann");
    CHECK(world.count("ann", "New") == 3);
}

TEST_CASE("empty is not gone: root missing, empty, owner's part missing, too much lost") {
    World world;
    world.fill(0, "ann", "INBOX", 300);
    world.fill(1, "ann", "INBOX", 50, 1000);
    world.fill(1, "ann", "Other", 50);
    world.round("ann");
    const auto before = world.published("ann");
    const auto nothing_happens = [&](const char* reason) {
        for (int i = 0; i < 4; ++i) {
            const auto result = world.round("ann");
            CHECK(result.committed.removed == 0);
            CHECK_FALSE(result.stores[0].available);
            CHECK(result.stores[0].reason == reason);
            CHECK(result.stores[1].available);
            CHECK(world.published("ann") == before);
        }
    };
    SUBCASE("missing") {
        world.store(0).unavailable("/srv: No such file or directory");
        nothing_happens("/srv: No such file or directory");
        world.store(0).unavailable("");
    }
    SUBCASE("empty") {
        world.store(0).root_empty(true);
        nothing_happens("root is empty");
        world.store(0).root_empty(false);
    }
    SUBCASE("the owner's part is gone") {
        world.store(0).add("bob", "INBOX", "x", 1);
        world.store(0).remove_owner("ann");
        nothing_happens("ann: not found");
        world.fill(0, "ann", "INBOX", 300);
    }
    SUBCASE("nothing in the owner's part") {
        world.store(0).remove_folder("ann", "INBOX");
        nothing_happens("the owner's part is empty");
        world.fill(0, "ann", "INBOX", 300);
    }
    SUBCASE("the folder is gone, another one is there") {
        world.store(0).remove_folder("ann", "INBOX");
        world.store(0).add_folder("ann", "Other");
        nothing_happens("300 of 300 messages are missing");
        world.fill(0, "ann", "INBOX", 300);
    }
    SUBCASE("101 of 300") {
        for (int n = 0; n < 101; ++n) world.store(0).remove("ann", "INBOX", "m" + std::to_string(n));
        nothing_happens("101 of 300 messages are missing");
        world.fill(0, "ann", "INBOX", 101);
    }
    // Back: the same UIDs, and single losses count again.
    const auto result = world.round("ann");
    CHECK(result.stores[0].available);
    CHECK(world.published("ann") == before);
    world.store(0).remove("ann", "INBOX", "m7");
    world.round("ann");
    world.round("ann");
    CHECK(world.count("ann", "INBOX") == 349);
}

TEST_CASE("... and nothing is removed across a restart either: the note remembers") {
    World world;
    world.fill(0, "ann", "INBOX", 30);
    world.fill(1, "ann", "INBOX", 30, 100);
    world.round("ann");
    const auto before = world.published("ann");
    world.memory.clear();
    world.store(0).root_empty(true);
    for (int i = 0; i < 3; ++i) CHECK_FALSE(world.round("ann").stores[0].available);
    CHECK(world.published("ann") == before);
    world.memory.clear();
    world.store(0).root_empty(false);
    world.store(0).device("8:99");
    world.store(0).remove("ann", "INBOX", "m3");
    for (int i = 0; i < 3; ++i) {
        const auto result = world.round("ann");
        CHECK_FALSE(result.stores[0].available);
        CHECK(result.stores[0].reason == "on another device than before (device 8:1, now device 8:99)");
    }
    CHECK(world.published("ann") == before);
    // Everything that was known is there: it is the archive, moved to another device.
    world.store(0).add("ann", "INBOX", "m3", 1003);
    CHECK(world.round("ann").stores[0].available);
    CHECK(world.published("ann") == before);
    world.store(0).remove("ann", "INBOX", "m3");
    world.round("ann");
    world.round("ann");
    CHECK(world.count("ann", "INBOX") == 59);
}

TEST_CASE("a foreign archive on another device adds nothing either") {
    World world({"one"});
    world.fill(0, "ann", "INBOX", 30);
    world.round("ann");
    const auto before = world.published("ann");
    world.store(0).device("8:99");
    world.store(0).remove_folder("ann", "INBOX");
    world.fill(0, "ann", "INBOX", 30, 500);
    world.fill(0, "ann", "Foreign", 30, 500);
    for (int i = 0; i < 3; ++i) world.round("ann");
    CHECK(world.published("ann") == before);
}

TEST_CASE("accepted by the administrator: still two looks, then gone") {
    World world;
    world.fill(0, "ann", "INBOX", 300);
    world.fill(0, "ann", "Old", 300);
    world.fill(1, "ann", "INBOX", 50, 1000);
    world.round("ann");
    world.store(0).root_empty(true);
    world.round("ann");
    auto result = world.round("ann", world.accepting());
    CHECK(result.second_look);
    CHECK(world.count("ann", "Old") == 300);
    result = world.round("ann", world.accepting(), 2s);
    CHECK(result.committed.removed == 600);
    CHECK(world.folders("ann") == std::set<std::string>{"INBOX"});
    CHECK(world.count("ann", "INBOX") == 50);
    // From now on that store is one in which ann never was.
    CHECK(world.round("ann").stores[0].available);
    world.store(0).root_empty(false);
    CHECK(world.round("ann").committed.returned == 600);
}

TEST_CASE("a folder goes with its messages, after two looks, and only if every store was looked at") {
    World world;
    world.fill(0, "ann", "INBOX", 5);
    world.fill(0, "ann", "Work", 5);
    world.store(0).add_folder("ann", "Empty");
    world.fill(1, "ann", "INBOX", 5, 10);
    world.round("ann");
    world.store(0).remove_folder("ann", "Work");
    world.store(0).remove_folder("ann", "Empty");
    world.store(1).unavailable("away");
    for (int i = 0; i < 3; ++i) world.round("ann");
    CHECK(world.folders("ann").contains("Empty"));
    CHECK(world.folders("ann").contains("Work"));
    world.store(1).unavailable("");
    world.round("ann");
    world.round("ann");
    CHECK(world.folders("ann") == std::set<std::string>{"INBOX"});
}

TEST_CASE("a folder in two stores that goes from one of them keeps the other's messages") {
    World world;
    world.fill(0, "ann", "INBOX", 1);
    world.fill(0, "ann", "Work", 5);
    world.fill(1, "ann", "Work", 5, 10);
    for (int i = 0; i < 3; ++i) world.round("ann");  // settled: unchanged folders are skipped
    world.store(0).remove_folder("ann", "Work");
    world.round("ann");
    CHECK(world.count("ann", "Work") == 10);
    world.round("ann");
    CHECK(world.count("ann", "Work") == 5);
}

TEST_CASE("a store that is not configured any more keeps its messages until that is accepted") {
    World world;
    world.fill(0, "ann", "INBOX", 5);
    world.fill(1, "ann", "INBOX", 5, 10);
    world.fill(1, "ann", "Work", 5, 10);
    world.round("ann");
    world.stores.erase(world.stores.begin() + 1);
    world.roots = std::make_unique<RootHealth>(world.pointers(), world.clock);
    world.memory.clear();
    for (int i = 0; i < 3; ++i) world.round("ann");
    CHECK(world.count("ann", "INBOX") == 10);
    CHECK(world.count("ann", "Work") == 5);
    world.round("ann", world.accepting());
    world.round("ann", world.accepting());
    CHECK(world.count("ann", "INBOX") == 5);
    CHECK_FALSE(world.folders("ann").contains("Work"));
}

TEST_CASE("selectable follows the stores; what has messages stays open until they are gone") {
    World world({"one"});
    world.fill(0, "ann", "Work", 2);
    world.fill(0, "ann", "Work/Sub", 2);
    world.round("ann");
    const auto open = [&] { return world.index.memory_owner("ann")->content().at("Work").selectable; };
    CHECK(open());
    world.store(0).edit([](auto& owners) {
        auto& folder = owners["ann"]["Work"];
        folder.selectable = false;
        folder.messages.clear();
        folder.version += 1000;
    });
    world.round("ann");
    CHECK(open());
    world.round("ann");
    CHECK_FALSE(open());
    CHECK(world.count("ann", "Work") == 0);
    world.store(0).add_folder("ann", "Work");
    world.round("ann");
    CHECK(open());
}

TEST_CASE("stopping: the listing ends at its next message, nothing is committed") {
    World world({"one"});
    world.fill(0, "ann", "INBOX", 5000);
    unsigned visited = 0;
    world.store(0).before_item([&](const auto&, const auto&) {
        if (++visited == 1000) world.stopping = true;
    });
    const auto result = world.round("ann");
    CHECK(result.interrupted);
    CHECK(visited < 1500);
    CHECK(world.index.memory_owner("ann")->state() == index::OwnerState::unsynchronised);
}

TEST_CASE("the disk is gone during the commit: the next round does it anew") {
    World world({"one"});
    world.fill(0, "ann", "INBOX", 5);
    world.index.failing(true);
    CHECK_THROWS_AS(world.round("ann"), Fault);
    world.index.failing(false);
    CHECK(world.round("ann").first);
    world.fill(0, "ann", "INBOX", 5, 5);
    world.index.failing(true);
    CHECK_THROWS_AS(world.round("ann"), Fault);
    world.index.failing(false);
    world.round("ann");
    CHECK(world.count("ann", "INBOX") == 10);
}

TEST_CASE("a catalog that was deleted learns the places again") {
    World world({"one"});
    world.fill(0, "ann", "INBOX", 5);
    world.round("ann");
    world.archive = std::make_unique<archive::Archive>(archive::Options{world.directory / "other", true},
                                                       world.pointers(), Log::silent());
    world.memory.clear();
    const auto result = world.round("ann");
    CHECK(result.places_were_missing);
    CHECK(world.archive->has_place("ann", message_id("one", "ann", "INBOX", "m3")));
    CHECK_FALSE(world.round("ann").places_were_missing);
}

// What may have happened to the stores by the end, a plain model says: which messages must be there, which may be.
TEST_CASE("random changes and faults: nothing lost, nothing twice, no UID reused, stable UIDs") {
    const char* const given = std::getenv("IMAPARC_SEED");
    const unsigned seed = given ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    for (int game = 0; game < 20; ++game) {
        World world;
        const std::vector<std::string> paths{"INBOX", "Work", "Work/Sub", "Old"};
        std::map<std::pair<std::string, std::uint32_t>, MessageId> uid_given;  // for ever
        std::map<std::pair<std::string, MessageId>, std::uint32_t> id_given;
        unsigned next = 0;
        bool faulty = false;
        std::set<MessageId> removed_ever;
        const auto check = [&](bool complete) {
            const auto published = world.published("ann");
            for (const auto& [path, messages] : published)
                for (const auto& [id, uid] : messages) {
                    const auto [by_uid, new_uid] = uid_given.emplace(std::pair(path, uid), id);
                    CHECK_MESSAGE(by_uid->second == id, "UID reused in game " << game);
                    const auto [by_id, new_id] = id_given.emplace(std::pair(path, id), uid);
                    CHECK_MESSAGE(by_id->second == uid, "UID changed in game " << game);
                }
            std::map<std::string, std::set<MessageId>> there;
            for (auto& store : world.stores)
                store->edit([&](auto& owners) {
                    for (auto& [path, folder] : owners["ann"])
                        for (auto& [name, message] : folder.messages)
                            there[path].insert(message_id(store->name(), "ann", path, name));
                });
            for (const auto& [path, ids] : there)
                for (const auto& id : ids) {
                    if (complete) CHECK_MESSAGE(published.at(path).contains(id), "lost in game " << game);
                }
            for (const auto& [path, messages] : published)
                for (const auto& [id, uid] : messages) {
                    if (complete) CHECK_MESSAGE(there[path].contains(id), "a ghost in game " << game);
                    // Faults never remove: what the stores had all the time stays published.
                    if (there[path].contains(id)) removed_ever.erase(id);
                }
            for (const auto& [key, uid] : id_given)
                if (there[key.first].contains(key.second) && !removed_ever.contains(key.second))
                    CHECK_MESSAGE((published.contains(key.first) && published.at(key.first).contains(key.second)),
                                  "removed though always there, game " << game);
        };
        for (int step = 0; step < 60; ++step) {
            const auto s = random() % 2;
            auto& store = world.store(s);
            const auto& path = paths[random() % paths.size()];
            switch (random() % 10) {
                case 0:
                case 1:
                case 2:
                    world.fill(s, "ann", path, 1 + random() % 20, next);
                    next += 20;
                    break;
                case 3:
                case 4: {
                    std::string name;
                    store.edit([&](auto& owners) {
                        if (owners["ann"].contains(path) && !owners["ann"][path].messages.empty())
                            name = owners["ann"][path].messages.begin()->first;
                    });
                    if (!name.empty()) {
                        store.remove("ann", path, name);
                        removed_ever.insert(message_id(store.name(), "ann", path, name));
                    }
                    break;
                }
                case 5:
                    store.unavailable(random() % 2 ? "away" : "");
                    break;
                case 6:
                    store.root_empty(random() % 2);
                    break;
                case 7:
                    if (random() % 2)
                        store.partial("ann", path, random() % 5);
                    else
                        store.whole("ann", path);
                    break;
                case 8:
                    world.memory.clear();
                    break;  // a restart
                case 9:
                    world.index.failing(true);
                    faulty = true;
                    break;
            }
            try {
                world.round("ann", {}, std::chrono::milliseconds(random() % 4000));
            } catch (const Fault&) {
                CHECK(faulty);
            }
            world.index.failing(false);
            faulty = false;
            check(false);
        }
        for (auto& store : world.stores) {
            store->unavailable("");
            store->root_empty(false);
            for (const auto& path : paths) store->whole("ann", path);
        }
        world.round("ann", world.accepting());
        world.round("ann", world.accepting());
        check(true);
    }
}
