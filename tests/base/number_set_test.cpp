#include "base/number_set.h"

#include <doctest/doctest.h>

#include <random>
#include <set>

using namespace imaparc;

TEST_CASE("the set of RFC 3501's formal syntax, resolved against a mailbox of 15 messages") {
    // "2,4:7,9,12:* for a mailbox with 15 messages is equivalent to 2,4,5,6,7,9,12,13,14,15"
    NumberSet set;
    set.add(2);
    set.add(4, 7);
    set.add(9);
    set.add(12, NumberRange::star);
    const auto resolved = set.resolved(15);
    CHECK(resolved.text() == "2,4:7,9,12:15");
    CHECK(resolved.count() == 10);
}

TEST_CASE("a range may stand backwards, and * may be smaller than the other end") {
    NumberSet set;
    set.add(7, 4);
    CHECK(set.resolved(100).text() == "4:7");
    NumberSet star;
    star.add(559, NumberRange::star);  // RFC 3501: 559:* always includes the last message
    CHECK(star.resolved(100).text() == "100:559");
    CHECK(star.resolved(100).contains(100));
}

TEST_CASE("a number behind a range with * is a number of its own") {
    NumberSet set;
    set.add(NumberRange::star, 4);  // "*:4,5"
    set.add(5);
    CHECK(set.text() == "*:4,5");
    CHECK(set.resolved(5).text() == "4:5");
    CHECK(set.resolved(9).text() == "4:9");
    NumberSet last;
    last.add(NumberRange::largest);  // "4294967295,*"
    last.add(NumberRange::star);
    CHECK(last.resolved(3).text() == "3,4294967295");
}

TEST_CASE("with nothing there, * names nothing") {
    NumberSet set;
    set.add(NumberRange::star, NumberRange::star);
    CHECK(set.resolved(0).empty());
    CHECK(NumberSet{}.resolved(5).empty());
    CHECK(NumberSet{}.text().empty());
}

TEST_CASE("resolved sets equal the plain set of their numbers") {
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 2000; ++round) {
        NumberSet set;
        std::set<std::uint32_t> model;
        const std::uint32_t largest = 1 + random() % 40;
        for (unsigned i = random() % 8; i > 0; --i) {
            std::uint32_t a = random() % 45, b = random() % 45;
            set.add(a, b);
            if (a == 0) a = largest;
            if (b == 0) b = largest;
            for (auto n = std::min(a, b); n <= std::max(a, b); ++n) model.insert(n);
        }
        const auto resolved = set.resolved(largest);
        REQUIRE(resolved.count() == model.size());
        for (std::uint32_t n = 1; n < 50; ++n) REQUIRE(resolved.contains(n) == (model.count(n) > 0));
        for (std::size_t i = 1; i < resolved.ranges().size(); ++i)
            REQUIRE(resolved.ranges()[i].first > resolved.ranges()[i - 1].last + 1);
    }
}

TEST_CASE("the largest numbers do not wrap") {
    NumberSet set;
    set.add(4294967295U);
    set.add(4294967294U, 4294967295U);
    CHECK(set.resolved(1).text() == "4294967294:4294967295");
}
