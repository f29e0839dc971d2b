// SORT (RFC 5256): what to order messages by, and the order.
//
// Any thread; values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "message/summary.h"
#include "search/collation.h"

namespace imaparc::search {

struct SortKey {
    enum class By : std::uint8_t {
        arrival,
        cc,
        date,
        from,
        size,
        subject,
        to,
        display_from,
        display_to,  // RFC 5957
        relevancy,   // RFC 6203
    };
    By by = By::arrival;
    bool reverse = false;
    bool operator==(const SortKey&) const = default;
};

}  // namespace imaparc::search
