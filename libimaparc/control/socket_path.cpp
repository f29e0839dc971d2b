#include "control/socket_path.h"

#include <sys/socket.h>

#include <cstring>

namespace imaparc::control {

Result<sockaddr_un> socket_address(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto& text = path.native();
    if (text.empty() || text.size() >= sizeof address.sun_path)
        return Error{ErrorKind::invalid, "control socket " + text + ": the path must have 1 to " +
                                             std::to_string(sizeof address.sun_path - 1) + " bytes"};
    std::memcpy(address.sun_path, text.data(), text.size());
    return address;
}

}  // namespace imaparc::control
