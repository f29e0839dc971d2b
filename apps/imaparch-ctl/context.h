// What several verbs need: the configuration, the daemon.
//
// The program's one thread.
#pragma once

#include <optional>
#include <string>

#include "commands.h"
#include "config/load.h"
#include "control/client.h"

namespace imaparc::ctl {

// The configuration file's text; "" if there is none.
Result<std::string> config_text(const Globals& globals);
// Its settings, as far as this machine need not be asked; on problems they are shown and nullopt comes back. A missing
// file is a problem unless `missing_is_default`.
enum class Missing { is_a_problem, is_default };
std::optional<config::Settings> settings(const Globals& globals, Missing missing = Missing::is_a_problem);
void show_problems(const config::Loaded& loaded);

// Where the daemon's socket is: --socket, or as the file says. The file need not be right for that.
std::string socket_path(const Globals& globals);
// Errors as control::Client::connect: not_found is "no daemon".
Result<control::Client> connect(const Globals& globals);
// For verbs that are nothing without the daemon: says so, and the exit code.
int say_not_reachable(const Globals& globals, const Error& error);

}  // namespace imaparc::ctl
