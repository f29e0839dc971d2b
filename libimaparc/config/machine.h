// What a configuration is held against on this machine: its interfaces, its certificates, its stores.
//
// Any thread; reads files and asks the system.
#pragma once

#include "base/clock.h"
#include "config/load.h"
#include "net/tls.h"

namespace imaparc::config {

// For load_text and load_file. An interface that has no address at the moment is accepted: it may get one.
Hooks machine_hooks(const Clock& clock);

// The password read from tls.key_password_file, if TLS is on and there is one. not_found, denied, io.
Result<net::TlsOptions> tls_options(const TlsSettings& settings);

// The host of imap.server_url, without port and brackets; "" if there is none.
std::string host_of(const std::string& server_url);

}  // namespace imaparc::config
