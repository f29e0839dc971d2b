#include "sync/watch.h"

#include <sys/inotify.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace imaparc::sync {

namespace {

// A message arrives by a name that appears (Maildir: link or rename) or by a file that is closed after writing (eml,
// mbox).
constexpr std::uint32_t interesting = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE |
                                      IN_DELETE_SELF | IN_MOVE_SELF | IN_EXCL_UNLINK;

}  // namespace

Watch::Watch(boost::asio::any_io_executor strand, std::size_t limit, Log& log,
             std::function<void(const Watched*)> happened)
    : limit_(limit), log_(log), happened_(std::move(happened)), stream_(strand) {
    const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (descriptor < 0) {
        log_.warning("sync_watch_failed", {{"reason", system_error(errno, "inotify").text}});
        return;
    }
    stream_.assign(descriptor);
}

Watch::~Watch() = default;

bool Watch::set(const Watched& what, const std::vector<std::string>& paths) {
    if (!stream_.is_open()) return false;
    std::set<int> now;
    bool all = true;
    for (const auto& path : paths) {
        if (by_descriptor_.size() >= limit_) {
            all = false;
            exhausted_ = true;
            break;
        }
        const int descriptor = ::inotify_add_watch(stream_.native_handle(), path.c_str(), interesting);
        if (descriptor < 0) {
            all = false;
            if (errno == ENOSPC) {  // fs.inotify.max_user_watches
                if (!exhausted_)
                    log_.warning("sync_watches_exhausted",
                                 {{"watches", by_descriptor_.size()}, {"reason", "fs.inotify.max_user_watches"}});
                exhausted_ = true;
                break;
            }
            continue;  // not there (any more): the rescan finds the folder when it is
        }
        now.insert(descriptor);
        by_descriptor_[descriptor].insert(what);
    }
    const auto before = paths_.find(what);
    if (before != paths_.end()) {
        const auto old = std::move(before->second);
        paths_.erase(before);
        for (const int descriptor : old)
            if (!now.contains(descriptor)) release(descriptor, what);
    }
    if (!now.empty()) paths_[what] = std::move(now);
    return all;
}

void Watch::drop(const Watched& what) {
    const auto found = paths_.find(what);
    if (found == paths_.end()) return;
    const auto descriptors = std::move(found->second);
    paths_.erase(found);
    for (const int descriptor : descriptors) release(descriptor, what);
}

void Watch::release(int descriptor, const Watched& what) {
    const auto found = by_descriptor_.find(descriptor);
    if (found == by_descriptor_.end()) return;
    found->second.erase(what);
    if (!found->second.empty()) return;
    by_descriptor_.erase(found);
    // It fails if the kernel dropped the watch with its directory, which is what is wanted here.
    if (stream_.is_open()) static_cast<void>(::inotify_rm_watch(stream_.native_handle(), descriptor));
    exhausted_ = false;
}

void Watch::take_event(int descriptor, std::uint32_t mask) {
    if (mask & IN_Q_OVERFLOW) {
        log_.warning("sync_watch_overflow", {});
        happened_(nullptr);
        return;
    }
    const auto found = by_descriptor_.find(descriptor);
    if (found == by_descriptor_.end()) return;
    const auto interested = found->second;
    if (mask & IN_IGNORED) {
        by_descriptor_.erase(found);
        for (const auto& what : interested) {
            auto& descriptors = paths_[what];
            descriptors.erase(descriptor);
            if (descriptors.empty()) paths_.erase(what);
        }
    }
    for (const auto& what : interested) happened_(&what);
}

void Watch::take_events(std::string_view bytes) {
    while (bytes.size() >= sizeof(inotify_event)) {
        inotify_event event{};
        std::memcpy(&event, bytes.data(), sizeof event);
        bytes.remove_prefix(std::min(bytes.size(), sizeof event + event.len));
        take_event(event.wd, event.mask);
    }
}

async::Task<> Watch::run() {
    char buffer[16 * 1024];
    while (stream_.is_open()) {
        boost::system::error_code error;
        const std::size_t n = co_await stream_.async_read_some(
            boost::asio::buffer(buffer), boost::asio::redirect_error(boost::asio::use_awaitable, error));
        if (error == boost::asio::error::operation_aborted) co_return;
        if (error) {
            log_.error("sync_watch_failed", {{"reason", error.message()}});
            co_return;
        }
        take_events({buffer, n});
    }
}

void Watch::close() {
    boost::system::error_code ignored;  // closing what is closed
    if (stream_.is_open()) stream_.close(ignored);
    paths_.clear();
    by_descriptor_.clear();
}

}  // namespace imaparc::sync
