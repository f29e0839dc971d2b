#include "net/listener.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <thread>

#include "base/digest.h"
#include "helpers/certificates.h"

using namespace imaparc;
using namespace imaparc::net;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;

namespace {

// A server on threads of its own that speaks the IMAP that `openssl s_client -starttls imap` needs, and: "big" sends
// 5,000,000 bytes, "sum N" answers the SHA-256 of the N bytes that follow, "quit" ends, anything else is echoed.
class Server {
  public:
    explicit Server(ListenOptions options = {.port = 0, .interface = "127.0.0.1"},
                    std::shared_ptr<TlsContext> tls = nullptr, std::chrono::milliseconds detect = 200ms)
        : work_(boost::asio::make_work_guard(io_)) {
        auto bound = Listener::bind(io_, options, Log::silent());
        REQUIRE(bound.ok());
        listener = std::move(*bound);
        thread_ = std::thread([this] { io_.run(); });
        handlers_.refuse = [this](const std::string&) -> std::optional<std::string> {
            if (++open_ <= most) return std::nullopt;
            --open_;
            return "* BYE too many\r\n";
        };
        handlers_.gone = [this](const std::string&) {
            --open_;
            ++gone;
            gone.notify_all();
        };
        handlers_.connected = [this](std::unique_ptr<Stream> stream) {
            const auto executor = stream->executor();
            boost::asio::co_spawn(
                executor, [this, s = std::move(stream)]() mutable { return talk(std::move(s)); },
                boost::asio::detached);
        };
        listener->serve({&io_}, std::move(tls), detect, handlers_);
    }
    ~Server() {
        listener->stop();
        work_.reset();
        io_.stop();
        thread_.join();
        listener.reset();  // before its io_context
    }
    Result<std::unique_ptr<Listener>> bind(ListenOptions options) {
        return Listener::bind(io_, options, Log::silent(), listener.get());
    }
    void replace(std::unique_ptr<Listener> with) {
        with->serve({&io_}, nullptr, 0ms, handlers_);
        listener->stop();
        listener = std::move(with);
    }
    std::uint16_t port() const { return listener->port(); }

    std::unique_ptr<Listener> listener;
    std::atomic<int> most{1000}, gone{0};

  private:
    async::Task<> talk(std::unique_ptr<Stream> owned) {
        const auto stream = std::move(owned);
        co_await serve(*stream);
        stream->close();
        --open_;
    }

    async::Task<> serve(Stream& stream) {
        if (!co_await stream.write(std::string("* OK ") + (stream.secure() ? "secure" : "plain") + "\r\n", 10s))
            co_return;
        std::string text;
        std::string buffer(20000, '\0');
        for (;;) {
            auto end = text.find('\n');
            if (end == std::string::npos) {
                if (!co_await stream.readable(10s)) co_return;
                auto n = co_await stream.read(buffer, 10s);
                if (!n || *n == 0) co_return;
                text.append(buffer, 0, *n);
                continue;
            }
            auto line = text.substr(0, end);
            text.erase(0, end + 1);
            if (!line.empty() && line.back() == '\r') line.pop_back();
            std::string reply = line + "\r\n";
            if (line == "quit") co_return;
            if (line == ". CAPABILITY") reply = "* CAPABILITY IMAP4rev1 STARTTLS\r\n. OK\r\n";
            if (line == ". STARTTLS") reply = ". OK\r\n";
            if (line == "who") reply = stream.describe() + "\r\n";
            if (line == "big") reply = std::string(5000000, 'b') + "\r\n";
            if (line.starts_with("sum ")) {
                const auto size = static_cast<std::size_t>(std::stoul(line.substr(4)));
                while (text.size() < size) {
                    auto n = co_await stream.read(buffer, 10s);
                    if (!n || *n == 0) co_return;
                    text.append(buffer, 0, *n);
                }
                reply = hex(sha256(std::string_view(text).substr(0, size))) + "\r\n";
                text.erase(0, size);
            }
            if (!co_await stream.write(reply, 10s)) co_return;
            if (line == ". STARTTLS") {
                text.clear();
                if (!co_await stream.start_tls(10s)) co_return;
            }
        }
    }

    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    ConnectionHandlers handlers_;
    std::atomic<int> open_{0};
    std::thread thread_;
};

class Client {
  public:
    explicit Client(std::uint16_t port, const std::string& address = "127.0.0.1") {
        socket_.connect(tcp::endpoint(boost::asio::ip::make_address(address), port));
    }
    void send(const std::string& text) { boost::asio::write(socket_, boost::asio::buffer(text)); }
    std::string line() {  // "" at the end
        boost::system::error_code code;
        const auto n = boost::asio::read_until(socket_, boost::asio::dynamic_buffer(text_), '\n', code);
        if (code) return "";
        auto result = text_.substr(0, n);
        text_.erase(0, n);
        return result;
    }

