#include "net/interfaces.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "helpers/certificates.h"

using namespace imaparc;
using namespace imaparc::net;

namespace {

struct Bound {
    File socket;
    std::uint16_t port = 0;
};

Bound listen_on(std::uint32_t address) {
    Bound bound{File(::socket(AF_INET, SOCK_STREAM, 0)), 0};
    const int yes = 1;  // as servers do, so that what lingers of theirs is in nobody's way
    REQUIRE(::setsockopt(bound.socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0);
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(address);
    socklen_t size = sizeof in;
    REQUIRE(::bind(bound.socket.descriptor(), reinterpret_cast<sockaddr*>(&in), size) == 0);
    REQUIRE(::listen(bound.socket.descriptor(), 1) == 0);
    REQUIRE(::getsockname(bound.socket.descriptor(), reinterpret_cast<sockaddr*>(&in), &size) == 0);
    bound.port = ntohs(in.sin_port);
    return bound;
}

}  // namespace

TEST_CASE("interfaces are those the system names") {
    const auto all = interfaces();
    const auto lo = std::find_if(all.begin(), all.end(), [](const Interface& i) { return i.name == "lo"; });
    REQUIRE(lo != all.end());
    CHECK(lo->up);
    CHECK(std::count(lo->addresses.begin(), lo->addresses.end(), "127.0.0.1") == 1);
    for (const auto& entry : std::filesystem::directory_iterator("/sys/class/net"))
        if (std::filesystem::exists(entry.path() / "ifindex"))
            CHECK(std::any_of(all.begin(), all.end(),
                              [&](const Interface& i) { return i.name == entry.path().filename(); }));
}

TEST_CASE("what an interface means") {
    auto lo = endpoints_of("lo", 1);
    REQUIRE(lo.ok());
    CHECK(std::any_of(lo->begin(), lo->end(), [](const auto& e) { return e.address().to_string() == "127.0.0.1"; }));
    CHECK(endpoints_of("all", 1)->size() == 1);
    CHECK(endpoints_of("127.0.0.1", 1)->size() == 1);
    CHECK(endpoints_of("127.0.0.9", 1)->size() == 1);
    for (const char* wrong : {"eth99", "", "192.0.2.77", "lo ", "300.1.1.1"}) {
        CAPTURE(wrong);
        auto refused = endpoints_of(wrong, 1);
        REQUIRE_FALSE(refused.ok());
        CHECK(refused.error().kind == ErrorKind::invalid);
        CHECK(refused.error().text.find("allowed: all, ") != std::string::npos);
        CHECK(refused.error().text.find("lo") != std::string::npos);
    }
}

TEST_CASE("a taken port is taken where it is taken, and by whom") {
    const auto bound = listen_on(INADDR_LOOPBACK);
    for (const char* where : {"127.0.0.1", "all", "lo"}) {
        CAPTURE(where);
        auto check = port_check(bound.port, where);
        if (!check.ok()) FAIL(check.error().text);
        CHECK_FALSE(check->free);
        REQUIRE(check->holders.size() == 1);
        CHECK(check->holders[0].address == "127.0.0.1");
        CHECK(check->holders[0].process == getpid());
        CHECK(check->reason.find("net_test") != std::string::npos);
    }
    CHECK(port_check(bound.port, "127.0.0.2")->free);
    CHECK(port_check(0, "all").error().kind == ErrorKind::invalid);
    CHECK(port_check(bound.port, "nowhere").error().kind == ErrorKind::invalid);
    // and nobody was disturbed
    const File client(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    in.sin_port = htons(bound.port);
    CHECK(::connect(client.descriptor(), reinterpret_cast<sockaddr*>(&in), sizeof in) == 0);
}

TEST_CASE("a free port is free, whatever lingers on it") {
    std::uint16_t port = 0;
    {
        const auto bound = listen_on(INADDR_ANY);
        port = bound.port;
        CHECK_FALSE(port_check(port, "127.0.0.1")->free);
        const File client(::socket(AF_INET, SOCK_STREAM, 0));
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        in.sin_port = htons(port);
        REQUIRE(::connect(client.descriptor(), reinterpret_cast<sockaddr*>(&in), sizeof in) == 0);
        const File accepted(::accept(bound.socket.descriptor(), nullptr, nullptr));
        REQUIRE(accepted.is_open());
    }  // the accepted side closes first: TIME_WAIT on our port
    CHECK(port_check(port, "all")->free);
    CHECK(port_check(port, "127.0.0.1")->free);
}
