// Details in the background: owners take turns, a slice each.
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "sync/inside.h"

namespace imaparc::sync {

namespace {

constexpr auto slice = std::chrono::milliseconds(100);

}  // namespace

void Engine::Inside::want_details(Slot& slot, const std::vector<std::string>& grown, bool everything, bool survey) {
    if (options().details_at_once == 0) return;
    slot.grown.insert(slot.grown.end(), grown.begin(), grown.end());
    slot.details_everything = slot.details_everything || everything;
    slot.start_details = slot.start_details || survey || everything;
    if (slot.details_queued) return;
    slot.details_queued = true;
    {
        std::lock_guard lock(mutex_);
        slot.details_open = true;
    }
    details_queue_.push_back(&slot);
    if (details_idle_.empty()) return;
    details_idle_.back()->cancel();
    details_idle_.pop_back();
}

async::Task<> Engine::Inside::read_details() {
    while (!stopping()) {
        if (details_queue_.empty()) {
            auto idle =
                std::make_shared<boost::asio::steady_timer>(strand_, boost::asio::steady_timer::time_point::max());
            details_idle_.push_back(idle);
            boost::system::error_code ignored;  // never expires: cancelled when there is work, or at the end
            co_await idle->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
            continue;
        }
        Slot& slot = *details_queue_.front();
        details_queue_.pop_front();
        if (!slot.ingest)
            slot.ingest = std::make_unique<Ingest>(archive_, index_, clock_, metrics_, stopping_, slot.name);
        if (slot.start_details) slot.ingest->start(slot.details_everything);
        slot.ingest->prefer(slot.grown);
        slot.start_details = slot.details_everything = false;
        slot.grown.clear();

        Ingest::Slice done;
        const auto began = clock_.steady();
        const auto before = slot.details_done;
        try {
            done = co_await workers_.run([&slot] { return slot.ingest->work(slice); });
        } catch (const std::exception& error) {
            done = {};
            done.trouble = error.what();
        }
        if (stopping()) co_return;
        const double seconds = std::chrono::duration<double>(clock_.steady() - began).count();
        Progress progress;
        progress.owner = slot.name;
        progress.phase = SyncPhase::details;
        progress.messages_done = done.done;
        progress.messages_total = done.total;
        if (seconds > 0 && done.done > before) slot.details_rate = static_cast<double>(done.done - before) / seconds;
        progress.rate = slot.details_rate;
        slot.details_done = done.done;
        if (done.more || slot.start_details || !slot.grown.empty()) {
            if (done.total >= 1000) show(progress, false);
            details_queue_.push_back(&slot);
            continue;
        }
        slot.details_queued = false;
        slot.details_done = 0;
        slot.ingest.reset();
        {
            std::lock_guard lock(mutex_);
            slot.details_open = false;
        }
        if (!done.trouble.empty())
            log_.warning("sync_details_failed", {{"owner", slot.name}, {"reason", done.trouble}});
        else if (done.total > 1 || done.unreadable > 0)
            log_.info("sync_details_finished",
                      {{"owner", slot.name}, {"messages", done.done}, {"unreadable", done.unreadable}});
        if (slot.running) continue;  // its round shows how far it is
        progress.phase = SyncPhase::idle;
        show(progress, true);
    }
}

}  // namespace imaparc::sync
