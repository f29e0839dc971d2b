#include "base/clock.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>
#include <limits>

using namespace imaparc;

namespace {

Seconds local(int year, int month, int day, int hour = 0, int minute = 0) {
    std::tm t{};
    t.tm_year = year - 1900;
    t.tm_mon = month - 1;
    t.tm_mday = day;
    t.tm_hour = hour;
    t.tm_min = minute;
    t.tm_isdst = -1;
    return std::mktime(&t);
}

struct Zone {
    explicit Zone(const char* name) {
        setenv("TZ", name, 1);
        tzset();
    }
    ~Zone() {
        unsetenv("TZ");
        tzset();
    }
};

}  // namespace

TEST_CASE("the window begins at local midnight, the same day some calendar months ago") {
    for (const char* name : {"UTC", "CET-1CEST,M3.5.0,M10.5.0/3", "<-11>11", "<+14>-14"}) {
        CAPTURE(name);
        Zone zone(name);
        CHECK(window_cutoff(local(2026, 11, 24, 13, 5), 12) == local(2025, 11, 24));
        CHECK(window_cutoff(local(2026, 11, 24, 0, 0), 12) == local(2025, 11, 24));
        CHECK(window_cutoff(local(2026, 11, 24, 23, 59), 1) == local(2026, 10, 24));
        CHECK(window_cutoff(local(2026, 1, 15), 13) == local(2024, 12, 15));
    }
}

TEST_CASE("a day that the month does not have is its last") {
    Zone zone("UTC");
    CHECK(window_cutoff(local(2026, 3, 31), 1) == local(2026, 2, 28));
    CHECK(window_cutoff(local(2024, 3, 31), 1) == local(2024, 2, 29));
    CHECK(window_cutoff(local(2024, 2, 29), 12) == local(2023, 2, 28));
    CHECK(window_cutoff(local(2026, 10, 31), 1) == local(2026, 9, 30));
}

TEST_CASE("no window, or one that reaches before the calendar, leaves everything in") {
    CHECK(window_cutoff(1700000000, 0) == std::numeric_limits<Seconds>::min());
    CHECK(window_cutoff(1700000000, 100000) == std::numeric_limits<Seconds>::min());
}
