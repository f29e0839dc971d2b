// Who is next: owners, each wanted at a time and with an urgency. Free of I/O and of what a round is.
//
// One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

namespace imaparc::sync {

enum class Urgency : std::uint8_t {
    now,       // somebody waits: new mail in a watched folder, a resync, a second look
    first,     // not looked at since the start
    rotation,  // its turn
};

class Schedule {
  public:
    using Instant = std::chrono::steady_clock::time_point;

    // An owner who is wanted already keeps the higher urgency and the earlier time.
    void want(const std::string& owner, Urgency urgency, Instant due);
    // Puts an owner who waits with this urgency before all others of it.
    void prefer(const std::string& owner);
    void drop(const std::string& owner);
    // Of those who are due: the most urgent, then the one due longest, then in the order of want(). Not wanted any more
    // then.
    std::optional<std::string> next(Instant now);
    std::optional<Instant> next_due() const;
    std::size_t waiting() const { return owners_.size(); }

  private:
    struct Entry {
        Urgency urgency;
        Instant due;
        std::uint64_t turn;
    };
    using Key = std::tuple<Instant, std::uint64_t, std::string>;

    void insert(const std::string& owner, const Entry& entry);
    void erase(const std::string& owner, const Entry& entry);

    std::map<std::string, Entry> owners_;
    std::set<Key> queues_[3];
    std::uint64_t turn_ = 0;
};

}  // namespace imaparc::sync
