// What server and client share about the socket's path; inside control only.
#pragma once

#include <sys/un.h>

#include <filesystem>

#include "base/error.h"

namespace imaparc::control {

// invalid: longer than the system takes.
Result<sockaddr_un> socket_address(const std::filesystem::path& path);

}  // namespace imaparc::control
