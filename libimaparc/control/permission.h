// Who may use verbs that read mail; inside control only.
//
// may_read_mail asks the system's user database, which may block on a network: call it on a worker.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace imaparc::control {

// Root and the daemon's own user: everything.
bool is_master(uid_t uid);
// `readers` as control.readers has them: user names, @groups.
bool may_read_mail(uid_t uid, gid_t gid, const std::vector<std::string>& readers);

}  // namespace imaparc::control
