// The peer is zlib itself, used as any client uses it.
#include "net/deflate_stream.h"

#include <doctest/doctest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>
#include <random>

#include "helpers/deflate_peer.h"
#include "helpers/pipe_stream.h"

using namespace imaparc;
using test::DeflatePeer;
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

struct Connection {
    explicit Connection(test::PipeOptions options = {}) {
        auto pipe = test::make_pipe(io, std::move(options));
        stream = std::make_unique<net::DeflateStream>(std::move(pipe.first));
        end = std::move(pipe.second);
    }
    void write(std::string_view bytes) {
        auto done = spawn(io, stream->write(bytes, 5s));
        REQUIRE(test::run_until(io, [&] { return done->has_value(); }));
        REQUIRE((*done)->ok());
    }
    Result<std::size_t> read(std::span<char> buffer, std::chrono::milliseconds timeout = 5s) {
        auto got = spawn(io, stream->read(buffer, timeout));
        REQUIRE(test::run_until(io, [&] { return got->has_value(); }));
        return std::move(**got);
    }
    std::string read(std::size_t octets) {
        std::string text;
        while (text.size() < octets) {
            char buffer[512];
            const auto got = read(buffer);
            REQUIRE(got.ok());
            if (*got == 0) break;
            text.append(buffer, *got);
        }
        return text;
    }

    boost::asio::io_context io;
    std::unique_ptr<net::DeflateStream> stream;
    std::shared_ptr<test::PipeEnd> end;
};

std::string lines(unsigned count, unsigned from = 0) {
    std::string text;
    for (unsigned i = from; i < from + count; ++i)
        text += "* " + std::to_string(i) + " FETCH (UID " + std::to_string(1000 + 7 * i) + " FLAGS (\\Seen))\r\n";
    return text;
}

}  // namespace

TEST_CASE("plain before start, compressed from then on") {
    Connection c;
    DeflatePeer peer;
    c.write("a1 OK DEFLATE active\r\n");
    CHECK(c.end->take() == "a1 OK DEFLATE active\r\n");
    CHECK(!c.stream->compressing());
    c.stream->start("");
    CHECK(c.stream->compressing());

    const std::string text = lines(500);
    c.write(text);
    const std::string sent = c.end->take();
    CHECK(sent.size() < text.size() / 4);
    CHECK(peer.inflated(sent) == text);  // nothing is held back: each write ends with a flush

    c.end->send(peer.deflated("a2 NOOP\r\n"));
    CHECK(c.read(9) == "a2 NOOP\r\n");
}

TEST_CASE("what was read ahead behind COMPRESS is compressed already") {
    Connection c;
    DeflatePeer peer;
    const std::string sent = peer.deflated("a2 NOOP\r\n");
    c.stream->start(sent.substr(0, 5));
    c.end->send(sent.substr(5));
    CHECK(c.read(9) == "a2 NOOP\r\n");
}

TEST_CASE("the deflater freed at rest and built again is one stream to the peer") {
    Connection c;
    DeflatePeer peer;
    c.stream->start("");
    CHECK(c.stream->rests());
    unsigned at = 0;
    for (int round = 0; round < 20; ++round) {
        // Of all lengths, so that the last octet before the rest is filled to all degrees.
        const std::string text = lines(3, at += 3) + std::string(static_cast<std::size_t>(round), 'x');
        c.write(text);
        CHECK(!c.stream->rests());
        CHECK(peer.inflated(c.end->take()) == text);
        CHECK(!peer.ended);  // no block was marked the last
        c.stream->rest();
        CHECK(c.stream->rests());
    }
}

TEST_CASE("any bytes in any pieces, both directions, for all windows of the client") {
    const unsigned seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    for (int bits = 9; bits <= 15; ++bits) {
        Connection c;
        DeflatePeer peer(-bits);
        c.stream->start("");
        for (int round = 0; round < 12; ++round) {
            std::string text(random() % 70000, '\0');
            const unsigned alphabet = 1 + random() % 256;
            for (char& octet : text) octet = static_cast<char>(random() % alphabet);
            c.write(text);
            if (random() % 2 == 0) c.stream->rest();
            CHECK(peer.inflated(c.end->take()) == text);

            text.resize(text.size() / 4);
            c.end->send_split(peer.deflated(text, random() % 2 == 0 ? Z_SYNC_FLUSH : Z_FULL_FLUSH),
                              1 + random() % 3000);
            CHECK(c.read(text.size()) == text);
        }
    }
}

TEST_CASE("readable says so only when an octet can be read") {
    Connection c;
    DeflatePeer peer;
    c.stream->start("");
    const auto readable = [&](std::chrono::milliseconds timeout) {
        auto got = spawn(c.io, c.stream->readable(timeout));
        REQUIRE(test::run_until(c.io, [&] { return got->has_value(); }));
        return (*got)->value();
    };
    c.end->send(peer.deflated("a1 NOOP\r\n"));
    CHECK(readable(1s));
    CHECK(c.read(9) == "a1 NOOP\r\n");
    CHECK(!readable(0ms));  // though the end of the flush is still there
    c.end->send(peer.deflated("ab"));
    CHECK(c.read(1) == "ab");
    CHECK(!readable(0ms));
}

