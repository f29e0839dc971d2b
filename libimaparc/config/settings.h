// Everything imaparchd.toml can say, with its defaults, as plain values. The daemon turns them into the rooms' options;
// each setting is described once, in settings_table.h.
//
// Values only.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"
#include "session/special_use.h"
#include "store/store.h"

namespace imaparc::config {

struct ImapSettings {
    bool enabled = true;
    std::uint16_t port = 44143;
    std::string interface = "all";           // "all", a name, an address
    std::string server_url;                  // host[:port]; "": not known, client profiles cannot be made
    unsigned max_months = 12;                // 0: everything
    bool private_flags = true;               // flags = "private" or "readonly"
    bool literal_minus = false;              // literals = "plus" or "minus"
    bool all_mail = false;                   // a folder with every message once
    std::string all_mail_name = "All Mail";  // its name
    bool unauthenticate = true;              // RFC 8437
    std::uint16_t tls_port = 0;              // a pure implicit-TLS port; 0: off
    std::string comment;                     // of the server, for METADATA
    std::string admin;                       // a URI that reaches the administrator, for METADATA
    session::RoleNames special_use;          // of a role no names: the usual ones
};

struct TlsSettings {
    bool enabled = false;
    bool force = false;
    std::string certificate = "/etc/imaparchd/tls/certificate.pem";
    std::string key = "/etc/imaparchd/tls/key.pem";
    std::string key_password_file;  // "": the key has none
    unsigned detect_ms = 200;
};

struct AuthSettings {
    std::vector<std::string> backends{"file"};
    bool scram = false;
    bool allow_plaintext = true;  // passwords in the clear from other machines
    std::string file_path = "/etc/imaparchd/users";
};

struct ControlSettings {
    std::string socket = "/run/imaparchd/control.sock";
    std::string group = "imaparch";
    std::vector<std::string> readers;  // user names, @group
};

struct SyncSettings {
    std::chrono::seconds rescan{60};
    bool watch = true;  // inotify
    bool hide_while_resyncing = false;
};

struct LimitSettings {
    unsigned line = 2 << 20;     // bytes of one command, literals included; before log-in 64 KiB
    unsigned literal = 1 << 20;  // bytes of one literal
    unsigned connections = 12000;
    unsigned connections_per_address = 0;  // 0: no bound
    unsigned connections_per_user = 0;     // 0: no bound
    unsigned messages = 0;                 // that one command looks at (RFC 9738); 0: no bound, else 1000 or more
    unsigned compressed = 4000;            // connections compressed at a time, 80 KiB each; 0: no bound
    std::chrono::seconds idle_timeout{1800};
    std::chrono::seconds login_timeout{60};
    std::chrono::seconds write_timeout{300};
};

struct CatalogSettings {
    bool enabled = true;
};

struct LogSettings {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::text;
};

struct Settings {
    std::string data_dir = "/var/lib/imaparchd";
    unsigned threads = 0;  // io_contexts; 0: as many as there are cores
    unsigned workers = 0;  // threads for files and the database; 0: four a core
    ImapSettings imap;
    TlsSettings tls;
    std::vector<store::StoreOptions> stores;
    AuthSettings auth;
    ControlSettings control;
    SyncSettings sync;
    LimitSettings limits;
    CatalogSettings catalog;
    LogSettings log;
};

inline constexpr const char* default_config_file = "/etc/imaparchd/imaparchd.toml";

}  // namespace imaparc::config
