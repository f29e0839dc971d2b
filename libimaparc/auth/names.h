// Names and passwords as RFC 8265 prepares them, so that "Änne" typed on any keyboard is one user, and that user's
// password one password. ASCII is done here; the rest (width, case, NFC, bidi, the code points of RFC 8264) by ICU.
//
// Any thread; pure functions.
#pragma once

#include <string>
#include <string_view>

#include "auth/secret.h"
#include "base/error.h"

namespace imaparc::auth {

inline constexpr std::size_t name_limit = 255;       // bytes, before and after preparation
inline constexpr std::size_t password_limit = 1024;  // bytes; bounds what an unauthenticated client makes us hash

// UsernameCaseMapped (RFC 8265 3.3): width-mapped, lower case, NFC. invalid: empty, too long, no UTF-8, or a character
// that RFC 8264's IdentifierClass disallows (controls, spaces, symbols, compatibility forms, unassigned).
Result<std::string> prepare_name(std::string_view name);

// OpaqueString (RFC 8265 4.2): spaces of any kind become U+0020, NFC. invalid: empty, too long, no UTF-8, a control
// character.
Result<Secret> prepare_password(std::string_view password);

}  // namespace imaparc::auth
