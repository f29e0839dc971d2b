#include "control/server.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <cstring>
#include <mutex>
#include <random>
#include <thread>

#include "control/client.h"
#include "control/permission.h"
#include "helpers/temp_dir.h"

using namespace imaparc;
using namespace imaparc::control;
using namespace std::chrono_literals;

namespace {

class Daemon : public Handlers {
  public:
    async::Task<Result<StatusAnswer>> status(Caller caller, StatusRequest) override {
        StatusAnswer answer;
        answer.version = "test";
        answer.pid = static_cast<std::uint64_t>(caller.pid);
        answer.messages = caller.uid;
        co_return answer;
    }
    async::Task<Result<ResyncAnswer>> resync(Caller, ResyncRequest request, SendProgress progress) override {
        if (request.user == "nobody") co_return Error{ErrorKind::not_found, "no user nobody"};
        ResyncProgress event;
        event.owners_total = 3;
        for (event.owners_done = 0; event.owners_done < 3; ++event.owners_done)
            if (!co_await progress(event)) break;
        ResyncAnswer answer;
        answer.finished = true;
        answer.added = 5;
        co_return answer;
    }
    async::Task<Result<IndexUsersAnswer>> index_users(Caller, IndexUsersRequest) override {
        IndexUsersAnswer answer;
        answer.users.resize(20000);
        for (auto& user : answer.users) user.owner = std::string(50, 'x');
        co_return answer;
    }
    async::Task<Result<IndexFoldersAnswer>> index_folders(Caller, IndexFoldersRequest) override {
        throw Fault(ErrorKind::damaged, "the database is gone");
    }
    async::Task<Result<IndexMessagesAnswer>> index_messages(Caller, IndexMessagesRequest) override {
        throw std::runtime_error("a bug");
    }
    async::Task<Result<IndexStatsAnswer>> index_stats(Caller, IndexStatsRequest) override {
        co_return IndexStatsAnswer{};
    }
    async::Task<Result<IndexCheckAnswer>> index_check(Caller, IndexCheckRequest) override {
        co_return IndexCheckAnswer{};
    }
    async::Task<Result<ConfigPrepareAnswer>> config_prepare(Caller caller, ConfigPrepareRequest request) override {
        ConfigPrepareAnswer answer;
        answer.token = std::to_string(caller.connection) + ":" + std::to_string(request.text.size());
        co_return answer;
    }
    async::Task<Result<ConfigSwitchAnswer>> config_switch(Caller, ConfigSwitchRequest) override {
        co_return Error{ErrorKind::not_found, "nothing is prepared"};
    }
    async::Task<Result<ConfigAbortAnswer>> config_abort(Caller, ConfigAbortRequest) override {
        co_return ConfigAbortAnswer{};
    }
    async::Task<Result<ConfigReloadAnswer>> config_reload(Caller, ConfigReloadRequest) override {
        co_return ConfigReloadAnswer{};
    }
    void disconnected(Caller) override { ++over; }
    std::atomic<int> over{0};
};

// A server on a thread of its own.
struct World {
    explicit World(ServerOptions o = {}) : options(std::move(o)) {
        if (options.socket == ServerOptions{}.socket) options.socket = dir / "control.sock";
        server = std::make_unique<Server>(context.get_executor(), options, daemon, Log::silent());
        started = server->start();
        thread = std::thread([this] { context.run(); });
    }
    ~World() {
        server->stop();
        boost::asio::co_spawn(context, server->stopped(), boost::asio::use_future).wait();
        work.reset();
        thread.join();
    }
    Client client() {
        auto connected = Client::connect(options.socket);
        REQUIRE_MESSAGE(connected, connected.error().text);
        return std::move(*connected);
    }

