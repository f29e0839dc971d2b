#include "auth/sasl/mechanisms.h"

#include <botan/base64.h>
#include <botan/exceptn.h>

#include "auth/names.h"
#include "base/text.h"

namespace imaparc::auth {

Result<Secret> decode_line(std::string_view line) {
    if (line.size() > sasl_line_limit)
        return Error{ErrorKind::invalid, "line longer than " + std::to_string(sasl_line_limit) + " bytes"};
    // Botan takes unpadded text as well; RFC 4648 3.2 wants it padded.
    if (line.size() % 4 != 0) return Error{ErrorKind::invalid, "not base64"};
    try {
        const auto bytes = Botan::base64_decode(line.data(), line.size(), false);
        return Secret({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    } catch (const Botan::Exception&) {
        return Error{ErrorKind::invalid, "not base64"};
    }
}

SaslStep challenge(std::string_view text) {
    SaslStep step;
    step.kind = SaslStep::Kind::challenge;
    step.challenge = Botan::base64_encode(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    return step;
}

SaslStep failed(ErrorKind kind, std::string_view text) {
    SaslStep step;
    step.kind = SaslStep::Kind::failed;
    step.error = {kind, std::string(text)};
    return step;
}

SaslStep cancelled() {
    SaslStep step;
    step.kind = SaslStep::Kind::cancelled;
    step.error = {ErrorKind::refused, "authentication cancelled"};
    return step;
}

SaslStep done(std::string_view name, std::string_view password) {
    if (name.empty() || password.empty()) return failed(ErrorKind::invalid, "name and password must not be empty");
    if (name.size() > name_limit || password.size() > password_limit)
        return failed(ErrorKind::refused, "name or password is too long");
    if (!valid_utf8(name) || name.find('\0') != std::string_view::npos || password.find('\0') != std::string_view::npos)
        return failed(ErrorKind::invalid, "name and password must be UTF-8 without NUL");
    SaslStep step;
    step.kind = SaslStep::Kind::done;
    step.credentials.user = std::string(name);
    step.credentials.password = Secret(password);
    return step;
}

}  // namespace imaparc::auth
