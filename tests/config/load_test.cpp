#include "config/load.h"

#include <doctest/doctest.h>

#include "helpers/temp_dir.h"

using namespace imaparc;
using namespace imaparc::config;

namespace {

// The one problem of a text, as people see it.
std::string said(std::string_view toml, const Hooks& hooks = {}) {
    return to_text(load_text(toml, "imaparchd.toml", hooks).problems);
}

// Every line of DESIGN.md's last section.
constexpr const char* designed = R"(data_dir = "/var/lib/imaparchd"

[imap]
enabled    = true
port       = 44143
interface  = "all"                # "all", a name from `imaparch-ctl interfaces`, or an address
server_url = "imap.example.org"   # host[:port] that mail clients use
max_months = 12                   # 0: everything
flags      = "private"            # or "readonly"

[tls]
enabled = false
force   = false
certificate = "/etc/imaparchd/tls/certificate.pem"
key         = "/etc/imaparchd/tls/key.pem"

[[store]]
name = "2024"
type = "maildir"                  # maildir, mbox, eml, s3
path = "/srv/archive/2024/%u"     # %u: the owner
layout = "maildir++"              # or "fs"

[auth]
backends = ["file"]               # in order: file, pam, ldap, certificate
scram = false

[auth.file]
path = "/etc/imaparchd/users"

[control]
socket = "/run/imaparchd/control.sock"
)";

}  // namespace

TEST_CASE("load: the configuration of the design, whose values are the defaults") {
    const auto loaded = load_text(designed, "imaparchd.toml");
    REQUIRE_MESSAGE(loaded.ok(), to_text(loaded.problems));
    const auto& s = *loaded.settings;
    CHECK(s.imap.port == 44143);
    CHECK(s.imap.server_url == "imap.example.org");
    REQUIRE(s.stores.size() == 1);
    CHECK(s.stores[0].name == "2024");
    CHECK(s.stores[0].path == "/srv/archive/2024/%u");
    CHECK(s.auth.file_path == "/etc/imaparchd/users");
    auto defaults = *load_text("", "x").settings;
    defaults.imap.server_url = s.imap.server_url;
    defaults.stores = s.stores;
    CHECK(differences(defaults, s).empty());
}

TEST_CASE("load: an empty file is all defaults, and warned of") {
    const auto loaded = load_text("", "x.toml");
    REQUIRE(loaded.ok());
    CHECK(loaded.settings->imap.max_months == 12);
    CHECK(loaded.settings->imap.interface == "all");
    CHECK(loaded.settings->imap.enabled);
    REQUIRE(loaded.warnings.size() == 1);
    CHECK(to_text(loaded.warnings[0]) == "x.toml: there is no [[store]]: no mail is served\n");
}

TEST_CASE("load: what All Mail may be called") {
    CHECK(load_text("[imap]\nall_mail = true\nall_mail_name = \"[Mail]/Alles\"\n", "x").settings.has_value());
    for (const auto* name : {"", "inbox", "a//b", "/a", "a/", "a*", "100%", "a\\nb"})
        CHECK(said("imap.all_mail_name = \"" + std::string(name) + "\"\n").find("imap.all_mail_name") !=
              std::string::npos);
}

TEST_CASE("load: an unknown key, with what was meant and the caret below it") {
    CHECK(said("[imap]\n  prot = 44143\n") ==
          "imaparchd.toml:2:3: unknown key imap.prot; did you mean imap.port?\n"
          "      prot = 44143\n"
          "      ^~~~\n"
          "    allowed: enabled, port, interface, server_url, max_months, flags, literals, all_mail, all_mail_name, "
          "unauthenticate, tls_port, comment, admin, special_use\n");
    CHECK(said("[imap]\nmax_month = 1\n").find("did you mean imap.max_months?") != std::string::npos);
    CHECK(said("port = 1\n").find("did you mean imap.port?") != std::string::npos);  // right key, wrong place
    CHECK(said("[mail]\nx = 1\n").find("unknown key mail\n") != std::string::npos);
    CHECK(said("[auth.ldap]\nurl = \"x\"\n").starts_with("imaparchd.toml:1:7: unknown key auth.ldap"));
    CHECK(said("[[store]]\nname=\"a\"\npath=\"/a/%u\"\nLayout=\"fs\"\n").find("did you mean layout?") !=
          std::string::npos);
}

