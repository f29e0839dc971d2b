// The twin in memory of net::Stream: the session gets a PipeStream, the test keeps the PipeEnd, the client's end.
//
//     auto [stream, end] = test::make_pipe(io);
//     end->send("a1 NOOP\r\n");                    // one segment: one read() gets it, or less
//     end->send_split("a2 LOGOUT\r\n", 1);         // one byte a segment
//     test::run_until(io, [&] { return end->written().find("a2 OK") != std::string::npos; });
//     end->take();                                 // what the server wrote since the last take()
//
// A read() never crosses a segment, so a test decides where the bytes are cut. Timeouts are real timers; a test that
// does not want to wait for one calls let_time_out().
//
// The stream belongs to the io_context's thread (one thread); PipeEnd may be used from any thread.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstring>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/stream.h"

namespace imaparc::test {

struct PipeOptions {
    std::string remote_address = "192.0.2.1";
    bool tls = false;     // start_tls() succeeds
    bool secure = false;  // TLS is up from the start
    // How much the client's side takes before it makes the server wait (a slow client): bytes written and not yet
    // taken with take().
    std::size_t window = std::numeric_limits<std::size_t>::max();
};

class PipeEnd {
  public:
    PipeEnd(boost::asio::io_context& io, PipeOptions options)
        : io_(io), options_(std::move(options)), reading_(io), writing_(io), secure_(options_.secure) {}

    // ---- the client's side
    void send(std::string_view bytes) {
        if (bytes.empty()) return;
        std::lock_guard lock(mutex_);
        segments_.emplace_back(bytes);
        wake(reading_);
    }
    // In segments of at most `piece` bytes.
    void send_split(std::string_view bytes, std::size_t piece) {
        std::lock_guard lock(mutex_);
        for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
            segments_.emplace_back(bytes.substr(0, piece));
        wake(reading_);
    }
    // Says that nothing more comes; the server reads what was sent, then 0.
    void finish() {
        std::lock_guard lock(mutex_);
        finished_ = true;
        wake(reading_);
    }
    // The connection breaks: reading and writing fail, what was not read is lost.
    void reset() {
        std::lock_guard lock(mutex_);
        reset_ = true;
        segments_.clear();
        wake(reading_);
        wake(writing_);
    }
    // What the server wrote since the last take(); opens the window again.
    std::string take() {
        std::lock_guard lock(mutex_);
        std::string bytes = written_.substr(taken_);
        taken_ = written_.size();
        wake(writing_);
        return bytes;
    }
    // Everything the server ever wrote.
    std::string written() const {
        std::lock_guard lock(mutex_);
        return written_;
    }
    // The sizes of its write() calls.
    std::vector<std::size_t> writes() const {
        std::lock_guard lock(mutex_);
        return writes_;
    }
    // Bytes sent that the server has not read yet.
    std::size_t unread() const {
        std::lock_guard lock(mutex_);
        std::size_t total = 0;
        for (const auto& segment : segments_) total += segment.size();
        return total;
    }
    bool closed() const {  // by the server
        std::lock_guard lock(mutex_);
        return closed_;
    }
    bool secure() const {
        std::lock_guard lock(mutex_);
        return secure_;
    }
    bool reader_waits() const {
        std::lock_guard lock(mutex_);
        return reader_waits_;
    }
    bool writer_waits() const {
        std::lock_guard lock(mutex_);
        return writer_waits_;
    }
    // The server's waiting read(), readable() or write() times out now.
    void let_time_out() {
        std::lock_guard lock(mutex_);
        timed_out_ = true;
        wake(reading_);
        wake(writing_);
    }

  private:
    friend class PipeStream;

    void wake(boost::asio::steady_timer& timer) {
        boost::asio::post(io_, [self = alive_.lock(), &timer] {
            if (self) timer.cancel();
        });
    }

    boost::asio::io_context& io_;
    const PipeOptions options_;
    std::weak_ptr<PipeEnd> alive_;
    mutable std::mutex mutex_;
    boost::asio::steady_timer reading_, writing_;
    std::deque<std::string> segments_;
    std::string written_;
    std::size_t taken_ = 0;
    std::vector<std::size_t> writes_;
    bool secure_;
    bool finished_ = false, reset_ = false, closed_ = false, interrupted_ = false, timed_out_ = false;
    bool reader_waits_ = false, writer_waits_ = false;

    friend std::pair<std::unique_ptr<net::Stream>, std::shared_ptr<PipeEnd>> make_pipe(boost::asio::io_context&,
                                                                                       PipeOptions);
};

class PipeStream : public net::Stream {
  public:
    explicit PipeStream(std::shared_ptr<PipeEnd> end) : end_(std::move(end)) {}
    ~PipeStream() override { close(); }

