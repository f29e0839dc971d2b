#include "session/partial.h"

#include <doctest/doctest.h>

#include <iostream>
#include <random>

#include "helpers/archive_world.h"
#include "helpers/memory_store.h"

using namespace imaparc;
using session::at_positions;
using session::numbers_of;

namespace {

NumberSet set(std::initializer_list<NumberRange> ranges) { return NumberSet(std::vector<NumberRange>(ranges)); }

std::string picked(std::int64_t first, std::int64_t last) {
    return at_positions(set({{3, 5}, {9, 9}, {20, 30}}), {first, last}).text();
}

}  // namespace

TEST_CASE("positions in a set: from its beginning, from its end, in either order, and beyond it") {
    CHECK(picked(1, 3) == "3:5");
    CHECK(picked(4, 4) == "9");
    CHECK(picked(6, 3) == "5,9,20:21");
    CHECK(picked(-1, -3) == "28:30");
    CHECK(picked(-12, -11) == "9,20");
    CHECK(picked(-15, -100) == "3");
    CHECK(picked(-16, -4294967295) == "");
    CHECK(picked(16, 17) == "");
    CHECK(picked(15, 4294967295) == "30");
    CHECK(at_positions({}, {1, 5}).empty());
    CHECK(at_positions({}, {-1, -5}).empty());
}

TEST_CASE("the numbers of a set of UIDs, against a plain walk over all messages") {
    const auto seed = std::random_device{}();
    std::cout << "partial: seed " << seed << "\n";
    std::mt19937 random(seed);
    test::MemoryStore store("s");
    test::ArchiveWorld world(store);
    for (int i = 0; i < 60; ++i) store.add("ann", "INBOX", "m" + std::to_string(i), i);
    world.sync("ann");
    for (int i = 0; i < 30; ++i) store.remove("ann", "INBOX", "m" + std::to_string(random() % 60));
    world.sync("ann");
    const auto owner = world.index->owner("ann");
    const auto view = value_or_throw(owner->view(owner->find("INBOX")->number, UserNumber(0)));
    std::vector<std::uint32_t> uids;
    for (std::uint32_t n = 1; n <= view->count(); ++n) uids.push_back(view->uid_at(Number(n))->value);
    for (int round = 0; round < 500; ++round) {
        NumberSet asked;
        for (unsigned i = 0; i < 1 + random() % 4; ++i) {
            const auto end = [&] { return random() % 8 == 0 ? NumberRange::star : 1 + std::uint32_t(random() % 70); };
            asked.add(end(), end());
        }
        const NumberSet plain = asked.resolved(uids.back());
        NumberSet expected;
        for (std::uint32_t n = 1; n <= uids.size(); ++n)
            if (plain.contains(uids[n - 1])) expected.add(n);
        INFO(asked.text());
        CHECK(numbers_of(*view, asked).text() == expected.resolved(0).text());
    }
}
