// A clock that ticks when told.
#pragma once

#include <atomic>

#include "base/clock.h"

namespace imaparc::test {

class FakeClock : public Clock {
  public:
    explicit FakeClock(Seconds start = 1700000000) : now_(start) {}
    Seconds now() const override { return now_; }
    std::chrono::steady_clock::time_point steady() const override {
        millis_ += each_look_;
        return std::chrono::steady_clock::time_point(std::chrono::milliseconds(millis_));
    }
    // So much time passes between two looks at it.
    void each_look(std::chrono::milliseconds by) { each_look_ = by.count(); }
    void set(Seconds now) { now_ = now; }
    void advance(std::chrono::milliseconds by) {
        millis_ += by.count();
        now_ = now_ + by.count() / 1000;
    }

  private:
    std::atomic<Seconds> now_;
    mutable std::atomic<std::int64_t> millis_{1000000};
    std::atomic<std::int64_t> each_look_{0};
};

}  // namespace imaparc::test
