// imaparch-ctl: the command line with which administrators configure, watch and repair imaparchd.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "base/error.h"
#include "commands.h"
#include "config/settings.h"
#include "print.h"

namespace {

using namespace imaparc;

// `config set imap.max_months -1`: the value is no option, however it looks.
std::vector<std::string> arguments(int argc, char** argv) {
    std::vector<std::string> all(argv + 1, argv + argc);
    for (std::size_t i = 1; i < all.size(); ++i) {
        if (all[i - 1] != "config" || all[i] != "set") continue;
        for (std::size_t k = i + 2; k < all.size(); ++k)
            if (all[k].size() > 1 && all[k][0] == '-' && std::isdigit(static_cast<unsigned char>(all[k][1]))) {
                all.insert(all.begin() + static_cast<std::ptrdiff_t>(k), "--");
                break;
            }
        break;
    }
    return {all.rbegin(), all.rend()};  // as CLI11 wants them
}

// The first word, if it should be a verb and is none: CLI11 only says that a subcommand is missing.
std::string unknown_verb(CLI::App& app, int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--config" || word == "--socket") ++i;
        if (word.starts_with('-')) continue;
        const auto verbs = app.get_subcommands([](const CLI::App*) { return true; });
        const bool known =
            std::any_of(verbs.begin(), verbs.end(), [&](const CLI::App* verb) { return verb->get_name() == word; });
        return known ? "" : word;
    }
    return "";
}

int run(int argc, char** argv) {
    CLI::App app("Configures, watches and repairs imaparchd, the IMAP server for mail archives.", "imaparch-ctl");
    ctl::Globals globals;
    globals.config = config::default_config_file;
    ctl::Run verb;
    app.fallthrough();
    app.require_subcommand(1);
    app.set_version_flag("--version", "imaparch-ctl " IMAPARC_VERSION);
    app.add_option("--config", globals.config, "configuration file (default: " + globals.config + ")")
        ->type_name("FILE");
    app.add_option("--socket", globals.socket, "control socket (default: control.socket of the configuration)")
        ->type_name("PATH");
    app.add_flag("--json", globals.json, "JSON on standard output, for scripts");
    app.footer(
        "Exit codes: 0 done, 1 refused, failed or taken, 2 the command line makes no sense,\n"
        "3 the daemon is not reachable, 4 partly done.\n"
        "Data goes to standard output, talk to standard error.\n\n"
        "Example: imaparch-ctl status");
    ctl::add_config(app, globals, verb);
    ctl::add_port(app, globals, verb);
    ctl::add_interfaces(app, globals, verb);
    ctl::add_resync(app, globals, verb);
    ctl::add_status(app, globals, verb);
    ctl::add_index(app, globals, verb);
    ctl::add_user(app, globals, verb);
    try {
        app.parse(arguments(argc, argv));
    } catch (const CLI::ParseError& error) {
        if (const auto word = unknown_verb(app, argc, argv); !word.empty()) {
            ctl::say("imaparch-ctl: there is no verb \"" + word + "\"; imaparch-ctl --help lists them");
            return ctl::Exit::usage;
        }
        const bool asked = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);  // --help, --version
        app.exit(error);
        return asked ? ctl::Exit::done : ctl::Exit::usage;
    }
    const int code = verb();
    if (std::fflush(stdout) != 0) {
        ctl::say("imaparch-ctl: standard output cannot be written");
        return ctl::Exit::failed;
    }
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_DFL);  // `... | head` ends us, as people expect
    try {
        return run(argc, argv);
    } catch (const imaparc::Fault& fault) {
        return imaparc::ctl::say_error(fault.error());
    } catch (const std::exception& error) {
        imaparc::ctl::say(std::string("imaparch-ctl: ") + error.what());
        return imaparc::ctl::Exit::failed;
    }
}
