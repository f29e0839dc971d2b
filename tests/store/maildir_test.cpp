#include "store/maildir/maildir.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "helpers/temp_dir.h"
#include "store/store.h"

using namespace imaparc;
using namespace imaparc::store;
using imaparc::test::TempDir;

namespace {

std::unique_ptr<ArchiveStore> make(const TempDir& dir, const std::string& layout = "maildir++",
                                   const std::string& date = "mtime") {
    StoreOptions options;
    options.name = "s";
    options.path = (dir / "%u").string();
    options.layout = layout;
    options.date = date;
    auto store = open_store(options);
    REQUIRE(store.ok());
    return std::move(*store);
}

std::map<std::string, StoreFolder> folders(ArchiveStore& store, const std::string& owner = "ann") {
    auto found = store.folders(owner);
    REQUIRE(found.ok());
    std::map<std::string, StoreFolder> result;
    for (auto& folder : *found) {
        std::string name;
        for (const auto& level : folder.levels) name += (name.empty() ? "" : "/") + level;
        CHECK(result.emplace(name, std::move(folder)).second);
    }
    return result;
}

std::map<std::string, StoreItem> items(ArchiveStore& store, const StoreFolder& folder) {
    std::map<std::string, StoreItem> result;
    auto listed = store.list("ann", folder, [&](StoreItem&& item) {
        auto name = item.name;
        CHECK(result.emplace(std::move(name), std::move(item)).second);
        return true;
    });
    REQUIRE(listed.ok());
    return result;
}

std::string content(ArchiveStore& store, const StoreFolder& folder, const std::string& name,
                    const std::string& locator) {
    auto reader = store.open("ann", folder.location, name, locator);
    if (!reader) return std::string("error: ") + to_string(reader.error().kind);
    std::string bytes((*reader)->size() + 10, '\0');
    auto n = (*reader)->read(0, bytes);
    REQUIRE(n.ok());
    bytes.resize(*n);
    return bytes;
}

void set_time(const std::filesystem::path& path, time_t seconds, long nanoseconds = 0) {
    const timespec times[2] = {{seconds, nanoseconds}, {seconds, nanoseconds}};
    REQUIRE(utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
}

void make_mailbox(const std::filesystem::path& path) {
    for (const char* name : {"cur", "new", "tmp"}) std::filesystem::create_directories(path / name);
}

const StoreFolder inbox{{"INBOX"}, ".", "", true};

}  // namespace

TEST_CASE("options that make no sense name themselves and what is allowed") {
    StoreOptions options;
    options.name = "2024";
    options.path = "/srv/%u";
    const auto text = [&] {
        auto store = open_store(options);
        REQUIRE_FALSE(store.ok());
        CHECK(store.error().kind == ErrorKind::invalid);
        return store.error().text;
    };
    options.type = "pst";
    CHECK(text() == "store.2024.type must be \"maildir\", \"mbox\", \"eml\", not \"pst\"");
    options.type = "maildir";
    options.layout = "flat";
    CHECK(text() == "store.2024.layout must be \"maildir++\" or \"fs\", not \"flat\"");
    options.layout = "fs";
    options.date = "ctime";
    CHECK(text().find("\"received\"") != std::string::npos);
    options.date = "mtime";
    options.path = "/srv/mail";
    CHECK(text().find("%u") != std::string::npos);
    options.path = "/srv/%u";
    options.flags = "x";
    CHECK(text() == "store.2024.flags must be \"seed\", not \"x\"");
    options.flags = "follow";  // renames in the store are not followed: better refused than promised
    CHECK(text() == "store.2024.flags must be \"seed\", not \"follow\"");
    options.flags = "seed";
    CHECK(open_store(options).ok());  // and does not touch the path
}

TEST_CASE("folders of a Maildir++") {
    TempDir dir;
    make_mailbox(dir / "ann");
    for (const char* name : {".Sent", ".A.B.C", ".Entw&APw-rfe", ".AC\\2fDC", ".INBOX.x", ".INBOX"})
        make_mailbox(dir / "ann" / name);
    std::filesystem::create_directories(dir / "ann/.nomail/sub");
    std::filesystem::create_directories(dir / "ann/plain/cur");
    dir.write("ann/.file", "");
    auto store = make(dir);
    auto found = folders(*store);
    std::set<std::string> names, unselectable;
    for (const auto& [name, folder] : found) (folder.selectable ? names : unselectable).insert(name);
    CHECK(names == std::set<std::string>{"INBOX", "Sent", "A/B/C", "Entwürfe", "AC\\2fDC", "INBOX/x", "%49NBOX"});
    CHECK(unselectable == std::set<std::string>{"A", "A/B"});
    CHECK(found["INBOX"].location == ".");
    CHECK(store->folders("nobody").error().kind == ErrorKind::not_found);
    CHECK(store->folders("../ann").error().kind == ErrorKind::not_found);
    make_mailbox(dir / "eve" / ".only");
    CHECK(folders(*store, "eve").size() == 1);
    std::filesystem::create_directories(dir / "new/x");
    CHECK(folders(*store, "new").empty());
}

TEST_CASE("folders in directories") {
    TempDir dir;
    make_mailbox(dir / "ann");
    for (const char* name : {"Sent", "A/B/C", "A.x", "Entw&APw-rfe", "INBOX/x", ".dotted"})
        make_mailbox(dir / "ann" / name);
    std::filesystem::create_directories(dir / "ann/nomail/sub");
    std::filesystem::create_directories(dir / "ann/Sent/cur/strange/cur");
    std::filesystem::create_directory_symlink("../ann", dir / "ann/loop");
    auto store = make(dir, "fs");
    auto found = folders(*store);
    std::set<std::string> names, unselectable;
    for (const auto& [name, folder] : found) (folder.selectable ? names : unselectable).insert(name);
    CHECK(names == std::set<std::string>{"INBOX", "Sent", "A/B/C", "A.x", "Entwürfe", "INBOX/x", ".dotted"});
    CHECK(unselectable == std::set<std::string>{"A", "A/B"});
}

TEST_CASE("three hundred levels of 255-byte names") {
    TempDir dir;
    make_mailbox(dir / "ann");
    int at = open((dir / "ann").c_str(), O_RDONLY | O_DIRECTORY);
    const std::string level(255, 'x');
    for (int i = 0; i < 300; ++i) {
        REQUIRE(mkdirat(at, level.c_str(), 0700) == 0);
        const int next = openat(at, level.c_str(), O_RDONLY | O_DIRECTORY);
        close(at);
        at = next;
    }
    REQUIRE(mkdirat(at, "cur", 0700) == 0);
    const int file = openat(at, "cur/1.x:2,S", O_WRONLY | O_CREAT, 0600);
    REQUIRE(::write(file, "deep", 4) == 4);
    close(file);
    close(at);
    auto store = make(dir, "fs");
    auto found = store->folders("ann");
    REQUIRE(found.ok());
    CHECK(found->size() == 301);
    const auto deepest = std::max_element(found->begin(), found->end(),
                                          [](auto& a, auto& b) { return a.levels.size() < b.levels.size(); });
    CHECK(deepest->levels.size() == 300);
    CHECK(deepest->selectable);
    auto there = items(*store, *deepest);
    REQUIRE(there.size() == 1);
    CHECK(content(*store, *deepest, "1.x", "cur/1.x:2,S") == "deep");
    CHECK(content(*store, *deepest, "1.x", "") == "deep");
    CHECK(store->watch_paths("ann", *deepest).empty());  // no path reaches it
}

TEST_CASE("messages: names, flags, dates, sizes") {
    TempDir dir;
    make_mailbox(dir / "ann");
    set_time(dir.write("ann/cur/1600000000.M1.host,S=5:2,RSTPabF", "hello"), 1500000000, 5);
    set_time(dir.write("ann/new/1600000001.M2.host", "new"), 1500000001);
    dir.write("ann/cur/.hidden", "x");
    dir.write("ann/cur/odd:1,x", "x");
    dir.write("ann/cur/d:2,D,extra", "x");
    dir.write("ann/tmp/unfinished", "x");
    std::filesystem::create_directories(dir / "ann/cur/directory");
    std::filesystem::create_symlink("1600000000.M1.host,S=5:2,RSTPabF", dir / "ann/cur/link");
    REQUIRE(mkfifo((dir / "ann/cur/fifo").c_str(), 0600) == 0);
    auto store = make(dir);
    auto there = items(*store, inbox);
    REQUIRE(there.size() == 4);
    const auto& first = there.at("1600000000.M1.host,S=5");
    CHECK(first.locator == "cur/1600000000.M1.host,S=5:2,RSTPabF");
    CHECK(first.date == 1500000000);
    CHECK(first.raw_size == 5);
    CHECK(first.flags == FlagNames{flag::answered | flag::seen | flag::flagged, {}});
    CHECK(there.at("1600000001.M2.host").locator == "new/1600000001.M2.host");
    CHECK(there.at("odd:1,x").flags == FlagNames{});
    CHECK(there.at("d").flags.system == flag::draft);
    CHECK(content(*store, inbox, first.name, first.locator) == "hello");
    CHECK(content(*store, inbox, "fifo", "cur/fifo") == "error: not_found");
    CHECK(content(*store, inbox, "link", "cur/link") == "error: not_found");
    int seen = 0;
    CHECK(store->list("ann", inbox, [&](StoreItem&&) { return ++seen < 2; }).ok());
    CHECK(seen == 2);
}

TEST_CASE("where the date comes from") {
    TempDir dir;
    make_mailbox(dir / "ann");
    const std::string received = "Received: by x; Fri, 21 Nov 1997 09:55:06 -0600\n";
    const auto add = [&](const std::string& name, const std::string& text) {
        set_time(dir.write("ann/cur/" + name, text), 1500000000);
    };
    add("1600000000.both", received + "Date: 21 Nov 97 09:55:06 GMT\n\nx");
    add("1600000001.date", "Date: 21 Nov 97 09:55:06 GMT\n\n" + received);
    add("none", "Subject: x\n\nDate: 21 Nov 97 09:55:06 GMT\n");
    add("1600000002.long", "X: " + std::string(100000, 'x') + "\nDate: 21 Nov 97 09:55:06 GMT\n\n");
    const auto dates = [&](const std::string& option) {
        std::map<std::string, Seconds> result;
        for (const auto& [name, item] : items(*make(dir, "maildir++", option), inbox))
            result[name.substr(name.find('.') + 1)] = item.date;
        return result;
    };
    using Dates = std::map<std::string, Seconds>;
    CHECK(dates("mtime") ==
          Dates{{"both", 1500000000}, {"date", 1500000000}, {"none", 1500000000}, {"long", 1500000000}});
    CHECK(dates("name") ==
          Dates{{"both", 1600000000}, {"date", 1600000001}, {"none", 1500000000}, {"long", 1600000002}});
    CHECK(dates("received") ==
          Dates{{"both", 880127706}, {"date", 880106106}, {"none", 1500000000}, {"long", 880106106}});
    CHECK(dates("header") ==
          Dates{{"both", 880106106}, {"date", 880106106}, {"none", 1500000000}, {"long", 880106106}});
}

TEST_CASE("one file under two names is one message, two files under one name are two") {
    TempDir dir;
    make_mailbox(dir / "ann");
    const auto first = dir.write("ann/new/a", "one");
    std::filesystem::create_hard_link(first, dir / "ann/cur/a:2,S");  // a move by link and unlink, half way
    auto store = make(dir);
    CHECK(items(*store, inbox).size() == 1);
    const auto second = dir.write("ann/cur/b:2,", "two");
    const auto third = dir.write("ann/cur/b:2,F", "three");
    struct stat st {};
    REQUIRE(stat(third.c_str(), &st) == 0);
    auto there = items(*store, inbox);
    REQUIRE(there.size() == 3);
    CHECK(content(*store, inbox, "b", there.at("b").locator) == "two");
    CHECK(content(*store, inbox, "b", "") == "two");
    const auto name = "b/" + std::to_string(st.st_ino);
    CHECK(content(*store, inbox, name, there.at(name).locator) == "three");
    CHECK(content(*store, inbox, name, "cur/b:2,") == "three");
}

TEST_CASE("open follows a message that moves, and says when it is gone") {
    TempDir dir;
    make_mailbox(dir / "ann");
    dir.write("ann/new/a", "text");
    auto store = make(dir);
    std::filesystem::rename(dir / "ann/new/a", dir / "ann/cur/a:2,RS");
    auto reader = store->open("ann", ".", "a", "new/a");
    REQUIRE(reader.ok());
    CHECK((*reader)->locator() == "cur/a:2,RS");
    CHECK(content(*store, inbox, "a", "cur/../new/a") == "text");
    CHECK(content(*store, inbox, "a", "cur/b") == "text");
    std::filesystem::remove(dir / "ann/cur/a:2,RS");
    CHECK(content(*store, inbox, "a", "cur/a:2,RS") == "error: not_found");
    const StoreFolder other{{"x"}, ".x", "", true}, outside{{"x"}, "..", "", true};
    CHECK(content(*store, other, "a", "") == "error: not_found");
    CHECK(content(*store, outside, "a", "") == "error: unavailable");
    CHECK(store->list("ann", other, [](StoreItem&&) { return true; }).error().kind == ErrorKind::not_found);
    CHECK(store->open("bob", ".", "a", "").error().kind == ErrorKind::unavailable);
    std::filesystem::rename(dir / "ann", dir / "elsewhere");
    CHECK(content(*store, inbox, "a", "") == "error: unavailable");
}

TEST_CASE("a reader never gives less than there was") {
    TempDir dir;
    make_mailbox(dir / "ann");
    const auto file = dir.write("ann/cur/a", std::string(100000, 'x'));
    set_time(file, 1500000000);
    auto store = make(dir);
    auto reader = store->open("ann", ".", "a", "cur/a");
    REQUIRE(reader.ok());
    CHECK((*reader)->size() == 100000);
    auto again = store->open("ann", ".", "a", "cur/a");
    CHECK((*reader)->fingerprint() == (*again)->fingerprint());
    std::string buffer(1000, '\0');
    CHECK((*reader)->read(99990, buffer).value() == 10);
    CHECK((*reader)->read(100000, buffer).value() == 0);
    CHECK((*reader)->read(~0ULL, buffer).value() == 0);
    std::filesystem::resize_file(file, 50000);
    CHECK((*reader)->read(60000, buffer).error().kind == ErrorKind::io);
    CHECK((*reader)->read(0, buffer).error().kind == ErrorKind::io);
    CHECK((*store->open("ann", ".", "a", "cur/a"))->fingerprint() != (*again)->fingerprint());
    std::filesystem::remove(file);
    auto other = store->open("ann", ".", "a", "cur/a");
    CHECK(other.error().kind == ErrorKind::not_found);
}

TEST_CASE("links lead nowhere outside the owner's directory") {
    TempDir dir;
    make_mailbox(dir / "ann");
    make_mailbox(dir / "bob");
    dir.write("bob/cur/secret", "secret");
    make_mailbox(dir / "ann/inside");
    dir.write("ann/inside/cur/m", "mine");
    std::filesystem::create_directory_symlink(dir / "bob", dir / "ann/.absolute");
    std::filesystem::create_directory_symlink("../bob", dir / "ann/.relative");
    std::filesystem::create_directory_symlink("inside", dir / "ann/.linked");
    std::filesystem::create_directories(dir / "ann/.half");
    std::filesystem::create_directory_symlink("../../bob/cur", dir / "ann/.half/cur");
    auto store = make(dir);
    auto found = folders(*store);
    CHECK(found.size() == 2);
    REQUIRE(found.count("linked") == 1);
    CHECK(items(*store, found["linked"]).size() == 1);
    for (const char* location : {".absolute", ".relative", ".half", "../bob"}) {
        const StoreFolder folder{{"x"}, location, "", true};
        CHECK_FALSE(store->list("ann", folder, [](StoreItem&&) { return true; }).ok());
        CHECK_FALSE(store->open("ann", location, "secret", "cur/secret").ok());
    }
    // the owner's own directory may be a link: the administrator put it there
    std::filesystem::create_directory_symlink("ann", dir / "eve");
    CHECK(folders(*store, "eve").size() == 2);
}

TEST_CASE("the token tells changes") {
    TempDir dir;
    make_mailbox(dir / "ann");
    auto store = make(dir);
    const auto token = [&] { return folders(*store)["INBOX"].change_token; };
    const auto settle = [&] {
        set_time(dir / "ann/cur", 1500000000, 1);
        set_time(dir / "ann/new", 1500000000, 2);
    };
    // just made: no two tokens alike, a change may hide in the clock's tick
    CHECK(token() != token());
    settle();
    const auto before = token();
    CHECK(before == token());
    CHECK_FALSE(before.empty());
    set_time(dir / "ann/new", 1500000000, 3);
    CHECK(token() != before);
    settle();
    CHECK(token() == before);
    dir.write("ann/new/a", "");
    CHECK(token() != before);
}

TEST_CASE("health") {
    TempDir dir;
    auto store = make(dir);
    CHECK(store->health().available);
    CHECK(store->health().empty);
    make_mailbox(dir / "ann");
    const auto health = store->health();
    CHECK_FALSE(health.empty);
    CHECK_FALSE(health.device.empty());
    CHECK(store->owner_health("ann").device == health.device);
    CHECK_FALSE(store->owner_health("bob").available);
    CHECK_FALSE(store->owner_health("..").available);
    StoreOptions options;
    options.name = "gone";
    options.path = (dir / "gone/%u").string();
    auto gone = open_store(options);
    REQUIRE(gone.ok());
    CHECK_FALSE((*gone)->health().available);
    CHECK((*gone)->health().reason.find("gone") != std::string::npos);
    CHECK((*gone)->folders("ann").error().kind == ErrorKind::unavailable);
    CHECK((*gone)->owners().error().kind == ErrorKind::unavailable);
}

TEST_CASE("what may not be read is unavailable, not missing") {
    if (geteuid() == 0) return;  // root reads everything
    TempDir dir;
    make_mailbox(dir / "ann");
    dir.write("ann/cur/a", "x");
    auto store = make(dir);
    REQUIRE(chmod((dir / "ann/cur").c_str(), 0) == 0);
    CHECK(folders(*store).count("INBOX") == 1);
    CHECK(store->list("ann", inbox, [](StoreItem&&) { return true; }).error().kind == ErrorKind::unavailable);
    CHECK(content(*store, inbox, "a", "cur/a") == "error: unavailable");
    REQUIRE(chmod((dir / "ann/cur").c_str(), 0700) == 0);
    REQUIRE(chmod((dir / "ann/cur/a").c_str(), 0) == 0);
    CHECK(content(*store, inbox, "a", "cur/a") == "error: unavailable");
}

TEST_CASE("reading leaves no trace") {
    TempDir dir;
    make_mailbox(dir / "ann");
    const auto file = dir.write("ann/cur/a", "x");
    set_time(file, 1500000000);
    auto store = make(dir, "maildir++", "received");
    CHECK(items(*store, inbox).size() == 1);
    CHECK(content(*store, inbox, "a", "cur/a") == "x");
    struct stat st {};
    REQUIRE(stat(file.c_str(), &st) == 0);
    CHECK(st.st_atim.tv_sec == 1500000000);  // O_NOATIME: the file is ours
}

TEST_CASE("a listing misses nobody while messages move") {
    const auto seed = std::random_device()();
    CAPTURE(seed);
    TempDir dir;
    make_mailbox(dir / "ann");
    std::set<std::string> all;
    for (int i = 0; i < 300; ++i) {
        const auto name = "m" + std::to_string(i);
        dir.write("ann/new/" + name, "x");
        all.insert(name);
    }
    auto store = make(dir);
    std::atomic<bool> stop{false};
    std::thread mover([&] {
        std::mt19937 random(seed);
        std::vector<std::string> where(all.size());
        std::size_t k = 0;
        std::vector<std::string> names(all.begin(), all.end());
        for (auto& place : where) place = "new/" + names[k++];
        while (!stop) {
            const auto i = random() % names.size();
            const auto next = "cur/" + names[i] + ":2," + std::string(random() % 2, 'F') +
                              std::string(random() % 2, 'R') + std::string(random() % 2, 'S');
            if (next == where[i]) continue;
            std::filesystem::rename(dir / "ann" / where[i], dir / "ann" / next);
            where[i] = next;
        }
    });
    for (int round = 0; round < 100; ++round) {
        std::set<std::string> seen;
        const auto listed = store->list("ann", inbox, [&](StoreItem&& item) {
            CHECK(seen.insert(item.name).second);
            return true;
        });
        CHECK(listed.ok());
        CHECK(seen == all);
        const auto name = "m" + std::to_string(round);
        CHECK(content(*store, inbox, name, "new/" + name) == "x");
    }
    stop = true;
    mover.join();
}

TEST_CASE("paths to watch") {
    TempDir dir;
    auto store = make(dir);
    const auto ann = (dir / "ann").string();
    CHECK(store->watch_paths("ann", inbox) == std::vector<std::string>{ann + "/new", ann + "/cur"});
    CHECK(store->watch_paths("ann", {{"A"}, ".A", "", true}) ==
          std::vector<std::string>{ann + "/.A/new", ann + "/.A/cur"});
    CHECK(store->owner_watch_paths("ann") == std::vector<std::string>{ann});
    CHECK(store->owner_watch_paths("..").empty());
}
