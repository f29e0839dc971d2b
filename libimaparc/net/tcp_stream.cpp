#include "net/tcp_stream.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

namespace imaparc::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::size_t receive_size = 16 * 1024;  // on the stack, for encrypted bytes
constexpr std::size_t encrypt_size = 64 * 1024;  // plain bytes encrypted at a time: stays below malloc's mmap threshold
constexpr std::size_t kept_capacity = 2048;      // of a string that is empty while the connection idles
constexpr std::size_t longest_handshake = 64 * 1024;  // bytes of a client that is not yet anybody
constexpr std::uint8_t tls_handshake = 0x16;  // RFC 5246 6.2.1: ContentType handshake, a ClientHello's first byte

void shrink(std::string& text) {
    if (text.capacity() > kept_capacity)
        std::string().swap(text);
    else
        text.clear();
}

}  // namespace

// One direction's waiting: for the socket, for time, for interrupt(). Its timer's handler may outlive the stream.
struct TcpStream::Waiter {
    explicit Waiter(const asio::any_io_executor& executor) : timer(executor) {}
    asio::steady_timer timer;
    asio::cancellation_signal cancel;
    unsigned turn = 0;
    bool waiting = false;
    Waited why = Waited::ready;

    void end(Waited reason) {
        if (!waiting) return;
        why = reason;
        cancel.emit(asio::cancellation_type::terminal);
    }
};

