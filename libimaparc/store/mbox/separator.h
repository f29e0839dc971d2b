// The line that separates the messages of an mbox: "From ann@example.org Sat Jan  3 01:05:34 1996" (RFC 4155).
//
// Any thread; pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace imaparc::store {

// The date of such a line, taken as UTC where it names no zone; nullopt: it is none. Tolerant of what has been written
// over the years: no sender, senders with spaces, no seconds, zones before or behind the year, RFC 5322 dates. A line
// of text that only begins with "From " has no month, time and year in it.
std::optional<Seconds> separator_date(std::string_view line);

}  // namespace imaparc::store
