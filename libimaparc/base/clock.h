// The seam to time. Rooms never ask the system themselves: a test ticks a twin (tests/helpers/fake_clock.h).
//
// now() from any thread.
#pragma once

#include <chrono>
#include <cstdint>

namespace imaparc {

using Seconds = std::int64_t;  // since 1970-01-01T00:00:00Z, leap seconds not counted; may be negative

class Clock {
  public:
    virtual ~Clock() = default;
    virtual Seconds now() const = 0;                                   // wall clock; may jump
    virtual std::chrono::steady_clock::time_point steady() const = 0;  // for durations; never jumps
};

class SystemClock : public Clock {
  public:
    Seconds now() const override;
    std::chrono::steady_clock::time_point steady() const override { return std::chrono::steady_clock::now(); }
};

// Local midnight of the day of `now` minus `months` calendar months, the day clamped to the month's end: what the
// window (max_months) calls the cut-off. months == 0: the least Seconds, so that everything is inside.
Seconds window_cutoff(Seconds now, unsigned months);

}  // namespace imaparc
