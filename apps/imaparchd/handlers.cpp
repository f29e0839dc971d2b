#include "handlers.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "control/index_listing.h"
#include "service.h"
#include "status.h"

namespace imaparc::daemon {

namespace {

constexpr std::chrono::milliseconds progress_interval(250);

control::ResyncProgress progress_of(Service& service) {
    control::ResyncProgress progress;
    const auto status = service.engine().status();
    progress.owners_total = status.owners;
    for (const auto& one : service.board().all()) {
        if (one.phase == SyncPhase::idle) {
            ++progress.owners_done;
        } else if (progress.owners.size() < 20) {
            progress.owners.push_back(owner_status(one, ""));
        }
    }
    return progress;
}

control::ResyncAnswer answer_of(const sync::ResyncReport& report) {
    control::ResyncAnswer answer;
    answer.finished = true;
    answer.owners = report.owners;
    answer.added = report.added;
    answer.removed = report.removed;
    answer.returned = report.returned;
    for (const auto& refusal : report.refusals) answer.failures.push_back({"", refusal});
    return answer;
}

}  // namespace

async::Task<Result<control::StatusAnswer>> ControlHandlers::status(control::Caller, control::StatusRequest) {
    const auto inputs = service_.status_inputs();
    co_return co_await service_.workers().run([&] { return status_answer(inputs); });
}

async::Task<Result<control::ResyncAnswer>> ControlHandlers::resync(control::Caller, control::ResyncRequest request,
                                                                   control::SendProgress send) {
    const auto ticket = service_.engine().request({request.user, request.store, request.accept_removals});
    // What is wrong with the request itself (no such user) is known after a moment, which everybody waits for.
    const auto moment = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    bool listening = true;
    while (!ticket.done() && (request.wait || std::chrono::steady_clock::now() < moment)) {
        timer.expires_after(request.wait ? progress_interval : progress_interval / 10);
        co_await timer.async_wait(boost::asio::use_awaitable);
        if (request.wait && !ticket.done()) listening = co_await send(progress_of(service_));
        if (!listening) break;  // the caller is gone; the work goes on
    }
    if (!ticket.done()) co_return control::ResyncAnswer{};
    const auto report = ticket.get();
    if (!report) co_return report.error();
    co_return answer_of(*report);
}

async::Task<Result<control::IndexUsersAnswer>> ControlHandlers::index_users(control::Caller,
                                                                            control::IndexUsersRequest request) {
    co_return co_await service_.workers().run([&] { return control::list(service_.index(), request); });
}

async::Task<Result<control::IndexFoldersAnswer>> ControlHandlers::index_folders(control::Caller,
                                                                                control::IndexFoldersRequest request) {
    co_return co_await service_.workers().run([&] { return control::list(service_.index(), request); });
}

async::Task<Result<control::IndexMessagesAnswer>> ControlHandlers::index_messages(
    control::Caller, control::IndexMessagesRequest request) {
    co_return co_await service_.workers().run([&] { return control::list(service_.index(), request); });
}

async::Task<Result<control::IndexStatsAnswer>> ControlHandlers::index_stats(control::Caller,
                                                                            control::IndexStatsRequest request) {
    co_return co_await service_.workers().run([&] { return control::list(service_.index(), request); });
}

async::Task<Result<control::IndexCheckAnswer>> ControlHandlers::index_check(control::Caller,
                                                                            control::IndexCheckRequest request) {
    co_return co_await service_.workers().run([&] { return control::list(service_.index(), request); });
}

async::Task<Result<control::ConfigPrepareAnswer>> ControlHandlers::config_prepare(
    control::Caller caller, control::ConfigPrepareRequest request) {
    co_return service_.prepare(caller, request.path, request.text);
}

async::Task<Result<control::ConfigSwitchAnswer>> ControlHandlers::config_switch(control::Caller,
                                                                                control::ConfigSwitchRequest request) {
    co_return service_.switch_to(request.token);
}

async::Task<Result<control::ConfigAbortAnswer>> ControlHandlers::config_abort(control::Caller,
                                                                              control::ConfigAbortRequest request) {
    if (auto aborted = service_.abort(request.token); !aborted) co_return aborted.error();
    co_return control::ConfigAbortAnswer{};
}

async::Task<Result<control::ConfigReloadAnswer>> ControlHandlers::config_reload(control::Caller,
                                                                                control::ConfigReloadRequest) {
    co_return service_.apply_file();
}

void ControlHandlers::disconnected(control::Caller caller) { service_.drop_prepared_of(caller.connection); }

}  // namespace imaparc::daemon
