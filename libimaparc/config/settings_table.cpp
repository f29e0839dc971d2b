#include "config/settings_table.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"

namespace imaparc::config {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int32_t>::max();

// ---- rules beyond type and range: "" or what is wrong

std::string absolute_path(const Value& value) {
    const auto& path = std::get<std::string>(value);
    if (path.find('\0') != std::string::npos) return "a path has no NUL in it";
    return path.starts_with('/') ? "" : "not an absolute path";
}

std::string absolute_path_or_empty(const Value& value) {
    return std::get<std::string>(value).empty() ? "" : absolute_path(value);
}

std::string host_and_port(const Value& value) {
    std::string_view text = std::get<std::string>(value);
    if (text.empty()) return "";
    if (text.find("://") != std::string_view::npos) return "host or host:port, without imap:// before it";
    std::string_view host = text, port;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return "a ']' is missing";
        host = text.substr(1, end - 1);
        const auto rest = text.substr(end + 1);
        if (!rest.empty() && !rest.starts_with(':')) return "after ']' only :port may follow";
        if (!rest.empty()) port = rest.substr(1);
        if (!rest.empty() && port.empty()) return "the port is missing";
        if (host.empty() || host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos)
            return "not an IPv6 address between '[' and ']'";
    } else {
        const auto colon = text.find(':');
        host = text.substr(0, colon);
        if (colon != std::string_view::npos) {
            port = text.substr(colon + 1);
            if (port.empty()) return "the port is missing";
        }
        if (host.empty() || host.size() > 253) return "the host is missing or too long";
        for (const auto label : split(host, '.')) {
            if (label.empty() || label.size() > 63 || label.starts_with('-') || label.ends_with('-'))
                return "not a host name";
            for (const unsigned char c : label)
                if (c < 0x80 && !std::isalnum(c) && c != '-') return "not a host name";
        }
    }
    if (!port.empty()) {
        const auto number = parse_decimal(port);
        if (!number || *number == 0 || *number > 65535) return "the port must be a number from 1 to 65535";
    }
    return "";
}

std::string folder_name(const Value& value) {
    const auto& name = std::get<std::string>(value);
    if (name.empty() || name.size() > 255) return "must have 1 to 255 bytes";
    if (ascii_iequals(name, "INBOX")) return "INBOX is another folder";
    for (const auto level : split(name, '/'))
        if (level.empty()) return "a level between '/' is empty";
    for (const unsigned char c : name)
        if (c < 0x20 || c == 0x7F || c == '*' || c == '%') return "has a control character, '*' or '%' in it";
    return "";
}

std::string not_empty(const Value& value) { return std::get<std::string>(value).empty() ? "must not be empty" : ""; }

std::string store_name(const Value& value) {
    const auto& name = std::get<std::string>(value);
    if (name.empty() || name.size() > 64) return "must have 1 to 64 characters";
    for (const unsigned char c : name)
        if (c >= 0x80 || (!std::isalnum(c) && c != '_' && c != '.' && c != '-'))
            return "may have only letters, digits, '_', '.' and '-'";
    return "";
}

constexpr const char* not_in_this_build = "not supported by this build";

std::string known_backends(const Value& value) {
    const auto& backends = std::get<std::vector<std::string>>(value);
    if (backends.empty()) return "at least one backend is needed";
    for (std::size_t i = 0; i < backends.size(); ++i) {
        if (backends[i] != "file") return backends[i] + " is " + not_in_this_build + "; \"file\" is";
        if (std::find(backends.begin(), backends.begin() + static_cast<std::ptrdiff_t>(i), backends[i]) !=
            backends.begin() + static_cast<std::ptrdiff_t>(i))
            return backends[i] + " is there twice";
    }
    return "";
}

std::string no_scram(const Value& value) {
    return std::get<bool>(value) ? std::string("SCRAM is ") + not_in_this_build : "";
}

// RFC 9738 3: not below 1000.
std::string message_limit(const Value& value) {
    const auto limit = std::get<std::int64_t>(value);
    return limit == 0 || limit >= 1000 ? "" : "0 or a number from 1000 on";
}

std::string readers(const Value& value) {
    for (const auto& name : std::get<std::vector<std::string>>(value))
        if (name.empty() || name == "@" || name.find_first_of(" \t\r\n:") != std::string::npos)
            return "a user's name, or @ and a group's name";
    return "";
}