    test::TempDir dir;
    ServerOptions options;
    Daemon daemon;
    boost::asio::io_context context;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
    std::unique_ptr<Server> server;
    Result<void> started;
    std::thread thread;
};

// The same protocol, but as raw bytes.
std::string raw(const std::filesystem::path& path, std::string_view bytes) {
    File socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path.c_str());
    REQUIRE(::connect(socket.descriptor(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    while (!bytes.empty()) {
        const auto n = ::send(socket.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) break;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    ::shutdown(socket.descriptor(), SHUT_WR);
    std::string answer;
    char buffer[4096];
    for (;;) {
        const auto n = ::recv(socket.descriptor(), buffer, sizeof buffer, 0);
        if (n <= 0) return answer;
        answer.append(buffer, static_cast<std::size_t>(n));
    }
}

}  // namespace

TEST_CASE("server: answers, errors and events reach the client; one connection, several requests") {
    World world;
    REQUIRE(world.started);
    auto client = world.client();
    const auto status = client.ask(StatusRequest{});
    REQUIRE_MESSAGE(status, status.error().text);
    CHECK(status->version == "test");
    CHECK(status->pid == static_cast<std::uint64_t>(::getpid()));  // SO_PEERCRED
    CHECK(status->messages == ::geteuid());

    std::vector<std::uint64_t> seen;
    ResyncRequest request;
    request.wait = true;
    const auto answer = client.ask(request, 10s, [&](const boost::json::value& json) {
        ResyncProgress progress;
        CHECK(from_json(json, progress));
        seen.push_back(progress.owners_done);
    });
    REQUIRE(answer);
    CHECK(answer->added == 5);
    CHECK(seen == std::vector<std::uint64_t>{0, 1, 2});

    request.user = "nobody";
    const auto refused = client.ask(request);
    CHECK(refused.error().kind == ErrorKind::not_found);
    CHECK(refused.error().text == "no user nobody");

    CHECK(client.ask(IndexUsersRequest{})->users.size() == 20000);  // some MB
    CHECK(client.ask(ConfigPrepareRequest{"/x", std::string(1 << 20, '\n')})->token == "1:1048576");
}

TEST_CASE("server: what a handler throws is an error of that request alone") {
    World world;
    auto client = world.client();
    IndexFoldersRequest folders;
    CHECK(client.ask(folders).error().kind == ErrorKind::damaged);
    CHECK(client.ask(folders).error().text == "the database is gone");
    CHECK(client.ask(IndexMessagesRequest{}).error().kind == ErrorKind::io);
    CHECK(client.ask(StatusRequest{}));
}

TEST_CASE("server: lines that are not ours, without a word too many") {
    World world;
    CHECK(raw(world.options.socket, "GET / HTTP/1.1\r\n\r\n").find("\"kind\":\"invalid\"") != std::string::npos);
    CHECK(raw(world.options.socket, "{\"version\":1,\"verb\":\"halt\"}\n").find("there are: status, resync") !=
          std::string::npos);
    CHECK(raw(world.options.socket, "{\"version\":9,\"verb\":\"status\"}\n").find("version 9") != std::string::npos);
    CHECK(raw(world.options.socket, "{\"version\":1,\"verb\":\"status\"}") == "");  // no LF: not a request
    CHECK(raw(world.options.socket, std::string(request_limit + 100, 'x')).find("\"kind\":\"limit\"") !=
          std::string::npos);
    // Two requests in one segment: two answers.
    const auto two = raw(world.options.socket,
                         "{\"version\":1,\"verb\":\"index_stats\"}\n{\"version\":1,\"verb\":\"index_check\"}\n");
    CHECK(two.find("segments") != std::string::npos);
    CHECK(two.find("findings") != std::string::npos);
    auto client = world.client();
    CHECK(client.ask(StatusRequest{}));
}

TEST_CASE("server: random bytes in random pieces; it goes on serving") {
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    World world;
    for (int round = 0; round < 200; ++round) {
        std::string bytes;
        for (auto n = random() % 200; n > 0; --n) bytes += random() % 8 ? static_cast<char>(random()) : '\n';
        (void)raw(world.options.socket, bytes);
    }
    auto client = world.client();
    CHECK(client.ask(StatusRequest{}));
}

TEST_CASE("server: mode 0660; the socket goes when it stops") {
    test::TempDir dir;
    ServerOptions options;
    options.socket = dir / "new/control.sock";
    {
        World world(options);
        REQUIRE(world.started);
        struct stat st {};
        REQUIRE(::stat(options.socket.c_str(), &st) == 0);
        CHECK((st.st_mode & 07777) == 0660);
        auto client = world.client();
        CHECK(client.ask(StatusRequest{}));
        CHECK(world.daemon.over == 0);
    }
    CHECK_FALSE(std::filesystem::exists(options.socket));
    CHECK(Client::connect(options.socket).error().kind == ErrorKind::not_found);
}

TEST_CASE("server: a client that waits is cut off by stop()") {
    World world;
    auto client = world.client();
    CHECK(client.ask(StatusRequest{}));
    world.server->stop();
    boost::asio::co_spawn(world.context, world.server->stopped(), boost::asio::use_future).wait();
    CHECK(world.daemon.over == 1);
    CHECK(client.ask(StatusRequest{}, 5s).error().kind == ErrorKind::unavailable);
}

TEST_CASE("server: stale socket replaced, living one refused, other files left alone") {
    test::TempDir dir;
    ServerOptions options;
    options.socket = dir / "control.sock";
    {
        // Left by a process that died: bound, nobody listens.
        File dead(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strcpy(address.sun_path, options.socket.c_str());
        REQUIRE(::bind(dead.descriptor(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    }
    CHECK(Client::connect(options.socket).error().kind == ErrorKind::not_found);
    World first(options);
    REQUIRE(first.started);
    {
        World second(options);
        CHECK(second.started.error().kind == ErrorKind::conflict);
    }
    CHECK(first.client().ask(StatusRequest{}));  // the refused one did not take it away

    options.socket = dir.write("file", "x");
    World third(options);
    CHECK(third.started.error().kind == ErrorKind::conflict);
    CHECK(std::filesystem::is_regular_file(options.socket));

    options.socket = dir / std::string(120, 's');
    World fourth(options);
    CHECK(fourth.started.error().kind == ErrorKind::invalid);
    CHECK(Client::connect(options.socket).error().kind == ErrorKind::invalid);
}

TEST_CASE("server: an unknown group is no reason not to start") {
    ServerOptions options;
    options.group = "no-such-group-here";
    World world(options);
    CHECK(world.started);
    CHECK(world.client().ask(StatusRequest{}));
}

TEST_CASE("permission: verbs that read mail are for root, ourselves and readers") {
    CHECK(is_master(0));
    CHECK(is_master(::geteuid()));
    CHECK(may_read_mail(0, 0, {}));
    // Debian's users: nobody (65534) of group nogroup, daemon (1), sync (4) of nogroup.
    CHECK_FALSE(is_master(65534));
    CHECK_FALSE(may_read_mail(65534, 65534, {}));
    CHECK_FALSE(may_read_mail(65534, 65534, {"root", "@root"}));
    CHECK(may_read_mail(65534, 65534, {"nobody"}));
    CHECK(may_read_mail(65534, 65534, {"ann", "@nogroup"}));
    CHECK_FALSE(may_read_mail(65534, 65534, {"nogroup"}));
    CHECK_FALSE(may_read_mail(65534, 65534, {"@no-such-group-here"}));
    CHECK_FALSE(may_read_mail(4000000, 4000000, {"nobody", "@nogroup"}));  // in no database
}

TEST_CASE("server: another user is let in by the socket's mode, and not to the mail") {
    if (::geteuid() != 0) return;  // only root can become another
    World world;
    ::chmod(world.dir.path().c_str(), 0755);
    ::chmod(world.options.socket.c_str(), 0666);
    const auto as_nobody = [&](const std::string& request) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        const auto child = ::fork();
        if (child == 0) {
            if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(1);
            const auto answer = raw(world.options.socket, request);
            if (::write(ends[1], answer.data(), answer.size()) < 0) ::_exit(1);
            ::_exit(0);
        }
        ::close(ends[1]);
        std::string answer;
        char buffer[4096];
        for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
            answer.append(buffer, static_cast<std::size_t>(n));
        ::close(ends[0]);
        ::waitpid(child, nullptr, 0);
        return answer;
    };
    CHECK(as_nobody("{\"version\":1,\"verb\":\"status\"}\n").find("\"answer\"") != std::string::npos);
    CHECK(as_nobody("{\"version\":1,\"verb\":\"index_folders\"}\n").find("\"kind\":\"denied\"") != std::string::npos);
    world.server->readers({"nobody"});
    CHECK(as_nobody("{\"version\":1,\"verb\":\"index_folders\"}\n").find("the database is gone") != std::string::npos);
}

TEST_CASE("client: a daemon that says nothing is not waited for without end") {
    test::TempDir dir;
    const auto path = dir / "mute.sock";
    File mute(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path.c_str());
    REQUIRE(::bind(mute.descriptor(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(mute.descriptor(), 4) == 0);
    auto client = Client::connect(path);
    REQUIRE(client);
    CHECK(client->ask(StatusRequest{}, 20ms).error().kind == ErrorKind::unavailable);
}
