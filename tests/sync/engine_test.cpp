#include "sync/engine.h"

#include <doctest/doctest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <fstream>
#include <set>
#include <thread>

#include "sync/world.h"

using namespace imaparc;
using namespace imaparc::sync;
using namespace std::chrono_literals;
using test::World;

namespace {

// The engine in a World; its event loop runs on the test's thread while the test waits for something.
struct Running : World {
    explicit Running(std::vector<std::string> names = {"one"}) : World(std::move(names)) {}
    ~Running() { stop(); }

    void start() {
        engine = std::make_unique<Engine>(options, pointers(), *archive, index, board, clock, log, metrics, workers,
                                          io.get_executor());
        engine->on_progress([this](const Progress& progress) { seen.push_back(progress); });
        engine->start();
    }
    void stop() {
        if (!engine) return;
        std::atomic<bool> stopped{false};
        std::thread other([&] {
            engine->stop();
            stopped = true;
        });
        while (!stopped) io.run_one_for(5ms);
        other.join();
        engine.reset();
    }
    // Runs until it is so; every 10 ms the clock ticks by `tick`.
    template <class Predicate>
    bool until(Predicate predicate, std::chrono::milliseconds tick = 0ms) {
        const auto give_up = std::chrono::steady_clock::now() + 20s;
        while (!predicate()) {
            if (std::chrono::steady_clock::now() > give_up) return false;
            io.run_for(10ms);
            if (tick == 0ms) continue;
            clock.advance(tick);
            engine->poke();
        }
        return true;
    }
    bool settle() {
        return until([this] { return engine->settled(); });
    }
    Result<ResyncReport> finish(const Ticket& ticket) {
        REQUIRE(until([&] { return ticket.done(); }, 500ms));
        return ticket.get();
    }
    bool idle(const std::string& owner) {
        const auto progress = board.of(owner);
        return progress && progress->phase == SyncPhase::idle;
    }
    std::size_t logged(const std::string& event) {
        std::lock_guard lock(log_mutex);
        std::size_t n = 0;
        for (const auto& line : lines) n += line.find(" " + event + " ") != std::string::npos;
        return n;
    }

