#include "helpers/pipe_stream.h"

#include <doctest/doctest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>

using namespace imaparc;
using namespace std::chrono_literals;

namespace {

template <class T>
std::shared_ptr<std::optional<T>> spawn(boost::asio::io_context& io, async::Task<T> task) {
    auto result = std::make_shared<std::optional<T>>();
    boost::asio::co_spawn(
        io, [task = std::move(task), result]() mutable -> async::Task<> { *result = co_await std::move(task); },
        boost::asio::detached);
    return result;
}

}  // namespace

TEST_CASE("reads follow the segments") {
    boost::asio::io_context io;
    auto [stream, end] = test::make_pipe(io);
    end->send_split("abcde", 2);
    char buffer[8];
    for (const std::string_view want : {"ab", "cd", "e"}) {
        auto got = spawn(io, stream->read(buffer, 1s));
        REQUIRE(test::run_until(io, [&] { return got->has_value(); }));
        REQUIRE(got->value().ok());
        CHECK(std::string_view(buffer, *got->value()) == want);
    }
    end->finish();
    auto got = spawn(io, stream->read(buffer, 1s));
    REQUIRE(test::run_until(io, [&] { return got->has_value(); }));
    CHECK(got->value().value() == 0);
}

TEST_CASE("waiting ends by bytes, by interrupt, by timeout, by reset and by close") {
    boost::asio::io_context io;
    auto pipe = test::make_pipe(io);
    auto& stream = pipe.first;
    auto& end = pipe.second;
    const auto wait = [&](const std::function<void()>& act) {
        auto got = spawn(io, stream->readable(1h));
        CHECK(test::run_until(io, [&] { return end->reader_waits(); }));
        act();
        REQUIRE(test::run_until(io, [&] { return got->has_value(); }));
        return std::move(**got);
    };
    CHECK(wait([&, s = stream.get()] { s->interrupt(); }).error().text == "interrupted");
    CHECK(wait([&, e = end] { e->let_time_out(); }).value() == false);
    CHECK(wait([&, e = end] { e->send("x"); }).value() == true);
    char buffer[8];
    auto read = spawn(io, stream->read(buffer, 1s));
    REQUIRE(test::run_until(io, [&] { return read->has_value(); }));
    read = spawn(io, stream->read(buffer, 1ms));
    REQUIRE(test::run_until(io, [&] { return read->has_value(); }));
    CHECK(read->value().error().kind == ErrorKind::limit);
    CHECK(read->value().error().text == "timeout");
    CHECK(wait([&, e = end] { e->reset(); }).error().kind == ErrorKind::io);
    stream->close();
    CHECK(end->closed());
}

TEST_CASE("a small window makes the writer wait") {
    boost::asio::io_context io;
    auto [stream, end] = test::make_pipe(io, {.window = 4});
    auto wrote = spawn(io, stream->write("abcdefghij", 1h));
    REQUIRE(test::run_until(io, [&, e = end] { return e->writer_waits(); }));
    CHECK(end->written() == "abcd");
    std::string all;
    REQUIRE(test::run_until(io, [&, e = end] {
        all += e->take();
        return wrote->has_value();
    }));
    all += end->take();
    CHECK(all == "abcdefghij");
    CHECK(end->writes() == std::vector<std::size_t>{10});
    wrote = spawn(io, stream->write("abcdefghij", 1ms));
    REQUIRE(test::run_until(io, [&] { return wrote->has_value(); }));
    CHECK(wrote->value().error().text == "timeout");
}