std::string one_line_of_text(std::string_view text) {
    if (!valid_utf8(text)) return "not UTF-8";
    for (const unsigned char c : text)
        if (c < 0x20 || c == 0x7F) return "has a control character";
    return "";
}

// A comment may have lines, but is made to be read at a glance.
std::string comment(const Value& value) {
    std::string text = std::get<std::string>(value);
    if (text.size() > 1024) return "longer than 1024 bytes";
    std::replace(text.begin(), text.end(), '\n', ' ');
    return one_line_of_text(text);
}

// RFC 3986 3: scheme ":" and something behind it, of the characters that a URI has.
std::string uri_or_empty(const Value& value) {
    const std::string_view text = std::get<std::string>(value);
    if (text.empty()) return "";
    const auto colon = text.find(':');
    const auto is_letter = [](unsigned char c) { return c < 0x80 && std::isalpha(c); };
    const auto is_of_scheme = [](unsigned char c) {
        return c < 0x80 && (std::isalnum(c) || c == '+' || c == '-' || c == '.');
    };
    if (colon == std::string_view::npos || colon + 1 == text.size() ||
        !is_letter(static_cast<unsigned char>(text[0])) ||
        !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), is_of_scheme))
        return "not a URI, like mailto:postmaster@example.org";
    for (const unsigned char c : text)
        if (c <= 0x20 || c >= 0x7F ||
            std::string_view("\"<>\\^`{|}").find(static_cast<char>(c)) != std::string_view::npos)
            return "has a character that no URI has";
    return "";
}

std::string folder_names(const Value& value) {
    const auto& names = std::get<std::vector<std::string>>(value);
    for (const auto& name : names) {
        if (name.empty() && names.size() > 1) return "an empty name stands alone: it means that no folder is";
        if (name.size() > 255) return "a name is longer than 255 bytes";
        if (const auto problem = one_line_of_text(name); !problem.empty()) return "a name " + problem;
        if (name.starts_with('/') || name.ends_with('/')) return "a name starts or ends with '/'";
    }
    return "";
}

const std::vector<std::string> all_store_types{"maildir", "mbox", "eml", "s3"};

std::string store_type(const Value& value) {
    const auto& type = std::get<std::string>(value);
    const auto known = store::store_types();
    return std::find(known.begin(), known.end(), type) != known.end() ? "" : type + " is " + not_in_this_build;
}

// ---- rows

// A row for a member that `member(settings)` refers to.
template <class Member>
Setting row(const char* key, Apply apply, const char* doc, Member member) {
    Setting s;
    s.key = key;
    s.apply = apply;
    s.doc = doc;
    using T = std::remove_cvref_t<decltype(member(std::declval<Settings&>()))>;
    if constexpr (std::is_same_v<T, bool>) {
        s.type = Type::boolean;
        s.get = [member](const Settings& all) { return Value(member(all)); };
        s.set = [member](Settings& all, Value v) { member(all) = std::get<bool>(v); };
    } else if constexpr (std::is_same_v<T, std::string>) {
        s.type = Type::text;
        s.get = [member](const Settings& all) { return Value(member(all)); };
        s.set = [member](Settings& all, Value v) { member(all) = std::get<std::string>(std::move(v)); };
    } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
        s.type = Type::texts;
        s.get = [member](const Settings& all) { return Value(member(all)); };
        s.set = [member](Settings& all, Value v) { member(all) = std::get<std::vector<std::string>>(std::move(v)); };
    } else if constexpr (std::is_same_v<T, std::chrono::seconds>) {
        s.type = Type::number;
        s.get = [member](const Settings& all) { return Value(static_cast<std::int64_t>(member(all).count())); };
        s.set = [member](Settings& all, Value v) { member(all) = std::chrono::seconds(std::get<std::int64_t>(v)); };
    } else {
        s.type = Type::number;
        s.get = [member](const Settings& all) { return Value(static_cast<std::int64_t>(member(all))); };
        s.set = [member](Settings& all, Value v) { member(all) = static_cast<T>(std::get<std::int64_t>(v)); };
    }
    return s;
}

Setting store_row(const char* key, const char* doc, std::string store::StoreOptions::*member) {
    Setting s;
    s.key = key;
    s.is_store = true;
    s.apply = Apply::restart;
    s.doc = doc;
    s.type = Type::text;
    s.get_of_store = [member](const store::StoreOptions& o) { return Value(o.*member); };
    s.set_of_store = [member](store::StoreOptions& o, Value v) { o.*member = std::get<std::string>(std::move(v)); };
    return s;
}

