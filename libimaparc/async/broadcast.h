// "This mailbox grew": hands an owner's changes to the sessions that are interested.
//
// tell() from any thread, quickly; each subscriber's function is called on the teller's thread and must only post to
// its own executor.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"

namespace imaparc::async {

struct Happening {
    FolderNumber folder;             // 0: the owner's list of folders
    std::optional<UserNumber> user;  // nullopt: for all users
};

class Broadcast {
  public:
    using Listener = std::function<void(const Happening&)>;

    // Hears of one owner until the Subscription is destroyed; after its destructor returned no call is under way.
    class Subscription {
      public:
        Subscription() = default;
        Subscription(Subscription&&) noexcept = default;
        Subscription& operator=(Subscription&& other) noexcept;
        ~Subscription();

      private:
        friend class Broadcast;
        struct Entry;
        std::shared_ptr<Entry> entry_;
        Broadcast* broadcast_ = nullptr;
    };

    Subscription subscribe(std::string_view owner, Listener listener);
    void tell(std::string_view owner, const Happening& happening);
    std::size_t listeners() const;

  private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::vector<std::shared_ptr<Subscription::Entry>>> owners_;
};

}  // namespace imaparc::async
