// The port: bound, then served. Binding and serving are two steps, so that a new port is bound before the old one is
// given up: bind the new, write the configuration, serve the new, stop the old.
//
// On a port of mode `detect` clients speak TLS at once, or in the clear (and perhaps STARTTLS later). The first byte
// tells: 0x16 is TLS. Silence for `detect_ms` is a client that waits for the greeting; it is remembered by address for
// the next time, when it waits 1 ms only.
//
// bind() and serve() from any thread, the rest too. Accepting runs on the io_context given to bind(); a connection
// lives on one of those given to serve(), in turn.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "net/interfaces.h"
#include "net/stream.h"
#include "net/tls.h"

namespace imaparc::net {

enum class PortMode { detect, implicit_tls };

struct ListenOptions {
    std::uint16_t port = 44143;     // 0: one that the system chooses
    std::string interface = "all";  // "all", a name (all its addresses, followed as they change), an address
    PortMode mode = PortMode::detect;
    int backlog = 1024;
};

struct ConnectionHandlers {
    // A connection has come: nullopt to take it, else the last words it hears before it is closed. On the accepting
    // thread.
    std::function<std::optional<std::string>(const std::string& address)> refuse;
    // It is ready to be served (TLS is up where it was spoken at once). On its own io_context's thread.
    std::function<void(std::unique_ptr<Stream>)> connected;
    // One that was not refused ended before it was ready. On its own io_context's thread.
    std::function<void(const std::string& address)> gone;
};

class Listener {
  public:
    // Listens, but accepts nothing yet: connections queue. `replaces` is our own listener that will be stopped once
    // this one serves; its port and addresses count as free. conflict: the port is taken, the text says by whom where
    // it can be known; denied; errors as endpoints_of.
    static Result<std::unique_ptr<Listener>> bind(boost::asio::io_context& io, const ListenOptions& options, Log& log,
                                                  const Listener* replaces = nullptr);
    ~Listener();  // stops

    // Once. The contexts (bind()'s, too) outlive the listener; `tls` is empty where TLS is off.
    void serve(std::vector<boost::asio::io_context*> contexts, std::shared_ptr<TlsContext> tls,
               std::chrono::milliseconds detect, ConnectionHandlers handlers);
    // For connections that come from now on.
    void set_tls(std::shared_ptr<TlsContext> tls, std::chrono::milliseconds detect);
    // Accepts what already waits in the queue, then nothing more. No handler is called for a connection that comes
    // later.
    void stop();

    std::uint16_t port() const;
    std::vector<std::string> endpoints() const;  // "127.0.0.1:44143", "[::]:44143"

  private:
    struct Inside;
    explicit Listener(std::shared_ptr<Inside> inside);
    std::shared_ptr<Inside> inside_;
};

}  // namespace imaparc::net
