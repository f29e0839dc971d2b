#include "session/sessions.h"

#include <doctest/doctest.h>

#include <future>

using namespace imaparc::session;

namespace {

Sessions::Reach nowhere() {
    return {[](std::string) {}, [] {}};
}

Who from(std::string address) {
    Who who;
    who.address = std::move(address);
    return who;
}

}  // namespace

TEST_CASE("whoever entered is in the register until the entry is destroyed") {
    Sessions sessions;
    {
        auto one = sessions.enter(from("192.0.2.1"), nowhere(), 0);
        auto two = sessions.enter(from("192.0.2.2"), nowhere(), 0);
        REQUIRE(one);
        REQUIRE(two);
        CHECK(sessions.count() == 2);
        two->change([](Who& who) {
            who.user = "ann";
            who.folder = "Sent";
        });
        CHECK(sessions.count("ann") == 1);
        const auto who = sessions.who();
        REQUIRE(who.size() == 2);
        CHECK(who[0].address == "192.0.2.1");
        CHECK(who[1].folder == "Sent");
        auto moved = std::move(*two);
        CHECK(sessions.count() == 2);
    }
    CHECK(sessions.count() == 0);
}

TEST_CASE("an address has its bound, and gets its place back") {
    Sessions sessions;
    auto one = sessions.enter(from("a"), nowhere(), 2);
    auto two = sessions.enter(from("a"), nowhere(), 2);
    CHECK(two);
    CHECK(!sessions.enter(from("a"), nowhere(), 2));
    CHECK(sessions.enter(from("b"), nowhere(), 2));
    one.reset();
    CHECK(sessions.enter(from("a"), nowhere(), 2));
}

TEST_CASE("a user has a bound, too, and gets the place back") {
    Sessions sessions;
    auto one = sessions.enter(from("a"), nowhere(), 0);
    auto two = sessions.enter(from("b"), nowhere(), 0);
    auto three = sessions.enter(from("c"), nowhere(), 0);
    CHECK(one->log_in("ann", "ann", 2));
    CHECK(two->log_in("ann", "bob", 2));
    CHECK(!three->log_in("ann", "ann", 2));
    CHECK(sessions.who()[2].user.empty());
    CHECK(three->log_in("cat", "ann", 2));
    auto four = sessions.enter(from("d"), nowhere(), 0);
    one.reset();
    CHECK(four->log_in("ann", "ann", 2));
    CHECK(sessions.count("ann") == 2);
}

TEST_CASE("all, or one user's, are told to end") {
    Sessions sessions;
    std::vector<std::string> heard;
    const auto listening = [&](const std::string& name) {
        return Sessions::Reach{[&heard, name](std::string text) { heard.push_back(name + " " + text); },
                               [&heard, name] { heard.push_back(name + " abort"); }};
    };
    auto ann = sessions.enter(from("a"), listening("ann"), 0);
    auto bob = sessions.enter(from("b"), listening("bob"), 0);
    ann->change([](Who& who) { who.user = "ann"; });
    bob->change([](Who& who) { who.user = "bob"; });
    sessions.end_user("bob", "password changed");
    CHECK(heard == std::vector<std::string>{"bob password changed"});
    heard.clear();
    sessions.end_all("bye");
    CHECK(heard == std::vector<std::string>{"ann bye", "bob bye"});
    heard.clear();
    sessions.abort_all();
    CHECK(heard == std::vector<std::string>{"ann abort", "bob abort"});
}

TEST_CASE("a closed register lets nobody in and can be waited for") {
    Sessions sessions;
    auto one = sessions.enter(from("a"), nowhere(), 0);
    sessions.close();
    CHECK(!sessions.enter(from("a"), nowhere(), 0));
    CHECK(!sessions.wait_empty(std::chrono::milliseconds(1)));
    auto waiting = std::async(std::launch::async, [&] { return sessions.wait_empty(std::chrono::seconds(10)); });
    one.reset();
    CHECK(waiting.get());
}
