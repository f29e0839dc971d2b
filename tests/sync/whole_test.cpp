// The engine with all that is real: a Maildir, the archive's catalog, the index in Firebird, the kernel's inotify.
#include <doctest/doctest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "helpers/temp_dir.h"
#include "store/store.h"
#include "sync/engine.h"

using namespace imaparc;
using namespace imaparc::sync;
using namespace std::chrono_literals;

namespace {

struct Machine {
    enum class AllMail { off, on };
    explicit Machine(const test::TempDir& directory, AllMail all_mail = AllMail::off) {
        store::StoreOptions options;
        options.name = "2024";
        options.path = (directory / "mail/%u").string();
        store = value_or_throw(store::open_store(options));
        std::vector<store::ArchiveStore*> stores{store.get()};
        archive =
            std::make_unique<archive::Archive>(archive::Options{directory / "catalog", true}, stores, Log::silent());
        index::Options index_options;
        index_options.directory = directory / "data";
        index_options.window_months = 0;
        index_options.all_mail = all_mail == AllMail::on;
        index = index::Index::open(index_options, clock, Log::silent());
        index->on_change([this](const std::string&, FolderNumber, std::optional<UserNumber>) {
            std::lock_guard lock(mutex);
            ++changes;
            changed.notify_all();
        });
        engine = std::make_unique<Engine>(Options{}, stores, *archive, *index, board, clock, Log::silent(), metrics,
                                          workers, io.get_executor());
        thread = std::thread([this] { io.run(); });
        engine->start();
    }
    ~Machine() {
        engine.reset();
        work.reset();
        thread.join();
    }

    using Published = std::map<std::string, std::map<MessageId, std::uint32_t>>;
    Published published(const std::string& owner) {
        Published result;
        const auto found = index->owner(owner);
        const auto folders = found->folders();
        for (const auto& folder : *folders) {
            auto& messages = result[folder.path + ":" + std::to_string(folder.uid_validity.value)];
            REQUIRE(found
                        ->for_each(folder.number,
                                   [&](const index::Message& message) {
                                       messages[message.id] = message.uid.value;
                                       return true;
                                   })
                        .ok());
        }
        return result;
    }

    // Nobody's details are being read any more.
    void sizes_read() {
        const auto give_up = std::chrono::steady_clock::now() + 60s;
        while (engine->status().details_owners > 0 && std::chrono::steady_clock::now() < give_up)
            std::this_thread::yield();
    }

    // RFC822.SIZE of all messages as the index has them, once nobody's details are being read.
    std::map<MessageId, std::optional<std::uint64_t>> sizes(const std::string& owner) {
        sizes_read();
        std::map<MessageId, std::optional<std::uint64_t>> result;
        const auto found = index->owner(owner);
        const auto folders = found->folders();
        for (const auto& folder : *folders)
            CHECK(found->for_each(folder.number, [&](const index::Message& message) {
                result[message.id] = message.octets;
                return true;
            }));
        return result;
    }

    std::mutex mutex;
    std::condition_variable changed;
    unsigned changes = 0;
    boost::asio::io_context io;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
    async::Workers workers{2};
    SystemClock clock;
    ProgressBoard board;
    Metrics metrics;
    std::unique_ptr<store::ArchiveStore> store;
    std::unique_ptr<archive::Archive> archive;
    std::unique_ptr<index::Index> index;
    std::unique_ptr<Engine> engine;
    std::thread thread;
};

void deliver(const test::TempDir& directory, const std::string& folder, const std::string& name,
             const std::string& text = "") {
    const auto base = directory.path() / "mail/ann" / folder;
    for (const auto* part : {"cur", "new", "tmp"}) std::filesystem::create_directories(base / part);
    std::ofstream(base / "tmp" / name, std::ios::binary)
        << "Subject: " << (text.empty() ? name : text) << "\n\nbody of " << (text.empty() ? name : text) << "\n";
    std::filesystem::rename(base / "tmp" / name, base / "new" / name);
}

}  // namespace

