#include "config/machine.h"

#include "base/file.h"
#include "base/text.h"
#include "net/interfaces.h"

namespace imaparc::config {

std::string host_of(const std::string& server_url) {
    if (server_url.starts_with('[')) return server_url.substr(1, server_url.find(']') - 1);
    return server_url.substr(0, server_url.find(':'));
}

Result<net::TlsOptions> tls_options(const TlsSettings& settings) {
    net::TlsOptions options;
    options.enabled = settings.enabled;
    options.force = settings.force;
    options.certificate = settings.certificate;
    options.key = settings.key;
    options.detect_ms = settings.detect_ms;
    if (settings.enabled && !settings.key_password_file.empty()) {
        auto text = read_file(settings.key_password_file, 4096);
        if (!text) return text.error();
        options.key_password = text->substr(0, text->find_first_of("\r\n"));
    }
    return options;
}

Hooks machine_hooks(const Clock& clock) {
    Hooks hooks;
    hooks.check_interface = [](const std::string& interface) -> Result<void> {
        const auto endpoints = net::endpoints_of(interface, 0);
        if (!endpoints && endpoints.error().kind != ErrorKind::unavailable) return endpoints.error();
        return {};
    };
    hooks.check_tls = [&clock](const TlsSettings& settings, const std::string& server_url) -> Result<void> {
        const auto options = tls_options(settings);
        if (!options) return options.error();
        const auto certificate = net::check_certificate(*options, clock.now());
        if (!certificate) return certificate.error();
        const auto host = host_of(server_url);
        if (!host.empty() && !net::covers(certificate->names, host))
            return Error{ErrorKind::invalid,
                         settings.certificate + " is not for " + printable(host) + " (imap.server_url)"};
        return {};
    };
    hooks.check_store = [](const store::StoreOptions& options) -> Result<void> {
        auto opened = store::open_store(options);
        if (!opened) return opened.error();
        return {};
    };
    return hooks;
}

}  // namespace imaparc::config
