// Passwords from a person or a script.
//
// The program's one thread.
#pragma once

#include "auth/secret.h"
#include "base/error.h"

namespace imaparc::ctl {

// The first line of standard input, without its line end.
Result<auth::Secret> password_from_stdin();
// Asked twice on the terminal, unseen. refused: there is no terminal, or the two differ.
Result<auth::Secret> password_from_terminal(const std::string& user);

}  // namespace imaparc::ctl
