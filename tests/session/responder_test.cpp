#include "session/responder.h"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <numeric>

#include "helpers/pipe_stream.h"

using namespace imaparc;
using session::Disconnected;
using session::Responder;
using test::PipeOptions;

namespace {

constexpr auto timeout = std::chrono::milliseconds(60'000);

}  // namespace

TEST_CASE("small replies are gathered, full pieces are written") {
    boost::asio::io_context io;
    auto [stream, end] = test::make_pipe(io);
    Metrics metrics;
    Responder out(*stream, metrics, 1000, timeout);
    bool done = false;
    boost::asio::co_spawn(
        io,
        [](Responder& r, bool& d) -> async::Task<void> {
            for (int i = 0; i < 100; ++i) {
                r.out() += std::string(99, 'x') + "\n";
                co_await r.room();
            }
            co_await r.flush();
            d = true;
        }(out, done),
        boost::asio::detached);
    REQUIRE(test::run_until(io, [&] { return done; }));
    CHECK(end->written().size() == 10'000);
    CHECK(end->writes() == std::vector<std::size_t>(10, 1000));
    CHECK(metrics.bytes_out_total == 10'000);
}

TEST_CASE("a slow client makes the writer wait and costs no memory") {
    boost::asio::io_context io;
    PipeOptions options;
    options.window = 5000;
    auto pipe = test::make_pipe(io, options);
    auto& stream = pipe.first;
    auto& end = pipe.second;
    Metrics metrics;
    Responder out(*stream, metrics, 1000, timeout);
    std::size_t made = 0, most_held = 0;
    bool done = false;
    boost::asio::co_spawn(
        io,
        [](Responder& r, std::size_t& m, std::size_t& held, bool& d) -> async::Task<void> {
            for (int i = 0; i < 1000; ++i) {
                r.out() += std::string(100, 'x');
                m += 100;
                held = std::max(held, r.out().size());
                co_await r.room();
            }
            co_await r.flush();
            d = true;
        }(out, made, most_held, done),
        boost::asio::detached);
    REQUIRE(test::run_until(io, [&] { return end->writer_waits(); }));
    CHECK(made <= 5000 + 1000);  // what the client took, and the piece that waits
    std::size_t taken = 0;
    REQUIRE(test::run_until(io, [&] {
        taken += end->take().size();
        return done && taken == 100'000;
    }));
    CHECK(most_held <= 1000);
}

TEST_CASE("write() keeps the order and does not gather") {
    boost::asio::io_context io;
    auto [stream, end] = test::make_pipe(io);
    Metrics metrics;
    Responder out(*stream, metrics, 1000, timeout);
    bool done = false;
    boost::asio::co_spawn(
        io,
        [](Responder& r, bool& d) -> async::Task<void> {
            r.out() += "first ";
            co_await r.write("second ");
            r.out() += "third";
            co_await r.flush();
            r.release();
            d = true;
        }(out, done),
        boost::asio::detached);
    REQUIRE(test::run_until(io, [&] { return done; }));
    CHECK(end->written() == "first second third");
    CHECK(out.out().capacity() < 100);
}

TEST_CASE("a client that is gone is Disconnected") {
    boost::asio::io_context io;
    auto [stream, end] = test::make_pipe(io);
    Metrics metrics;
    Responder out(*stream, metrics, 1000, timeout);
    end->reset();
    std::string why;
    boost::asio::co_spawn(
        io,
        [](Responder& r, std::string& w) -> async::Task<void> {
            r.out() += "x";
            try {
                co_await r.flush();
            } catch (const Disconnected& gone) {
                w = gone.why.text;
            }
        }(out, why),
        boost::asio::detached);
    REQUIRE(test::run_until(io, [&] { return !why.empty(); }));
}