TEST_CASE("load: a wrong type or value, marked where it stands") {
    CHECK(said("[imap]\nport = 70000\n") ==
          "imaparchd.toml:2:8: imap.port: 70000 is out of range\n"
          "    port = 70000\n"
          "           ^~~~~\n"
          "    allowed: a number from 1 to 65535\n");
    CHECK(said("[imap]\nport = \"many\"\n") ==
          "imaparchd.toml:2:8: imap.port must be a number, not a text\n"
          "    port = \"many\"\n"
          "           ^~~~~~\n"
          "    allowed: a number from 1 to 65535\n");
    CHECK(said("imap = { flags = \"public\" }\n") ==
          "imaparchd.toml:1:18: imap.flags: \"public\" is not allowed\n"
          "    imap = { flags = \"public\" }\n"
          "                     ^~~~~~~~\n"
          "    allowed: one of: readonly, private\n");
    CHECK(said("imap.enabled = 1\n").find("1:16: imap.enabled must be true or false, not a number") !=
          std::string::npos);
    CHECK(said("imap.port = 1.5\n").find("not a number with a fraction") != std::string::npos);
    CHECK(said("imap.port = 2024-01-01\n").find("not a date or time") != std::string::npos);
    CHECK(said("imap = 3\n").find("1:1: imap must be a table, [imap], not a number") != std::string::npos);
    CHECK(said("auth.backends = \"file\"\n").find("must be a list of texts, not a text") != std::string::npos);
    CHECK(said("auth.backends = [\"file\", 3]\n").find("must be a list of texts, not a list") != std::string::npos);
    CHECK(said("data_dir = \"var\"\n").find("not an absolute path") != std::string::npos);
    CHECK(said("limits.idle_timeout = 60\n").find("60 is out of range") != std::string::npos);
    CHECK(said("store = \"x\"\n").find("must be written [[store]]") != std::string::npos);
    CHECK(said("[store]\nname = \"x\"\n").find("must be written [[store]]") != std::string::npos);
}

TEST_CASE("load: a tab and wide characters before the place") {
    CHECK(said("imap = {\tserver_url = \"\xC3\xA4\xC3\xB6\", port = 0 }\n") ==
          "imaparchd.toml:1:36: imap.port: 0 is out of range\n"
          "    imap = {\\x09server_url = \"\xC3\xA4\xC3\xB6\", port = 0 }\n"
          "            \t                          ^\n"
          "    allowed: a number from 1 to 65535\n");
}

TEST_CASE("load: text that is no TOML") {
    const auto text = said("[imap\nport = 1\n");
    CHECK(text.starts_with("imaparchd.toml:1:"));
    CHECK(text.find("    [imap\n") != std::string::npos);
    CHECK(text.find('^') != std::string::npos);
    CHECK(said("port = \n").starts_with("imaparchd.toml:1:"));
    CHECK(said("a = 1\na = 2\n").starts_with("imaparchd.toml:2:"));
    CHECK(said("\xFF\xFE").find("imaparchd.toml:1:") == 0);
    // Letters beyond ASCII where a key or a value should begin, behind a value, and in a string's line break.
    for (const auto* odd :
         {"\xC3\xA4 = 1\n", "data_dir = \xC3\xA4\n", "data_dir = \"/a\" \xC3\xA4\n", "\xC2\xA0[imap]\n",
          "imap.\xC3\xA4 = 1\n", "imap = {\xD0\x96}\n", "control.readers = [\xC3\xA4]\n"})
        CHECK_MESSAGE(said(odd).starts_with("imaparchd.toml:1:"), odd);
    CHECK(load_text("data_dir = \"\"\"/a\\\n \xC3\xA4\"\"\"\n", "x").settings->data_dir == "/a\xC3\xA4");
    CHECK_FALSE(load_text(std::string(5000, '['), "x").ok());
    CHECK_FALSE(load_text("a = " + std::string(100000, '['), "x").ok());
    CHECK_FALSE(load_text(std::string_view("a = 1\0b", 7), "x").ok());
}

TEST_CASE("load: all problems at once, in the order of the file, and not without end") {
    const auto loaded = load_text("[imap]\nport = 0\nmax_months = -1\nfoo = 1\n[tls]\nenabled = 3\n", "x");
    REQUIRE(loaded.problems.size() == 4);
    CHECK(loaded.problems[0].line == 2);
    CHECK(loaded.problems[1].line == 3);
    CHECK(loaded.problems[2].line == 4);
    CHECK(loaded.problems[3].line == 6);
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "key" + std::to_string(i) + " = 1\n";
    CHECK(load_text(many, "x").problems.size() == problem_limit);
}

