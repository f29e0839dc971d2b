// What the name of a message's file in a Maildir says (cr.yp.to/proto/maildir.html and what grew out of it):
// "1700000000.M1P2.host,S=12:2,RS".
//
// Any thread; pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/flags.h"

namespace imaparc::store {

// Without the flags: what stays when they change. A name without ":2," is unique as it is.
std::string_view unique_name(std::string_view file_name);

// S, R, F, D. T (\Deleted) is not an archive's; P (passed) and the letters a-z (Dovecot's keywords) have no IMAP name
// here.
FlagNames flags_of(std::string_view file_name);

// The seconds the name begins with, if they are such: digits up to the first dot.
std::optional<Seconds> date_in_name(std::string_view file_name);

}  // namespace imaparc::store
