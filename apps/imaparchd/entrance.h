// The port that mail clients come through: one listener, a second one where imap.tls_port asks for it, the TLS context
// they share; and how they are exchanged for others without a moment in which neither is there.
//
// Background executor only, after start.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "config/settings.h"
#include "control/verbs.h"
#include "net/listener.h"
#include "net/tls.h"

namespace imaparc::daemon {

class Entrance {
  public:
    // Bound and not yet serving. Dropping it gives the ports back.
    struct Bound {
        std::unique_ptr<net::Listener> main, tls;  // null where not configured (imap.enabled, imap.tls_port)
        std::shared_ptr<net::TlsContext> context;  // null: TLS is off
        config::ImapSettings imap;
        config::TlsSettings tls_settings;
    };

    Entrance(boost::asio::io_context& accepting, const Clock& clock, Log& log)
        : accepting_(accepting), clock_(clock), log_(log) {}

    // Errors as net::Listener::bind and net::check_certificate. What this entrance itself holds counts as free.
    Result<Bound> bind(const config::Settings& settings);
    // Serves the new, then stops the old. Connections of the old one are the caller's to end.
    void exchange(Bound bound, std::vector<boost::asio::io_context*> contexts, net::ConnectionHandlers handlers);
    void stop();

    control::ListenerStatus status() const;
    bool reachable_from_elsewhere() const;  // listens on more than loopback

  private:
    boost::asio::io_context& accepting_;
    const Clock& clock_;
    Log& log_;
    Bound now_;
};

}  // namespace imaparc::daemon
