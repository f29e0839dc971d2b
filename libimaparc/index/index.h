// The index: who has which folders and which messages (IDs only), and every user's flags. Two files stand behind it:
// the ledger of each owner (ledger.h), which is the truth, and IMAPDB.FDB, which is derived from it and fast to read.
// A commit is: ledger (append, fdatasync, grouped) -> Firebird -> published in memory.
//
// No message data, ever: no subject, address, text, file name or object key.
//
// Plain blocking calls from any thread; what is marked "no wait" touches memory only. Fault: the database or the disk
// is gone. One process at a time (embedded Firebird, Super mode).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/flags.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/number_set.h"
#include "index/content_key.h"
#include "index/view.h"

namespace imaparc::index {

struct Options {
    std::filesystem::path directory;                // data_dir: IMAPDB.FDB, ledger/, firebird/ (its own settings)
    unsigned cache_pages = 2048;                    // DefaultDbCachePages, 16 KiB each
    std::size_t segment_cache_bytes = 64U << 20;    // decoded segments kept in memory
    unsigned window_months = 12;                    // imap.max_months; 0: everything
    std::chrono::milliseconds overlay_flush{2000};  // overlays reach Firebird in batches this far apart
    bool private_flags = true;                      // imap.flags
    bool all_mail = false;                          // imap.all_mail
    std::string all_mail_name = "All Mail";         // imap.all_mail_name; another one where a store has that folder
};

enum class OwnerState {
    unsynchronised,  // no ledger yet: nothing is known
    rebuilding,      // a ledger, but the index has not applied it: folders are known, messages not
    ready,
};
const char* to_string(OwnerState state);

enum class FolderKind {
    ordinary,  // of the stores
    // Every message of the owner once, whatever folders it lies in (RFC 6154, \All). Its messages are those of the
    // ordinary folders, and so are their flags. Not readable (unavailable) until all contents are known.
    all_mail,
};

struct Folder {
    FolderNumber number;
    std::string path;  // levels joined by '/', as clients see them in UTF-8; "INBOX" is there always, and first
    bool selectable = true;
    UidValidity uid_validity;
    FolderKind kind = FolderKind::ordinary;
};
using FolderList = std::vector<Folder>;  // INBOX, then by bytes of the path; living folders only

struct NewMessage {
    MessageId id;
    Seconds date = 0;
    std::string store;                    // its name
    FlagNames flags;                      // the store's, which seed the owner's
    std::optional<std::uint64_t> octets;  // RFC822.SIZE, if known already
};

struct FolderChange {
    std::string path;
    bool selectable = true;
    std::vector<NewMessage> added;  // any order: UIDs are given by (date, order here); those with a tombstone come back
    std::vector<MessageId> removed;
};

// One owner's difference between the stores and the index; becomes visible as a whole.
struct Change {
    std::vector<FolderChange> folders;         // new folders, and those with something added, removed or selectable new
    std::vector<std::string> removed_folders;  // their UIDVALIDITY is remembered
    bool first = false;                        // first publication: the owner becomes ready even if this is empty
    bool empty() const { return folders.empty() && removed_folders.empty() && !first; }
};

struct Committed {
    std::uint64_t added = 0, removed = 0, returned = 0, folders_added = 0, folders_removed = 0;
};

enum class FlagAction { replace, add, remove };
enum class Durability {
    before_return,  // the ledger has it on disk (group commit, <= 5 ms)
    soon,           // FETCH's implicit \Seen
};

struct FlagOutcome {
    NumberSet changed;   // UIDs whose flags are different now
    NumberSet modified;  // UIDs that UNCHANGEDSINCE kept from changing (RFC 7162 3.1.3)
};

// One living message as sync, ctl and checks see it (window disregarded).
struct Message {
    Uid uid;
    MessageId id;
    Seconds date = 0;
    std::optional<std::uint64_t> octets;
    std::string_view store;
    ModSeq added;
    bool content_known = false;  // its content key was learned
};

// What was found out by reading a message.
struct Learned {
    Uid uid;
    std::uint64_t octets = 0;                          // RFC822.SIZE
    std::optional<ContentKey> content = std::nullopt;  // kept while there is an All Mail folder
};

// What an owner's ordinary folders hold (a message in two folders counts twice), window disregarded.
struct Usage {
    std::uint64_t messages = 0;
    std::uint64_t octets = 0;                    // of those whose size is known
    std::uint64_t messages_of_unknown_size = 0;  // are among `messages`
};

// One owner. Shared by all threads; lives as long as somebody holds it.
class Owner {
  public:
    virtual ~Owner() = default;
    virtual const std::string& name() const = 0;
    virtual OwnerState state() const = 0;                           // no wait
    virtual std::shared_ptr<const FolderList> folders() const = 0;  // no wait once loaded; unsynchronised: INBOX alone
    std::optional<Folder> find(std::string_view path) const;        // INBOX in any case (RFC 3501 5.1)