TcpStream::TcpStream(tcp::socket socket, std::shared_ptr<TlsContext> tls)
    : socket_(std::move(socket)),
      context_(std::move(tls)),
      reading_(std::make_shared<Waiter>(socket_.get_executor())),
      writing_(std::make_shared<Waiter>(socket_.get_executor())) {
    boost::system::error_code code;
    auto peer = socket_.remote_endpoint(code);
    if (!code) {
        auto address = peer.address();
        if (address.is_v6() && address.to_v6().is_v4_mapped())
            address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
        address_ = address.to_string();
        port_ = std::to_string(peer.port());
    } else {
        address_ = "gone";  // it closed before we looked
        port_ = "0";
    }
    // None of these failing is worth a word: the connection works without.
    socket_.non_blocking(true, code);
    socket_.set_option(tcp::no_delay(true), code);
    socket_.set_option(asio::socket_base::keep_alive(true), code);
    const auto set = [&](int option, int value) {
        (void)::setsockopt(socket_.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
    };
    set(TCP_KEEPIDLE, 120);
    set(TCP_KEEPINTVL, 30);
    set(TCP_KEEPCNT, 4);
}

TcpStream::~TcpStream() { close(); }

asio::any_io_executor TcpStream::executor() { return socket_.get_executor(); }

bool TcpStream::secure() const { return tls_ && tls_->established(); }

bool TcpStream::can_start_tls() const { return context_ && !tls_; }

std::string TcpStream::describe() const {
    const bool v6 = address_.find(':') != std::string::npos;
    return (v6 ? "[" + address_ + "]" : address_) + ":" + port_ + " " + (secure() ? tls_->describe() : "in the clear");
}

Error TcpStream::error_of(Waited waited) const {
    if (waited == Waited::timeout) return {ErrorKind::limit, "timeout"};
    if (waited == Waited::interrupted) return {ErrorKind::limit, "interrupted"};
    return {ErrorKind::io, "closed"};
}

async::Task<TcpStream::Waited> TcpStream::wait(tcp::socket::wait_type what, std::shared_ptr<Waiter> waiter,
                                               std::chrono::steady_clock::time_point deadline) {
    if (closed_) co_return Waited::closed;
    waiter->why = Waited::ready;
    waiter->waiting = true;
    const auto turn = ++waiter->turn;
    waiter->timer.expires_at(deadline);
    waiter->timer.async_wait([waiter, turn](const boost::system::error_code& failed) {
        if (!failed && waiter->turn == turn) waiter->end(Waited::timeout);
    });
    boost::system::error_code code;
    co_await socket_.async_wait(
        what, asio::bind_cancellation_slot(waiter->cancel.slot(), asio::redirect_error(asio::use_awaitable, code)));
    // From here on `this` is as before the wait: whoever destroys the stream waits for its operations to return.
    waiter->waiting = false;
    waiter->cancel.slot().clear();
    waiter->timer.cancel();
    if (closed_) co_return Waited::closed;
    if (!code) co_return Waited::ready;
    co_return waiter->why == Waited::ready ? Waited::closed : waiter->why;
}

Result<TcpStream::Got> TcpStream::receive_now(std::span<char> buffer, std::size_t& size) {
    for (;;) {
        const auto n = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
        if (n > 0) {
            size = static_cast<std::size_t>(n);
            return Got::something;
        }
        if (n == 0) return Got::end;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return Got::nothing_yet;
        if (errno != EINTR) return Error{ErrorKind::io, std::strerror(errno)};
    }
}

// Decrypts what has arrived into plain_, which may stay empty.
Result<TcpStream::Got> TcpStream::receive_tls() {
    char buffer[receive_size];
    std::size_t size = 0;
    auto got = receive_now(buffer, size);
    if (!got || *got != Got::something) return got;
    auto received = tls_->receive(std::span(buffer, size), plain_, out_);
    if (!out_.empty()) drain_now();  // an alert, mostly
    if (!received) return received.error();
    return plain_at_ == plain_.size() && tls_->peer_closed() ? Got::end : Got::something;
}

async::Task<Result<std::size_t>> TcpStream::read(std::span<char> buffer, std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        if (closed_) co_return Error{ErrorKind::io, "closed"};
        if (plain_at_ < plain_.size()) {
            const auto n = std::min(buffer.size(), plain_.size() - plain_at_);
            std::memcpy(buffer.data(), plain_.data() + plain_at_, n);
            plain_at_ += n;
            if (plain_at_ == plain_.size()) {
                shrink(plain_);
                plain_at_ = 0;
            }
            co_return n;
        }
        std::size_t size = 0;
        auto got = tls_ ? receive_tls() : receive_now(buffer, size);
        if (!got) co_return got.error();
        if (*got == Got::end) co_return std::size_t{0};
        if (*got == Got::something && !tls_) {
            if (!std::exchange(first_byte_seen_, true) && static_cast<std::uint8_t>(buffer[0]) == tls_handshake &&
                late_tls_)
                late_tls_();
            co_return size;
        }
        if (*got == Got::something && std::chrono::steady_clock::now() < deadline) continue;
        if (const auto waited = co_await wait(tcp::socket::wait_read, reading_, deadline); waited != Waited::ready)
            co_return error_of(waited);
    }
}

async::Task<Result<bool>> TcpStream::readable(std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        if (closed_) co_return Error{ErrorKind::io, "closed"};
        if (plain_at_ < plain_.size()) co_return true;
        const auto waited = co_await wait(tcp::socket::wait_read, reading_, deadline);
        if (waited == Waited::timeout) co_return false;
        if (waited != Waited::ready) co_return error_of(waited);
        if (!tls_) co_return true;
        auto got = receive_tls();
        if (!got) co_return got.error();
        if (*got == Got::end) co_return true;  // read() will say so
    }
}

async::Task<Result<void>> TcpStream::send_all(std::string_view bytes, std::chrono::milliseconds timeout) {
    while (!bytes.empty()) {
        if (closed_) co_return Error{ErrorKind::io, "closed"};
        const auto n = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(n));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) co_return Error{ErrorKind::io, std::strerror(errno)};
        const auto waited =
            co_await wait(tcp::socket::wait_write, writing_, std::chrono::steady_clock::now() + timeout);
        if (waited != Waited::ready) co_return error_of(waited);
    }
    co_return Result<void>{};
}

