#include "config/settings_table.h"

#include <doctest/doctest.h>

#include <set>

#include "config/edit.h"

using namespace imaparc;
using namespace imaparc::config;

namespace {

// A value of the setting that is not its default and that this build takes.
Value another(const Setting& setting) {
    const auto value = setting.default_value();
    if (setting.key == "auth.backends" || setting.key == "auth.scram" || setting.key == "type") return value;
    if (setting.key == "imap.server_url") return std::string("other.example.org:993");
    if (setting.key == "imap.admin") return std::string("mailto:postmaster@example.org");
    if (setting.key == "imap.all_mail_name") return std::string("Alle/Nachrichten");
    if (setting.key == "tls.force") return value;  // needs tls.enabled
    if (setting.key == "imap.tls_port") return value;
    switch (setting.type) {
        case Type::boolean:
            return !std::get<bool>(value);
        case Type::number:
            return std::get<std::int64_t>(value) == setting.most ? setting.least : setting.most;
        case Type::text:
            if (!setting.choices.empty())
                return setting.choices.front() == std::get<std::string>(value) ? setting.choices.back()
                                                                               : setting.choices.front();
            return std::string(setting.key == "name" ? "other" : "/some/where/%u");
        case Type::texts:
            return std::vector<std::string>{"ann", "@mail"};
    }
    return value;
}

}  // namespace

TEST_CASE("table: each key once, with a default that it allows, and one line of documentation") {
    std::set<std::string> keys;
    for (const auto& setting : settings_table()) {
        CAPTURE(setting.key);
        CHECK(keys.insert((setting.is_store ? "store." : "") + setting.key).second);
        CHECK(setting.doc.size() > 10);
        CHECK(setting.doc.find('\n') == std::string::npos);
        CHECK_FALSE(setting.allowed().empty());
        const auto value = setting.default_value();
        CHECK(value.index() == static_cast<std::size_t>(setting.type));
        if (setting.is_store && (setting.key == "name" || setting.key == "path")) continue;  // have no default
        CHECK(setting.problem_with(value) == "");
    }
    CHECK(keys.size() > 40);
}

TEST_CASE("table: the keys and defaults that are fixed (DESIGN.md, last section)") {
    const std::vector<std::pair<const char*, const char*>> fixed{
        {"data_dir", "\"/var/lib/imaparchd\""},
        {"imap.enabled", "true"},
        {"imap.port", "44143"},
        {"imap.interface", "\"all\""},
        {"imap.server_url", "\"\""},
        {"imap.max_months", "12"},
        {"imap.flags", "\"private\""},
        {"imap.tls_port", "0"},
        {"tls.enabled", "false"},
        {"tls.force", "false"},
        {"tls.certificate", "\"/etc/imaparchd/tls/certificate.pem\""},
        {"tls.key", "\"/etc/imaparchd/tls/key.pem\""},
        {"tls.detect_ms", "200"},
        {"auth.backends", "[\"file\"]"},
        {"auth.scram", "false"},
        {"auth.allow_plaintext", "true"},
        {"auth.file.path", "\"/etc/imaparchd/users\""},
        {"control.socket", "\"/run/imaparchd/control.sock\""},
        {"control.readers", "[]"},
        {"sync.rescan", "60"},
        {"sync.hide_while_resyncing", "false"},
    };
    for (const auto& [name, value] : fixed) {
        const std::string key = name;  // clang 14 cannot capture a binding
        CAPTURE(key);
        const auto* setting = find_setting(key);
        REQUIRE(setting);
        CHECK(to_toml(setting->default_value()) == value);
    }
    CHECK(to_toml(find_store_setting("type")->default_value()) == "\"maildir\"");
    CHECK(to_toml(find_store_setting("layout")->default_value()) == "\"maildir++\"");
    CHECK(find_store_setting("name"));
    CHECK(find_store_setting("path"));
}

TEST_CASE("table: what restarts the listener (DESIGN.md 12)") {
    for (const auto* key : {"imap.enabled", "imap.port", "imap.interface", "tls.enabled", "tls.force"})
        CHECK(find_setting(key)->apply == Apply::listener);
    for (const auto* key : {"imap.server_url", "imap.max_months", "sync.rescan", "sync.hide_while_resyncing"})
        CHECK(find_setting(key)->apply == Apply::live);
}

