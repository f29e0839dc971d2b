// How long a client that guesses passwords has to wait: the more failures from its address (for IPv6 its /64) or for
// one user, the longer. Only failures are slowed by the user's count, so nobody is locked out of their own account; an
// address that keeps failing waits before each attempt, so that many connections at once do not help it.
//
// Any thread; never waits itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace imaparc::auth {

struct FailureOptions {
    std::chrono::milliseconds first{500};  // after the first failure; doubles with each
    std::chrono::milliseconds longest{15000};
    unsigned free_per_address = 5;     // failures of an address before its attempts wait, too
    std::chrono::seconds forget{900};  // without a failure
    std::size_t keep_at_most = 65536;  // addresses and users each; the longest untouched go first
};

class FailureTracker {
  public:
    FailureTracker(FailureOptions options, const Clock& clock);

    // Before a password is checked: how long to wait first. Usually 0.
    std::chrono::milliseconds before_attempt(std::string_view address);
    // Takes note of a failure; how long to wait before telling the client.
    std::chrono::milliseconds failed(std::string_view address, std::string_view user);
    // A log-in that succeeded: the user's count begins anew, the address's is halved (one good account must not hide a
    // guesser's failures with others).
    void succeeded(std::string_view address, std::string_view user);

  private:
    struct Count {
        unsigned failures = 0;
        std::chrono::steady_clock::time_point last;
    };
    using Table = std::unordered_map<std::string, Count>;
    unsigned count(Table& table, const std::string& key);
    unsigned add(Table& table, const std::string& key);
    std::chrono::milliseconds delay(unsigned failures) const;

    const FailureOptions options_;
    const Clock& clock_;
    std::mutex mutex_;
    Table addresses_, users_;
};

}  // namespace imaparc::auth
