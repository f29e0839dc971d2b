#include "session/bell.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

namespace imaparc::session {

void Bell::news() {
    if (posted_.exchange(true)) return;
    boost::asio::post(executor_, [self = shared_from_this()] {
        self->posted_ = false;
        self->news_ = true;
        if (self->stream_ && self->listening_) self->stream_->interrupt();
    });
}

void Bell::end(std::string text) {
    boost::asio::post(executor_, [self = shared_from_this(), text = std::move(text)] {
        if (!self->ending_) self->ending_ = text;
        self->timer_.cancel();
        if (self->stream_) self->stream_->interrupt();
    });
}

void Bell::abort() {
    boost::asio::post(executor_, [self = shared_from_this()] {
        if (!self->ending_) self->ending_ = "closing";
        self->timer_.cancel();
        if (self->stream_) self->stream_->close();
    });
}

async::Task<void> Bell::pause(std::chrono::milliseconds time) {
    if (ending_) co_return;
    boost::system::error_code cut_short;  // end() cancels: whoever pauses looks at ending() anyway
    timer_.expires_after(time);
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cut_short));
}

}  // namespace imaparc::session
