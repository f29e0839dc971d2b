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
        return std::chrono::steady_clock::time_point(std::chrono::milliseconds(millis_));
    }
    void set(Seconds now) { now_ = now; }
    void advance(std::chrono::milliseconds by) {
        millis_ += by.count();
        now_ = now_ + by.count() / 1000;
    }

  private:
    std::atomic<Seconds> now_;
    std::atomic<std::int64_t> millis_{1000000};
};

}  // namespace imaparc::test
