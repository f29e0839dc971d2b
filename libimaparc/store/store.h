// An archive store: where archived mail lies. Opened read-only, always; nothing below this interface ever writes,
// renames or touches a file's times where the operating system lets it choose (O_NOATIME if allowed).
//
// What a store promises: (1) a message has a *name* that stays the same as long as the message is there and is not
// used for another one afterwards within the same folder; (2) open() gives the message's bytes or an error, never half
// of them silently; (3) a store that cannot be listed says so (unavailable) and never answers with less than is there.
//
// Plain blocking calls. All functions may be called from several threads at once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/flags.h"

namespace imaparc::store {

// A folder of one owner in one store.
struct StoreFolder {
    std::vector<std::string> levels;  // as clients see them (base/text.h escape_level applied); INBOX is {"INBOX"}
    std::string location;             // the store's own word for it; opaque, goes back into list() and open()
    std::string change_token;         // differs once anything in the folder changed (directory times, say); "" if the
                                      // store cannot tell cheaply
    bool selectable = true;           // false: only there because of what lies below it
};

// Where clients see it, and what message IDs are made with: the levels joined by '/', "INBOX" as the first one in
// capitals (RFC 3501 5.1). "" if there are no levels.
std::string path_of(const StoreFolder& folder);

// A message as a listing shows it: nothing is opened for this.
struct StoreItem {
    std::string name;     // the stable name (promise 1)
    std::string locator;  // where it is right now (file name with flags, say); a hint for open(), may be outdated
    Seconds date = 0;     // internal date
    FlagNames flags;      // as the store has them
    std::uint64_t raw_size = 0;  // bytes in the store; 0 if unknown
};

// A message opened: reads raw bytes at any offset.
class StoreReader {
  public:
    virtual ~StoreReader() = default;
    virtual std::uint64_t size() const = 0;
    // Fills the buffer unless the message ends; the number of bytes read. An error if it could not be read (I/O, went
    // away, became shorter while open): never less bytes than promised without an error.
    virtual Result<std::size_t> read(std::uint64_t offset, std::span<char> buffer) = 0;
    // Names this very content: device, inode, size and mtime in nanoseconds, or an ETag. Equal fingerprints mean
    // equal bytes.
    virtual std::string fingerprint() const = 0;
    virtual std::string locator() const = 0;  // where it was found in the end
};

// What the root looks like; the sync compares it with what it saw before ("empty is not gone").
struct StoreHealth {
    bool available = false;  // root there and listable
    bool empty = true;       // nothing in it at all
    std::string device;      // st_dev of the root, or the bucket's name
    std::string reason;      // why it is not available
};

class ArchiveStore {
  public:
    virtual ~ArchiveStore() = default;
    virtual const std::string& name() const = 0;
    virtual StoreHealth health() = 0;
    // Names of owners that have something here, sorted. unavailable if the root cannot be listed.
    virtual Result<std::vector<std::string>> owners() = 0;
    // Of one owner (who may also have no folder yet: empty). not_found if the owner is not here; unavailable.
    virtual StoreHealth owner_health(const std::string& owner) = 0;
    virtual Result<std::vector<StoreFolder>> folders(const std::string& owner) = 0;
    // Every message of a folder, in no order. `visit` returns false to stop early (ok then). not_found: the folder
    // went away; unavailable: it could not be listed completely, what was visited counts for nothing.
    virtual Result<void> list(const std::string& owner, const StoreFolder& folder,
                              const std::function<bool(StoreItem&&)>& visit) = 0;
    // By name and hint. If the hint is outdated the folder is looked through once for the name. not_found: it is not
    // there; unavailable: it may be there.
    virtual Result<std::unique_ptr<StoreReader>> open(const std::string& owner, const std::string& location,
                                                      const std::string& name, const std::string& locator) = 0;
    // Local paths whose changes announce new mail in the folder (for inotify); empty: this store cannot announce.
    virtual std::vector<std::string> watch_paths(const std::string& owner, const StoreFolder& folder) = 0;
    virtual std::vector<std::string> owner_watch_paths(const std::string& owner) = 0;  // ... new folders
};

// Settings of one [[store]]; a store type reads those that are its own.
struct StoreOptions {
    std::string name;
    std::string type = "maildir";
    std::string path;                  // with %u, %n, %d: one path component each (owner, local part, domain)
    std::string layout = "maildir++";  // maildir: "maildir++" or "fs"
    std::string date = "auto";         // "mtime", "name", "received", "header"; "auto": what the type takes by itself
    std::string format = "mboxrd";     // mbox: "mboxrd", "mboxo", "mboxcl2"
    std::string flags = "seed";        // "seed": the owner's flags begin with the store's
    unsigned rescan_seconds = 0;       // 0: sync.rescan
};

// What a store type accepts, for the configuration's messages; in the order of `type`'s documentation.
std::vector<std::string> store_types();

// Does not touch the path: a store that is not there is opened and unavailable. invalid: options that make no sense,
// the text names the option and what is allowed.
Result<std::unique_ptr<ArchiveStore>> open_store(const StoreOptions& options);

}  // namespace imaparc::store
