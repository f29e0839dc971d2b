// What addresses did when they came last: whether they spoke TLS at once, or waited for the greeting. So that a client
// that waits need not wait long twice.
//
// Any thread. Forgets the longest unseen beyond `most` addresses.
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace imaparc::net {

class Habits {
  public:
    enum class Habit { unknown, waits, speaks_tls };
    explicit Habits(std::size_t most = 4096) : most_(most) {}

    Habit of(const std::string& address) const;
    void remember(const std::string& address, Habit habit);

  private:
    struct Known {
        Habit habit;
        std::list<std::string>::iterator place;
    };
    const std::size_t most_;
    mutable std::mutex mutex_;
    std::list<std::string> order_;  // latest first
    std::unordered_map<std::string, Known> known_;
};

}  // namespace imaparc::net
