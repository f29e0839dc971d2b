#include "search/forest.h"

#include <doctest/doctest.h>

#include <random>

using namespace imaparc;
using search::Forest;

TEST_CASE("a link that would make a loop is refused") {
    Forest forest(3);
    CHECK(forest.link(0, 1));
    CHECK(forest.link(1, 2));
    CHECK_FALSE(forest.link(2, 0));
    CHECK_FALSE(forest.link(0, 0));
    CHECK(forest.parent(0) == Forest::none);
    forest.cut(1);
    CHECK(forest.parent(1) == Forest::none);
    CHECK(forest.link(2, 0));
}

TEST_CASE("random links and cuts, in deep trees, too, are as walking up says") {
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (const unsigned nodes : {5U, 60U, 400U}) {
        Forest forest(nodes);
        std::vector<std::uint32_t> parents(nodes, Forest::none);
        for (int step = 0; step < 20'000; ++step) {
            CAPTURE(step);
            const auto child = random() % nodes;
            if (parents[child] != Forest::none) {
                if (random() % 16 != 0) continue;  // few cuts, so that trees grow deep
                forest.cut(child);
                parents[child] = Forest::none;
            }
            // Often the deepest neighbour, so that chains come about.
            const auto parent = random() % 4 == 0 ? random() % nodes : (child + 1) % nodes;
            bool loop = false;
            for (auto at = parent; at != Forest::none && !loop; at = parents[at]) loop = at == child;
            REQUIRE(forest.link(parent, child) == !loop);
            if (!loop) parents[child] = parent;
            REQUIRE(forest.parents() == parents);
        }
    }
}
