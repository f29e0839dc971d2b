#include "search/step_sort.h"

#include <doctest/doctest.h>

#include <random>

using namespace imaparc;

TEST_CASE("however many steps it takes, the order is the order") {
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (const std::size_t count : {0U, 1U, 2U, 2047U, 2048U, 2049U, 4097U, 30'000U}) {
        CAPTURE(count);
        std::vector<std::uint32_t> values(count);
        for (auto& value : values) value = static_cast<std::uint32_t>(random() % (count + 1));
        const auto less = [&](std::uint32_t a, std::uint32_t b) {
            return values[a] != values[b] ? values[a] < values[b] : a < b;
        };
        std::vector<std::uint32_t> expected(count);
        for (std::uint32_t i = 0; i < count; ++i) expected[i] = i;
        std::sort(expected.begin(), expected.end(), less);

        search::StepSort at_once(count), in_steps(count);
        CHECK(at_once.advance(search::Deadline::max(), less));
        CHECK(at_once.take() == expected);
        std::size_t steps = 1;
        while (!in_steps.advance(search::Deadline::min(), less)) ++steps;
        CHECK(in_steps.take() == expected);
        if (count > 4096) CHECK(steps > 3);
    }
}
