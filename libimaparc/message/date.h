// The Date field (RFC 5322 3.3, obsolete forms of 4.3 included).
//
// Any thread; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace imaparc::message {

struct SentDate {
    Seconds utc = 0;
    std::int32_t zone_minutes = 0;  // east of UTC
    bool operator==(const SentDate&) const = default;
};

// From an unfolded field body. nullopt for what names no moment: no day, month, year or time of day, or a day or hour
// that does not exist. The day's name is not held against the date. A missing, unknown, military or malformed zone
// counts as -0000 (4.3); two- and three-digit years as 4.3 says; dots between hours and minutes are seen and read.
std::optional<SentDate> parse_date(std::string_view body);

}  // namespace imaparc::message
