// Overlay: one user's flags, counters and window on a folder. Like Base a directory of rows with cells, immutable,
// shared; an edit (edit.h) makes a new one.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "index/base.h"
#include "index/segment.h"

namespace imaparc::index {

// Directory row of an overlay segment; all of it is stored in the database but `cell` (its version is).
struct OverlayRow {
    std::uint32_t segment = 0;
    std::uint32_t count = 0;  // entries, those of messages that are gone included; never 0
    std::int32_t unseen_delta =
        0;                         // unseen messages of the segment = seed_unseen (others than the owner: count) + this
    std::uint64_t membership = 0;  // the base row's `membership` that unseen_delta was counted with; if the base has
                                   // moved on, views count anew from the contents
    ModSeq max_modseq;
    OverlayCell cell;
};

// At `modseq` the cut-off became `cutoff`. The first one of a folder and user has modseq 0 (no client has seen
// another).
struct WindowMove {
    Seconds cutoff = 0;
    ModSeq modseq;
    bool operator==(const WindowMove&) const = default;
};

constexpr Seconds no_cutoff = std::numeric_limits<Seconds>::min();
constexpr std::size_t window_moves_kept = 400;  // a year of daily moves; older clients are told of more UIDs, not fewer
constexpr std::size_t keywords_at_most = 64;

struct Overlay {
    FolderNumber folder;
    UserNumber user;                    // 0: the owner
    ModSeq highest_modseq;              // of flags and window moves; 0: never changed
    std::vector<std::string> keywords;  // bit number -> name; only ever grows
    std::vector<OverlayRow> rows;       // by segment
    std::vector<WindowMove> window;     // by modseq

    bool owners() const { return user.value == 0; }
    Seconds cutoff() const { return window.empty() ? no_cutoff : window.back().cutoff; }
    // The cut-off a client with this HIGHESTMODSEQ knows of; no_cutoff if it is too long ago to tell.
    Seconds cutoff_at(ModSeq since) const;
    const OverlayRow* row(std::uint32_t segment) const;  // nullptr: no entries
};

// The moves that widened the window: messages they let back in bear their modseq (DESIGN.md 9). Nearly always none.
class Reveals {
  public:
    Reveals() = default;
    explicit Reveals(const std::vector<WindowMove>& window);
    // Of the last move that let messages of this date back in; 0 if none did.
    ModSeq at(Seconds date) const;
    ModSeq between(Seconds least, Seconds greatest) const;  // at() of no date from `least` to `greatest` is above it
    bool empty() const { return reveals_.empty(); }
    bool operator==(const Reveals&) const = default;

  private:
    struct Reveal {
        Seconds from = 0, to = 0;  // dates let in: from <= date < to
        ModSeq modseq;
        bool operator==(const Reveal&) const = default;
    };
    std::vector<Reveal> reveals_;  // newest first
};

}  // namespace imaparc::index
