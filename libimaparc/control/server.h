// The daemon's control socket: accepts on a Unix stream socket, checks who asks, calls the Handlers.
//
// start() and stop() from any thread; everything else runs on `executor`, which must be a single thread's or a strand.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "async/workers.h"
#include "base/error.h"
#include "base/log.h"
#include "control/handlers.h"

namespace imaparc::control {

struct ServerOptions {
    std::filesystem::path socket = "/run/imaparchd/control.sock";
    std::string group;                 // the socket's group, mode 0660; "" or unknown: the daemon's own (logged)
    std::vector<std::string> readers;  // user names, or @group: who may use verbs that read mail, besides root and us
};

class Server {
  public:
    Server(boost::asio::any_io_executor executor, ServerOptions options, Handlers& handlers, Log& log);
    ~Server();  // stop()ped; connections that still end keep what they need alive, but the Handlers must outlive them

    // Binds and listens. A socket left by a dead process is replaced; conflict: a living one answers there; denied, io,
    // invalid (the path is longer than the system takes: 107 bytes).
    Result<void> start();
    // Takes no more connections, closes those there are, removes the socket. Harmless when repeated.
    void stop();
    // After stop(): returns when no handler runs any more. On the server's executor.
    async::Task<void> stopped();
    // Live change of control.readers.
    void readers(std::vector<std::string> readers);

  private:
    struct Inside;
    std::shared_ptr<Inside> inside_;
};

}  // namespace imaparc::control