// A row for an enum or bool that the file writes as one of `words`, in the order of the values.
template <class Member>
Setting choice_row(const char* key, Apply apply, const char* doc, std::vector<std::string> words, Member member) {
    Setting s;
    s.key = key;
    s.apply = apply;
    s.doc = doc;
    s.type = Type::text;
    s.choices = words;
    using T = std::remove_cvref_t<decltype(member(std::declval<Settings&>()))>;
    s.get = [member, words](const Settings& all) { return Value(words[static_cast<std::size_t>(member(all))]); };
    s.set = [member, words](Settings& all, Value v) {
        const auto at = std::find(words.begin(), words.end(), std::get<std::string>(v)) - words.begin();
        member(all) = static_cast<T>(at);
    };
    return s;
}

// A row for a special use: the names of the folder.
Setting role_row(const char* key, const char* doc, session::Role role) {
    Setting s = row(
        key, Apply::live,
        doc, [role](auto& all) -> auto& { return all.imap.special_use[static_cast<std::size_t>(role)]; });
    s.check = folder_names;
    return s;
}

Setting with_range(Setting s, std::int64_t least, std::int64_t most) {
    s.least = least;
    s.most = most;
    return s;
}

Setting with_check(Setting s, std::string (*check)(const Value&)) {
    s.check = check;
    return s;
}

Setting with_choices(Setting s, std::vector<std::string> choices) {
    s.choices = std::move(choices);
    return s;
}

#define MEMBER(NAME) \
    [](auto& all) -> auto& { return all.NAME; }

