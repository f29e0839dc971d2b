// The verbs of imaparch-ctl, a file each. A file adds its verb to the command line (CLI11 subcommand, options, an
// example in the help) and the function that does it; main runs the one that was asked for.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace imaparc::ctl {

// What scripts rely on; the manual and --help list them.
enum Exit : int {
    done = 0,
    failed = 1,     // refused, failed, taken
    usage = 2,      // the command line makes no sense
    no_daemon = 3,  // the daemon is not reachable, and this needs it
    partly_done = 4,
};

// What holds for every verb.
struct Globals {
    std::string config;  // --config
    std::string socket;  // --socket; "": as the configuration says
    bool json = false;   // --json: stdout is JSON for scripts, else tables for people
};

// Set by the verb that the command line names; main calls it after parsing.
using Run = std::function<int()>;

void add_config(CLI::App& app, const Globals& globals, Run& run);
void add_port(CLI::App& app, const Globals& globals, Run& run);
void add_interfaces(CLI::App& app, const Globals& globals, Run& run);
void add_resync(CLI::App& app, const Globals& globals, Run& run);
void add_status(CLI::App& app, const Globals& globals, Run& run);
void add_index(CLI::App& app, const Globals& globals, Run& run);
void add_user(CLI::App& app, const Globals& globals, Run& run);

}  // namespace imaparc::ctl
