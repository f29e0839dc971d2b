// The bridge from coroutines to blocking trade work: a bounded pool of threads. The only place where such work leaves
// the io_context's threads, and so the place where its concurrency has its bound.
//
// run() from any coroutine; the coroutine resumes on its own executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace imaparc::async {

template <class T = void>
using Task = boost::asio::awaitable<T>;

class Workers {
  public:
    explicit Workers(unsigned threads) : pool_(threads) {}
    ~Workers() { stop(); }

    // The work's result; what it throws is thrown here. Work that has begun is not interrupted, nor by cancellation.
    // Give a closure that owns something (a string, a pointer) a name and move it in: GCC 12 destroys such a temporary
    // twice when it stands inside a co_await expression. Closures of references and numbers need no name.
    template <class Work>
    auto run(Work work) -> Task<decltype(work())> {
        using T = decltype(work());
        std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> result;
        // Both live in this coroutine's frame, which waits.
        auto do_it = [&work, &result] {
            if constexpr (std::is_void_v<T>) {
                work();
                result.emplace();
            } else {
                result.emplace(work());
            }
        };
        co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void(std::exception_ptr)>(
            [this](auto handler, auto work_here) {
                auto home = boost::asio::prefer(boost::asio::get_associated_executor(handler),
                                                boost::asio::execution::outstanding_work.tracked);
                boost::asio::post(pool_, [handler = std::move(handler), home, work_here]() mutable {
                    std::exception_ptr thrown;
                    try {
                        work_here();
                    } catch (...) {
                        thrown = std::current_exception();
                    }
                    boost::asio::post(home,
                                      [handler = std::move(handler), thrown]() mutable { std::move(handler)(thrown); });
                });
            },
            boost::asio::use_awaitable, do_it);
        if constexpr (!std::is_void_v<T>) co_return std::move(*result);
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
