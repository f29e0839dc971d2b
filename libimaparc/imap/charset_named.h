// Whether a SEARCH or UID SEARCH names a charset, which a client that enabled UTF8=ACCEPT must not (RFC 6855 3).
//
// Any thread; a pure function.
#pragma once

#include <string_view>

namespace imaparc::imap {

// `text` as parse_request() takes it. False for any other command, and for what is none.
bool charset_named(std::string_view text);

}  // namespace imaparc::imap
