// A Stream over TCP, in the clear or through TLS. Holds no buffer while it waits.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>

#include "net/stream.h"
#include "net/tls.h"

namespace imaparc::net {

class TcpStream : public Stream {
  public:
    // The socket is connected. `tls` is empty where TLS is off.
    TcpStream(boost::asio::ip::tcp::socket socket, std::shared_ptr<TlsContext> tls);
    ~TcpStream() override;

    async::Task<Result<std::size_t>> read(std::span<char> buffer, std::chrono::milliseconds timeout) override;
    async::Task<Result<bool>> readable(std::chrono::milliseconds timeout) override;
    async::Task<Result<void>> write(std::string_view bytes, std::chrono::milliseconds timeout) override;
    void interrupt() override;
    async::Task<Result<void>> start_tls(std::chrono::milliseconds timeout) override;
    void close() override;
    bool secure() const override;
    bool can_start_tls() const override;
    std::string remote_address() const override { return address_; }
    std::string describe() const override;
    boost::asio::any_io_executor executor() override;

    // What the peer's first byte is like, without reading it.
    enum class Opening { nothing_yet, tls, text, closed };
    async::Task<Opening> opening(std::chrono::milliseconds timeout);
    // Called once, if the first byte read in the clear is one that TLS begins with: the peer was mistaken for plain.
    void on_late_tls(std::function<void()> call) { late_tls_ = std::move(call); }
    // Sends what the kernel takes now, and forgets the rest: a last word before close().
    void send_now(std::string_view bytes);

  private:
    struct Waiter;
    enum class Waited { ready, timeout, interrupted, closed };
    enum class Got { something, nothing_yet, end };

    async::Task<Waited> wait(boost::asio::ip::tcp::socket::wait_type what, std::shared_ptr<Waiter> waiter,
                             std::chrono::steady_clock::time_point deadline);
    Result<Got> receive_now(std::span<char> buffer, std::size_t& size);
    Result<Got> receive_tls();
    async::Task<Result<void>> send_all(std::string_view bytes, std::chrono::milliseconds timeout);
    async::Task<Result<void>> drain(std::chrono::milliseconds timeout);
    void drain_now();
    Error error_of(Waited waited) const;

    boost::asio::ip::tcp::socket socket_;
    std::shared_ptr<TlsContext> context_;
    std::unique_ptr<TlsSession> tls_;
    std::shared_ptr<Waiter> reading_, writing_;
    std::string plain_;  // decrypted, not yet read
    std::size_t plain_at_ = 0;
    std::string out_;        // encrypted, not yet sent
    bool draining_ = false;  // somebody is sending out_
    bool closed_ = false;
    bool first_byte_seen_ = false;
    std::string address_, port_;
    std::function<void()> late_tls_;
};

}  // namespace imaparc::net
