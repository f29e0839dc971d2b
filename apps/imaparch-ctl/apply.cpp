#include "apply.h"

#include <filesystem>

#include "base/clock.h"
#include "config/edit.h"
#include "config/machine.h"
#include "context.h"
#include "print.h"

namespace imaparc::ctl {
namespace {

std::string absolute(const std::string& path) {
    std::error_code ignored;  // a path that cannot be made absolute is shown as it is
    auto whole = std::filesystem::absolute(path, ignored);
    return whole.empty() ? path : whole.string();
}

// What this machine says. Whether the certificate fits is the daemon's to say where one runs: it can read the key.
enum class Certificates { checked_here, checked_by_daemon };
bool validates(const Globals& globals, const std::string& text, Certificates certificates) {
    const SystemClock clock;
    auto hooks = config::machine_hooks(clock);
    if (certificates == Certificates::checked_by_daemon) hooks.check_tls = nullptr;
    const auto loaded = config::load_text(text, globals.config, hooks);
    show_problems(loaded);
    return loaded.ok();
}

bool write(const Globals& globals, const std::string& text) {
    if (auto written = config::write_config(globals.config, text); !written) {
        say_error(written.error());
        return false;
    }
    return true;
}

std::optional<Applied> only_written(const Globals& globals, const std::string& text, const char* why) {
    if (!validates(globals, text, Certificates::checked_here) || !write(globals, text)) return std::nullopt;
    Applied applied;
    applied.daemon = why;
    return applied;
}

}  // namespace

std::optional<Applied> apply_config(const Globals& globals, const std::string& text) {
    auto client = connect(globals);
    if (!client) {
        if (client.error().kind == ErrorKind::not_found) return only_written(globals, text, "not_running");
        say("imaparch-ctl: a daemon seems to run and cannot be asked: " + client.error().text +
            "; nothing was changed");
        return std::nullopt;
    }
    if (!validates(globals, text, Certificates::checked_by_daemon)) return std::nullopt;
    const auto prepared = client->ask(control::ConfigPrepareRequest{absolute(globals.config), text});
    if (!prepared) {
        if (prepared.error().kind == ErrorKind::refused) return only_written(globals, text, "other_file");
        say_error(prepared.error());
        return std::nullopt;
    }
    if (!write(globals, text)) {
        if (auto aborted = client->ask(control::ConfigAbortRequest{prepared->token}); !aborted)
            say_error(aborted.error());
        return std::nullopt;
    }
    const auto switched = client->ask(control::ConfigSwitchRequest{prepared->token});
    if (!switched) {
        say("imaparch-ctl: the file is written, and the daemon did not take it over: " + switched.error().text);
        return std::nullopt;
    }
    return Applied{"running", switched->changes, switched->listener_restarted, switched->restart_needed};
}

}  // namespace imaparc::ctl
