#include "net/listener.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "base/file.h"
#include "net/habits.h"
#include "net/tcp_stream.h"

namespace imaparc::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto handshake_time = std::chrono::seconds(20);
constexpr auto pause_when_full = std::chrono::milliseconds(200);  // no descriptors left: others must close first
constexpr auto reread_time = std::chrono::seconds(30);     // of an interface's addresses, beside the kernel's word
constexpr auto impatience = std::chrono::milliseconds(1);  // for an address that waited for its greeting before

std::string text_of(const tcp::endpoint& endpoint) {
    const auto address = endpoint.address().to_string();
    return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port());
}

int set_reuse_port(int socket, int value) {
    return ::setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &value, sizeof value);
}

bool out_of_resources(const error_code& code) {
    return code == boost::system::errc::too_many_files_open ||
           code == boost::system::errc::too_many_files_open_in_system || code == boost::system::errc::no_buffer_space ||
           code == boost::system::errc::not_enough_memory;
}

}  // namespace

struct Listener::Inside : std::enable_shared_from_this<Inside> {
    Inside(asio::io_context& own, ListenOptions wanted, Log& to)
        : io(own), options(std::move(wanted)), log(to), address_timer(own), address_news(own) {}

    struct Socket {
        explicit Socket(asio::io_context& io) : acceptor(io), pause(io) {}
        tcp::acceptor acceptor;
        asio::steady_timer pause;
        tcp::endpoint endpoint;
    };

    // What a connection needs; swapped as a whole.
    struct Serving {
        std::shared_ptr<TlsContext> tls;
        std::chrono::milliseconds detect{};
    };

    asio::io_context& io;
    const ListenOptions options;
    Log& log;
    mutable std::mutex mutex;  // sockets (the list), serving, port
    std::vector<std::shared_ptr<Socket>> sockets;
    Serving serving;
    std::uint16_t port = 0;
    // Set by serve() before anything runs, then constant.
    std::vector<asio::io_context*> contexts;
    ConnectionHandlers handlers;
    std::size_t next_context = 0;  // own thread
    std::atomic<bool> stopped{false};
    Habits habits;
    asio::steady_timer address_timer;
    asio::posix::stream_descriptor address_news;

    Result<void> open(const tcp::endpoint& endpoint, const Listener* replaces);
    Result<void> follow_news();
    asio::awaitable<void> accept(std::shared_ptr<Socket> socket);
    void welcome(tcp::socket connection, asio::io_context& context);
    asio::awaitable<void> greet(std::unique_ptr<TcpStream> stream, Serving how);
    asio::awaitable<void> follow_addresses();
    void reread_addresses();
    void close();
    Serving now() const {
        std::lock_guard lock(mutex);
        return serving;
    }
    std::vector<std::shared_ptr<Socket>> all() const {
        std::lock_guard lock(mutex);
        return sockets;
    }
};

// ---- binding

namespace {

Error bind_error(const error_code& code, const tcp::endpoint& endpoint) {
    const auto where = text_of(endpoint);
    if (code == boost::system::errc::permission_denied)
        return {ErrorKind::denied, where + ": ports below 1024 need privileges"};
    if (code == boost::system::errc::address_in_use) {
        std::string reason = where + " is taken";
        if (auto check = port_check(endpoint.port(), endpoint.address().to_string()); check && !check->reason.empty())
            reason = check->reason;
        return {ErrorKind::conflict, reason};
    }
    return {ErrorKind::unavailable, where + ": " + code.message()};
}

error_code bind_to(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, int backlog, bool share) {
    error_code code;
    acceptor.open(endpoint.protocol(), code);
    if (code) return code;
    acceptor.set_option(asio::socket_base::reuse_address(true), code);
    const bool dual = endpoint.address().is_v6() && endpoint.address().is_unspecified();
    if (endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(!dual), code);
    if (share) set_reuse_port(acceptor.native_handle(), 1);
    code = {};
    acceptor.bind(endpoint, code);
    if (!code) acceptor.listen(backlog, code);
    if (share) set_reuse_port(acceptor.native_handle(), 0);
    if (code) {
        error_code ignored;  // it was never of use
        acceptor.close(ignored);
    }
    return code;
}

}  // namespace

Result<void> Listener::Inside::open(const tcp::endpoint& endpoint, const Listener* replaces) {
    auto socket = std::make_shared<Socket>(io);
    auto code = bind_to(socket->acceptor, endpoint, options.backlog, false);
    if (code == boost::system::errc::address_in_use && replaces && replaces->port() == endpoint.port()) {
        // Our own listener may be what is in the way: for the moment of binding both share the port. The kernel lets in
        // nobody who has not said the same (and is not the same user).
        const auto theirs = replaces->inside_->all();
        for (const auto& old : theirs) set_reuse_port(old->acceptor.native_handle(), 1);
        code = bind_to(socket->acceptor, endpoint, options.backlog, true);
        for (const auto& old : theirs) set_reuse_port(old->acceptor.native_handle(), 0);
    }
    if (code) return bind_error(code, endpoint);
    error_code local;
    socket->endpoint = socket->acceptor.local_endpoint(local);
    socket->acceptor.non_blocking(true, local);
    std::lock_guard lock(mutex);
    sockets.push_back(std::move(socket));
    port = sockets.front()->endpoint.port();
    return {};
}

