// serve() from outside: what scripts (tests/protocol) cannot say.
#include "session/session.h"

#include <doctest/doctest.h>
#include <malloc.h>

#include <atomic>
#include <chrono>
#include <future>

#include "helpers/archive_world.h"
#include "helpers/memory_store.h"
#include "imap/base64.h"

using namespace imaparc;
using namespace std::chrono_literals;
using test::PipeEnd;
using test::run_until;

namespace {

constexpr std::string_view small_mail = "Subject: x\r\n\r\nbody\r\n";

struct Server {
    Server() : store("s"), world(store) { store.add_folder("ann", "INBOX"); }

    // The answer to a command, its tagged line included.
    std::string ask(PipeEnd& end, const std::string& command) {
        const std::string tag = "t" + std::to_string(++tags);
        end.send(tag + " " + command + "\r\n");
        return wait_for(end, tag);
    }
    std::string wait_for(PipeEnd& end, const std::string& tag) {
        std::string text;
        const auto there = [&] {
            text += end.take();
            return text.starts_with(tag + " ") || text.find("\r\n" + tag + " ") != std::string::npos || end.closed();
        };
        CHECK(run_until(world.io, there));
        return text;
    }
    std::shared_ptr<PipeEnd> log_in(
        std::shared_ptr<const session::Options> options = test::ArchiveWorld::default_options(),
        test::PipeOptions pipe = {}) {
        auto end = world.connect(std::move(options), std::move(pipe));
        CHECK(ask(*end, "LOGIN ann secret").find(" OK ") != std::string::npos);
        return end;
    }
    std::shared_ptr<PipeEnd> select(
        std::shared_ptr<const session::Options> options = test::ArchiveWorld::default_options()) {
        auto end = log_in(std::move(options));
        CHECK(ask(*end, "SELECT INBOX").find(" OK [READ-WRITE]") != std::string::npos);
        return end;
    }
    bool ended(const PipeEnd& end) {
        return run_until(world.io, [&] { return end.closed() && world.sessions.count() == 0; });
    }

    test::MemoryStore store;
    test::ArchiveWorld world;
    unsigned tags = 0;
};

}  // namespace

TEST_CASE("AUTHENTICATE PLAIN with an initial response") {
    Server server;
    server.world.sync("ann");
    auto end = server.world.connect();
    const std::string response = imap::encode_base64(std::string_view("\0ann\0secret", 11));
    CHECK(server.ask(*end, "AUTHENTICATE PLAIN " + response).find(" OK [CAPABILITY IMAP4rev1 ") != std::string::npos);
    REQUIRE(server.world.sessions.who().size() == 1);
    CHECK(server.world.sessions.who()[0].user == "ann");
}

TEST_CASE("replies to pipelined commands are written in one piece") {
    Server server;
    server.world.sync("ann");
    auto end = server.select();
    const auto before = end->writes().size();
    std::string commands;
    for (int i = 0; i < 20; ++i) commands += "p" + std::to_string(i) + " NOOP\r\n";
    end->send(commands);
    server.wait_for(*end, "p19");
    CHECK(end->writes().size() == before + 1);
}