TEST_CASE("load: stores") {
    CHECK(said("[[store]]\npath = \"/a/%u\"\n").find("1:1: this store has no name") != std::string::npos);
    CHECK(said("\n[[store]]\nname = \"a\"\n").find("2:1: this store has no path") != std::string::npos);
    CHECK(said("[[store]]\nname=\"a\"\npath=\"/a/%u\"\n[[store]]\nname=\"a\"\npath=\"/b/%u\"\n") ==
          "imaparchd.toml:5:6: a second store is called a\n"
          "    name=\"a\"\n"
          "         ^~~\n"
          "    allowed: each store has a name of its own\n");
    CHECK(said("[[store]]\nname=\"a b\"\npath=\"/a/%u\"\n").find("may have only letters") != std::string::npos);
    CHECK(said("[[store]]\nname=\"a\"\npath=\"/a/%u\"\ntype=\"tape\"\n").find("one of: maildir, mbox, eml, s3") !=
          std::string::npos);
    CHECK(said("[[store]]\nname=\"a\"\npath=\"/a/%u\"\ntype=\"s3\"\n").find("s3 is not supported by this build") !=
          std::string::npos);
    const auto two = load_text(
        "store = [{name=\"a\", path=\"/a/%u\"}, {name=\"b.1\", path=\"/b/%u\", layout=\"fs\", rescan=5}]\n", "x");
    REQUIRE(two.ok());
    CHECK(two.settings->stores[1].name == "b.1");
    CHECK(two.settings->stores[1].layout == "fs");
    CHECK(two.settings->stores[1].rescan_seconds == 5);
}

TEST_CASE("load: what this build cannot do is refused with a clear word") {
    CHECK(said("auth.backends = [\"file\", \"pam\"]\n").find("pam is not supported by this build; \"file\" is") !=
          std::string::npos);
    CHECK(said("auth.backends = [\"kerberos\"]\n").find("a list of: file, pam, ldap, certificate") !=
          std::string::npos);
    CHECK(said("auth.backends = []\n").find("at least one backend") != std::string::npos);
    CHECK(said("auth.backends = [\"file\", \"file\"]\n").find("there twice") != std::string::npos);
    CHECK(said("auth.scram = true\n").find("SCRAM is not supported by this build") != std::string::npos);
}

TEST_CASE("load: what does not go together") {
    CHECK(said("[tls]\nforce = true\n") ==
          "imaparchd.toml:2:9: tls.force needs tls.enabled = true\n"
          "    force = true\n"
          "            ^~~~\n");
    CHECK(said("imap.tls_port = 993\n").find("imap.tls_port needs tls.enabled") != std::string::npos);
    CHECK(said("tls.enabled = true\n[imap]\nport = 993\ntls_port = 993\n").find("must differ from imap.port") !=
          std::string::npos);
    CHECK(load_text("tls.enabled = true\ntls.force = true\n", "x").ok());
}

TEST_CASE("load: server_url") {
    for (const auto* good : {"", "imap.example.org", "imap.example.org:993", "localhost", "192.0.2.1:44143",
                             "[2001:db8::1]:993", "[::1]", "m\xC3\xBCnchen.example"})
        CHECK_MESSAGE(load_text("imap.server_url = \"" + std::string(good) + "\"", "x").ok(), good);
    for (const auto* bad :
         {"imap://imap.example.org", "imap.example.org:", "imap.example.org:0", "imap.example.org:70000", ":993", "a b",
          "-a.example", "a..b", "[::1", "[::1]x", "[]", "a/b", "[::1]:"})
        CHECK_MESSAGE(!load_text("imap.server_url = \"" + std::string(bad) + "\"", "x").ok(), bad);
}