// Sends out_, and what the reading side adds to it meanwhile.
async::Task<Result<void>> TcpStream::drain(std::chrono::milliseconds timeout) {
    draining_ = true;
    Result<void> sent;
    while (!out_.empty() && sent) {
        const auto batch = std::exchange(out_, {});
        sent = co_await send_all(batch, timeout);
    }
    draining_ = false;
    co_return sent;
}

void TcpStream::drain_now() {
    if (draining_ || closed_) return;  // drain() takes it along
    const auto n = ::send(socket_.native_handle(), out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) out_.erase(0, static_cast<std::size_t>(n));
    if (out_.empty()) shrink(out_);
}

async::Task<Result<void>> TcpStream::write(std::string_view bytes, std::chrono::milliseconds timeout) {
    if (!tls_) co_return co_await send_all(bytes, timeout);
    while (!bytes.empty()) {
        if (closed_) co_return Error{ErrorKind::io, "closed"};
        const auto piece = bytes.substr(0, encrypt_size);
        if (auto encrypted = tls_->send(piece, out_); !encrypted) co_return encrypted.error();
        bytes.remove_prefix(piece.size());
        if (auto sent = co_await drain(timeout); !sent) co_return sent.error();
    }
    co_return Result<void>{};
}

void TcpStream::interrupt() { reading_->end(Waited::interrupted); }

async::Task<Result<void>> TcpStream::start_tls(std::chrono::milliseconds timeout) {
    if (!context_) co_return Error{ErrorKind::refused, "TLS is off"};
    if (tls_) co_return Error{ErrorKind::conflict, "TLS is up already"};
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    tls_ = context_->accept();
    std::size_t total = 0;
    while (!tls_->established()) {
        if (closed_) co_return Error{ErrorKind::io, "closed"};
        char buffer[2048];  // small: it lives in the coroutine's frame
        std::size_t size = 0;
        auto got = receive_now(buffer, size);
        if (!got) co_return got.error();
        if (*got == Got::end) co_return Error{ErrorKind::io, "TLS: the peer went away during the handshake"};
        if (*got == Got::nothing_yet) {
            const auto waited = co_await wait(tcp::socket::wait_read, reading_, deadline);
            if (waited != Waited::ready) co_return error_of(waited);
            continue;
        }
        total += size;
        if (total > longest_handshake) co_return Error{ErrorKind::limit, "TLS: the handshake is too long"};
        auto received = tls_->receive(std::span(buffer, size), plain_, out_);
        if (!received) {
            drain_now();
            co_return received.error();
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        if (auto sent = co_await drain(std::max(left, std::chrono::milliseconds(1))); !sent) co_return sent.error();
    }
    co_return Result<void>{};
}

async::Task<TcpStream::Opening> TcpStream::opening(std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        char first = 0;
        const auto n = ::recv(socket_.native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
        if (n == 1) co_return static_cast<std::uint8_t>(first) == tls_handshake ? Opening::tls : Opening::text;
        if (n == 0) co_return Opening::closed;
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) co_return Opening::closed;
        const auto waited = co_await wait(tcp::socket::wait_read, reading_, deadline);
        if (waited == Waited::timeout) co_return Opening::nothing_yet;
        if (waited != Waited::ready) co_return Opening::closed;
    }
}

void TcpStream::send_now(std::string_view bytes) {
    if (closed_ || (tls_ && !tls_->established())) return;
    if (tls_) {
        if (!tls_->send(bytes, out_)) return;  // the peer closed
    } else {
        out_ += bytes;
    }
    drain_now();
}

void TcpStream::close() {
    if (closed_) return;
    if (tls_) {
        tls_->close(out_);
        drain_now();
    }
    closed_ = true;
    boost::system::error_code code;
    socket_.shutdown(tcp::socket::shutdown_send, code);
    // Unread bytes would make the kernel reset the connection, and the peer lose our last words.
    char rest[4096];
    for (int i = 0; i < 16 && ::recv(socket_.native_handle(), rest, sizeof rest, MSG_DONTWAIT) > 0; ++i) {
    }
    socket_.close(code);
}

}  // namespace imaparc::net
