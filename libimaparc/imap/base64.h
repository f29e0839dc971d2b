// BASE64 (RFC 4648 4) as SASL exchanges carry it on one line.
//
// Any thread; pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace imaparc::imap {

std::string encode_base64(std::string_view bytes);
// nullopt: a foreign character, wrong padding, bits left over.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace imaparc::imap
