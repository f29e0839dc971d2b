#include "context.h"

#include "base/file.h"
#include "print.h"

namespace imaparc::ctl {

Result<std::string> config_text(const Globals& globals) {
    auto text = read_file(globals.config, 1U << 20);
    if (!text && text.error().kind == ErrorKind::not_found) return std::string();
    return text;
}

void show_problems(const config::Loaded& loaded) {
    if (!loaded.problems.empty()) say(config::to_text(loaded.problems));
    if (!loaded.warnings.empty()) say(config::to_text(loaded.warnings));
}

std::optional<config::Settings> settings(const Globals& globals, Missing missing) {
    auto loaded = config::load_file(globals.config);
    if (loaded.ok()) return std::move(loaded.settings);
    if (missing == Missing::is_default && !std::filesystem::exists(globals.config)) return config::Settings{};
    say(config::to_text(loaded.problems));
    return std::nullopt;
}

std::string socket_path(const Globals& globals) {
    if (!globals.socket.empty()) return globals.socket;
    auto loaded = config::load_file(globals.config);
    return loaded.ok() ? loaded.settings->control.socket : config::Settings{}.control.socket;
}

Result<control::Client> connect(const Globals& globals) { return control::Client::connect(socket_path(globals)); }

int say_not_reachable(const Globals& globals, const Error& error) {
    if (error.kind == ErrorKind::denied) {
        say("imaparch-ctl: " + error.text + "; root and the group control.group may ask the daemon");
        return Exit::no_daemon;
    }
    say("imaparch-ctl: imaparchd is not running (" + error.text + ")");
    if (globals.socket.empty())
        say("              its socket is looked for where " + globals.config + " says; --socket names another");
    return Exit::no_daemon;
}

}  // namespace imaparc::ctl
