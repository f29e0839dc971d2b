#include "sync/ticket.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

namespace imaparc::sync {

void Ticket::State::finish(Result<ResyncReport> with) {
    std::vector<Listener> told;
    {
        std::lock_guard lock(mutex);
        if (result) return;
        result.emplace(std::move(with));
        told.swap(listeners);
    }
    changed.notify_all();
    for (const auto& listener : told) listener(*result);
}

bool Ticket::done() const {
    std::lock_guard lock(state_->mutex);
    return state_->result.has_value();
}

void Ticket::then(Listener listener) const {
    {
        std::lock_guard lock(state_->mutex);
        if (!state_->result) {
            state_->listeners.push_back(std::move(listener));
            return;
        }
    }
    listener(*state_->result);
}

async::Task<Result<ResyncReport>> Ticket::finished() const {
    const auto state = state_;
    co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void()>(
        [state](auto handler) {
            auto shared = std::make_shared<decltype(handler)>(std::move(handler));
            Ticket(state).then([shared](const Result<ResyncReport>&) {
                const auto executor = boost::asio::get_associated_executor(*shared);
                boost::asio::post(executor, [shared] { std::move (*shared)(); });
            });
        },
        boost::asio::use_awaitable);
    co_return *state->result;
}

Result<ResyncReport> Ticket::get() const {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [this] { return state_->result.has_value(); });
    return *state_->result;
}

}  // namespace imaparc::sync