TEST_CASE("load: special uses, what METADATA says") {
    const auto loaded = load_text(R"([imap]
comment = "one\ntwo"
admin = "mailto:postmaster@example.org"
[imap.special_use]
sent = ["Postausgang", "Sent"]
trash = [""]
)",
                                  "x");
    REQUIRE_MESSAGE(loaded.ok(), to_text(loaded.problems));
    const auto& imap = loaded.settings->imap;
    CHECK(imap.comment == "one\ntwo");
    CHECK(imap.admin == "mailto:postmaster@example.org");
    using Names = std::vector<std::string>;
    CHECK(imap.special_use[static_cast<std::size_t>(session::Role::sent)] == Names{"Postausgang", "Sent"});
    CHECK(imap.special_use[static_cast<std::size_t>(session::Role::trash)] == Names{""});
    CHECK(imap.special_use[static_cast<std::size_t>(session::Role::drafts)].empty());

    for (const auto* admin : {"postmaster@example.org", "mailto:", ":x", "1a:b", "mailto:a b", "http://ä", "x:<y>"}) {
        CAPTURE(admin);
        CHECK(said("[imap]\nadmin = \"" + std::string(admin) + "\"\n").find("URI") != std::string::npos);
    }
    CHECK(said("[imap]\ncomment = \"a\\u0007\"\n").find("control character") != std::string::npos);
    CHECK(said("[imap]\ncomment = \"" + std::string(1025, 'x') + "\"\n").find("1024") != std::string::npos);
    const auto names = [](const char* list) { return said("[imap.special_use]\nsent = " + std::string(list) + "\n"); };
    CHECK(names(R"(["", "x"])").find("stands alone") != std::string::npos);
    CHECK(names(R"(["/x"])").find("'/'") != std::string::npos);
    CHECK(names(R"(["x/"])").find("'/'") != std::string::npos);
    CHECK(names(R"(["x\u0001"])").find("control character") != std::string::npos);
    CHECK(names("\"x\"").find("a list of texts") != std::string::npos);
    CHECK(said("[imap.special_use]\ninbox = []\n").find("unknown key imap.special_use.inbox") != std::string::npos);
}

TEST_CASE("load: the hooks are asked about what makes sense, and shown where it stands") {
    Hooks hooks;
    int asked = 0;
    hooks.check_interface = [&](const std::string& name) -> Result<void> {
        ++asked;
        if (name == "nosuch0") return Error{ErrorKind::not_found, "there is no interface nosuch0; there are: lo"};
        return {};
    };
    hooks.check_tls = [](const TlsSettings& tls, const std::string& url) -> Result<void> {
        if (tls.certificate == "/bad.pem" && url == "imap.example.org")
            return Error{ErrorKind::invalid, "/bad.pem has expired"};
        return {};
    };
    hooks.check_store = [](const store::StoreOptions& store) -> Result<void> {
        if (store.path.find("%u") == std::string::npos) return Error{ErrorKind::invalid, "the path has no %u"};
        return {};
    };
    CHECK(
        said("[imap]\ninterface = \"nosuch0\"\n", hooks).find("2:13: imap.interface: there is no interface nosuch0") !=
        std::string::npos);
    CHECK(said("[imap]\nserver_url = \"imap.example.org\"\n[tls]\nenabled = true\ncertificate = \"/bad.pem\"\n", hooks)
              .find("5:15: tls: /bad.pem has expired") != std::string::npos);
    CHECK(load_text("imap.server_url = \"imap.example.org\"\ntls.certificate = \"/bad.pem\"\n", "x", hooks)
              .ok());  // TLS is off
    CHECK(said("[[store]]\nname=\"a\"\npath=\"/a\"\n", hooks).find("3:6: the path has no %u") != std::string::npos);
    asked = 0;
    CHECK_FALSE(load_text("[imap]\nport = 0\n", "x", hooks).ok());
    CHECK(asked == 0);
}

TEST_CASE("load: files") {
    test::TempDir dir;
    CHECK(load_file(dir.write("a.toml", designed)).ok());
    const auto missing = load_file(dir / "none.toml");
    REQUIRE(missing.problems.size() == 1);
    CHECK(to_text(missing.problems[0]) == (dir / "none.toml").string() + ": No such file or directory\n");
    CHECK_FALSE(load_file(dir.write("big.toml", std::string(2 << 20, '\n'))).ok());
    CHECK_FALSE(load_file(dir.path()).ok());
}

TEST_CASE("differences: by the table, stores by name") {
    const auto load = [](const std::string& text) { return *load_text(text, "x").settings; };
    const std::string stores = "[[store]]\nname=\"a\"\npath=\"/a/%u\"\n[[store]]\nname=\"b\"\npath=\"/b/%u\"\n";
    const auto before = load("imap.port = 1\nimap.max_months = 3\ndata_dir=\"/x\"\n" + stores);
    CHECK(differences(before, before).empty());
    const auto after = load(
        "imap.port = 2\nimap.max_months = "
        "4\ndata_dir=\"/y\"\n[[store]]\nname=\"b\"\npath=\"/c/%u\"\n[[store]]\nname=\"c\"\npath=\"/c/%u\"\n");
    std::string text;
    for (const auto& d : differences(before, after)) text += d.key + " " + to_string(d.apply) + "\n";
    CHECK(text ==
          "data_dir restart\nimap.port listener\nimap.max_months live\nstore.a restart\nstore.b.path restart\nstore.c "
          "restart\n");
}