TEST_CASE("table: every key can be set, got and unset, in a file that has it and in one that has not") {
    const std::string store = "[[store]]\nname = \"a\"\npath = \"/a/%u\"\n";
    for (const auto& setting : settings_table()) {
        const KeyPath key{&setting, setting.is_store ? "a" : ""};
        CAPTURE(key.text());
        const auto parsed = parse_key(key.text());
        REQUIRE(parsed);
        CHECK(parsed->setting == &setting);
        CHECK(parsed->store == key.store);
        const auto value = another(setting);
        const auto read_back =
            parse_value(setting, to_plain(value).find('\n') == std::string::npos ? to_plain(value) : to_toml(value));
        REQUIRE_MESSAGE(read_back, read_back.error().text);
        CHECK(*read_back == value);

        auto text = set_in_text(store, key, value);
        REQUIRE_MESSAGE(text, text.error().text);
        const auto loaded = load_text(*text, "x");
        REQUIRE_MESSAGE(loaded.ok(), *text, to_text(loaded.problems));
        const KeyPath now{&setting, setting.is_store && setting.key == "name" ? "other" : key.store};
        CHECK(*value_of(*loaded.settings, now) == value);
        CHECK(load_text(*set_in_text(*text, now, value), "x").ok());

        if (setting.key == "name" || setting.key == "path") continue;
        const auto without = unset_in_text(*text, now);
        REQUIRE_MESSAGE(without, without.error().text);
        CHECK(*value_of(*load_text(*without, "x").settings, now) == setting.default_value());
        CHECK(unset_in_text(*without, now).error().kind == ErrorKind::not_found);
    }
}

TEST_CASE("keys: as people write and mistype them") {
    CHECK(parse_key("store.2024.path")->store == "2024");
    CHECK(parse_key("store.a.b.path")->store == "a.b");
    CHECK(parse_key("store.a.b.path")->text() == "store.a.b.path");
    CHECK(parse_key("imap.prot").error().text == "unknown key imap.prot; did you mean imap.port?");
    CHECK(parse_key("IMAP.PORT").error().kind == ErrorKind::invalid);
    CHECK(parse_key("store.2024.colour").error().text.find("a store has: name, type, path") != std::string::npos);
    CHECK(parse_key("store.path").error().text.find("store.NAME.path") != std::string::npos);
    CHECK_FALSE(parse_key("store..path"));
    CHECK_FALSE(parse_key("store.a b.path"));
    CHECK_FALSE(parse_key(""));
    CHECK_FALSE(parse_key("imap"));
    CHECK_FALSE(parse_key(std::string(100000, 'x')));
    CHECK(parse_key("quite.something.else").error().text == "unknown key quite.something.else");
}

TEST_CASE("values: as a command line gives them") {
    const auto& flag = *find_setting("tls.enabled");
    for (const auto* word : {"true", "TRUE", "yes", "on", "1"}) CHECK(*parse_value(flag, word) == Value(true));
    for (const auto* word : {"false", "no", "off", "0"}) CHECK(*parse_value(flag, word) == Value(false));
    CHECK_FALSE(parse_value(flag, "maybe"));
    const auto& port = *find_setting("imap.port");
    CHECK(*parse_value(port, " 993 ") == Value(std::int64_t{993}));
    for (const auto* word : {"0", "-1", "65536", "many", "", "1.5", "0x10", "99999999999999999999"})
        CHECK_FALSE(parse_value(port, word));
    CHECK(parse_value(port, "70000").error().text ==
          "imap.port: 70000 is out of range; allowed: a number from 1 to 65535");
    const auto& readers = *find_setting("control.readers");
    const Value two = std::vector<std::string>{"ann", "@mail"};
    CHECK(*parse_value(readers, "ann,@mail") == two);
    CHECK(*parse_value(readers, "[\"ann\", '@mail']") == two);
    CHECK(*parse_value(readers, "") == Value(std::vector<std::string>{}));
    CHECK(*parse_value(readers, "[]") == Value(std::vector<std::string>{}));
    CHECK_FALSE(parse_value(*find_setting("data_dir"), "relative"));
    CHECK_FALSE(parse_value(*find_setting("imap.interface"), "\xFF"));
}

TEST_CASE("values: texts with everything in them survive TOML") {
    std::string odd;
    for (int c = 1; c < 128; ++c) odd += static_cast<char>(c);
    odd += "\xC3\xA4\xF0\x9F\x93\xA7";
    const auto text = set_in_text("", {find_setting("control.group"), ""}, odd);
    REQUIRE(text);
    CHECK(load_text(*text, "x").settings->control.group == odd);
}