Listener::Listener(std::shared_ptr<Inside> inside) : inside_(std::move(inside)) {}

Result<std::unique_ptr<Listener>> Listener::bind(asio::io_context& io, const ListenOptions& options, Log& log,
                                                 const Listener* replaces) {
    auto endpoints = endpoints_of(options.interface, options.port);
    if (!endpoints) return endpoints.error();
    auto inside = std::make_shared<Inside>(io, options, log);
    for (auto endpoint : *endpoints) {
        if (inside->port != 0) endpoint.port(inside->port);  // of those that the system chose
        if (auto opened = inside->open(endpoint, replaces); !opened) return opened.error();
    }
    return std::unique_ptr<Listener>(new Listener(std::move(inside)));
}

Listener::~Listener() { stop(); }

std::uint16_t Listener::port() const {
    std::lock_guard lock(inside_->mutex);
    return inside_->port;
}

std::vector<std::string> Listener::endpoints() const {
    std::vector<std::string> texts;
    for (const auto& socket : inside_->all()) texts.push_back(text_of(socket->endpoint));
    return texts;
}

// ---- serving

void Listener::serve(std::vector<asio::io_context*> contexts, std::shared_ptr<TlsContext> tls,
                     std::chrono::milliseconds detect, ConnectionHandlers handlers) {
    inside_->contexts = std::move(contexts);
    inside_->handlers = std::move(handlers);
    set_tls(std::move(tls), detect);
    asio::post(inside_->io, [inside = inside_] {
        for (const auto& socket : inside->all()) asio::co_spawn(inside->io, inside->accept(socket), asio::detached);
        const auto& name = inside->options.interface;
        error_code code;
        asio::ip::make_address(name, code);
        if (name != "all" && code) asio::co_spawn(inside->io, inside->follow_addresses(), asio::detached);
        for (const auto& socket : inside->all())
            inside->log.info("net_listening", {{"address", text_of(socket->endpoint)}});
    });
}

void Listener::set_tls(std::shared_ptr<TlsContext> tls, std::chrono::milliseconds detect) {
    std::lock_guard lock(inside_->mutex);
    inside_->serving = {std::move(tls), detect};
}

void Listener::stop() {
    if (inside_->stopped.exchange(true)) return;
    asio::post(inside_->io, [inside = inside_] { inside->close(); });
}

void Listener::Inside::close() {
    error_code ignored;  // closing what is closed
    for (const auto& socket : all()) {
        // Who is in the queue already has been told that we are here.
        for (std::size_t i = 0; !contexts.empty() && i < static_cast<std::size_t>(options.backlog); ++i) {
            auto& context = *contexts[next_context++ % contexts.size()];
            error_code code;
            tcp::socket connection(context);
            socket->acceptor.accept(connection, code);
            if (code) break;
            welcome(std::move(connection), context);
        }
        socket->acceptor.close(ignored);
        socket->pause.cancel();
    }
    address_timer.cancel();
    address_news.close(ignored);
}

asio::awaitable<void> Listener::Inside::accept(std::shared_ptr<Socket> socket) {
    const auto self = shared_from_this();
    bool told = false;
    while (!stopped) {
        auto& context = *contexts[next_context++ % contexts.size()];
        error_code code;
        auto connection =
            co_await socket->acceptor.async_accept(context, asio::redirect_error(asio::use_awaitable, code));
        if (!socket->acceptor.is_open()) co_return;
        if (!code) {
            told = false;
            welcome(std::move(connection), context);
            continue;
        }
        if (code == asio::error::operation_aborted) co_return;
        if (!out_of_resources(code)) continue;  // of that one connection: ECONNABORTED and its like (accept(2))
        if (!std::exchange(told, true)) log.warning("net_accept_paused", {{"reason", code.message()}});
        socket->pause.expires_after(pause_when_full);
        error_code waited;
        co_await socket->pause.async_wait(asio::redirect_error(asio::use_awaitable, waited));
    }
}

