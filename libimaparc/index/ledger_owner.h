// The one implementation of Owner: a ledger, what Firebird has applied of it, and the latest values in memory.
//
//   unloaded -> unsynchronised          no ledger, or one in which no folder was ever made
//            -> rebuilding              a ledger that Firebird has not applied
//            -> ready                   the tail of the ledger, if any, was replayed
//   unsynchronised -> ready             commit() with Change::first
//   rebuilding -> ready                 rebuild()
//   any -> unloaded                     unused for a while, closed, or Firebird failed halfway: the next call loads
//   anew
//
// Two locks. change_: one caller at a time changes the owner; held across ledger and Firebird. state_: guards what is
// in memory, never held across anything that waits, so the no-wait calls take it alone. A thread with change_ may read
// what only changers write without state_. Firebird's rows are read without change_; the first to bring a base or an
// overlay into memory wins, all later edits start from it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "index/core.h"
#include "index/database_source.h"
#include "index/drafts.h"
#include "index/facts.h"
#include "index/index.h"
#include "index/ledger.h"
#include "index/levels.h"

namespace imaparc::index {

// What a STORE makes of a message's flags.
FlagBits changed(FlagBits now, FlagAction action, FlagBits given);

class LedgerOwner : public Owner, public std::enable_shared_from_this<LedgerOwner>, private Latest {
  public:
    LedgerOwner(std::shared_ptr<Core> core, std::string name);
    ~LedgerOwner() override;

    const std::string& name() const override { return name_; }
    OwnerState state() const override { return owner_state_; }
    std::shared_ptr<const FolderList> folders() const override;
    UserNumber user(std::string_view user_name) override;
    std::optional<UserNumber> find_user(std::string_view user_name) override;
    Result<std::shared_ptr<const View>> view(FolderNumber folder, UserNumber user) override;
    std::shared_ptr<const View> view_if_resident(FolderNumber folder, UserNumber user) override;
    Result<Usage> usage() override;
    Result<FlagOutcome> store_flags(FolderNumber folder, UserNumber user, const NumberSet& uids, FlagAction action,
                                    const FlagNames& flags, std::optional<ModSeq> unchanged_since,
                                    Durability durability) override;
    Result<void> subscribe(UserNumber user, std::string_view path, bool subscribed) override;
    bool subscribed(UserNumber user, std::string_view path) const override;
    std::vector<std::string> subscribed_names_without_folder(UserNumber user) const override;
    Result<Committed> commit(const Change& change) override;
    Result<void> rebuild() override;
    Result<void> for_each(FolderNumber folder, const std::function<bool(const Message&)>& visit) override;
    Result<void> learn(FolderNumber folder, const std::vector<Learned>& messages) override;
    bool wants_contents() const override;
    Result<void> settle_all_mail() override;
    std::string note(std::string_view key) const override;
    Result<void> set_note(std::string_view key, std::string_view value) override;

    // ---- for the index
    void load();  // if it is not loaded; may wait
    bool loaded() const { return loaded_; }
    void flush();          // what is dirty, to Firebird
    void flush_if_idle();  // the same, unless somebody changes the owner just now
    void sync();           // what the ledger has, to the disk; nothing if it is not loaded
    // Flushes, notes a clean stop, closes the ledger, lets memory go. Only if `still_unused` (asked under change_) and
    // nobody holds a view.
    void unload(const std::function<bool()>& still_unused);
    void close();  // the same for good, whoever still holds what
    OwnerSummary summary() const;
    void window_changed();  // tells the listener of all folders that somebody looks at
    std::vector<Finding> check();
    std::chrono::steady_clock::time_point used() const { return used_; }

  private:
    struct OverlayState {
        std::shared_ptr<const Overlay> overlay;
        std::set<std::uint32_t> unwritten;  // segments that Firebird does not have yet
        // The latest view, and what it was made of.
        std::shared_ptr<const View> view;
        std::shared_ptr<const Base> view_base;
        std::shared_ptr<const Overlay> view_overlay;
        // With this base the move to this cut-off would change nothing, so it was not noted.
        Seconds harmless_cutoff = no_cutoff;
        std::shared_ptr<const Base> harmless_base;
    };
    struct FolderState {
        std::shared_ptr<const Base> base;  // nullptr: not in memory
        std::map<UserNumber, OverlayState> overlays;
        std::uint64_t messages = 0;
        std::uint32_t level = 0;  // 0: no row yet
    };
    // What stands for a message of an ordinary folder in All Mail, by folder and UID: 4 bytes a message.
    class Places {
      public:
        Uid at(Source source) const {  // 0: nothing
            const auto folder = uids_.find(source.folder);
            if (folder == uids_.end() || source.uid.value >= folder->second.size()) return {};
            return Uid{folder->second[source.uid.value]};
        }
        void put(Source source, Uid uid) {
            auto& all = uids_[source.folder];
            if (source.uid.value >= all.size()) all.resize(source.uid.value + std::size_t{1});
            all[source.uid.value] = uid.value;
        }