std::vector<Setting> make_table() {
    const auto live = Apply::live, listener = Apply::listener, restart = Apply::restart;
    std::vector<Setting> t;
    t.push_back(
        with_check(row("data_dir", restart, "directory of the index, the ledgers and the catalog", MEMBER(data_dir)),
                   absolute_path));
    t.push_back(
        with_range(row("threads", restart, "threads that serve clients; 0: one a core", MEMBER(threads)), 0, 1024));
    t.push_back(with_range(
        row("workers", restart, "threads for files and the database; 0: four a core", MEMBER(workers)), 0, 1024));

    t.push_back(row("imap.enabled", listener, "whether mail clients are served at all", MEMBER(imap.enabled)));
    t.push_back(with_range(
        row("imap.port", listener, "TCP port; in the clear, STARTTLS and TLS on the same", MEMBER(imap.port)), 1,
        65535));
    t.push_back(with_check(
        row("imap.interface", listener, "\"all\", an interface's name (see imaparch-ctl interfaces) or an address",
            MEMBER(imap.interface)),
        not_empty));
    t.push_back(with_check(
        row("imap.server_url", live, "host[:port] that mail clients use, for their profiles", MEMBER(imap.server_url)),
        host_and_port));
    t.push_back(
        with_range(row("imap.max_months", live, "clients see messages of the last so many months; 0: everything",
                       MEMBER(imap.max_months)),
                   0, 1200));
    t.push_back(choice_row("imap.flags", live, "each user's own flags, or no flag can be changed",
                           {"readonly", "private"}, MEMBER(imap.private_flags)));
    t.push_back(choice_row("imap.literals", live,
                           "literals that do not wait: LITERAL+, or LITERAL- with at most 4096 bytes",
                           {"plus", "minus"}, MEMBER(imap.literal_minus)));
    t.push_back(row("imap.all_mail", restart, "whether there is a folder with every message once (\\All)",
                    MEMBER(imap.all_mail)));
    t.push_back(
        with_check(row("imap.all_mail_name", restart, "name of that folder", MEMBER(imap.all_mail_name)), folder_name));
    t.push_back(row("imap.unauthenticate", live, "whether a connection may log in again as another user (RFC 8437)",
                    MEMBER(imap.unauthenticate)));
    t.push_back(with_range(
        row("imap.tls_port", listener, "a port with TLS from the first byte; 0: none", MEMBER(imap.tls_port)), 0,
        65535));

    t.push_back(with_check(
        row("imap.comment", live, "what METADATA says of the server; \"\": nothing", MEMBER(imap.comment)), comment));
    t.push_back(with_check(
        row("imap.admin", live, "URI that reaches the administrator, for METADATA; \"\": none", MEMBER(imap.admin)),
        uri_or_empty));
    t.push_back(role_row("imap.special_use.all", "names of the folder that shows all messages", session::Role::all));
    t.push_back(role_row("imap.special_use.archive", "names of the folder for what is kept", session::Role::archive));
    t.push_back(role_row("imap.special_use.drafts", "names of the folder for drafts", session::Role::drafts));
    t.push_back(role_row("imap.special_use.flagged", "names of the folder that shows flagged messages",
                         session::Role::flagged));
    t.push_back(role_row("imap.special_use.important", "names of the folder that shows important messages",
                         session::Role::important));
    t.push_back(role_row("imap.special_use.junk", "names of the folder for junk mail", session::Role::junk));
    t.push_back(role_row("imap.special_use.sent", "names of the folder for sent messages", session::Role::sent));
    t.push_back(role_row("imap.special_use.trash", "names of the folder for deleted messages", session::Role::trash));

    t.push_back(row("tls.enabled", listener, "whether clients can use TLS", MEMBER(tls.enabled)));
    t.push_back(row("tls.force", listener, "whether they must", MEMBER(tls.force)));
    t.push_back(
        with_check(row("tls.certificate", listener, "PEM file: the certificate and its chain", MEMBER(tls.certificate)),
                   absolute_path));
    t.push_back(
        with_check(row("tls.key", listener, "PEM file: the private key (PKCS #8)", MEMBER(tls.key)), absolute_path));
    t.push_back(
        with_check(row("tls.key_password_file", listener,
                       "file whose first line opens the key; \"\": it has no password", MEMBER(tls.key_password_file)),
                   absolute_path_or_empty));
    t.push_back(
        with_range(row("tls.detect_ms", listener,
                       "milliseconds to wait for TLS before the greeting goes out in the clear", MEMBER(tls.detect_ms)),
                   0, 10000));

    t.push_back(with_check(
        with_choices(row("auth.backends", live, "who is asked for passwords, in this order", MEMBER(auth.backends)),
                     {"file", "pam", "ldap", "certificate"}),
        known_backends));
    t.push_back(with_check(row("auth.scram", live, "whether SCRAM is offered", MEMBER(auth.scram)), no_scram));
    t.push_back(row("auth.allow_plaintext", live, "whether other machines may send passwords without TLS",
                    MEMBER(auth.allow_plaintext)));
    t.push_back(with_check(row("auth.file.path", live, "the password file (imaparch-ctl user)", MEMBER(auth.file_path)),
                           absolute_path));

    t.push_back(with_check(
        row("control.socket", restart, "where imaparch-ctl finds the daemon", MEMBER(control.socket)), absolute_path));
    t.push_back(
        row("control.group", restart, "group that may use the socket; \"\": the daemon's own", MEMBER(control.group)));
    t.push_back(
        with_check(row("control.readers", live,
                       "users, or @groups, that may list folders and messages besides root and the daemon's user",
                       MEMBER(control.readers)),
                   readers));

    t.push_back(with_range(
        row("sync.rescan", live, "seconds between two looks at an owner's stores", MEMBER(sync.rescan)), 1, 86400));
    t.push_back(
        row("sync.watch", live, "whether folders that clients have open are watched (inotify)", MEMBER(sync.watch)));
    t.push_back(row("sync.hide_while_resyncing", live, "whether mailboxes are unavailable during a forced resync",
                    MEMBER(sync.hide_while_resyncing)));

    t.push_back(with_range(row("limits.line", live, "bytes of one command, its literals included", MEMBER(limits.line)),
                           8192, 16 << 20));
    t.push_back(with_range(row("limits.literal", live, "bytes of one literal of a command", MEMBER(limits.literal)),
                           8192, 64 << 20));
    t.push_back(
        with_range(row("limits.connections", live, "connections at a time", MEMBER(limits.connections)), 1, 1000000));
    t.push_back(with_range(row("limits.connections_per_address", live, "of them from one address; 0: no bound",
                               MEMBER(limits.connections_per_address)),
                           0, 1000000));
    t.push_back(with_range(row("limits.connections_per_user", live, "of them of one user; 0: no bound",
                               MEMBER(limits.connections_per_user)),
                           0, 1000000));
    t.push_back(with_check(
        with_range(row("limits.messages", live, "messages that one command looks at, 1000 or more; 0: no bound",
                       MEMBER(limits.messages)),
                   0, 1000000000),
        message_limit));
    t.push_back(with_range(
        row("limits.compressed", live, "connections compressed at a time; 0: no bound", MEMBER(limits.compressed)), 0,
        1000000));
    t.push_back(
        with_range(row("limits.idle_timeout", live, "seconds until a silent client is logged out; at least 30 minutes",
                       MEMBER(limits.idle_timeout)),
                   1800, 604800));
    t.push_back(with_range(
        row("limits.login_timeout", live, "seconds from the greeting to the log-in", MEMBER(limits.login_timeout)), 5,
        3600));
    t.push_back(with_range(
        row("limits.write_timeout", live, "seconds for which a client may take nothing", MEMBER(limits.write_timeout)),
        5, 3600));

    t.push_back(row("catalog.enabled", restart, "whether message details are kept; off: computed each time",
                    MEMBER(catalog.enabled)));
    t.push_back(choice_row("log.level", live, "the least weight that is logged", {"debug", "info", "warning", "error"},
                           MEMBER(log.level)));
    t.push_back(
        choice_row("log.format", restart, "lines for people, or JSON lines", {"text", "json"}, MEMBER(log.format)));

    using O = store::StoreOptions;
    t.push_back(
        with_check(store_row("name", "how it is called here and in the index; must not change", &O::name), store_name));
    t.push_back(with_check(with_choices(store_row("type", "kind of archive", &O::type), all_store_types), store_type));
    t.push_back(with_check(
        store_row("path", "where it lies; %u: the owner, %n and %d: the owner's local part and domain", &O::path),
        not_empty));
    t.push_back(with_choices(
        store_row("layout", "of a maildir: .Folder.Sub in one directory, or nested directories", &O::layout),
        {"maildir++", "fs"}));
    t.push_back(with_choices(store_row("date", "where a message's date is taken from", &O::date),
                             {"auto", "mtime", "name", "received", "header"}));
    t.push_back(with_choices(store_row("format", "of mboxes: how lines that look like separators are kept", &O::format),
                             {"mboxrd", "mboxo", "mboxcl2"}));
    t.push_back(
        with_choices(store_row("flags", "the store's flags: the owner's begin with them, once", &O::flags), {"seed"}));
    Setting rescan;
    rescan.key = "rescan";
    rescan.is_store = true;
    rescan.apply = Apply::restart;
    rescan.type = Type::number;
    rescan.most = 86400;
    rescan.doc = "seconds between two looks at it; 0: sync.rescan";
    rescan.get_of_store = [](const O& o) { return Value(static_cast<std::int64_t>(o.rescan_seconds)); };
    rescan.set_of_store = [](O& o, Value v) { o.rescan_seconds = static_cast<unsigned>(std::get<std::int64_t>(v)); };
    t.push_back(std::move(rescan));
    return t;
}