// On the accepting thread.
void Listener::Inside::welcome(tcp::socket connection, asio::io_context& context) {
    const auto how = now();
    auto stream = std::make_unique<TcpStream>(std::move(connection), how.tls);
    if (handlers.refuse) {
        if (const auto words = handlers.refuse(stream->remote_address())) {
            if (options.mode != PortMode::implicit_tls) stream->send_now(*words);
            stream->close();
            return;
        }
    }
    asio::co_spawn(
        context,
        [self = shared_from_this(), s = std::move(stream), how]() mutable {
            return self->greet(std::move(s), std::move(how));
        },
        [self = shared_from_this()](std::exception_ptr failed) {
            if (!failed) return;
            try {
                std::rethrow_exception(failed);
            } catch (const std::exception& fault) {
                self->log.error("net_connection_failed", {{"reason", fault.what()}});
            }
        });
}

asio::awaitable<void> Listener::Inside::greet(std::unique_ptr<TcpStream> stream, Serving how) {
    const auto self = shared_from_this();
    const auto address = stream->remote_address();
    bool speak_tls = options.mode == PortMode::implicit_tls;
    bool here = !speak_tls || how.tls;
    if (!speak_tls && how.tls) {
        const bool waits = habits.of(address) == Habits::Habit::waits;
        const auto opening = co_await stream->opening(waits ? std::min(impatience, how.detect) : how.detect);
        here = opening != TcpStream::Opening::closed;
        speak_tls = opening == TcpStream::Opening::tls;
        if (speak_tls) habits.remember(address, Habits::Habit::speaks_tls);
        if (opening == TcpStream::Opening::nothing_yet) {
            habits.remember(address, Habits::Habit::waits);
            stream->on_late_tls([self, address] { self->habits.remember(address, Habits::Habit::speaks_tls); });
        }
    }
    if (here && speak_tls) {
        if (auto shaken = co_await stream->start_tls(handshake_time); !shaken) {
            log.info("net_tls_handshake_failed", {{"remote", address}, {"reason", shaken.error().text}});
            here = false;
        }
    }
    if (here && handlers.connected) {
        handlers.connected(std::move(stream));
        co_return;
    }
    stream->close();
    if (handlers.gone) handlers.gone(address);
}

// ---- an interface whose addresses change

Result<void> Listener::Inside::follow_news() {
    File news(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
    if (!news.is_open()) return system_error(errno, "netlink");
    sockaddr_nl groups{};
    groups.nl_family = AF_NETLINK;
    groups.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
    if (::bind(news.descriptor(), reinterpret_cast<const sockaddr*>(&groups), sizeof groups) != 0)
        return system_error(errno, "netlink");
    address_news.assign(news.release());
    return {};
}

asio::awaitable<void> Listener::Inside::follow_addresses() {
    const auto self = shared_from_this();
    if (auto followed = follow_news(); !followed)
        log.warning("net_address_news_unavailable", {{"reason", followed.error().text}});  // every `reread_time` then
    asio::co_spawn(
        io,
        [](std::shared_ptr<Inside> inside) -> asio::awaitable<void> {
            while (!inside->stopped && inside->address_news.is_open()) {
                error_code code;
                co_await inside->address_news.async_wait(asio::posix::descriptor_base::wait_read,
                                                         asio::redirect_error(asio::use_awaitable, code));
                if (code) co_return;
                char ignored[8192];  // that something changed is all we want to know
                while (::recv(inside->address_news.native_handle(), ignored, sizeof ignored, MSG_DONTWAIT) > 0) {
                }
                inside->address_timer.cancel();
            }
        }(self),
        asio::detached);
    while (!stopped) {
        address_timer.expires_after(reread_time);
        error_code code;
        co_await address_timer.async_wait(asio::redirect_error(asio::use_awaitable, code));
        if (!stopped) reread_addresses();
    }
}

void Listener::Inside::reread_addresses() {
    auto wanted = endpoints_of(options.interface, port);
    if (!wanted) wanted = std::vector<tcp::endpoint>{};  // down, or gone for a while: nothing to listen on
    for (const auto& socket : all()) {
        if (std::find(wanted->begin(), wanted->end(), socket->endpoint) != wanted->end()) continue;
        log.info("net_address_gone", {{"address", text_of(socket->endpoint)}});
        error_code ignored;  // its address is gone anyway
        socket->acceptor.close(ignored);
        std::lock_guard lock(mutex);
        std::erase(sockets, socket);
    }
    for (const auto& endpoint : *wanted) {
        const auto present = all();
        if (std::any_of(present.begin(), present.end(),
                        [&](const auto& socket) { return socket->endpoint == endpoint; }))
            continue;
        if (auto opened = open(endpoint, nullptr); !opened) {
            log.warning("net_address_refused", {{"address", text_of(endpoint)}, {"reason", opened.error().text}});
            continue;  // an IPv6 address that is still being tried, perhaps: the next reading sees it again
        }
        log.info("net_listening", {{"address", text_of(endpoint)}});
        asio::co_spawn(io, accept(all().back()), asio::detached);
    }
}

}  // namespace imaparc::net
