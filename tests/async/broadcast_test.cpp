#include "async/broadcast.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace imaparc;
using async::Broadcast;
using async::Happening;

TEST_CASE("only an owner's subscribers hear of it") {
    Broadcast broadcast;
    std::vector<std::uint32_t> ann, bob;
    auto one = broadcast.subscribe("ann", [&](const Happening& h) { ann.push_back(h.folder.value); });
    auto two = broadcast.subscribe("bob", [&](const Happening& h) { bob.push_back(h.folder.value); });
    CHECK(broadcast.listeners() == 2);
    broadcast.tell("ann", {FolderNumber(3), std::nullopt});
    broadcast.tell("ann", {FolderNumber(4), UserNumber(1)});
    broadcast.tell("bob", {FolderNumber(5), std::nullopt});
    broadcast.tell("nobody", {FolderNumber(6), std::nullopt});
    CHECK(ann == std::vector<std::uint32_t>{3, 4});
    CHECK(bob == std::vector<std::uint32_t>{5});
}

TEST_CASE("a subscription ends with its object, also when it was moved") {
    Broadcast broadcast;
    int heard = 0;
    {
        auto first = broadcast.subscribe("ann", [&](const Happening&) { ++heard; });
        auto second = std::move(first);
        broadcast.tell("ann", {FolderNumber(1), std::nullopt});
        CHECK(heard == 1);
        Broadcast::Subscription third;
        third = std::move(second);
        broadcast.tell("ann", {FolderNumber(1), std::nullopt});
        CHECK(heard == 2);
    }
    CHECK(broadcast.listeners() == 0);
    broadcast.tell("ann", {FolderNumber(1), std::nullopt});
    CHECK(heard == 2);
}

TEST_CASE("after a subscription's destructor no call is under way") {
    Broadcast broadcast;
    std::atomic<bool> stop{false};
    std::thread teller([&] {
        while (!stop) broadcast.tell("ann", {FolderNumber(1), std::nullopt});
    });
    for (int i = 0; i < 500; ++i) {
        auto alive = std::make_unique<std::atomic<int>>(0);
        {
            auto subscription = broadcast.subscribe("ann", [&counter = *alive](const Happening&) { ++counter; });
            std::this_thread::yield();
        }
        alive.reset();  // a late call would write to freed memory: the sanitizers see it
    }
    stop = true;
    teller.join();
    CHECK(broadcast.listeners() == 0);
}
