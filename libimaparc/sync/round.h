// One look at one owner: what every store has now against what the index has, and the commit of the difference. In
// steps that block, so that the engine can run them in slices between those of other owners.
//
// One round of an owner at a time, one thread at a time. Fault: the index or the archive's disk is gone; nothing of the
// round is visible then, the next one does it anew.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "archive/archive.h"
#include "base/clock.h"
#include "index/index.h"
#include "store/store.h"
#include "sync/options.h"
#include "sync/root_health.h"
#include "sync/scan.h"
#include "sync/standing.h"

namespace imaparc::sync {

struct Surroundings {
    std::vector<store::ArchiveStore*> stores;
    archive::Archive& archive;
    index::Index& index;
    const Clock& clock;
    RootHealth& roots;
    const std::atomic<bool>& stopping;  // a listing under way ends at its next message
};

// What the engine remembers of an owner between rounds; lost at a restart, which costs a full listing.
struct OwnerMemory {
    struct Token {
        std::uint64_t token = 0;  // hash of the change token
        Instant first_seen;       // when it was first seen so
        bool settled = false;     // listed again at least the grain of directory times after that: may be skipped
    };
    std::unordered_map<std::uint64_t, Token> tokens;  // by store and folder path
    Pending pending;
    bool counted = false;                 // a whole round has been committed, so that `messages` holds
    std::vector<std::uint64_t> messages;  // published, by store
};

// What this round does beyond the usual; vectors by store, empty for none.
struct Order {
    std::vector<bool> listed;          // the store's list of owners has this one
    std::vector<bool> left_out;        // not due: as it was
    std::vector<bool> thorough;        // lists every folder, whatever its token says, and tells the archive all places
    std::vector<bool> accept;          // what is missing is gone
    bool accept_unconfigured = false;  // ... and what is from stores that are not configured any more
    std::set<std::string> dirty;       // folders to be listed whatever their tokens say
};

struct StoreResult {
    bool looked_at = false;
    bool available = true;
    bool present = false;  // the owner has something here
    std::string reason;    // why not available, or why a listing failed
    std::uint64_t messages = 0, pending = 0;
};

struct RoundResult {
    bool interrupted = false;  // stopping; nothing was committed
    bool ready = false;        // the owner is published
    bool first = false;        // ... by this round
    bool rebuilt = false;
    index::Committed committed;
    std::vector<std::string> grown;  // folders with new messages
    bool second_look = false;        // something was missed: another round, confirm_seconds from now, decides
    bool folders_changed = false;
    bool places_were_missing =
        false;  // the catalog had lost messages that are published: details are to be looked after
    std::uint64_t folders = 0, listed = 0;  // folders there are; messages that were listed
    std::string trouble;                    // why it is not published, or what could not be listed
    std::vector<StoreResult> stores;
};

class Round {
  public:
    Round(const Surroundings& surroundings, const Options& options, std::string owner, OwnerMemory& memory,
          Order order);
    ~Round();

    // Rebuilds the owner's index if it is `rebuilding`; asks the stores for health and folders.
    void prepare();
    // Lists folder after folder for about so long (at least one). false: all are listed.
    bool list_some(std::chrono::milliseconds budget);
    // Places to the disk, then the index, then the notes.
    RoundResult commit();

    std::uint64_t folders_total() const { return paths_.size(); }
    std::uint64_t folders_done() const { return done_; }
    std::uint64_t messages_listed() const { return listed_; }
    std::uint64_t messages_fresh() const { return fresh_; }
    bool first() const { return first_; }

  private:
    struct Source {
        StorePosition store = 0;
        std::vector<store::StoreFolder> folders;  // several only if the store has the path twice (INBOX, Inbox)
        std::uint64_t key = 0, token = 0;
        bool has_token = false;
        bool open = false;  // one of them is selectable
        bool skip = false, listed = false, vanished = false;
    };
    struct Path {
        std::string path;
        std::optional<FolderNumber> number;  // in the index
        bool was_open = false;               // selectable, in the index
        bool open = false;                   // selectable, in one of the sources
        bool examine = false;                // known messages are to be compared
        std::vector<Source> sources;
        // the outcome
        std::vector<index::NewMessage> fresh;
        std::vector<std::uint64_t> fresh_of, known_of;  // by store; the last: not configured
        std::vector<std::vector<MessageId>> missing;    // by store
        std::vector<bool> compared;                     // by store: `missing` holds
        std::uint64_t known = 0;
        Instant begun, ended;
    };
    struct StoreState {
        Assessment assessment;
        std::string device;
        bool looked_at = false;
        std::string failure;  // a listing failed: the round is not complete
        std::uint64_t lost = 0, known = 0;
        bool refuse = false;        // nothing is removed
        bool refuse_fresh = false;  // ... nor added
    };

    bool listing_counts(std::size_t store) const;
    void assess_stores();
    void plan();
    void decide_skips();
    void list(Path& path);
    void list_source(Path& path, Source& source, FolderScan& scan);
    void tell_places();
    void judge();
    index::Change difference(RoundResult& result);
    bool may_be_new(const Path& path) const;
    std::vector<MessageId> take_gone(const Path& path);
    bool folder_is_gone(const Path& path, std::size_t removed, bool folders_may_go);
    void remember();
    void note_devices();
    void sum_up(RoundResult& result) const;
    StorePosition position(std::string_view store) const;

    const Surroundings& at_;
    const Options& options_;
    const std::string name_;
    OwnerMemory& memory_;
    const Order order_;
    std::shared_ptr<index::Owner> owner_;
    std::vector<StoreState> states_;
    std::map<std::string, Path> paths_;
    std::map<std::string, Path>::iterator next_;
    std::vector<archive::MessagePlace> places_;
    std::vector<MessageId> gone_;
    std::vector<std::uint64_t> gone_of_;
    bool first_ = false, rebuilt_ = false, interrupted_ = false, placed_ = false, places_were_missing_ = false;
    bool second_look_ = false;
    std::uint64_t done_ = 0, listed_ = 0, fresh_ = 0;
    Instant planned_;
};

}  // namespace imaparc::sync
