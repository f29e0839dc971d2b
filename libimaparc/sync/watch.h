// inotify for folders that somebody looks at (and the roots of their owners): tells that something happened, never
// what. At most `limit` watches; when they run out, or the kernel's queue overflows, the caller hears of it and
// rescans.
//
// All of it on one strand.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/workers.h"
#include "base/log.h"

namespace imaparc::sync {

// What is watched; an empty folder means the owner's root (new folders).
struct Watched {
    std::string owner, folder;
    auto operator<=>(const Watched&) const = default;
};

class Watch {
  public:
    // `happened`: in this folder; nullptr: anywhere, the kernel lost count.
    Watch(boost::asio::any_io_executor strand, std::size_t limit, Log& log,
          std::function<void(const Watched*)> happened);
    ~Watch();

    // Watches these paths for it, and no others. false: not all of them could be (limits, or a path that is not there).
    bool set(const Watched& what, const std::vector<std::string>& paths);
    void drop(const Watched& what);
    bool watching(const Watched& what) const { return paths_.contains(what); }

    async::Task<> run();  // until close()
    void close();

    std::size_t watches() const { return by_descriptor_.size(); }
    std::size_t limit() const { return limit_; }
    bool exhausted() const { return exhausted_; }

  private:
    void take_events(std::string_view bytes);
    void take_event(int descriptor, std::uint32_t mask);
    void release(int descriptor, const Watched& what);

    const std::size_t limit_;
    Log& log_;
    const std::function<void(const Watched*)> happened_;
    boost::asio::posix::stream_descriptor stream_;
    std::map<Watched, std::set<int>> paths_;
    std::map<int, std::set<Watched>> by_descriptor_;  // the kernel gives one inode one descriptor
    bool exhausted_ = false;
};

}  // namespace imaparc::sync
