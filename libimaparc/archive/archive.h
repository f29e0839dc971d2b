// The archive service: message details from the stores, by message ID. Keeps the catalog: per message its place (store,
// owner, folder location, name), size, digest and summary. The catalog is derived: deleted, damaged or switched off,
// the answers are the same, slower.
//
// Plain blocking calls, from any thread. cached() alone never waits for a disk or a lock held across one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/log.h"
#include "message/section.h"
#include "message/summary.h"
#include "store/store.h"

namespace imaparc::archive {

struct Options {
    std::filesystem::path directory;  // data_dir/catalog
    bool enabled = true;              // false: nothing is kept, everything is computed when asked
};

// Where a message lies: written by the synchronisation, before the index publishes the ID.
struct MessagePlace {
    MessageId id;
    std::string store;     // its name
    std::string location;  // the store's word for the folder
    std::string name;      // the store's word for the message
    std::string locator;   // hint
};

// A summary and the bytes it points into. Cheap to move.
struct Details {
    message::Summary summary;
    std::string fingerprint;             // of the content it was computed from
    std::shared_ptr<const void> record;  // keeps the bytes alive
};

// One message's bytes in wire form (CRLF, NUL as 0x80; see message/summary.h).
class WireReader {
  public:
    virtual ~WireReader() = default;
    virtual const message::Summary& summary() const = 0;  // of the content that is open, verified by its fingerprint
    // Fills the buffer from the wire offset unless the message ends; reading on where the last call ended costs no
    // seek, elsewhere at most message::checkpoint_every bytes are read over. An error: I/O, or the content changed
    // under us (never a short read, never padding).
    virtual Result<std::size_t> read(std::uint64_t wire_offset, std::span<char> buffer) = 0;
    virtual Result<std::size_t> read_raw(std::uint64_t raw_offset, std::span<char> buffer) = 0;
};

struct Statistics {
    std::uint64_t records = 0, bytes = 0, owners_open = 0;
};

class Archive {
  public:
    // The stores outlive the archive. Fault if the directory cannot be made.
    Archive(Options options, std::vector<store::ArchiveStore*> stores, Log& log);
    ~Archive();

    // ---- for the synchronisation
    // Remembers places (of messages not yet known, or moved); durable after flush. Fault if the disk is full or gone.
    void place(std::string_view owner, std::span<const MessagePlace> places);
    // Reads the message and keeps its details. The size (RFC822.SIZE) and digest come back.
    Result<Details> ingest(std::string_view owner, const MessageId& id);
    bool has_place(std::string_view owner, const MessageId& id);
    void forget(std::string_view owner, std::span<const MessageId> ids);  // gone for good: purged by compaction
    void flush(std::string_view owner);

    // ---- for everybody
    // Details that need no waiting; nullopt where they do. Results in the order of `ids`.
    std::vector<std::optional<Details>> cached(std::string_view owner, std::span<const MessageId> ids);
    // Details, computed if the catalog lacks them. not_found: no place is known, or the store says the message is gone
    // (after looking the folder through once more); unavailable: the store cannot be asked now.
    Result<Details> details(std::string_view owner, const MessageId& id);
    // Many at once, in the order of `ids`: neighbours in the catalog cost one read.
    std::vector<Result<Details>> details(std::string_view owner, std::span<const MessageId> ids);
    Result<std::unique_ptr<WireReader>> open(std::string_view owner, const MessageId& id);
    // The place, for support ("index messages"); not_found.
    Result<MessagePlace> place_of(std::string_view owner, const MessageId& id);
    Statistics statistics() const;

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace imaparc::archive
