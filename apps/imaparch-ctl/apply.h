// Puts a changed configuration into force: the daemon validates and binds first, then the file is written under this
// user's rights, then the daemon switches. Whatever goes wrong before the file is written leaves both as they were.
//
// The program's one thread.
#pragma once

#include <string>

#include "commands.h"
#include "control/verbs.h"

namespace imaparc::ctl {

struct Applied {
    std::string daemon = "not_running";  // "running", "not_running", "other_file" (it was started with another one)
    std::vector<control::ConfigChange> changes;
    bool listener_restarted = false;
    bool restart_needed = false;  // some changes wait for the daemon's restart
};
BOOST_DESCRIBE_STRUCT(Applied, (), (daemon, changes, listener_restarted, restart_needed))

// What went wrong was said already; nullopt then.
std::optional<Applied> apply_config(const Globals& globals, const std::string& text);

}  // namespace imaparc::ctl
