// Limits of time and memory; those of size are scripts (tests/protocol/limits*.script).
#include <doctest/doctest.h>
#include <malloc.h>

#include <chrono>

#include "helpers/archive_world.h"
#include "helpers/deflate_peer.h"
#include "helpers/memory_store.h"
#include "session/session.h"

using namespace imaparc;
using namespace std::chrono_literals;
using test::run_until;

namespace {

struct Server {
    Server() : store("s"), world(store) {
        store.add_folder("ann", "INBOX");
        world.sync("ann");
    }
    test::MemoryStore store;
    test::ArchiveWorld world;
};

}  // namespace

TEST_CASE("nobody is logged out before half an hour is over (RFC 3501 5.4)") {
    CHECK(session::Options().command_timeout >= 30min);
    CHECK(session::Options().idle_keepalive < 30min);
}

TEST_CASE("a stranger's commands are answered at a bounded rate") {
    Server server;
    auto options = test::ArchiveWorld::default_options();
    options->rate_before_login = 5;
    auto end = server.world.connect(options);
    std::string commands;
    for (int i = 1; i <= 7; ++i) commands += "a" + std::to_string(i) + " NOOP\r\n";
    const auto began = std::chrono::steady_clock::now();
    end->send(commands);
    // The world's clock stands: as many as the rate at once, then a fifth of a second for each that is owed.
    REQUIRE(run_until(server.world.io, [&] { return end->written().find("a5 OK") != std::string::npos; }));
    REQUIRE(run_until(server.world.io, [&] { return end->written().find("a7 OK") != std::string::npos; }));
    CHECK(std::chrono::steady_clock::now() - began >= 600ms);  // 200 and 400
    // Whoever logs in is not slowed.
    end->send("b LOGIN ann secret\r\n");
    REQUIRE(run_until(server.world.io, [&] { return end->written().find("b OK") != std::string::npos; }));
    const auto logged_in = std::chrono::steady_clock::now();
    commands.clear();
    for (int i = 1; i <= 50; ++i) commands += "c" + std::to_string(i) + " NOOP\r\n";
    end->send(commands);
    REQUIRE(run_until(server.world.io, [&] { return end->written().find("c50 OK") != std::string::npos; }));
    CHECK(std::chrono::steady_clock::now() - logged_in < 5s);
}

#ifndef IMAPARC_SANITIZED  // their malloc tells nothing
TEST_CASE("a line of a gigabyte in a megabyte of compressed octets costs no more than any line") {
    Server server;
    auto end = server.world.connect();
    end->send("a LOGIN ann secret\r\nb COMPRESS DEFLATE\r\n");
    REQUIRE(run_until(server.world.io, [&] { return end->written().find("b OK") != std::string::npos; }));
    std::string bomb;
    {
        test::DeflatePeer peer;
        const std::string zeros(std::size_t{1} << 20, '0');
        for (int i = 0; i < 256; ++i) bomb += peer.deflated(zeros, Z_NO_FLUSH);
        bomb += peer.deflated("", Z_SYNC_FLUSH);
    }
    const auto before = mallinfo2().uordblks + mallinfo2().hblkhd;
    std::size_t most = 0;
    end->send(bomb);
    REQUIRE(run_until(server.world.io, [&] {
        most = std::max(most, mallinfo2().uordblks + mallinfo2().hblkhd);
        return end->closed();
    }));
    CHECK(most < before + bomb.size() + (std::size_t{8} << 20));
    test::DeflatePeer peer;
    const std::string all = end->written();
    const std::string compressed = all.substr(all.find("\r\n", all.find("b OK")) + 2);
    CHECK(peer.inflated(compressed).find("* BYE ") != std::string::npos);
}

TEST_CASE("a connection that compresses frees its deflater at rest") {
    Server server;
    auto end = server.world.connect();
    end->send("a LOGIN ann secret\r\nb COMPRESS DEFLATE\r\n");
    REQUIRE(run_until(server.world.io, [&] { return end->written().find("b OK") != std::string::npos; }));
    end->take();
    test::DeflatePeer peer;
    std::string text;
    const auto said = [&](std::string_view wanted) {
        text += peer.inflated(end->take());
        return text.find(wanted) != std::string::npos;
    };
    end->send(peer.deflated("c NOOP\r\n"));
    REQUIRE(run_until(server.world.io, [&] { return said("c OK"); }));
    // Awake for a second after a command, then at rest: what is held is less by a deflater.
    REQUIRE(run_until(server.world.io, [&] { return end->reader_waits(); }));
    const auto awake = mallinfo2().uordblks;
    end->let_time_out();
    REQUIRE(run_until(server.world.io, [&] { return mallinfo2().uordblks + 20'000 < awake; }));
    CHECK(!end->closed());
    end->send(peer.deflated("d NOOP\r\n"));
    REQUIRE(run_until(server.world.io, [&] { return said("d OK"); }));
}
#endif
