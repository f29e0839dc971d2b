#include "archive/archive.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <random>
#include <thread>

#include "base/file.h"
#include "helpers/memory_store.h"
#include "helpers/temp_dir.h"
#include "helpers/wire_model.h"

using namespace imaparc;
using namespace imaparc::archive;

namespace {

// One owner's mail in a Maildir, and the archive over it.
struct World {
    test::TempDir dir;
    std::unique_ptr<store::ArchiveStore> store;
    std::unique_ptr<Archive> archive;
    bool enabled;

    explicit World(bool keep = true) : enabled(keep) {
        store::StoreOptions options;
        options.name = "s";
        options.path = (dir / "mail/%u").string();
        store = std::move(*store::open_store(options));
        for (const char* name : {"cur", "new"}) std::filesystem::create_directories(dir / "mail/ann" / name);
        start();
    }
    void start() {
        archive.reset();
        archive = std::make_unique<Archive>(Options{dir / "catalog", enabled},
                                            std::vector<store::ArchiveStore*>{store.get()}, Log::silent());
    }
    MessageId id(const std::string& name) const { return message_id("s", "ann", "INBOX", name); }
    MessageId add(const std::string& name, const std::string& bytes) {
        dir.write("mail/ann/cur/" + name, bytes);
        const MessagePlace place{id(name), "s", ".", name, "cur/" + name};
        archive->place("ann", std::span(&place, 1));
        return place.id;
    }
    std::string wire(const MessageId& message, std::size_t piece = 4096) {
        auto reader = archive->open("ann", message);
        if (!reader) return std::string("error: ") + to_string(reader.error().kind);
        std::string all, buffer(piece, '\0');
        for (;;) {
            auto n = (*reader)->read(all.size(), buffer);
            if (!n) return "error while reading: " + n.error().text;
            if (*n == 0) break;
            all.append(buffer, 0, *n);
        }
        CHECK(all.size() == (*reader)->summary().wire_size);
        return all;
    }
};

std::string mail(const std::string& subject, const std::string& body = "body\n") {
    return "Subject: " + subject + "\n\n" + body;
}

std::string subject(const Details& details) { return std::string(details.summary.envelope.subject.value_or("NIL")); }

std::string random_body(std::mt19937& random, std::size_t size) {
    static const std::string pieces[] = {
        "\r\n", "\n", "\r", std::string(1, '\0'), "a", "some text and more of it", "\n\n", std::string(300, 'l')};
    std::string body;
    while (body.size() < size) body += pieces[random() % std::size(pieces)];
    return body;
}

}  // namespace

TEST_CASE("details are computed once, kept, and given without waiting") {
    World world;
    std::vector<MessageId> ids;
    for (int i = 0; i < 20; ++i) ids.push_back(world.add("m" + std::to_string(i), mail("s" + std::to_string(i))));
    CHECK_FALSE(world.archive->cached("ann", ids)[0]);
    auto first = world.archive->ingest("ann", ids[0]);
    REQUIRE(first.ok());
    CHECK(subject(*first) == "s0");
    CHECK(first->summary.raw_size == mail("s0").size());
    CHECK(first->summary.digest == sha256(mail("s0")));
    CHECK(subject(*world.archive->cached("ann", ids)[0]) == "s0");
    CHECK_FALSE(world.archive->cached("ann", ids)[1]);
    auto all = world.archive->details("ann", ids);
    for (int i = 0; i < 20; ++i) CHECK(subject(*all[static_cast<std::size_t>(i)]) == "s" + std::to_string(i));
    world.archive->flush("ann");
    CHECK(world.archive->statistics().records == 20);
    CHECK(world.archive->statistics().bytes > 1000);

    // A new archive knows them without asking the store.
    world.start();
    std::filesystem::rename(world.dir / "mail", world.dir / "elsewhere");
    CHECK_FALSE(world.archive->cached("ann", ids)[0]);  // not even open
    CHECK(subject(*world.archive->details("ann", ids[7])) == "s7");
    CHECK(world.archive->has_place("ann", ids[7]));
    CHECK(world.archive->place_of("ann", ids[7])->name == "m7");
    CHECK(world.wire(ids[7]) == "error: unavailable");
}