TEST_CASE("Maildir, catalog and Firebird: All Mail has every content once, and stays as it was without the catalog") {
    test::TempDir directory;
    for (int i = 0; i < 40; ++i) {
        deliver(directory, ".", "1700000" + std::to_string(100 + i) + ".M1P1.host", "text " + std::to_string(i));
        deliver(directory, ".Copies", "1700001" + std::to_string(100 + i) + ".M1P1.host",
                "text " + std::to_string(i / 2));
    }
    // Once it has so many messages: they are read in the background.
    const auto all_mail = [](Machine& machine, std::size_t expected) {
        std::map<MessageId, std::uint32_t> all;
        const auto owner = machine.index->owner("ann");
        const auto folder = owner->find("All Mail");
        REQUIRE(folder.has_value());
        CHECK(folder->kind == index::FolderKind::all_mail);
        const auto give_up = std::chrono::steady_clock::now() + 60s;
        while (all.size() != expected && std::chrono::steady_clock::now() < give_up) {
            all.clear();
            const auto read = owner->for_each(folder->number, [&](const index::Message& message) {
                all[message.id] = message.uid.value;
                return true;
            });
            if (!read) CHECK(read.error().kind == ErrorKind::unavailable);
        }
        CHECK(all.size() == expected);
        machine.sizes_read();
        return std::pair(folder->uid_validity, all);
    };
    std::pair<UidValidity, std::map<MessageId, std::uint32_t>> before;
    {
        Machine machine(directory, Machine::AllMail::on);
        REQUIRE(machine.engine->wait_settled_for(60s));
        before = all_mail(machine, 40);
        deliver(directory, ".Copies", "1700002100.M1P1.host", "text 3");
        deliver(directory, ".Copies", "1700002101.M1P1.host", "another");
        REQUIRE(machine.engine->request({"ann", {}, false}).get().ok());
        const auto now = all_mail(machine, 41);
        for (const auto& [id, uid] : before.second) CHECK(now.second.at(id) == uid);
        before = now;
    }
    std::filesystem::remove_all(directory / "catalog");
    std::filesystem::remove(directory / "data/IMAPDB.FDB");
    Machine machine(directory, Machine::AllMail::on);
    REQUIRE(machine.engine->wait_settled_for(60s));
    CHECK(all_mail(machine, 41) == before);
    CHECK(machine.index->check().empty());
}

TEST_CASE("Maildir, catalog and Firebird: published, watched, rebuilt under the same UIDs") {
    test::TempDir directory;
    for (int i = 0; i < 50; ++i) deliver(directory, ".", "1700000" + std::to_string(100 + i) + ".M1P1.host");
    for (int i = 0; i < 20; ++i) deliver(directory, ".Work.2024", "1700001" + std::to_string(100 + i) + ".M1P1.host");
    Machine::Published before;
    {
        Machine machine(directory);
        REQUIRE(machine.engine->wait_settled_for(60s));
        auto published = machine.published("ann");
        CHECK(published.size() >= 2);
        std::size_t messages = 0;
        for (const auto& [folder, ids] : published) messages += ids.size();
        CHECK(messages == 70);

        // New mail in a watched folder is announced.
        machine.engine->watch("ann", "INBOX");
        const auto give_up = std::chrono::steady_clock::now() + 20s;
        while (machine.engine->status().watches == 0 && std::chrono::steady_clock::now() < give_up)
            std::this_thread::yield();
        const auto id = message_id("2024", "ann", "INBOX", "1700009999.M1P1.host");
        const auto there = [&] {
            for (const auto& [folder, ids] : machine.published("ann"))
                if (ids.contains(id)) return true;
            return false;
        };
        const auto delivered = std::chrono::steady_clock::now();
        deliver(directory, ".", "1700009999.M1P1.host");
        {
            std::unique_lock lock(machine.mutex);
            CHECK(machine.changed.wait_for(lock, 20s, [&] { return there(); }));
        }
        MESSAGE("new mail after " << std::chrono::duration_cast<std::chrono::milliseconds>(
                                         std::chrono::steady_clock::now() - delivered)
                                         .count()
                                  << " ms");

        // Sizes as IMAP counts them: every LF has gained a CR.
        const auto details = machine.archive->details("ann", id);
        REQUIRE(details.ok());
        CHECK(details->summary.wire_size ==
              std::string("Subject: 1700009999.M1P1.host\r\n\r\nbody of 1700009999.M1P1.host\r\n").size());
        const auto report = machine.engine->request({"ann", std::nullopt, false}).get();
        REQUIRE(report.ok());
        CHECK(report->added == 0);
        before = machine.published("ann");
    }
    std::filesystem::remove(directory / "data/IMAPDB.FDB");
    {
        Machine machine(directory);
        REQUIRE(machine.engine->wait_settled_for(60s));
        CHECK(machine.published("ann") == before);
        const auto report = machine.engine->request({}).get();
        REQUIRE(report.ok());
        CHECK(report->added + report->removed + report->returned == 0);
        CHECK(machine.published("ann") == before);
    }
}

TEST_CASE("sizes come back after the index was lost, from the catalog: no mail is read again") {
    test::TempDir directory;
    for (int i = 0; i < 30; ++i) deliver(directory, ".", "1700000" + std::to_string(100 + i) + ".M1P1.host");
    std::map<MessageId, std::optional<std::uint64_t>> before;
    {
        Machine machine(directory);
        REQUIRE(machine.engine->wait_settled_for(60s));
        before = machine.sizes("ann");
        REQUIRE(before.size() == 30);
        for (const auto& [id, size] : before) CHECK(size);
    }
    std::filesystem::remove(directory / "data/IMAPDB.FDB");
    // Who read them now would learn another size.
    for (const auto& file : std::filesystem::directory_iterator(directory / "mail/ann/new"))
        std::ofstream(file.path(), std::ios::binary) << "changed\n";
    Machine machine(directory);
    REQUIRE(machine.engine->wait_settled_for(60s));
    CHECK(machine.sizes("ann") == before);
}
