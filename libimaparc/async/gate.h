// For shutdown: lets nobody in once closed, and waits for those inside (Seastar's gate).
//
// enter() and close() from any thread; wait_empty() blocks.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>

namespace imaparc::async {

class Gate {
  public:
    // Being inside; leaves when destroyed.
    class Pass {
      public:
        explicit Pass(Gate* gate) : gate_(gate) {}
        Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
        Pass& operator=(Pass&& other) noexcept {
            std::swap(gate_, other.gate_);
            return *this;
        }
        ~Pass() {
            if (gate_) gate_->leave();
        }

      private:
        Gate* gate_;
    };

    std::optional<Pass> enter() {  // nullopt: closed
        std::lock_guard lock(mutex_);
        if (closed_) return std::nullopt;
        ++inside_;
        return Pass(this);
    }
    void close() {
        std::lock_guard lock(mutex_);
        closed_ = true;
    }
    bool closed() const {
        std::lock_guard lock(mutex_);
        return closed_;
    }
    std::size_t inside() const {
        std::lock_guard lock(mutex_);
        return inside_;
    }
    void wait_empty() {  // blocks; not from an io_context's thread
        std::unique_lock lock(mutex_);
        empty_.wait(lock, [this] { return inside_ == 0; });
    }

  private:
    void leave() {
        std::lock_guard lock(mutex_);
        if (--inside_ == 0) empty_.notify_all();
    }

    mutable std::mutex mutex_;
    std::condition_variable empty_;
    std::size_t inside_ = 0;
    bool closed_ = false;
};

}  // namespace imaparc::async
