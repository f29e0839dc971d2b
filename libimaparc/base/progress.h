// How far the synchronisation of each owner is: written by sync, read by sessions (the text behind NO [UNAVAILABLE]),
// by `status` and by the log. Nothing here is durable.
//
// ProgressBoard is shared by all threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imaparc {

enum class SyncPhase { waiting, listing, publishing, details, idle, failed };
const char* to_string(SyncPhase phase);

struct Progress {
    std::string owner;
    SyncPhase phase = SyncPhase::waiting;
    std::uint64_t folders_done = 0, folders_total = 0;
    std::uint64_t messages_done = 0, messages_total = 0;  // total 0: not known yet
    double rate = 0;                                      // messages a second in this phase
    std::string note;                                     // why it failed or waits; "" if nothing is wrong

    // Of the work before first publication and details together; 0 to 100. nullopt while nothing is known.
    std::optional<unsigned> percent() const;
    std::optional<std::uint64_t> seconds_left() const;
    // "37 %, about 12 s left", "just started", "waiting: ..."
    std::string text() const;
};

class ProgressBoard {
  public:
    void set(Progress progress);  // replaces the owner's
    std::optional<Progress> of(std::string_view owner) const;
    std::vector<Progress> all() const;  // by owner
    void forget(std::string_view owner);

  private:
    mutable std::mutex mutex_;
    std::map<std::string, Progress, std::less<>> board_;
};

}  // namespace imaparc
