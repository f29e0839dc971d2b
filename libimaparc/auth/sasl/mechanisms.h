// The mechanisms' makers and what they share; inside auth/sasl only.
#pragma once

#include <memory>
#include <string_view>

#include "auth/sasl/sasl.h"

namespace imaparc::auth {

std::unique_ptr<SaslExchange> make_plain();
std::unique_ptr<SaslExchange> make_login();

// A client's line in base64 (RFC 4648 section 4: padded, nothing else in it); "" is empty. invalid otherwise.
Result<Secret> decode_line(std::string_view line);

SaslStep challenge(std::string_view text);  // encodes
SaslStep failed(ErrorKind kind, std::string_view text);
SaslStep cancelled();
// `name` must be UTF-8 without NUL and, like the password, not empty.
SaslStep done(std::string_view name, std::string_view password);

}  // namespace imaparc::auth