    boost::asio::io_context io;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
    async::Workers workers{2};
    ProgressBoard board;
    Metrics metrics;
    std::mutex log_mutex;
    std::vector<std::string> lines;
    Log log{LogLevel::info, LogFormat::text, [this](std::string_view line) {
                std::lock_guard lock(log_mutex);
                lines.emplace_back(line);
            }};
    std::vector<Progress> seen;
    std::unique_ptr<Engine> engine;
};

// Holds a listing until the test lets it go.
class Latch {
  public:
    void wait() {
        std::unique_lock lock(mutex_);
        held_ = true;
        changed_.wait(lock, [this] { return open_; });
    }
    void open() {
        std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    bool held() {
        std::lock_guard lock(mutex_);
        return held_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool held_ = false, open_ = false;
};

}  // namespace

TEST_CASE("the first synchronisation of all owners of all stores") {
    Running world({"2023", "2024"});
    for (int i = 0; i < 20; ++i) {
        const auto owner = "owner" + std::to_string(i);
        world.fill(0, owner, "INBOX", 10);
        world.fill(1, owner, "INBOX", 5, 100);
        if (i % 2) world.fill(1, owner, "Work", 7);
    }
    world.fill(1, "only2024", "INBOX", 3);
    world.start();
    REQUIRE(world.settle());
    for (int i = 0; i < 20; ++i) {
        CHECK(world.count("owner" + std::to_string(i), "INBOX") == 15);
        CHECK(world.count("owner" + std::to_string(i), "Work") == (i % 2 ? 7 : 0));
    }
    CHECK(world.count("only2024", "INBOX") == 3);
    CHECK(world.metrics.messages_published_total == 20 * 15 + 10 * 7 + 3);
    const auto status = world.engine->status();
    CHECK(status.settled);
    CHECK(status.owners == 21);
    CHECK(status.owners_published == 21);
    CHECK(status.owners_waiting == 0);
    CHECK(status.stores[0].name == "2023");
    CHECK(status.stores[0].available);
    CHECK(status.stores[0].owners == 20);
    CHECK(status.stores[0].messages == 200);
    CHECK(status.stores[1].messages == 100 + 70 + 3);
    CHECK(status.stores[1].last_scan.has_value());
    CHECK(world.logged("sync_published") == 21);
    CHECK(world.logged("sync_settled") == 1);
}

TEST_CASE("details follow: sizes reach the index, the board becomes idle") {
    Running world;
    world.fill(0, "ann", "INBOX", 5);
    world.store(0).add("ann", "Work", "w", 1, "Subject: y\r\n\r\n12345\r\n");
    world.store(0).unreadable("m2");
    world.start();
    REQUIRE(world.settle());
    REQUIRE(world.until([&] { return world.idle("ann"); }));
    const auto content = world.index.memory_owner("ann")->content();
    CHECK(content.at("Work").rows.begin()->second.octets == 21);
    unsigned known = 0;
    for (const auto& [uid, row] : content.at("INBOX").rows) known += row.octets.has_value();
    CHECK(known == 4);
    CHECK(world.metrics.messages_detailed_total == 5);
    const auto opens = world.store(0).opens();
    world.store(0).add("ann", "INBOX", "fresh", 5000);
    CHECK(world.finish(world.engine->request({"ann", std::nullopt, false})).ok());
    REQUIRE(world.until([&] { return world.idle("ann") && world.engine->status().details_owners == 0; }));
    CHECK(world.index.memory_owner("ann")->content().at("INBOX").rows.rbegin()->second.octets.has_value());
    CHECK(world.store(0).opens() <= opens + 3);  // the new one, and the unreadable one again
}

TEST_CASE("a huge owner does not make the others wait") {
    Running world;
    Latch latch;
    world.fill(0, "ann", "INBOX", 10);
    for (int i = 0; i < 50; ++i) world.fill(0, "owner" + std::to_string(i), "INBOX", 2);
    world.store(0).before_item([&](const std::string& owner, const std::string&) {
        if (owner == "ann") latch.wait();
    });
    world.start();
    const bool others = world.until([&] { return world.engine->status().owners_published == 50; });
    CHECK(latch.held());
    CHECK(world.engine->status().owners_scanning == 1);
    CHECK(world.board.of("ann")->phase == SyncPhase::listing);
    latch.open();
    REQUIRE(others);
    CHECK(world.settle());
    CHECK(world.count("ann", "INBOX") == 10);
}

TEST_CASE("a forced resync serves the last state until the new one is committed") {
    Running world;
    Latch latch;
    world.fill(0, "ann", "INBOX", 10);
    world.start();
    REQUIRE(world.settle());
    const auto before = world.published("ann");
    world.store(0).before_item([&](const std::string&, const std::string& path) {
        if (path == "Work") latch.wait();
    });
    world.fill(0, "ann", "INBOX", 5, 10);
    world.fill(0, "ann", "Work", 5);
    CHECK_FALSE(world.engine->resyncing("ann"));
    const auto ticket = world.engine->request({"ann", std::nullopt, false});
    CHECK(world.engine->resyncing("ann"));
    CHECK_FALSE(world.engine->hidden("ann"));
    world.engine->hide_while_resyncing(true);
    CHECK(world.engine->hidden("ann"));
    CHECK_FALSE(world.engine->hidden("bob"));
    const bool held = world.until([&] { return latch.held(); });
    CHECK(world.published("ann") == before);
    CHECK_FALSE(ticket.done());
    latch.open();
    REQUIRE(held);
    const auto report = world.finish(ticket);
    REQUIRE(report.ok());
    CHECK(report->added == 10);
    CHECK(report->owners == 1);
    CHECK(report->complete());
    CHECK_FALSE(world.engine->resyncing("ann"));
    CHECK(world.count("ann", "INBOX") == 15);
    // The old ones kept their UIDs.
    const auto now = world.published("ann")["INBOX"];
    for (const auto& [id, uid] : before.at("INBOX")) CHECK(now.at(id) == uid);
}

TEST_CASE("resync: removals are part of it, refusals are said, unknown names are refused") {
    Running world({"2023", "2024"});
    world.fill(0, "ann", "INBOX", 300);
    world.fill(1, "bob", "INBOX", 300);
    world.start();
    REQUIRE(world.settle());

    world.store(0).remove("ann", "INBOX", "m3");
    auto report = world.finish(world.engine->request({"ann", std::nullopt, false}));
    REQUIRE(report.ok());
    CHECK(report->removed == 1);
    CHECK(world.count("ann", "INBOX") == 299);

    world.store(1).root_empty(true);
    report = world.finish(world.engine->request({}));
    REQUIRE(report.ok());
    CHECK(report->owners == 2);
    CHECK(report->refusals == std::vector<std::string>{"2024: bob: root is empty; nothing removed"});
    CHECK(world.count("bob", "INBOX") == 300);
    auto status = world.engine->status();
    CHECK_FALSE(status.stores[1].available);
    CHECK(status.stores[1].reason == "root is empty");
    CHECK(status.stores[1].owners_unavailable == 1);
    CHECK(status.stores[1].troubles.at(0).owner == "bob");
    CHECK(world.logged("sync_store_unavailable") == 1);

    report = world.finish(world.engine->request({std::nullopt, "2023", true}));
    REQUIRE(report.ok());
    CHECK(world.count("bob", "INBOX") == 300);  // the other store was meant

    report = world.finish(world.engine->request({std::nullopt, "2024", true}));
    REQUIRE(report.ok());
    CHECK(report->removed == 300);
    CHECK(report->complete());
    CHECK(world.count("bob", "INBOX") == 0);

    world.store(1).root_empty(false);
    report = world.finish(world.engine->request({"bob", "2024", false}));
    CHECK(report->returned == 300);
    CHECK(world.logged("sync_store_available") == 1);

    CHECK(world.finish(world.engine->request({"nobody", std::nullopt, false})).error().kind == ErrorKind::not_found);
    CHECK(world.finish(world.engine->request({std::nullopt, "2025", false})).error().kind == ErrorKind::not_found);
    CHECK_FALSE(world.engine->resyncing("nobody"));
}

TEST_CASE("the rescan finds new mail, new folders and new owners; a lost message goes after a second look") {
    Running world;
    world.fill(0, "ann", "INBOX", 10);
    world.start();
    REQUIRE(world.settle());
    world.fill(0, "ann", "INBOX", 1, 10);
    world.fill(0, "ann", "Work", 1);
    world.fill(0, "bob", "INBOX", 1);
    world.store(0).remove("ann", "INBOX", "m0");
    world.clock.advance(59s);
    world.engine->poke();
    CHECK(world.until([&] { return world.io.run_one_for(50ms) == 0; }));
    CHECK(world.count("ann", "INBOX") == 10);
    world.clock.advance(1s);
    world.engine->poke();
    CHECK(world.until([&] { return world.count("ann", "INBOX") == 11 && world.count("bob", "INBOX") == 1; }));
    CHECK(world.count("ann", "Work") == 1);
    world.clock.advance(2s);
    world.engine->poke();
    CHECK(world.until([&] { return world.count("ann", "INBOX") == 10; }));
}

TEST_CASE("a store with its own rescan time is left alone meanwhile") {
    Running world({"local", "remote"});
    world.options.store_rescan["remote"] = 600;
    world.fill(0, "ann", "INBOX", 1);
    world.fill(1, "ann", "INBOX", 1, 10);
    world.start();
    REQUIRE(world.settle());
    world.fill(0, "ann", "INBOX", 1, 1);
    world.fill(1, "ann", "INBOX", 1, 11);
    const auto listings = world.store(1).listings();
    world.clock.advance(60s);
    world.engine->poke();
    CHECK(world.until([&] { return world.count("ann", "INBOX") == 3; }));
    CHECK(world.store(1).listings() == listings);
    CHECK(world.until([&] { return world.count("ann", "INBOX") == 4; }, 30s));
}

TEST_CASE("stopping in the middle of a listing is quick, and ends the tickets") {
    Running world;
    std::atomic<unsigned> visited{0};
    world.fill(0, "ann", "INBOX", 20000);
    world.start();
    REQUIRE(world.settle());
    world.store(0).before_item([&](const auto&, const auto&) { ++visited; });
    const auto ticket = world.engine->request({});
    REQUIRE(world.until([&] { return visited > 0; }));
    world.stop();
    REQUIRE(ticket.done());
    if (!ticket.get().ok()) CHECK(ticket.get().error().kind == ErrorKind::unavailable);
    CHECK(world.count("ann", "INBOX") == 20000);
}

TEST_CASE("never started, or stopped twice") {
    Running world;
    Engine engine(world.options, world.pointers(), *world.archive, world.index, world.board, world.clock, world.log,
                  world.metrics, world.workers, world.io.get_executor());
    CHECK(engine.request({}).get().error().kind == ErrorKind::unavailable);
    engine.stop();
    engine.stop();
    CHECK_FALSE(engine.settled());
}

TEST_CASE("a disk that is gone: said, tried again later, nothing lost") {
    Running world;
    world.fill(0, "ann", "INBOX", 10);
    world.index.failing(true);
    world.start();
    REQUIRE(world.settle());
    CHECK(world.board.of("ann")->phase == SyncPhase::failed);
    CHECK(world.board.of("ann")->text().find("the disk is gone") != std::string::npos);
    CHECK(world.logged("sync_failed") == 1);
    world.index.failing(false);
    CHECK(world.until([&] { return world.count("ann", "INBOX") == 10; }, 1s));
    CHECK(world.until([&] { return world.idle("ann"); }));
}

TEST_CASE("an owner who waits for the archive to appear") {
    Running world;
    world.store(0).unavailable("/srv/archive: No such file or directory");
    world.start();
    REQUIRE(world.settle());
    CHECK(world.logged("sync_root_unavailable") == 1);
    CHECK_FALSE(world.engine->status().stores[0].available);
    world.fill(0, "ann", "INBOX", 10);
    world.store(0).unavailable("");
    CHECK(world.until([&] { return world.count("ann", "INBOX") == 10; }, 5s));
    CHECK(world.logged("sync_root_available") == 1);
}

TEST_CASE("owners of a ledger are rebuilt even if no store is there") {
    Running world;
    world.fill(0, "ann", "INBOX", 10);
    world.start();
    REQUIRE(world.settle());
    world.stop();
    world.index.memory_owner("ann")->state(index::OwnerState::rebuilding);
    world.store(0).unavailable("away");
    world.start();
    REQUIRE(world.settle());
    CHECK(world.index.memory_owner("ann")->state() == index::OwnerState::ready);
    CHECK(world.count("ann", "INBOX") == 10);
    CHECK(world.engine->status().owners_published == 1);
}

TEST_CASE("a watched folder: new mail without waiting for the rescan, a new folder, and the watch ends") {
    Running world;
    world.fill(0, "ann", "INBOX", 1);
    world.fill(0, "bob", "INBOX", 1);
    const auto inbox = world.directory / "inbox";
    const auto root = world.directory / "root";
    std::filesystem::create_directories(inbox);
    std::filesystem::create_directories(root);
    world.store(0).watchable("ann", "INBOX", {inbox.string()});
    world.store(0).watchable("ann", "", {root.string()});
    world.start();
    REQUIRE(world.settle());
    CHECK(world.engine->status().watches == 0);
    world.engine->watch("ann", "INBOX");
    world.engine->watch("ann", "INBOX");
    REQUIRE(world.until([&] { return world.engine->status().watches == 2; }, 20ms));
    const auto touch = [](const std::filesystem::path& file) { std::ofstream(file) << "x"; };

    world.store(0).freeze_token("ann", "INBOX", true);
    world.fill(0, "ann", "INBOX", 1, 1);
    touch(inbox / "m1");
    CHECK(world.until([&] { return world.count("ann", "INBOX") == 2; }, 20ms));
    world.fill(0, "ann", "New", 1);
    touch(root / ".New");
    CHECK(world.until([&] { return world.count("ann", "New") == 1; }, 20ms));

    world.engine->unwatch("ann", "INBOX");
    world.engine->poke();
    world.fill(0, "ann", "INBOX", 1, 2);
    touch(inbox / "m2");
    CHECK(world.until([&] { return world.count("ann", "INBOX") == 3; }, 20ms));
    world.engine->unwatch("ann", "INBOX");
    CHECK(world.until([&] { return world.engine->status().watches == 0; }));
    CHECK(world.count("bob", "INBOX") == 1);
}

TEST_CASE("a folder whose directory was away is watched again") {
    Running world;
    world.fill(0, "ann", "INBOX", 1);
    const auto inbox = world.directory / "inbox";
    std::filesystem::create_directories(inbox);
    world.store(0).watchable("ann", "INBOX", {inbox.string()});
    world.start();
    REQUIRE(world.settle());
    world.engine->watch("ann", "INBOX");
    REQUIRE(world.until([&] { return world.engine->status().watches == 1; }, 20ms));
    std::filesystem::remove_all(inbox);
    std::filesystem::create_directories(inbox);
    world.fill(0, "ann", "INBOX", 1, 1);
    REQUIRE(world.until([&] { return world.count("ann", "INBOX") == 2; }, 1s));
    const auto touched = world.clock.steady();
    world.fill(0, "ann", "INBOX", 1, 2);
    const auto seen = [&] {
        std::ofstream(inbox / "m2") << "x";
        return world.count("ann", "INBOX") == 3;
    };
    CHECK(world.until(seen, 20ms));
    CHECK(world.clock.steady() - touched < std::chrono::seconds(world.options.rescan_seconds) / 2);
}

TEST_CASE("watches are limited, and can be switched off and on") {
    Running world;
    world.options.watches = 1;
    world.fill(0, "ann", "INBOX", 1);
    const auto a = world.directory / "a", b = world.directory / "b";
    std::filesystem::create_directories(a);
    std::filesystem::create_directories(b);
    world.store(0).watchable("ann", "INBOX", {a.string(), b.string()});
    world.start();
    REQUIRE(world.settle());
    world.engine->watch("ann", "INBOX");
    REQUIRE(world.until([&] { return world.engine->status().watches == 1; }, 20ms));
    CHECK(world.engine->status().watches_exhausted);
    world.engine->watch_enabled(false);
    CHECK(world.until([&] { return world.engine->status().watches == 0; }, 20ms));
    world.engine->watch_enabled(true);
    CHECK(world.until([&] { return world.engine->status().watches == 1; }, 20ms));
}

TEST_CASE("progress: phases in order, and the index's listener hears of what is published") {
    Running world;
    std::atomic<unsigned> heard{0};
    world.index.on_change([&](const std::string&, FolderNumber, std::optional<UserNumber>) { ++heard; });
    world.fill(0, "ann", "INBOX", 10);
    world.start();
    REQUIRE(world.settle());
    REQUIRE(world.until([&] { return world.idle("ann"); }));
    CHECK(heard > 0);
    REQUIRE_FALSE(world.seen.empty());
    CHECK(world.seen.front().phase == SyncPhase::listing);
    CHECK(world.seen.back().phase == SyncPhase::idle);
}
