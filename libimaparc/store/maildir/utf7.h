// Modified UTF-7, the names IMAP servers give to Maildir++ directories (RFC 3501 5.1.3).
//
// Any thread; pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace imaparc::store {

// UTF-8; nullopt if it is no modified UTF-7 (8-bit bytes, control characters, bad base64, surrogates that do not pair).
// More lenient than encoding: characters that need no encoding may be encoded, leftover bits may be set.
std::optional<std::string> decode_utf7(std::string_view name);

// The one way to write a name; nullopt if it is no UTF-8.
std::optional<std::string> encode_utf7(std::string_view utf8);

}  // namespace imaparc::store
