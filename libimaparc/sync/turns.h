// Takes turns: at most so many coroutines inside, the others wait in a queue. This is what makes slices of a huge owner
// alternate with those of small ones.
//
// All of it on one strand.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <memory>
#include <utility>

#include "async/workers.h"

namespace imaparc::sync {

class Turns {
  public:
    class Turn {
      public:
        explicit Turn(Turns* turns) : turns_(turns) {}
        Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn() {
            if (turns_) turns_->leave();
        }

      private:
        Turns* turns_;
    };

    Turns(boost::asio::any_io_executor strand, unsigned at_once) : strand_(std::move(strand)), free_(at_once) {}

    async::Task<Turn> enter() {
        if (free_ > 0) {
            --free_;
            co_return Turn(this);
        }
        auto called =
            std::make_shared<boost::asio::steady_timer>(strand_, boost::asio::steady_timer::time_point::max());
        queue_.push_back(called);
        boost::system::error_code ignored;  // the timer never expires: it is cancelled when the turn comes
        co_await called->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
        co_return Turn(this);  // the one who left passed the place on
    }

  private:
    void leave() {
        if (queue_.empty()) {
            ++free_;
            return;
        }
        const auto next = queue_.front();
        queue_.pop_front();
        next->cancel();
    }

    boost::asio::any_io_executor strand_;
    unsigned free_;
    std::deque<std::shared_ptr<boost::asio::steady_timer>> queue_;
};

}  // namespace imaparc::sync