    async::Task<Result<std::size_t>> read(std::span<char> buffer, std::chrono::milliseconds timeout) override {
        auto waited = co_await wait_to_read(timeout);
        if (!waited) co_return waited.error();
        std::lock_guard lock(end_->mutex_);
        if (end_->segments_.empty()) co_return std::size_t{0};
        auto& segment = end_->segments_.front();
        const auto n = std::min(segment.size(), buffer.size());
        std::memcpy(buffer.data(), segment.data(), n);
        segment.erase(0, n);
        if (segment.empty()) end_->segments_.pop_front();
        co_return n;
    }

    async::Task<Result<bool>> readable(std::chrono::milliseconds timeout) override {
        auto waited = co_await wait_to_read(timeout);
        if (waited) co_return true;
        if (waited.error().kind == ErrorKind::limit && waited.error().text == "timeout") co_return false;
        co_return waited.error();
    }

    async::Task<Result<void>> write(std::string_view bytes, std::chrono::milliseconds timeout) override {
        bool counted = false;
        for (;;) {
            {
                std::lock_guard lock(end_->mutex_);
                if (end_->closed_) co_return Error{ErrorKind::io, "closed"};
                if (end_->reset_) co_return Error{ErrorKind::io, "connection reset by peer"};
                if (!std::exchange(counted, true)) end_->writes_.push_back(bytes.size());
                const auto waiting = end_->written_.size() - end_->taken_;
                const auto room = end_->options_.window - std::min(end_->options_.window, waiting);
                const auto n = std::min(room, bytes.size());
                end_->written_.append(bytes.substr(0, n));
                bytes.remove_prefix(n);
                if (bytes.empty()) co_return Result<void>{};
                end_->writer_waits_ = true;
            }
            const bool expired = co_await sleep(end_->writing_, timeout);
            std::lock_guard lock(end_->mutex_);
            end_->writer_waits_ = false;
            if (expired || std::exchange(end_->timed_out_, false)) co_return Error{ErrorKind::limit, "timeout"};
        }
    }

    void interrupt() override {
        std::lock_guard lock(end_->mutex_);
        if (!end_->reader_waits_) return;
        end_->interrupted_ = true;
        end_->reading_.cancel();
    }

    async::Task<Result<void>> start_tls(std::chrono::milliseconds) override {
        if (!can_start_tls()) co_return Error{ErrorKind::refused, "TLS is off"};
        std::lock_guard lock(end_->mutex_);
        end_->secure_ = true;
        co_return Result<void>{};
    }

    void close() override {
        std::lock_guard lock(end_->mutex_);
        end_->closed_ = true;
        end_->reading_.cancel();
        end_->writing_.cancel();
    }

    bool secure() const override { return end_->secure(); }
    bool can_start_tls() const override { return end_->options_.tls && !end_->secure(); }
    std::string remote_address() const override { return end_->options_.remote_address; }
    std::string describe() const override {
        return end_->options_.remote_address + ":49152" + (secure() ? " TLS (in memory)" : "");
    }
    boost::asio::any_io_executor executor() override { return end_->io_.get_executor(); }

  private:
    // Until there are bytes, or the end of them.
    async::Task<Result<void>> wait_to_read(std::chrono::milliseconds timeout) {
        const auto deadline = std::chrono::steady_clock::now() + timeout;
        for (;;) {
            {
                std::lock_guard lock(end_->mutex_);
                if (end_->closed_) co_return Error{ErrorKind::io, "closed"};
                if (end_->reset_) co_return Error{ErrorKind::io, "connection reset by peer"};
                if (std::exchange(end_->interrupted_, false)) co_return Error{ErrorKind::limit, "interrupted"};
                if (!end_->segments_.empty() || end_->finished_) co_return Result<void>{};
                if (std::exchange(end_->timed_out_, false)) co_return Error{ErrorKind::limit, "timeout"};
                end_->reader_waits_ = true;
            }
            const bool expired = co_await sleep(end_->reading_, std::chrono::ceil<std::chrono::milliseconds>(
                                                                    deadline - std::chrono::steady_clock::now()));
            std::lock_guard lock(end_->mutex_);
            end_->reader_waits_ = false;
            if (expired && end_->segments_.empty() && !end_->finished_) co_return Error{ErrorKind::limit, "timeout"};
        }
    }

    static async::Task<bool> sleep(boost::asio::steady_timer& timer, std::chrono::milliseconds time) {
        boost::system::error_code code;
        timer.expires_after(time);
        co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, code));
        co_return !code;
    }

    std::shared_ptr<PipeEnd> end_;
};

inline std::pair<std::unique_ptr<net::Stream>, std::shared_ptr<PipeEnd>> make_pipe(boost::asio::io_context& io,
                                                                                   PipeOptions options = {}) {
    auto end = std::make_shared<PipeEnd>(io, std::move(options));
    end->alive_ = end;
    return {std::make_unique<PipeStream>(end), end};
}

// Runs the io_context until `done`; false if that does not come true within `limit`.
inline bool run_until(boost::asio::io_context& io, const std::function<bool()>& done,
                      std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!done()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        if (io.stopped()) io.restart();
        if (io.run_one_until(deadline) == 0 && !done()) return false;  // nothing left that could make it true
    }
    return true;
}

}  // namespace imaparc::test