#undef MEMBER

}  // namespace

const std::vector<Setting>& settings_table() {
    static const std::vector<Setting> table = make_table();
    return table;
}

const Setting* find_setting(std::string_view key) {
    for (const auto& setting : settings_table())
        if (!setting.is_store && setting.key == key) return &setting;
    return nullptr;
}

const Setting* find_store_setting(std::string_view key) {
    for (const auto& setting : settings_table())
        if (setting.is_store && setting.key == key) return &setting;
    return nullptr;
}

Value Setting::default_value() const { return is_store ? get_of_store(store::StoreOptions{}) : get(Settings{}); }

std::string Setting::allowed() const {
    if (!choices.empty()) {
        std::string text = type == Type::texts ? "a list of: " : "one of: ";
        for (std::size_t i = 0; i < choices.size(); ++i) text += (i ? ", " : "") + choices[i];
        return text;
    }
    if (type == Type::number) {
        if (most >= largest) return "a number from " + std::to_string(least);
        return "a number from " + std::to_string(least) + " to " + std::to_string(most);
    }
    return to_string(type);
}

std::string Setting::problem_with(const Value& value) const {
    if (value.index() != static_cast<std::size_t>(type)) return std::string("must be ") + to_string(type);
    const auto is_choice = [this](const std::string& text) {
        return choices.empty() || std::find(choices.begin(), choices.end(), text) != choices.end();
    };
    if (type == Type::number) {
        const auto number = std::get<std::int64_t>(value);
        if (number < least || number > most) return std::to_string(number) + " is out of range";
    } else if (type == Type::text) {
        const auto& text = std::get<std::string>(value);
        if (!is_choice(text)) return '"' + printable(text, 60) + "\" is not allowed";
        if (text.size() > 4096) return "longer than 4096 bytes";
    } else if (type == Type::texts) {
        for (const auto& text : std::get<std::vector<std::string>>(value))
            if (!is_choice(text)) return '"' + printable(text, 60) + "\" is not allowed";
    }
    return check ? check(value) : "";
}

}  // namespace imaparc::config
