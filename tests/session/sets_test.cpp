#include "session/sets.h"

#include <doctest/doctest.h>

#include <random>
#include <set>

using namespace imaparc;
using namespace imaparc::session;

namespace {

using Plain = std::set<std::uint32_t>;

NumberSet made_of(const Plain& plain) {
    NumberSet set;
    for (const auto number : plain) set.add(number);
    return set;
}

Plain some(std::mt19937& random, std::uint32_t most) {
    Plain plain;
    for (std::uint32_t n = 1; n <= most; ++n)
        if (random() % 3 == 0) plain.insert(n);
    return plain;
}

}  // namespace

TEST_CASE("sums and differences are those of a plain set") {
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 500; ++round) {
        const Plain a = some(random, 30), b = some(random, 30);
        Plain sum = a, difference;
        sum.insert(b.begin(), b.end());
        for (const auto n : a)
            if (!b.contains(n)) difference.insert(n);
        CHECK(united(made_of(a), made_of(b)) == made_of(sum));
        CHECK(without(made_of(a), made_of(b)) == made_of(difference));
        const std::uint32_t first = 1 + random() % 30, last = first + random() % 5;
        bool any = false;
        for (auto n = first; n <= last; ++n) any |= a.contains(n);
        CHECK(intersects(made_of(a), first, last) == any);
    }
}

TEST_CASE("the ends of the number space") {
    NumberSet all;
    all.add(1, 0xFFFFFFFF);
    NumberSet last;
    last.add(0xFFFFFFFF);
    CHECK(without(all, last).text() == "1:4294967294");
    CHECK(without(last, all).empty());
    CHECK(without({}, all).empty());
    CHECK(without(last, {}) == last);
}