TEST_CASE("a gigabyte of zeros in a megabyte is read in pieces of the reader's size") {
    Connection c;
    DeflatePeer peer;
    c.stream->start("");
    std::string bomb;
    const std::string zeros(1 << 20, '\0');
    for (int i = 0; i < 1024; ++i) bomb += peer.deflated(zeros, i == 1023 ? Z_SYNC_FLUSH : Z_NO_FLUSH);
    CHECK(bomb.size() < (2U << 20));
    c.end->send(bomb);
    std::uint64_t total = 0;
    char buffer[8192];
    for (int i = 0; i < 1000; ++i) {
        const auto got = c.read(std::span(buffer));
        REQUIRE(got.ok());
        total += *got;
    }
    CHECK(total <= 1000 * sizeof buffer);  // and no more was made of it meanwhile:
    CHECK(c.end->unread() > bomb.size() - 64 * 1024);
}

TEST_CASE("damaged data is an error, and stays one") {
    Connection c;
    c.stream->start("");
    c.end->send("a2 NOOP in the clear\r\n\xFF\xFF\xFF\xFF");
    char buffer[64];
    auto got = c.read(std::span(buffer));
    while (got && *got > 0) got = c.read(std::span(buffer));
    REQUIRE(!got.ok());
    CHECK(got.error().kind == ErrorKind::io);
    CHECK(!c.read(std::span(buffer)).ok());
}

TEST_CASE("a client that ends its stream is done") {
    Connection c;
    DeflatePeer peer;
    c.stream->start("");
    c.end->send(peer.deflated("a9 LOGOUT\r\n", Z_FINISH));
    CHECK(c.read(100) == "a9 LOGOUT\r\n");
}

TEST_CASE("the end of compression, with plain text behind it in the same segment") {
    constexpr int flushed_then_finished = 100;
    for (const int flush : {Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH, flushed_then_finished})
        for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1000}}) {
            for (int length = 0; length < 40; ++length) {  // of all lengths: all places in the last octet
                Connection c;
                DeflatePeer peer;
                c.stream->start("");
                const std::string command = std::string(static_cast<std::size_t>(length), 'a') + " UNAUTHENTICATE\r\n";
                std::string compressed =
                    peer.deflated(command, flush == flushed_then_finished ? Z_PARTIAL_FLUSH : flush);
                if (flush == flushed_then_finished) compressed += peer.deflated("", Z_FINISH);
                c.end->send_split(compressed + "b1 NOOP\r\n", piece);
                CHECK(c.read(command.size()) == command);
                auto done = spawn(c.io, c.stream->finish("a1 OK\r\n", 5s));
                REQUIRE(test::run_until(c.io, [&] { return done->has_value(); }));
                REQUIRE((*done)->ok());
                CHECK(!c.stream->compressing());
                CHECK(peer.inflated(c.end->take()) == "a1 OK\r\n");
                CHECK(peer.ended);
                CHECK(peer.left == 0);
                CHECK(c.read(9) == "b1 NOOP\r\n");
                c.write("b1 OK\r\n");
                CHECK(c.end->take() == "b1 OK\r\n");
            }
        }
}

TEST_CASE("plain text behind the end of compression does not pass for sent through TLS") {
    test::PipeOptions options;
    options.tls = true;
    Connection c(options);
    DeflatePeer peer;
    c.stream->start(peer.deflated("a1 UNAUTHENTICATE\r\n") + "a2 STARTTLS\r\nb1 NOOP\r\n");
    CHECK(c.read(19) == "a1 UNAUTHENTICATE\r\n");
    auto done = spawn(c.io, c.stream->finish("a1 OK\r\n", 5s));
    REQUIRE(test::run_until(c.io, [&] { return done->has_value(); }));
    REQUIRE((*done)->ok());
    char line[13];
    CHECK(c.read(line).ok());
    CHECK(std::string_view(line, 13) == "a2 STARTTLS\r\n");
    auto secured = spawn(c.io, c.stream->start_tls(5s));
    REQUIRE(test::run_until(c.io, [&] { return secured->has_value(); }));
    REQUIRE((*secured)->ok());
    CHECK(!c.read(line, 10ms).ok());
}

TEST_CASE("a client that goes on compressing behind the end is an error") {
    Connection c;
    DeflatePeer peer;
    c.stream->start("");
    const std::string command = "a1 UNAUTHENTICATE\r\n";
    c.end->send(peer.deflated(command + "b1 NOOP\r\n"));
    std::string got(command.size(), '\0');
    CHECK(c.read(std::span(got)).value() == command.size());
    CHECK(got == command);
    auto done = spawn(c.io, c.stream->finish("a1 OK\r\n", 5s));
    REQUIRE(test::run_until(c.io, [&] { return done->has_value(); }));
    CHECK(!(*done)->ok());
}

TEST_CASE("a slow client makes the writer wait, and a gone one fails it") {
    test::PipeOptions options;
    options.window = 100;
    Connection c(options);
    c.stream->start("");
    std::mt19937 random(1);
    std::string noise(5000, '\0');
    for (char& octet : noise) octet = static_cast<char>(random());
    auto done = spawn(c.io, c.stream->write(noise, 5s));
    CHECK(test::run_until(c.io, [&] { return c.end->writer_waits(); }));
    c.end->reset();
    REQUIRE(test::run_until(c.io, [&] { return done->has_value(); }));
    CHECK(!(*done)->ok());
}