TEST_CASE("bytes in wire form, read in any way") {
    const auto seed = std::random_device()();
    CAPTURE(seed);
    std::mt19937 random(seed);
    World world;
    int number = 0;
    for (const std::size_t size : {0, 1, 100, 5000, 400000, 900000}) {
        for (const bool clean : {false, true}) {
            auto raw = mail("x", size == 0 ? "" : random_body(random, size));
            if (clean) {
                raw = test::wire_form(raw);
                std::replace(raw.begin(), raw.end(), '\0', '0');
            }
            if (size == 0 && clean) raw.clear();
            const auto id = world.add("n" + std::to_string(++number), raw);
            const auto wanted = test::wire_form(raw);
            CHECK(world.wire(id) == wanted);
            CHECK(world.wire(id, 1000000) == wanted);
            auto reader = world.archive->open("ann", id);
            REQUIRE(reader.ok());
            std::string buffer(70000, '\0');
            for (int i = 0; i < 60; ++i) {
                const auto at = random() % (wanted.size() + 10), length = random() % buffer.size();
                auto n = (*reader)->read(at, std::span(buffer).first(length));
                REQUIRE(n.ok());
                const auto expected = at < wanted.size() ? wanted.substr(at, length) : "";
                REQUIRE(*n == expected.size());
                CHECK(std::string_view(buffer).substr(0, *n) == expected);
                const auto raw_at = random() % (raw.size() + 10);
                n = (*reader)->read_raw(raw_at, std::span(buffer).first(length));
                REQUIRE(n.ok());
                CHECK(std::string_view(buffer).substr(0, *n) ==
                      (raw_at < raw.size() ? raw.substr(raw_at, length) : ""));
            }
        }
    }
}

TEST_CASE("a message that changes: the summary is always that of the bytes that are given") {
    World world;
    const auto id = world.add("m", mail("old"));
    REQUIRE(world.archive->ingest("ann", id).ok());
    world.dir.write("mail/ann/cur/m", mail("newer", "longer\n"));
    auto reader = world.archive->open("ann", id);
    REQUIRE(reader.ok());
    CHECK((*reader)->summary().envelope.subject == "newer");
    CHECK(world.wire(id) == test::wire_form(mail("newer", "longer\n")));
    CHECK(subject(*world.archive->details("ann", id)) == "newer");
    // under an open reader: an error, never fewer bytes
    world.dir.write("mail/ann/cur/m", mail("n", ""));
    std::string buffer(1000, '\0');
    CHECK((*reader)->read(0, buffer).error().kind == ErrorKind::io);
    CHECK((*reader)->read_raw(0, buffer).error().kind == ErrorKind::io);
    CHECK(subject(*world.archive->ingest("ann", id)) == "n");
}

TEST_CASE("renamed, gone, out of reach") {
    World world;
    const auto id = world.add("m", mail("x"));
    std::filesystem::rename(world.dir / "mail/ann/cur/m", world.dir / "mail/ann/cur/m:2,S");
    CHECK(world.wire(id) == test::wire_form(mail("x")));
    CHECK(world.archive->place_of("ann", id)->locator == "cur/m:2,S");  // remembered
    std::filesystem::remove(world.dir / "mail/ann/cur/m:2,S");
    CHECK(world.wire(id) == "error: not_found");
    CHECK(world.archive->ingest("ann", id).error().kind == ErrorKind::not_found);
    CHECK(subject(*world.archive->details("ann", world.add("n", mail("y")))) == "y");
    CHECK(world.archive->details("ann", world.id("never")).error().kind == ErrorKind::not_found);
    CHECK(world.archive->place_of("ann", world.id("never")).error().kind == ErrorKind::not_found);
    const MessagePlace foreign{world.id("f"), "another", ".", "f", ""};
    world.archive->place("ann", std::span(&foreign, 1));
    CHECK(world.archive->details("ann", foreign.id).error().kind == ErrorKind::unavailable);
    world.archive->forget("ann", std::vector<MessageId>{foreign.id});
    CHECK_FALSE(world.archive->has_place("ann", foreign.id));
}