      private:
        std::map<FolderNumber, std::vector<std::uint32_t>> uids_;
    };
    // The flags of some messages, as they become: a keyword table's bits.
    using FlagGroups = std::map<std::pair<std::uint8_t, std::uint64_t>, NumberSet>;
    // What has to be published of All Mail along with flags of an ordinary folder.
    struct Mirrored {
        OverlayEdit edit;
        ModSeq modseq;
    };
    // What usage() has counted of a segment, which holds for this version.
    struct CountedSegment {
        std::uint32_t segment = 0;
        std::uint64_t version = 0;
        std::uint64_t octets = 0;
        std::uint32_t unknown = 0;
    };
    // Somebody waits for the ledger without change_; it is not closed meanwhile.
    class Waiting;

    // Latest
    std::shared_ptr<const Base> base_of(const FolderFacts& folder) override;
    std::shared_ptr<const Overlay> overlay_of(OverlayKey key) override;

    // owner_load.cpp; all with change_
    void load_locked();
    void load_stored(const StoredOwner& stored);
    void forget_rows();
    void remove_rows();
    void replay(std::optional<Position> from, Position meanwhile);
    void rebuild_locked();
    bool looked_at();
    void stop_cleanly();
    void close_ledger();
    void hold_ledger(std::unique_ptr<Ledger> ledger);
    Result<void> ensure_ledger();
    void publish_folders();

    // owner_save.cpp; with change_. A Fault leaves the owner unloaded.
    void save(const Edits& edits, const Facts& facts, Position position);
    void write(const Edits& edits, const Facts& facts, Position position);
    void publish(const Edits& edits);
    void flush_locked();

    // owner_read.cpp
    bool window_stands(const OverlayState& overlay, const std::shared_ptr<const Base>& base, Seconds cutoff) const;
    Result<void> move_window(FolderNumber folder, UserNumber user, Seconds cutoff);
    bool dates_between(const Base& base, Seconds first, Seconds end);

    // owner_flags.cpp; with change_
    Result<ModSeq> next_modseq(FolderNumber folder);
    Result<void> record_fact(std::unique_lock<std::mutex>& change, const Record& record);
    Result<void> wait_durable(std::unique_lock<std::mutex>& change, Ledger::Ticket ticket);
    void publish_flags(const OverlayEdit& edit, ModSeq modseq);
    const FolderFacts* living(FolderNumber folder) const;
    Error not_there(FolderNumber folder) const;  // of one that is not living

    // owner_all_mail.cpp; with change_
    void prepare_all_mail();
    bool all_mail_follows() const;  // it is what the ordinary folders are, and every change of them changes it
    const Places& places();
    std::string all_mail_name(const FolderList& ordinary);
    std::set<UserNumber> users_with_flags(FolderNumber folder);
    void check_all_mail(const std::function<void(const std::string&)>& wrong);

    // owner_mirror.cpp; with change_
    Result<std::optional<Mirrored>> mirror(Batch& batch, FolderNumber folder, UserNumber user,
                                           const std::vector<std::string>& keywords, const FlagGroups& groups);
    Result<FlagOutcome> store_flags_in_all_mail(std::unique_lock<std::mutex> change, const FolderFacts& all_mail,
                                                UserNumber user, const NumberSet& uids, FlagAction action,
                                                const FlagNames& flags, std::optional<ModSeq> unchanged_since,
                                                Durability durability);

    // owner_commit.cpp
    class Committing;

    Error not_ready() const;
    Result<void> ready();  // loads; an error unless the owner is ready

    const std::shared_ptr<Core> core_;
    const std::string name_;
    const std::filesystem::path ledger_path_;
    std::atomic<OwnerState> owner_state_{OwnerState::unsynchronised};
    std::atomic<bool> loaded_{false};
    std::atomic<bool> rebuild_running_{false};  // readers are told at once and do not wait for it
    std::atomic<std::chrono::steady_clock::time_point> used_;

    std::mutex change_;
    mutable std::mutex state_;
    std::condition_variable nobody_waits_;  // with state_
    unsigned waiting_ = 0;                  // with state_

    // Changed with change_ and state_.
    Facts facts_;
    std::shared_ptr<const FolderList> list_;
    std::shared_ptr<Ledger> ledger_;
    std::shared_ptr<DatabaseSource> source_;
    std::map<FolderNumber, FolderState> folders_;         // what is in it: with state_
    std::map<UserNumber, std::string> unrecorded_users_;  // named before there was a ledger
    std::set<OverlayKey> unwritten_overlays_;             // with state_

    // With change_ alone.
    std::uint32_t id_ = 0;  // in the database; 0: no row
    std::uint64_t version_ = 0;
    Position saved_;
    Levels levels_;
    std::set<FolderNumber> unwritten_folders_;
    bool facts_unwritten_ = false;
    bool stopped_cleanly_ = false;  // nothing was appended since a clean stop
    std::atomic<bool> sync_wanted_{false};

    std::unique_ptr<Places> places_;  // made when it is needed first
    std::string all_mail_shown_as_;   // said in the log

    std::mutex counting_;  // of counted_; held while segments are read, taken with no other lock
    std::map<FolderNumber, std::vector<CountedSegment>> counted_;
};

}  // namespace imaparc::index
