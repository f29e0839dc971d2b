#include "async/workers.h"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "base/error.h"

using namespace imaparc;
using async::Task;

namespace {

template <class T>
T run(Task<T> task) {
    boost::asio::io_context io;
    auto future = boost::asio::co_spawn(io, std::move(task), boost::asio::use_future);
    io.run();
    return future.get();
}

}  // namespace

TEST_CASE("work runs on another thread and the coroutine goes on on its own") {
    async::Workers workers(1);
    const auto here = std::this_thread::get_id();
    run([](async::Workers& w, std::thread::id home) -> Task<void> {
        const auto there = co_await w.run([] { return std::this_thread::get_id(); });
        CHECK(there != home);
        CHECK(std::this_thread::get_id() == home);
    }(workers, here));
}

TEST_CASE("results need no default constructor, may be move-only, or nothing") {
    async::Workers workers(2);
    run([](async::Workers& w) -> Task<void> {
        Result<int> refused = co_await w.run([]() -> Result<int> { return Error{ErrorKind::denied, "no"}; });
        CHECK(!refused);
        std::unique_ptr<int> moved = co_await w.run([] { return std::make_unique<int>(7); });
        CHECK(*moved == 7);
        auto captured = std::make_unique<int>(8);
        // Named: GCC 12 destroys a temporary closure twice if it owns something.
        auto owning = [captured = std::move(captured)] { return *captured; };
        const int inside = co_await w.run(std::move(owning));
        CHECK(inside == 8);
        bool ran = false;
        co_await w.run([&ran] { ran = true; });
        CHECK(ran);
    }(workers));
}

TEST_CASE("what the work throws is thrown where it is awaited") {
    async::Workers workers(1);
    run([](async::Workers& w) -> Task<void> {
        std::string what;
        try {
            co_await w.run([]() -> int { throw Fault(ErrorKind::io, "disk gone"); });
        } catch (const Fault& fault) {
            what = fault.what();
        }
        CHECK(what == "disk gone");
    }(workers));
}

TEST_CASE("no more pieces of work at a time than there are threads") {
    async::Workers workers(2);
    boost::asio::io_context io;
    std::atomic<int> now{0}, most{0}, done{0};
    for (int i = 0; i < 50; ++i) {
        boost::asio::co_spawn(
            io,
            [](async::Workers& w, std::atomic<int>& n, std::atomic<int>& m, std::atomic<int>& d) -> Task<void> {
                co_await w.run([&] {
                    const int here = ++n;
                    for (int seen = m; here > seen && !m.compare_exchange_weak(seen, here);) {
                    }
                    std::this_thread::yield();
                    --n;
                });
                ++d;
            }(workers, now, most, done),
            boost::asio::detached);
    }
    io.run();
    CHECK(done == 50);
    CHECK(most >= 1);
    CHECK(most <= 2);
}

TEST_CASE("work that is under way is waited for when its sibling fails") {
    using namespace boost::asio::experimental::awaitable_operators;
    async::Workers workers(1);
    std::promise<void> go;
    std::atomic<bool> finished{false};
    run([](async::Workers& w, std::promise<void>& g, std::atomic<bool>& f) -> Task<void> {
        auto failing = [](std::promise<void>& p) -> Task<void> {
            p.set_value();
            throw std::runtime_error("sibling");
            co_return;
        };
        auto working = [](async::Workers& pool, std::promise<void>& p, std::atomic<bool>& done) -> Task<int> {
            co_return co_await pool.run([&] {
                p.get_future().wait();
                done = true;
                return 1;
            });
        };
        bool threw = false;
        try {
            co_await (failing(g) && working(w, g, f));
        } catch (const std::exception&) {
            threw = true;
        }
        CHECK(threw);
        CHECK(f);
    }(workers, go, finished));
}
