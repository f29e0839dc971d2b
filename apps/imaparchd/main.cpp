// imaparchd: command line, configuration, run, exit code. See imaparchd(8).
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

#include "config/load.h"
#include "service.h"
#include "signals.h"

namespace {

constexpr int failed = 1;
constexpr int usage = 2;

int run(const std::string& file, bool check_only) {
    using namespace imaparc;
    const auto settings = daemon::load_settings(file);
    if (!settings) {
        std::cerr << settings.error().text << '\n';
        return failed;
    }
    if (check_only) {
        std::cerr << file << ": valid\n";
        return 0;
    }
    daemon::block_signals();
    SystemClock clock;
    Log log(settings->log.level, settings->log.format);
    daemon::Service service(file, IMAPARC_VERSION, *settings, clock, log);
    if (const auto started = service.start(); !started) {
        std::cerr << "imaparchd: " << started.error().text << '\n';
        return failed;
    }
    while (daemon::wait_for_signal() == daemon::Signal::reload) service.reload();
    service.stop();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Read-only IMAP access to mail archives. Runs in the foreground; SIGTERM stops, SIGHUP reloads.");
    std::string file;
    bool check_only = false;
    app.add_option("--config", file, "the configuration, imaparchd.toml(5)")->required()->type_name("FILE");
    app.add_flag("--check", check_only, "validate the configuration and end");
    app.set_version_flag("--version", "imaparchd " IMAPARC_VERSION);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return code == 0 ? 0 : usage;
    }
    try {
        return run(file, check_only);
    } catch (const std::exception& error) {
        std::cerr << "imaparchd: " << error.what() << '\n';
        return failed;
    }
}
