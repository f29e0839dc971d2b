#include "net/tcp_stream.h"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <thread>

#include "helpers/pipe_stream.h"

using namespace imaparc;
using namespace imaparc::net;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;

namespace {

// A TcpStream and the plain socket at its other end.
struct Pair {
    boost::asio::io_context io;
    tcp::socket client{io};
    std::unique_ptr<TcpStream> stream;

    Pair() {
        tcp::acceptor acceptor(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        client.connect(acceptor.local_endpoint());
        stream = std::make_unique<TcpStream>(acceptor.accept(), nullptr);
    }

    template <class T>
    std::shared_ptr<std::optional<T>> start(async::Task<T> task) {
        auto result = std::make_shared<std::optional<T>>();
        boost::asio::co_spawn(
            io, [task = std::move(task), result]() mutable -> async::Task<> { *result = co_await std::move(task); },
            boost::asio::detached);
        return result;
    }
    template <class T>
    T finish(std::shared_ptr<std::optional<T>> result) {
        REQUIRE(test::run_until(io, [&] { return result->has_value(); }));
        return std::move(**result);
    }
    template <class T>
    T run(async::Task<T> task) {
        return finish(start(std::move(task)));
    }
    void poll() {
        io.restart();
        io.poll();
    }
};

}  // namespace

TEST_CASE("bytes in, bytes out, and the end") {
    Pair pair;
    char buffer[16];
    boost::asio::write(pair.client, boost::asio::buffer("hello", 5));
    CHECK(pair.run(pair.stream->readable(1s)).value() == true);
    CHECK(pair.run(pair.stream->read(buffer, 1s)).value() == 5);
    CHECK(std::string_view(buffer, 5) == "hello");
    CHECK(pair.run(pair.stream->write("answer", 1s)).ok());
    boost::asio::read(pair.client, boost::asio::buffer(buffer, 6));
    CHECK(std::string_view(buffer, 6) == "answer");
    CHECK(pair.stream->remote_address() == "127.0.0.1");
    CHECK_FALSE(pair.stream->secure());
    CHECK_FALSE(pair.stream->can_start_tls());
    CHECK(pair.run(pair.stream->start_tls(1s)).error().kind == ErrorKind::refused);
    pair.client.shutdown(tcp::socket::shutdown_send);
    CHECK(pair.run(pair.stream->readable(1s)).value() == true);
    CHECK(pair.run(pair.stream->read(buffer, 1s)).value() == 0);
    CHECK(pair.run(pair.stream->write("still", 1s)).ok());  // half closed is open
    pair.stream->close();
    pair.stream->close();
    CHECK(pair.run(pair.stream->read(buffer, 1s)).error().kind == ErrorKind::io);
    CHECK(pair.run(pair.stream->write("x", 1s)).error().kind == ErrorKind::io);
}

TEST_CASE("waiting ends by timeout, by interrupt, by close") {
    Pair pair;
    char buffer[16];
    CHECK(pair.run(pair.stream->read(buffer, 5ms)).error().text == "timeout");
    CHECK(pair.run(pair.stream->read(buffer, 5ms)).error().kind == ErrorKind::limit);
    CHECK(pair.run(pair.stream->readable(5ms)).value() == false);
    auto waiting = pair.start(pair.stream->readable(1h));
    pair.poll();
    CHECK_FALSE(waiting->has_value());
    pair.stream->interrupt();
    CHECK(pair.finish(waiting).error().text == "interrupted");
    pair.stream->interrupt();  // nobody waits: nothing happens, then or later
    boost::asio::write(pair.client, boost::asio::buffer("x", 1));
    CHECK(pair.run(pair.stream->read(buffer, 1s)).value() == 1);
    auto reading = pair.start(pair.stream->read(buffer, 1h));
    pair.poll();
    pair.stream->interrupt();
    boost::asio::write(pair.client, boost::asio::buffer("y", 1));
    CHECK(pair.finish(reading).error().text == "interrupted");
    CHECK(pair.run(pair.stream->read(buffer, 1s)).value() == 1);  // and nothing was lost
    reading = pair.start(pair.stream->read(buffer, 1h));
    pair.poll();
    pair.stream->close();
    CHECK(pair.finish(reading).error().text == "closed");
}

TEST_CASE("a peer that takes nothing is let go, one that takes slowly is not") {
    Pair pair;
    const std::string much(8 << 20, 'x');
    CHECK(pair.run(pair.stream->write(much, 50ms)).error().text == "timeout");
    Pair slow;
    auto writing = slow.start(slow.stream->write(much, 10s));
    std::size_t got = 0;
    std::string buffer(64 * 1024, '\0');
    std::thread reader([&] {
        while (got < much.size()) got += slow.client.read_some(boost::asio::buffer(buffer));
    });
    CHECK(slow.finish(writing).ok());
    reader.join();
    CHECK(got == much.size());
}

TEST_CASE("reading and writing at once, a reset in between") {
    Pair pair;
    char buffer[16];
    const std::string much(8 << 20, 'x');
    auto writing = pair.start(pair.stream->write(much, 10s));
    auto reading = pair.start(pair.stream->read(buffer, 10s));
    pair.poll();
    CHECK_FALSE(writing->has_value());
    boost::asio::write(pair.client, boost::asio::buffer("go", 2));
    CHECK(pair.finish(reading).value() == 2);
    pair.client.set_option(boost::asio::socket_base::linger(true, 0));
    pair.client.close();
    CHECK(pair.finish(writing).error().kind == ErrorKind::io);
    const auto after = pair.run(pair.stream->read(buffer, 1s));  // the kernel reports a reset once
    CHECK((!after.ok() || *after == 0));
}

TEST_CASE("close lets the last words arrive although the client has sent more") {
    Pair pair;
    boost::asio::write(pair.client, boost::asio::buffer(std::string(10000, 'y')));
    CHECK(pair.run(pair.stream->write("* BYE\r\n", 1s)).ok());
    pair.stream->close();
    std::string all;
    char buffer[16];
    boost::system::error_code code;
    for (std::size_t n; (n = pair.client.read_some(boost::asio::buffer(buffer), code)) > 0;) all.append(buffer, n);
    CHECK(all == "* BYE\r\n");
    CHECK(code == boost::asio::error::eof);
}

TEST_CASE("the first byte, unread") {
    Pair pair;
    CHECK(pair.run(pair.stream->opening(2ms)) == TcpStream::Opening::nothing_yet);
    boost::asio::write(pair.client, boost::asio::buffer("\x16\x03", 2));
    CHECK(pair.run(pair.stream->opening(1s)) == TcpStream::Opening::tls);
    bool late = false;
    pair.stream->on_late_tls([&] { late = true; });
    char buffer[16];
    CHECK(pair.run(pair.stream->read(buffer, 1s)).value() == 2);
    CHECK(late);
    boost::asio::write(pair.client, boost::asio::buffer("a", 1));
    CHECK(pair.run(pair.stream->opening(1s)) == TcpStream::Opening::text);
    Pair gone;
    gone.client.close();
    CHECK(gone.run(gone.stream->opening(1s)) == TcpStream::Opening::closed);
}

TEST_CASE("many waits leave nothing behind") {
    Pair pair;
    char buffer[16];
    for (int round = 0; round < 2000; ++round) {
        auto reading = pair.start(pair.stream->read(buffer, round % 3 == 0 ? 0ms : 1s));
        if (round % 2 == 0) boost::asio::write(pair.client, boost::asio::buffer("z", 1));
        if (round % 5 == 0) pair.poll();
        if (round % 7 == 0) pair.stream->interrupt();
        if (round % 2 != 0) boost::asio::write(pair.client, boost::asio::buffer("z", 1));
        auto got = pair.finish(reading);
        if (!got.ok()) {
            CHECK(got.error().kind == ErrorKind::limit);
            CHECK(pair.run(pair.stream->read(buffer, 1s)).value() >= 1);
        }
    }
}
