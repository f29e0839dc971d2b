#include "base/error.h"

#include <cerrno>
#include <cstring>

namespace imaparc {

const char* to_string(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid:
            return "invalid";
        case ErrorKind::not_found:
            return "not_found";
        case ErrorKind::refused:
            return "refused";
        case ErrorKind::denied:
            return "denied";
        case ErrorKind::unavailable:
            return "unavailable";
        case ErrorKind::limit:
            return "limit";
        case ErrorKind::conflict:
            return "conflict";
        case ErrorKind::damaged:
            return "damaged";
        case ErrorKind::io:
            return "io";
    }
    return "unknown";
}

Error system_error(int number, const std::string& what) {
    ErrorKind kind = ErrorKind::io;
    if (number == ENOENT || number == ENOTDIR) kind = ErrorKind::not_found;
    if (number == EACCES || number == EPERM) kind = ErrorKind::denied;
    char buffer[128];
    return {kind, what + ": " + strerror_r(number, buffer, sizeof buffer)};
}

}  // namespace imaparc
