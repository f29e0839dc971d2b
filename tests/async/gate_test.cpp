#include "async/gate.h"

#include <doctest/doctest.h>

#include <future>
#include <thread>

using imaparc::async::Gate;

TEST_CASE("a closed gate lets nobody in") {
    Gate gate;
    CHECK(gate.enter());
    gate.close();
    CHECK(gate.closed());
    CHECK(!gate.enter());
}

TEST_CASE("whoever is inside is counted once, also when moved") {
    Gate gate;
    auto pass = gate.enter();
    REQUIRE(pass);
    CHECK(gate.inside() == 1);
    {
        Gate::Pass moved = std::move(*pass);
        CHECK(gate.inside() == 1);
    }
    CHECK(gate.inside() == 0);
    pass.reset();
    CHECK(gate.inside() == 0);
    gate.wait_empty();
}

TEST_CASE("wait_empty returns when the last one has left") {
    Gate gate;
    auto pass = gate.enter();
    gate.close();
    auto waiting = std::async(std::launch::async, [&] { gate.wait_empty(); });
    CHECK(waiting.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout);
    pass.reset();
    CHECK(waiting.wait_for(std::chrono::seconds(10)) == std::future_status::ready);
}
