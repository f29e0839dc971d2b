#include "session/responder.h"

#include <boost/asio/post.hpp>

namespace imaparc::session {

async::Task<void> Responder::room() {
    if (out_.size() < piece_) co_return;
    co_await flush();
    co_await give_way();
}

// A client that takes everything at once would keep this thread for itself.
async::Task<void> Responder::give_way() { co_await boost::asio::post(stream_.executor(), boost::asio::use_awaitable); }

async::Task<void> Responder::flush() {
    if (out_.empty()) co_return;
    const Result<void> written = co_await stream_.write(out_, timeout_);
    if (!written) throw Disconnected{written.error()};
    metrics_.bytes_out_total += out_.size();
    out_.clear();
}

async::Task<void> Responder::write(std::string_view bytes) {
    co_await flush();
    const Result<void> written = co_await stream_.write(bytes, timeout_);
    if (!written) throw Disconnected{written.error()};
    metrics_.bytes_out_total += bytes.size();
    co_await give_way();
}

void Responder::release() {
    if (out_.empty())
        out_ = std::string();
    else
        out_.shrink_to_fit();
}

}  // namespace imaparc::session
