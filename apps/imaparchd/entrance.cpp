#include "entrance.h"

#include "config/machine.h"

namespace imaparc::daemon {

Result<Entrance::Bound> Entrance::bind(const config::Settings& settings) {
    Bound bound;
    bound.imap = settings.imap;
    bound.tls_settings = settings.tls;
    if (!settings.imap.enabled) return bound;
    if (settings.tls.enabled) {
        auto options = config::tls_options(settings.tls);
        if (!options) return options.error();
        auto context = net::TlsContext::load(*options, clock_.now());
        if (!context) return context.error();
        bound.context = std::move(*context);
    }
    net::ListenOptions options;
    options.port = settings.imap.port;
    options.interface = settings.imap.interface;
    auto main = net::Listener::bind(accepting_, options, log_, now_.main.get());
    if (!main) return main.error();
    bound.main = std::move(*main);
    if (settings.imap.tls_port != 0 && settings.tls.enabled) {
        options.port = settings.imap.tls_port;
        options.mode = net::PortMode::implicit_tls;
        auto tls = net::Listener::bind(accepting_, options, log_, now_.tls.get());
        if (!tls) return tls.error();
        bound.tls = std::move(*tls);
    }
    return bound;
}

void Entrance::exchange(Bound bound, std::vector<boost::asio::io_context*> contexts, net::ConnectionHandlers handlers) {
    const std::chrono::milliseconds detect(bound.tls_settings.detect_ms);
    if (bound.main) bound.main->serve(contexts, bound.context, detect, handlers);
    if (bound.tls) bound.tls->serve(contexts, bound.context, detect, handlers);
    stop();
    now_ = std::move(bound);
    if (now_.main) {
        for (const auto& endpoint : now_.main->endpoints())
            log_.info("imap_listening", {{"endpoint", endpoint}, {"tls", status().tls}});
    } else {
        log_.info("imap_disabled");
    }
}

void Entrance::stop() {
    if (now_.main) now_.main->stop();
    if (now_.tls) now_.tls->stop();
    now_.main.reset();
    now_.tls.reset();
}

control::ListenerStatus Entrance::status() const {
    control::ListenerStatus status;
    status.interface = now_.imap.interface;
    status.server_url = now_.imap.server_url;
    status.tls = !now_.tls_settings.enabled ? "off" : now_.tls_settings.force ? "forced" : "on";
    status.port = now_.imap.port;
    if (!now_.main) return status;
    status.state = "listening";
    status.addresses = now_.main->endpoints();
    if (now_.tls) {
        status.tls_port = now_.tls->port();
        for (auto& endpoint : now_.tls->endpoints()) status.addresses.push_back(std::move(endpoint));
    }
    return status;
}

bool Entrance::reachable_from_elsewhere() const {
    if (!now_.main) return false;
    for (const auto& endpoint : now_.main->endpoints())
        if (!endpoint.starts_with("127.") && !endpoint.starts_with("[::1]")) return true;
    return false;
}

}  // namespace imaparc::daemon