TEST_CASE("a slow client: a large FETCH waits, in pieces of bounded size") {
    Server server;
    const std::string mail = "Subject: x\r\n\r\n" + std::string(3'000'000, 'x') + "\r\n";
    for (const char* name : {"a", "b", "c"}) server.store.add("ann", "INBOX", name, 1, mail);
    server.world.sync("ann");
    test::PipeOptions pipe;
    pipe.window = 100'000;
    auto end = server.log_in(test::ArchiveWorld::default_options(), pipe);
    server.ask(*end, "EXAMINE INBOX");
    end->send("f FETCH 1:3 BODY[]\r\n");
    REQUIRE(run_until(server.world.io, [&] { return end->writer_waits(); }));
    CHECK(end->written().size() < 200'000);
    const std::string answer = server.wait_for(*end, "f");
    CHECK(answer.size() > 3 * mail.size());
    CHECK(answer.find("f OK") != std::string::npos);
    for (const auto octets : end->writes()) CHECK(octets <= 3 * 65536);
}

TEST_CASE("a client that goes away during a FETCH ends the session, and what it got is \\Seen") {
    Server server;
    for (int i = 0; i < 50; ++i)
        server.store.add("ann", "INBOX", "m" + std::to_string(i), i,
                         "Subject: x\r\n\r\n" + std::string(100'000, 'x') + "\r\n");
    server.world.sync("ann");
    test::PipeOptions pipe;
    pipe.window = 1'000'000;
    auto end = server.log_in(test::ArchiveWorld::default_options(), pipe);
    server.ask(*end, "SELECT INBOX");
    end->send("f FETCH 1:* BODY[]\r\n");
    REQUIRE(run_until(server.world.io, [&] { return end->writer_waits(); }));
    end->reset();
    REQUIRE(server.ended(*end));
    const auto owner = server.world.index->owner("ann");
    const auto view = *owner->view(owner->find("INBOX")->number, UserNumber(0));
    CHECK(view->unseen() < 50);
    CHECK(view->unseen() > 30);
}

TEST_CASE("a SEARCH ends when its client goes away") {
    Server server;
    for (int i = 0; i < 3000; ++i)
        server.store.add("ann", "INBOX", "m" + std::to_string(i), i, std::string(small_mail));
    server.world.sync("ann");
    auto end = server.select();
    // The store lets the search read ten messages while the client is there; then the client goes.
    std::atomic<int> asked = 0;
    std::promise<void> gone;
    const auto wait = gone.get_future().share();
    server.store.before_open([&asked, wait](const std::string&) {
        if (++asked > 10) wait.wait();
    });
    end->send("s SEARCH BODY nothing\r\n");
    REQUIRE(run_until(server.world.io, [&] { return asked > 10; }));
    end->finish();
    for (int i = 0; i < 100; ++i) server.world.io.poll();  // the session hears of it
    gone.set_value();
    REQUIRE(server.ended(*end));
    CHECK(server.store.opens() < 3000);
}

TEST_CASE("other sessions are served during a long SEARCH") {
    Server server;
    for (int i = 0; i < 3000; ++i)
        server.store.add("ann", "INBOX", "m" + std::to_string(i), i, std::string(small_mail));
    server.world.sync("ann");
    auto searcher = server.select();
    auto other = server.select();
    searcher->send("s SEARCH BODY nothing\r\n");
    server.ask(*other, "UID FETCH 1:10 (FLAGS)");
    server.ask(*other, "FETCH 1 BODY.PEEK[]");
    CHECK(searcher->take().find("s OK") == std::string::npos);
    CHECK(server.wait_for(*searcher, "s").find("* SEARCH\r\ns OK") != std::string::npos);
}

TEST_CASE("refused log-ins wait, the longer the more") {
    Server server;
    server.world.sync("ann");
    auth::FailureTracker failures({100ms, 400ms, 1000, 900s, 100}, server.world.clock);
    session::Services services{*server.world.index,
                               server.world.archive,
                               server.world.chain,
                               failures,
                               server.world.broadcast,
                               server.world.workers,
                               server.world.progress,
                               server.world.metrics,
                               Log::silent(),
                               server.world.clock,
                               server.world.sessions,
                               {},
                               {},
                               {}};
    auto pipe = test::make_pipe(server.world.io);
    auto& stream = pipe.first;
    auto& end = pipe.second;
    boost::asio::co_spawn(server.world.io,
                          session::serve(std::move(stream), services, test::ArchiveWorld::default_options()),
                          boost::asio::detached);
    const auto timed = [&] {
        const auto began = std::chrono::steady_clock::now();
        CHECK(server.ask(*end, "LOGIN ann wrong").find("AUTHENTICATIONFAILED") != std::string::npos);
        return std::chrono::steady_clock::now() - began;
    };
    CHECK(timed() >= 100ms);
    CHECK(timed() >= 200ms);
    end->reset();
    REQUIRE(server.ended(*end));
}

TEST_CASE("an address has its bound of connections") {
    Server server;
    auto options = test::ArchiveWorld::default_options();
    options->connections_per_address = 2;
    auto one = server.world.connect(options);
    auto two = server.world.connect(options);
    auto three = server.world.connect(options);
    REQUIRE(run_until(server.world.io, [&] { return three->closed(); }));
    CHECK(three->take().starts_with("* BYE "));
    CHECK(!one->closed());
}

TEST_CASE("a user has a bound of connections, told at log-in") {
    Server server;
    server.world.sync("ann");
    auto options = test::ArchiveWorld::default_options();
    options->connections_per_user = 1;
    auto one = server.world.connect(options);
    CHECK(server.ask(*one, "LOGIN ann secret").find(" OK ") != std::string::npos);
    auto two = server.world.connect(options);
    CHECK(server.ask(*two, "LOGIN ann secret").find(" NO [LIMIT] ") != std::string::npos);
    CHECK(server.ask(*two, "SELECT INBOX").find(" OK ") == std::string::npos);  // still a stranger
    one->finish();
    REQUIRE(run_until(server.world.io, [&] { return server.world.sessions.count() == 1; }));
    CHECK(server.ask(*two, "LOGIN ann secret").find(" OK ") != std::string::npos);
}

TEST_CASE("a stranger's line is bounded") {
    Server server;
    auto end = server.world.connect();
    end->send("a LOGIN " + std::string(70'000, 'x') + "\r\nb NOOP\r\n");
    CHECK(server.wait_for(*end, "b").find("a BAD ") != std::string::npos);
    end->send("c LOGIN {1000000000}\r\nd NOOP\r\n");
    CHECK(server.wait_for(*end, "d").find("c NO ") != std::string::npos);
    end->send("e LOGIN {1000000000+}\r\n");
    REQUIRE(run_until(server.world.io, [&] { return end->closed(); }));
    CHECK(end->take().find("* BYE ") != std::string::npos);
}

TEST_CASE("the register knows who does what, and a selected folder is watched meanwhile") {
    Server server;
    server.store.add_folder("ann", "Sent");
    server.world.sync("ann");
    std::vector<std::string> calls;
    server.world.services.watch = [&](const std::string& owner, FolderNumber folder) {
        calls.push_back("watch " + owner + " " + std::to_string(folder.value));
    };
    server.world.services.unwatch = [&](const std::string& owner, FolderNumber folder) {
        calls.push_back("unwatch " + owner + " " + std::to_string(folder.value));
    };
    const auto owner = server.world.index->owner("ann");
    const auto inbox = std::to_string(owner->find("INBOX")->number.value);
    const auto sent = std::to_string(owner->find("Sent")->number.value);
    auto end = server.select();
    server.ask(*end, "SELECT Sent");
    end->send("i IDLE\r\n");
    REQUIRE(run_until(server.world.io, [&] { return end->take().find("+ ") != std::string::npos; }));
    REQUIRE(server.world.sessions.who().size() == 1);
    CHECK(server.world.sessions.who()[0].folder == "Sent");
    CHECK(server.world.sessions.who()[0].doing == "IDLE");
    end->finish();  // IDLE left by closing the socket
    REQUIRE(server.ended(*end));
    CHECK(calls == std::vector<std::string>{"watch ann " + inbox, "unwatch ann " + inbox, "watch ann " + sent,
                                            "unwatch ann " + sent});
    CHECK(server.world.broadcast.listeners() == 0);
}

TEST_CASE("many changes at once become one piece of news") {
    Server server;
    server.world.sync("ann");
    auto end = server.select();
    end->send("i IDLE\r\n");
    REQUIRE(run_until(server.world.io, [&] { return end->take().find("+ ") != std::string::npos; }));
    for (int i = 0; i < 20; ++i) {
        server.store.add("ann", "INBOX", "m" + std::to_string(i), i, std::string(small_mail));
        server.world.sync("ann");
    }
    std::string text;
    REQUIRE(run_until(server.world.io, [&] {
        text += end->take();
        return text.find("* 20 EXISTS") != std::string::npos;
    }));
    CHECK(text.find("* 20 EXISTS") == text.find("EXISTS") - 5);
}

#ifndef IMAPARC_SANITIZED
TEST_CASE("an idle session is small") {
    Server server;
    for (int i = 0; i < 100; ++i) server.store.add("ann", "INBOX", "m" + std::to_string(i), i, std::string(small_mail));
    server.world.sync("ann");
    const auto held = [] { return static_cast<double>(mallinfo2().uordblks + mallinfo2().hblkhd); };
    constexpr std::size_t sessions = 100;
    std::vector<std::shared_ptr<PipeEnd>> ends;
    std::vector<std::unique_ptr<net::Stream>> streams;
    ends.reserve(3 * sessions);
    streams.reserve(sessions);
    const auto options = test::ArchiveWorld::default_options();  // one for all, as in the daemon
    const auto idle = [&] {
        auto end = server.select(options);
        server.ask(*end, "UID FETCH 1:2 (FLAGS BODY.PEEK[HEADER])");
        end->send("i IDLE\r\n");
        CHECK(run_until(server.world.io, [&] { return end->take().find("+ ") != std::string::npos; }));
        return end;
    };
    for (int i = 0; i < 10; ++i) ends.push_back(idle());  // what is made once is there now

    // What the twin itself takes: the object, and the transcript of all that was ever written.
    const double before_pipes = held();
    for (std::size_t i = 0; i < sessions; ++i) {
        auto [stream, end] = test::make_pipe(server.world.io);
        streams.push_back(std::move(stream));
        ends.push_back(std::move(end));
    }
    const double a_pipe = (held() - before_pipes) / sessions;

    const double before = held();
    for (std::size_t i = 0; i < sessions; ++i) ends.push_back(idle());
    const double a_transcript = 1.5 * static_cast<double>(ends.back()->written().size());  // a string that doubles
    const double each = (held() - before) / sessions - a_pipe - a_transcript;
    MESSAGE("bytes an idle session: " << each);
    CHECK(each < 10 * 1024);
}
#endif