  private:
    boost::asio::io_context io_;
    tcp::socket socket_{io_};
    std::string text_;
};

std::shared_ptr<TlsContext> context(const test::CertificateFiles& files) {
    TlsOptions options;
    options.certificate = files.certificate;
    options.key = files.key;
    auto loaded = TlsContext::load(options, SystemClock().now());
    REQUIRE(loaded.ok());
    return *loaded;
}

std::string s_client(std::uint16_t port, const test::CertificateFiles& files, const std::string& input,
                     const std::string& more = "", int wanted = 0) {
    return test::run_command("printf '" + input +
                                 "' | timeout 20 openssl s_client -connect 127.0.0.1:" + std::to_string(port) +
                                 " -servername localhost -verify_return_error -verify_hostname localhost -CAfile " +
                                 files.certificate.string() + " " + more + " 2>/dev/null",
                             wanted);
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("openssl speaks TLS at once, after STARTTLS, and on a port of its own") {
    test::TempDir dir;
    for (const std::string kind : {"ec", "rsa"}) {
        CAPTURE(kind);
        const auto files = test::make_certificate(dir, kind, kind);
        Server server({.port = 0, .interface = "127.0.0.1"}, context(files));
        const auto at_once = s_client(server.port(), files, "who\\r\\nquit\\r\\n", "-quiet");
        CHECK(contains(at_once, "* OK secure"));
        CHECK(contains(at_once, "TLS v1.2"));
        CHECK(contains(at_once, "ECDHE"));
        CHECK(contains(s_client(server.port(), files, "who\\r\\nquit\\r\\n", "-quiet -starttls imap"), "TLS v1.2"));
        Server implicit({.port = 0, .interface = "127.0.0.1", .mode = PortMode::implicit_tls}, context(files));
        CHECK(contains(s_client(implicit.port(), files, "quit\\r\\n", "-quiet"), "* OK secure"));
    }
}

TEST_CASE("what is old or weak is refused") {
    test::TempDir dir;
    const auto files = test::make_certificate(dir, "rsa", "rsa");
    Server server({.port = 0, .interface = "127.0.0.1"}, context(files));
    const std::string lax = "-quiet -cipher DEFAULT:@SECLEVEL=0 ";
    CHECK(contains(s_client(server.port(), files, "quit\\r\\n", lax + "-tls1_2"), "* OK secure"));
    for (const std::string weak :
         {"-tls1_1", "-tls1", "-tls1_2 -cipher AES128-GCM-SHA256", "-tls1_2 -cipher ECDHE-RSA-AES128-SHA",
          "-tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256"}) {
        CAPTURE(weak);
        CHECK_FALSE(contains(s_client(server.port(), files, "quit\\r\\n",
                                      weak == "-tls1_1" || weak == "-tls1" ? lax + weak : "-quiet " + weak, -1),
                             "* OK"));
    }
    for (const std::string good :
         {"ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"}) {
        CAPTURE(good);
        CHECK(contains(s_client(server.port(), files, "quit\\r\\n", "-quiet -tls1_2 -cipher " + good), "* OK secure"));
    }
}

TEST_CASE("a session is resumed by its ticket") {
    test::TempDir dir;
    const auto files = test::make_certificate(dir, "ec");
    Server server({.port = 0, .interface = "127.0.0.1"}, context(files));
    const auto ticket = (dir / "ticket").string();
    CHECK(
        contains(s_client(server.port(), files, "x\\r\\nquit\\r\\n", "-ign_eof -sess_out " + ticket), "New, TLSv1.2"));
    CHECK(contains(s_client(server.port(), files, "x\\r\\nquit\\r\\n", "-ign_eof -sess_in " + ticket),
                   "Reused, TLSv1.2"));
}

TEST_CASE("megabytes through TLS, both ways") {
    test::TempDir dir;
    const auto files = test::make_certificate(dir, "ec");
    Server server({.port = 0, .interface = "127.0.0.1"}, context(files));
    const auto out = s_client(server.port(), files, "big\\r\\nquit\\r\\n", "-quiet");
    CHECK(out == "* OK secure\r\n" + std::string(5000000, 'b') + "\r\n");
    const std::string body(3000000, 'q');
    dir.write("input", "sum 3000000\r\n" + body + "quit\r\n");
    const auto sum =
        test::run_command("timeout 20 openssl s_client -quiet -connect 127.0.0.1:" + std::to_string(server.port()) +
                          " < " + (dir / "input").string() + " 2>/dev/null");
    CHECK(sum == "* OK secure\r\n" + hex(sha256(body)) + "\r\n");
}

TEST_CASE("Python's TLS, closing in its own ways") {
    test::TempDir dir;
    const auto files = test::make_certificate(dir, "ec");
    Server server({.port = 0, .interface = "127.0.0.1"}, context(files));
    dir.write("client.py", R"(
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
for way in ("notify", "reset", "half"):
    raw = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    tls = context.wrap_socket(raw, server_hostname="localhost")
    file = tls.makefile("rb")
    assert file.readline() == b"* OK secure\r\n"
    for i in range(100):
        tls.sendall(b"line %d\r\n" % i)
        assert file.readline() == b"line %d\r\n" % i
    if way == "notify": tls.unwrap()
    raw.close(); tls.close()
print("fine")
)");
    CHECK(test::run_command("timeout 30 python3 " + (dir / "client.py").string() + " " + std::to_string(server.port()) +
                            " " + files.certificate.string() + " 2>&1") == "fine\n");
}

TEST_CASE("plain on the same port: greeted after the wait, sooner the next time") {
    test::TempDir dir;
    const auto files = test::make_certificate(dir, "ec");
    Server server({.port = 0, .interface = "127.0.0.1"}, context(files), 300ms);
    const auto time = [&] {
        const auto start = std::chrono::steady_clock::now();
        Client client(server.port());
        CHECK(client.line() == "* OK plain\r\n");
        return std::chrono::steady_clock::now() - start;
    };
    CHECK(time() >= 300ms);
    CHECK(time() < 290ms);
    // It waited the last time, so it may be greeted too soon once; that it spoke TLS is remembered.
    s_client(server.port(), files, "quit\\r\\n", "-quiet", -1);
    CHECK(contains(s_client(server.port(), files, "quit\\r\\n", "-quiet"), "* OK secure"));
    Client eager(server.port());
    eager.send("hello\r\n");  // does not wait: no TLS
    CHECK(eager.line() == "* OK plain\r\n");
    CHECK(eager.line() == "hello\r\n");
    server.listener->set_tls(nullptr, 0ms);
    Client plain(server.port());
    CHECK(plain.line() == "* OK plain\r\n");
}

TEST_CASE("a handshake that is none ends the connection and is told") {
    test::TempDir dir;
    const auto files = test::make_certificate(dir, "ec");
    Server server({.port = 0, .interface = "127.0.0.1"}, context(files));
    {
        Client nonsense(server.port());
        nonsense.send("\x16" + std::string(200, 'x'));
        while (!nonsense.line().empty()) {
        }
        Client half(server.port());
        half.send("\x16\x03\x01");
    }
    for (int seen = 0; seen < 2; seen = server.gone) server.gone.wait(seen);
    CHECK(server.gone == 2);
    CHECK(contains(s_client(server.port(), files, "quit\\r\\n", "-quiet"), "* OK secure"));
}

TEST_CASE("who is refused hears why") {
    Server server;
    server.most = 1;
    Client first(server.port());
    CHECK(first.line() == "* OK plain\r\n");
    Client second(server.port());
    CHECK(second.line() == "* BYE too many\r\n");
    CHECK(second.line().empty());
}

TEST_CASE("a taken port is a conflict that names its holder; a port is replaced without a gap") {
    Server server;
    auto taken = [&] {
        boost::asio::io_context io;
        return Listener::bind(io, {.port = server.port(), .interface = "127.0.0.1"}, Log::silent());
    }();
    REQUIRE_FALSE(taken.ok());
    CHECK(taken.error().kind == ErrorKind::conflict);
    CHECK(contains(taken.error().text, "net_test"));

    // from 127.0.0.1 to everything, on the same port
    const auto port = server.port();
    auto wider = server.bind({.port = port, .interface = "all"});
    REQUIRE(wider.ok());
    CHECK((*wider)->port() == port);
    Client before(port);
    server.replace(std::move(*wider));
    CHECK(before.line() == "* OK plain\r\n");
    Client after(port, "127.0.0.2");
    CHECK(after.line() == "* OK plain\r\n");
    // and nobody else can share it now
    boost::asio::io_context io;
    CHECK(Listener::bind(io, {.port = port, .interface = "all"}, Log::silent()).error().kind == ErrorKind::conflict);
    // an interface, by name
    auto narrower = server.bind({.port = port, .interface = "lo"});
    REQUIRE(narrower.ok());
    server.replace(std::move(*narrower));
    Client last(port);
    CHECK(last.line() == "* OK plain\r\n");
    CHECK(contains(server.listener->endpoints()[0], std::to_string(port)));
    auto wrong = server.bind({.port = port, .interface = "eth99"});
    CHECK(wrong.error().kind == ErrorKind::invalid);
}

TEST_CASE("no descriptors left: nobody is lost, nothing spins") {
    Server server;
    boost::asio::io_context io;
    std::vector<tcp::socket> clients;
    for (int i = 0; i < 20; ++i) clients.emplace_back(io, tcp::v4());
    rlimit old{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &old) == 0);
    rlimit tight = old;
    tight.rlim_cur = static_cast<rlim_t>(clients.back().native_handle()) + 5;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
    for (auto& client : clients) client.connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), server.port()));
    char byte = 0;
    boost::asio::read(clients[0], boost::asio::buffer(&byte, 1));  // some are served
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &old) == 0);
    for (std::size_t i = 1; i < clients.size(); ++i) {
        boost::asio::read(clients[i], boost::asio::buffer(&byte, 1));
        CHECK(byte == '*');
    }
}