TEST_CASE("the catalog deleted, damaged, switched off: the same answers") {
    for (const bool enabled : {true, false}) {
        World world(enabled);
        std::vector<MessageId> ids;
        for (int i = 0; i < 10; ++i) ids.push_back(world.add("m" + std::to_string(i), mail("s" + std::to_string(i))));
        for (const auto& id : ids) REQUIRE(world.archive->ingest("ann", id).ok());
        world.archive->flush("ann");
        const auto check = [&] {
            auto all = world.archive->details("ann", ids);
            for (int i = 0; i < 10; ++i) {
                REQUIRE(all[static_cast<std::size_t>(i)].ok());
                CHECK(subject(*all[static_cast<std::size_t>(i)]) == "s" + std::to_string(i));
                CHECK(world.wire(ids[static_cast<std::size_t>(i)]) == test::wire_form(mail("s" + std::to_string(i))));
            }
        };
        check();
        world.archive.reset();
        std::filesystem::remove_all(world.dir / "catalog");
        world.start();
        check();  // the places are found in the store
        CHECK(std::filesystem::exists(world.dir / "catalog/ann.data") == enabled);
        if (!enabled) continue;
        world.archive.reset();
        auto bytes = *read_file(world.dir / "catalog/ann.data");
        for (std::size_t i = 16; i < bytes.size(); i += 50) bytes[i] = static_cast<char>(bytes[i] ^ 1);
        world.dir.write("catalog/ann.data", bytes);
        world.start();
        check();
        world.archive.reset();
        std::filesystem::remove_all(world.dir / "catalog");
        std::filesystem::create_directories(world.dir / "catalog/ann.data");  // cannot be opened
        world.start();
        check();
    }
}

TEST_CASE("a lost place is found in a folder that is shown under another name than the store has for it") {
    test::TempDir dir;
    test::MemoryStore store("s");
    store.add("ann", "inbox", "m", 1, "Subject: one\r\n\r\n");
    store.add("ann", "Inbox/Old", "m", 1, "Subject: two\r\n\r\n");
    store.add("ann", "inboxes", "m", 1, "Subject: three\r\n\r\n");
    Archive archive(Options{dir / "catalog", true}, {&store}, Log::silent());
    CHECK(archive.details("ann", message_id("s", "ann", "INBOX", "m")).ok());
    CHECK(archive.details("ann", message_id("s", "ann", "INBOX/Old", "m")).ok());
    CHECK(archive.details("ann", message_id("s", "ann", "inboxes", "m")).ok());
}

TEST_CASE("no more catalogs open than there is room for; nothing is lost by closing") {
    test::TempDir dir;
    test::MemoryStore store("s");
    std::vector<MessageId> ids;
    constexpr int owners = 300;
    Archive archive({dir / "catalog", true}, {&store}, Log::silent());
    for (int i = 0; i < owners; ++i) {
        const auto owner = "owner" + std::to_string(i);
        store.add(owner, "INBOX", "m", 1, "Subject: s" + std::to_string(i) + "\r\n\r\n");
        const MessagePlace place{message_id("s", owner, "INBOX", "m"), "s", "INBOX", "m", "m"};
        ids.push_back(place.id);
        archive.place(owner, std::span(&place, 1));
        REQUIRE(archive.ingest(owner, place.id).ok());
    }
    CHECK(archive.statistics().owners_open <= 256);
    store.unavailable("gone");
    for (int i = 0; i < owners; ++i)
        CHECK(subject(*archive.details("owner" + std::to_string(i), ids[static_cast<std::size_t>(i)])) ==
              "s" + std::to_string(i));
}

TEST_CASE("several threads ask while one ingests") {
    World world;
    std::vector<MessageId> ids;
    for (int i = 0; i < 60; ++i)
        ids.push_back(world.add("m" + std::to_string(i), mail("s" + std::to_string(i), std::string(500, 'x') + "\n")));
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&, t] {
            for (std::size_t round = 0; round < 150; ++round) {
                const auto i = (round * 7 + static_cast<std::size_t>(t)) % ids.size();
                auto quick = world.archive->cached("ann", std::span(&ids[i], 1));
                if (quick[0] && subject(*quick[0]) != "s" + std::to_string(i)) ++wrong;
                auto details = world.archive->details("ann", ids[i]);
                if (!details || subject(*details) != "s" + std::to_string(i)) ++wrong;
                auto reader = world.archive->open("ann", ids[i]);
                std::string buffer(1000, '\0');
                if (!reader || (*reader)->read(0, buffer).value() != (*reader)->summary().wire_size) ++wrong;
            }
        });
    for (const auto& id : ids) {
        CHECK(world.archive->ingest("ann", id).ok());
        world.archive->flush("ann");
    }
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
}
