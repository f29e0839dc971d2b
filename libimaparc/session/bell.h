// What others ask of a session: look at your mailbox, end. It is told from any thread and posts to the session's own.
//
// The bell outlives the session where a posted call still holds it; silence() makes it harmless.
#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "async/workers.h"
#include "net/stream.h"

namespace imaparc::session {

class Bell : public std::enable_shared_from_this<Bell> {
  public:
    explicit Bell(net::Stream& stream) : executor_(stream.executor()), stream_(&stream), timer_(executor_) {}

    // ---- any thread
    void news();                 // the mailbox may have changed; many in a row become one
    void end(std::string text);  // say `* BYE text` when the command under way is done
    void abort();                // close the connection

    // ---- the session's thread
    // Between the two, news() makes a waiting read return.
    void listen(bool listening) { listening_ = listening; }
    bool listening() const { return listening_; }
    bool take_news() { return std::exchange(news_, false); }
    bool ringing() const { return ending_ || (listening_ && news_); }
    const std::optional<std::string>& ending() const { return ending_; }
    async::Task<void> pause(std::chrono::milliseconds time);  // ended early by end() and abort()
    void silence() { stream_ = nullptr; }

  private:
    boost::asio::any_io_executor executor_;
    net::Stream* stream_;
    boost::asio::steady_timer timer_;
    std::atomic<bool> posted_{false};
    bool news_ = false, listening_ = false;
    std::optional<std::string> ending_;
};

}  // namespace imaparc::session
