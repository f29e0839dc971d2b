#include "auth/chain.h"

#include <doctest/doctest.h>

#include <atomic>
#include <barrier>
#include <map>
#include <thread>

#include "helpers/fake_clock.h"

using namespace imaparc;
using namespace imaparc::auth;
using imaparc::test::FakeClock;

namespace {

// Says what it was told to say, and counts.
struct Script {
    std::map<std::string, std::string, std::less<>> users;
    std::atomic<bool> down{false};
    std::atomic<std::uint64_t> generation{1};
    std::atomic<int> asked{0}, inside{0}, most_inside{0};
    std::function<void()> during;
};

class Scripted : public Authenticator {
  public:
    Scripted(const char* kind, Script& script) : kind_(kind), script_(script) {}
    const char* kind() const override { return kind_; }
    Outcome check_password(std::string_view user, std::string_view password) override {
        ++script_.asked;
        const int now = ++script_.inside;
        int most = script_.most_inside;
        while (now > most && !script_.most_inside.compare_exchange_weak(most, now)) continue;
        if (script_.during) script_.during();
        --script_.inside;
        if (script_.down) return Outcome::unavailable;
        const auto found = script_.users.find(user);
        if (found == script_.users.end()) return Outcome::unknown_user;
        return found->second == password ? Outcome::accepted : Outcome::wrong_password;
    }
    std::uint64_t generation() override { return script_.generation; }

  private:
    const char* kind_;
    Script& script_;
};

struct World {
    FakeClock clock;
    Script first, second;
    ChainOptions options;
    std::unique_ptr<Chain> chain;
    Chain& make() {
        std::vector<std::unique_ptr<Authenticator>> backends;
        backends.push_back(std::make_unique<Scripted>("first", first));
        backends.push_back(std::make_unique<Scripted>("second", second));
        chain = std::make_unique<Chain>(std::move(backends), options, clock, Log::silent());
        return *chain;
    }
};

}  // namespace

TEST_CASE("chain: order and outcomes (DESIGN 14)") {
    World world;
    world.first.users = {{"ann", "one"}};
    world.second.users = {{"ann", "other"}, {"bob", "two"}};
    auto& chain = world.make();
    CHECK(chain.backends() == std::vector<std::string>{"first", "second"});

    const auto ann = chain.check("ANN", "one");
    CHECK(ann.outcome == Outcome::accepted);
    CHECK(ann.identity.user == "ann");
    CHECK(ann.identity.owner == "ann");
    CHECK(ann.backend == "first");
    CHECK(world.second.asked == 0);

    // Here, and no: the next backend's password for the same name is not tried.
    CHECK(chain.check("ann", "other").outcome == Outcome::wrong_password);
    CHECK(world.second.asked == 0);

    CHECK(chain.check("bob", "two").backend == "second");
    CHECK(chain.check("eve", "x").outcome == Outcome::unknown_user);

    world.first.down = true;
    CHECK(chain.check("zoe", "x").outcome == Outcome::unavailable);
    CHECK(world.second.asked == 2);
}

TEST_CASE("chain: names and passwords are prepared; what cannot be is wrong and asks nobody") {
    World world;
    world.first.users = {{"\xC3\xA4nne", "p\xC3\xA4ss"}};
    auto& chain = world.make();
    CHECK(chain.check("A\xCC\x88NNE", "pa\xCC\x88ss").outcome == Outcome::accepted);
    const int asked = world.first.asked;
    CHECK(chain.check("", "x").outcome == Outcome::wrong_password);
    CHECK(chain.check("ann\n", "x").outcome == Outcome::wrong_password);
    CHECK(chain.check("ann", "").outcome == Outcome::wrong_password);
    CHECK(chain.check("ann", std::string(5000, 'x')).outcome == Outcome::wrong_password);
    CHECK(world.first.asked == asked);
}

TEST_CASE("chain: a log-in is remembered five minutes, with that password only") {
    World world;
    world.first.users = {{"ann", "one"}};
    auto& chain = world.make();
    CHECK_FALSE(chain.remembered("ann", "one"));
    CHECK(chain.check("ann", "one").outcome == Outcome::accepted);
    CHECK(chain.remembered("Ann", "one")->user == "ann");
    CHECK_FALSE(chain.remembered("ann", "two"));
    CHECK_FALSE(chain.remembered("an", "none"));  // the same bytes in another split
    CHECK(chain.check("ann", "one").backend == "remembered");
    CHECK(world.first.asked == 1);
    CHECK(chain.check("ann", "two").outcome == Outcome::wrong_password);  // not hidden by the memory
    world.clock.advance(std::chrono::seconds(299));
    CHECK(chain.remembered("ann", "one"));
    world.clock.advance(std::chrono::seconds(1));
    CHECK_FALSE(chain.remembered("ann", "one"));
    CHECK(chain.check("ann", "one").backend == "first");
    chain.forget();
    CHECK_FALSE(chain.remembered("ann", "one"));
}

TEST_CASE("chain: a change of any backend drops what is remembered") {
    World world;
    world.first.users = {{"ann", "one"}};
    auto& chain = world.make();
    CHECK(chain.check("ann", "one").outcome == Outcome::accepted);
    ++world.second.generation;
    CHECK_FALSE(chain.remembered("ann", "one"));
    // An answer from before a change is not kept.
    world.first.during = [&] { ++world.first.generation; };
    CHECK(chain.check("ann", "one").outcome == Outcome::accepted);
    CHECK_FALSE(chain.remembered("ann", "one"));
}

TEST_CASE("chain: failures are never remembered, and the memory is bounded") {
    World world;
    world.options.remember_at_most = 3;
    for (int i = 0; i < 10; ++i) world.first.users["u" + std::to_string(i)] = "x";
    auto& chain = world.make();
    CHECK(chain.check("u0", "wrong").outcome == Outcome::wrong_password);
    CHECK_FALSE(chain.remembered("u0", "wrong"));
    int kept = 0;
    for (int i = 0; i < 10; ++i) CHECK(chain.check("u" + std::to_string(i), "x").outcome == Outcome::accepted);
    for (int i = 0; i < 10; ++i) kept += chain.remembered("u" + std::to_string(i), "x").has_value();
    CHECK(kept == 3);
    world.clock.advance(std::chrono::seconds(300));
    CHECK(chain.check("u9", "x").outcome == Outcome::accepted);  // the old ones made room
    CHECK(chain.remembered("u9", "x"));

    World never;
    never.options.remember = std::chrono::seconds(0);
    never.first.users = {{"ann", "one"}};
    CHECK(never.make().check("ann", "one").outcome == Outcome::accepted);
    CHECK_FALSE(never.chain->remembered("ann", "one"));
}

TEST_CASE("chain: so many checks at a time, and clients of one user cost one") {
    World world;
    world.options.at_once = 2;
    for (int i = 0; i < 8; ++i) world.first.users["u" + std::to_string(i)] = "x";
    world.first.during = [] { std::this_thread::yield(); };
    auto& chain = world.make();
    std::barrier together(8);
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            together.arrive_and_wait();
            for (int k = 0; k < 50; ++k) (void)chain.check("u" + std::to_string(i), k % 2 ? "x" : "wrong");
        });
    for (auto& thread : threads) thread.join();
    CHECK(world.first.most_inside <= 2);
    CHECK(world.first.asked == 8 * (25 + 1));
}

TEST_CASE("chain: without a backend nobody is known") {
    FakeClock clock;
    Chain chain({}, {}, clock, Log::silent());
    CHECK(chain.check("ann", "x").outcome == Outcome::unknown_user);
}
