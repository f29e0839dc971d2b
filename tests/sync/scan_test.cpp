#include "sync/scan.h"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

using namespace imaparc;
using namespace imaparc::sync;
using namespace std::chrono_literals;

namespace {

MessageId id(const std::string& name) { return message_id("store", "owner", "folder", name); }

FolderScan::Seen see(FolderScan& scan, const std::string& name, Seconds date = 1) {
    return scan.see(id(name), name, "store", date, {});
}

}  // namespace

TEST_CASE("new, known, missing, and twice in one listing") {
    FolderScan scan;
    scan.know(id("a"), 0);
    scan.know(id("b"), 0);
    scan.know(id("c"), 1);
    scan.begin(0);
    CHECK(see(scan, "a") == FolderScan::Seen::known);
    CHECK(see(scan, "a") == FolderScan::Seen::again);
    CHECK(see(scan, "new") == FolderScan::Seen::fresh);
    CHECK(see(scan, "new") == FolderScan::Seen::again);
    scan.end();
    CHECK(scan.missing(0) == std::vector{id("b")});
    CHECK(scan.missing(1) == std::vector{id("c")});
    CHECK(scan.known(0) == 2);
    CHECK(scan.fresh(0) == 1);
    CHECK(scan.fresh(1) == 0);
    CHECK(scan.take_fresh().size() == 1);
}

TEST_CASE("a listing that broke off counts for nothing") {
    FolderScan scan;
    scan.know(id("a"), 0);
    scan.begin(1);
    see(scan, "other");
    scan.end();
    scan.begin(0);
    for (int i = 0; i < 1000; ++i) see(scan, "x" + std::to_string(i));
    see(scan, "a");
    scan.abandon();
    CHECK(scan.missing(0) == std::vector{id("a")});
    CHECK(scan.fresh() == 1);
    scan.begin(0);
    CHECK(see(scan, "x7") == FolderScan::Seen::fresh);
    CHECK(see(scan, "a") == FolderScan::Seen::known);
    CHECK(see(scan, "other") == FolderScan::Seen::again);
    scan.end();
    CHECK(scan.missing(0).empty());
    CHECK(scan.fresh() == 2);
}

TEST_CASE("order of first sight: dates, then names") {
    FolderScan scan;
    scan.begin(0);
    see(scan, "b", 5);
    see(scan, "a", 5);
    see(scan, "aa", 5);
    see(scan, "z", -3);
    see(scan, "c", 4);
    scan.end();
    std::vector<MessageId> order;
    for (const auto& message : scan.take_fresh()) order.push_back(message.id);
    CHECK(order == std::vector{id("z"), id("c"), id("a"), id("aa"), id("b")});
}

TEST_CASE("random folders against plain sets") {
    const unsigned seed = std::random_device{}();
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 200; ++round) {
        FolderScan scan;
        std::set<std::string> known, listed;
        for (unsigned i = 0, n = random() % 300; i < n; ++i) known.insert(std::to_string(random() % 400));
        for (const auto& name : known) scan.know(id(name), 0);
        scan.begin(0);
        for (unsigned i = 0, n = random() % 300; i < n; ++i) {
            const auto name = std::to_string(random() % 400);
            const auto seen = see(scan, name);
            CHECK((seen == FolderScan::Seen::again) == !listed.insert(name).second);
            if (seen != FolderScan::Seen::again) CHECK((seen == FolderScan::Seen::known) == known.contains(name));
        }
        scan.end();
        std::set<MessageId> missing, fresh;
        for (const auto& name : known)
            if (!listed.contains(name)) missing.insert(id(name));
        for (const auto& name : listed)
            if (!known.contains(name)) fresh.insert(id(name));
        const auto got = scan.missing(0);
        CHECK(std::set(got.begin(), got.end()) == missing);
        std::set<MessageId> got_fresh;
        for (const auto& message : scan.take_fresh()) got_fresh.insert(message.id);
        CHECK(got_fresh == fresh);
    }
}

TEST_CASE("gone only after two looks, apart enough: from the end of the first to the beginning of the second") {
    Pending pending;
    const Instant start{100s};
    CHECK(pending.missed("F", 0, {id("a"), id("b")}, start, start + 1s, 2s).empty());
    CHECK(pending.has("F"));
    CHECK(pending.count(0) == 2);
    CHECK(pending.count(1) == 0);
    CHECK(pending.missed("F", 0, {id("a"), id("b")}, start + 2900ms, start + 2900ms, 2s).empty());
    CHECK(pending.missed("F", 0, {id("a")}, start + 3s, start + 3s, 2s) == std::vector{id("a")});
    CHECK_FALSE(pending.has("F"));
}

TEST_CASE("what was seen in between begins anew") {
    Pending pending;
    const Instant start{100s};
    pending.missed("F", 0, {id("a")}, start, start, 2s);
    pending.missed("F", 0, {}, start + 1s, start + 1s, 2s);
    CHECK(pending.empty());
    CHECK(pending.missed("F", 0, {id("a")}, start + 5s, start + 5s, 2s).empty());
    CHECK(pending.missed("F", 1, {id("a")}, start + 9s, start + 9s, 2s).empty());
    CHECK(pending.missed("F", 0, {id("a")}, start + 9s, start + 9s, 2s).size() == 1);
}

TEST_CASE("folders: two looks, too; a store that is not believed is forgiven") {
    Pending pending;
    const Instant start{100s};
    CHECK_FALSE(pending.folder_missed("F", start, start, 2s));
    CHECK_FALSE(pending.folder_missed("F", start + 1s, start + 1s, 2s));
    CHECK(pending.folder_missed("F", start + 2s, start + 2s, 2s));
    pending.folder_seen("F");
    CHECK_FALSE(pending.folder_missed("F", start + 9s, start + 9s, 2s));
    pending.missed("F", 0, {id("a")}, start, start, 2s);
    pending.missed("F", 1, {id("b")}, start, start, 2s);
    pending.forgive(0);
    CHECK(pending.count(0) == 0);
    CHECK(pending.count(1) == 1);
}

TEST_CASE("too much lost: more than 10 %, and more than 100") {
    CHECK_FALSE(too_much_lost(100, 100, 10, 100));
    CHECK(too_much_lost(101, 101, 10, 100));
    CHECK(too_much_lost(101, 1009, 10, 100));
    CHECK_FALSE(too_much_lost(101, 1010, 10, 100));
    CHECK_FALSE(too_much_lost(100000, 1000000, 10, 100));
    CHECK(too_much_lost(100001, 1000000, 10, 100));
    CHECK_FALSE(too_much_lost(0, 0, 10, 100));
}