    // ---- reading. unavailable unless ready; not_found.
    virtual UserNumber user(std::string_view user_name) = 0;  // 0 if it is the owner's name; given on first sight
    virtual std::optional<UserNumber> find_user(std::string_view user_name) = 0;  // the same, given to nobody; may wait
    virtual Result<std::shared_ptr<const View>> view(FolderNumber folder, UserNumber user) = 0;      // latest; may wait
    virtual std::shared_ptr<const View> view_if_resident(FolderNumber folder, UserNumber user) = 0;  // no wait; nullptr
    // Reads what has changed since it was last asked; may wait.
    virtual Result<Usage> usage() = 0;

    // ---- a user's own: flags, subscriptions
    virtual Result<FlagOutcome> store_flags(FolderNumber folder, UserNumber user, const NumberSet& uids,
                                            FlagAction action, const FlagNames& flags,
                                            std::optional<ModSeq> unchanged_since, Durability durability) = 0;
    virtual Result<void> subscribe(UserNumber user, std::string_view path, bool subscribed) = 0;
    virtual bool subscribed(UserNumber user, std::string_view path) const = 0;
    // Names subscribed that are no folders now (RFC 3501 6.3.9 lists them).
    virtual std::vector<std::string> subscribed_names_without_folder(UserNumber user) const = 0;

    // ---- for the synchronisation (one caller at a time)
    virtual Result<Committed> commit(const Change& change) = 0;
    virtual Result<void> rebuild() = 0;  // ledger -> Firebird; the owner is ready afterwards
    // Every living message of a folder, also outside the window, in UID order; false from `visit` stops.
    virtual Result<void> for_each(FolderNumber folder, const std::function<bool(const Message&)>& visit) = 0;
    // Sizes and contents of messages of an ordinary folder, learned later; UIDs unknown by now are skipped. Messages
    // whose content is new to All Mail appear there.
    virtual Result<void> learn(FolderNumber folder, const std::vector<Learned>& messages) = 0;
    virtual bool wants_contents() const = 0;  // there is an All Mail folder
    // Every content that can be learned was learned: All Mail is made to hold what the ordinary folders hold, and can
    // be read from now on. Nothing happens where there is none.
    virtual Result<void> settle_all_mail() = 0;
    // Small facts that the sync must find again after a restart (st_dev of a root, say); "" if never set. Ledger-kept.
    virtual std::string note(std::string_view key) const = 0;
    virtual Result<void> set_note(std::string_view key, std::string_view value) = 0;
};

struct Finding {
    enum class Weight { note, warning, error };
    Weight weight = Weight::note;
    std::string owner, folder;  // "" where it is about the whole file
    std::string text;
};

struct OwnerSummary {
    std::string name;
    OwnerState state = OwnerState::unsynchronised;
    std::uint64_t folders = 0, messages = 0, ledger_bytes = 0;
};

struct Statistics {
    std::uint64_t owners = 0, folders = 0, messages = 0, segments = 0, overlay_segments = 0, tombstones = 0;
    std::uint64_t database_bytes = 0, ledger_bytes = 0, resident_bytes = 0;
    unsigned schema_version = 0;
};

class Index {
  public:
    // Opens or creates. Fault with a clear text: another process has it open (conflict), made by a newer version, not
    // a Firebird database of ours. A truncated or damaged IMAPDB.FDB is set aside (renamed to
    // IMAPDB.FDB.damaged-<time>, logged) and a new one made: owners with a ledger are `rebuilding` then. The first
    // Firebird call happens here: call it with SIGINT and SIGTERM blocked in all threads (firebird.md 3.4).
    static std::unique_ptr<Index> open(Options options, const Clock& clock, Log& log);
    virtual ~Index() = default;  // flushes overlays, closes

    virtual std::shared_ptr<Owner> owner(std::string_view name) = 0;  // of any name; unsynchronised if nothing is known
    virtual std::vector<OwnerSummary> owners() = 0;                   // with a ledger or index rows, by name
    virtual Statistics statistics() = 0;
    virtual std::vector<Finding> check() = 0;         // index against ledger: counts, order, checksums
    virtual void window_months(unsigned months) = 0;  // live; views change, listeners hear
    virtual void flush() = 0;                         // overlays to Firebird now

    // Called (from the committing thread, with no lock held) after something visible changed in a folder; `user` is
    // nullopt if all users see it, folder 0 if the owner's list of folders changed. Must return quickly.
    using Listener = std::function<void(const std::string& owner, FolderNumber folder, std::optional<UserNumber> user)>;
    virtual void on_change(Listener listener) = 0;  // one; set before threads start
};

}  // namespace imaparc::index
