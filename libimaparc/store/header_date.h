// When a message was received or written, from its header: for stores whose option `date` asks for it.
//
// Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"

namespace imaparc::store {

// RFC 5322 3.3 date-time, and the obsolete forms (4.3): two-digit years, zone names, comments, seconds or the day's
// name missing. A zone that is missing or unknown is UTC. nullopt if it is no date or no such day exists.
std::optional<Seconds> parse_date_time(std::string_view text);

// Of the topmost Received field (what follows its last ';'), or of the first Date field. `header` is the message's
// beginning; the search ends at its empty line or where it was cut.
std::optional<Seconds> received_date(std::string_view header);
std::optional<Seconds> sent_date(std::string_view header);

// A file's beginning up to the empty line, or as much of it as is worth looking at for a date. io.
Result<std::string> read_header(const File& file);

}  // namespace imaparc::store
