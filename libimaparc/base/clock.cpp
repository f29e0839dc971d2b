#include "base/clock.h"

#include <algorithm>
#include <ctime>
#include <limits>

namespace imaparc {

Seconds SystemClock::now() const { return std::time(nullptr); }

Seconds window_cutoff(Seconds now, unsigned months) {
    if (months == 0) return std::numeric_limits<Seconds>::min();
    const std::time_t t = now;
    std::tm local{};
    localtime_r(&t, &local);
    const std::int64_t total = (static_cast<std::int64_t>(local.tm_year) + 1900) * 12 + local.tm_mon - months;
    if (total < 12) return std::numeric_limits<Seconds>::min();  // before year 1
    using namespace std::chrono;
    const year_month target{year{static_cast<int>(total / 12)}, month{static_cast<unsigned>(total % 12) + 1}};
    const unsigned last = static_cast<unsigned>(year_month_day_last{target / std::chrono::last}.day());
    std::tm start{};
    start.tm_year = static_cast<int>(total / 12) - 1900;
    start.tm_mon = static_cast<int>(total % 12);
    start.tm_mday = std::min(local.tm_mday, static_cast<int>(last));
    start.tm_isdst = -1;
    return std::mktime(&start);
}

}  // namespace imaparc
