#include "auth/failure_tracker.h"

#include <arpa/inet.h>

#include <algorithm>
#include <vector>

namespace imaparc::auth {
namespace {

// One customer has a /64 (RFC 6177), so counting single IPv6 addresses would count nothing.
std::string network_of(std::string_view address) {
    const std::string text(address.substr(0, address.find('%')));
    in6_addr bytes{};
    if (::inet_pton(AF_INET6, text.c_str(), &bytes) != 1 || IN6_IS_ADDR_V4MAPPED(&bytes)) return text;
    std::fill(std::begin(bytes.s6_addr) + 8, std::end(bytes.s6_addr), std::uint8_t{0});
    char out[INET6_ADDRSTRLEN];
    return std::string(::inet_ntop(AF_INET6, &bytes, out, sizeof out)) + "/64";
}

}  // namespace

FailureTracker::FailureTracker(FailureOptions options, const Clock& clock) : options_(options), clock_(clock) {}

unsigned FailureTracker::count(Table& table, const std::string& key) {
    const auto found = table.find(key);
    if (found == table.end()) return 0;
    if (clock_.steady() - found->second.last >= options_.forget) {
        table.erase(found);
        return 0;
    }
    return found->second.failures;
}

unsigned FailureTracker::add(Table& table, const std::string& key) {
    const unsigned before = count(table, key);
    if (before == 0 && table.size() >= options_.keep_at_most) {
        // The older half goes at once, so that a flood of addresses costs a sort now and then, not a search each.
        std::vector<std::pair<std::chrono::steady_clock::time_point, std::string>> ages;
        ages.reserve(table.size());
        for (const auto& [name, entry] : table) ages.emplace_back(entry.last, name);
        const auto middle = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 2);
        std::nth_element(ages.begin(), middle, ages.end());
        for (auto it = ages.begin(); it != middle; ++it) table.erase(it->second);
        if (table.size() >= options_.keep_at_most) table.clear();
    }
    auto& entry = table[key];
    entry.failures = std::min(before + 1, 1000U);
    entry.last = clock_.steady();
    return entry.failures;
}

std::chrono::milliseconds FailureTracker::delay(unsigned failures) const {
    if (failures == 0) return std::chrono::milliseconds(0);
    auto time = options_.first;
    for (unsigned i = 1; i < failures && time < options_.longest; ++i) time *= 2;
    return std::min(time, options_.longest);
}

std::chrono::milliseconds FailureTracker::before_attempt(std::string_view address) {
    std::lock_guard lock(mutex_);
    const unsigned failures = count(addresses_, network_of(address));
    return failures <= options_.free_per_address ? std::chrono::milliseconds(0)
                                                 : delay(failures - options_.free_per_address);
}

std::chrono::milliseconds FailureTracker::failed(std::string_view address, std::string_view user) {
    std::lock_guard lock(mutex_);
    const unsigned by_address = add(addresses_, network_of(address));
    const unsigned by_user = add(users_, std::string(user.substr(0, 255)));
    return delay(std::max(by_address, by_user));
}

void FailureTracker::succeeded(std::string_view address, std::string_view user) {
    std::lock_guard lock(mutex_);
    users_.erase(std::string(user.substr(0, 255)));
    const auto found = addresses_.find(network_of(address));
    if (found == addresses_.end()) return;
    found->second.failures /= 2;
    if (found->second.failures == 0) addresses_.erase(found);
}

}  // namespace imaparc::auth
