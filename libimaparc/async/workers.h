// The bridge from coroutines to blocking trade work: a bounded pool of threads. The only place where such work leaves
// the io_context's threads, and so the place where its concurrency has its bound.
//
// run() from any coroutine; the coroutine resumes on its own executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace imaparc::async {

template <class T = void>
using Task = boost::asio::awaitable<T>;

class Workers {
  public:
    explicit Workers(unsigned threads) : pool_(threads) {}
    ~Workers() { stop(); }

    // The work's result; what it throws is thrown here. Work that has begun is not interrupted.
    template <class Work>
    auto run(Work work) -> Task<decltype(work())> {
        using T = decltype(work());
        co_return co_await boost::asio::co_spawn(
            pool_, [work = std::move(work)]() mutable -> Task<T> { co_return work(); }, boost::asio::use_awaitable);
    }

    boost::asio::thread_pool::executor_type executor() { return pool_.executor(); }
    void stop() {  // lets begun work end, begins no more
        pool_.stop();
        pool_.join();
    }

  private:
    boost::asio::thread_pool pool_;
};

}  // namespace imaparc::async
