// Counters that `status` shows and that a metrics endpoint will. Adding one: a member here, a line in all().
//
// Shared by all threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace imaparc {

struct Metrics {
    std::atomic<std::uint64_t> connections_total{0}, connections_now{0}, sessions_now{0};
    std::atomic<std::uint64_t> logins_total{0}, logins_refused_total{0};
    std::atomic<std::uint64_t> commands_total{0}, commands_refused_total{0};
    std::atomic<std::uint64_t> bytes_in_total{0}, bytes_out_total{0};
    std::atomic<std::uint64_t> messages_published_total{0}, messages_detailed_total{0};

    std::vector<std::pair<std::string_view, std::uint64_t>> all() const {
        return {{"connections_total", connections_total},
                {"connections_now", connections_now},
                {"sessions_now", sessions_now},
                {"logins_total", logins_total},
                {"logins_refused_total", logins_refused_total},
                {"commands_total", commands_total},
                {"commands_refused_total", commands_refused_total},
                {"bytes_in_total", bytes_in_total},
                {"bytes_out_total", bytes_out_total},
                {"messages_published_total", messages_published_total},
                {"messages_detailed_total", messages_detailed_total}};
    }
};

}  // namespace imaparc
