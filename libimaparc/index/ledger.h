// The ledger of one owner: an append-only, checksummed log in data_dir/ledger/, the truth about everything the stores
// cannot tell. The index is derived from it and remembers how far it has applied it (a Position).
//
//   file    = magic "imaparcL" header-record *record
//   record  = length u32, crc u32, body       little endian; length is that of the body, 1 to 1 MiB
//   body    = type u8, payload (varints)      type bit 7: part of the open transaction
//   crc     = CRC-32C of generation, the record's offset, length and body: a record that is stale or misplaced fails
//
// A transaction is what a synchronisation publishes as a whole: its records stand between a begin and a commit record,
// others' records may stand between them; a replay passes over the records of a transaction that was never committed.
//
// What is found at the end: a last record that is incomplete or fails its check, with nothing valid behind it, is what
// an interrupted append leaves: it is cut off and reported. The same with something valid behind it is damage: the
// caller sets the file aside (set_aside) and gives new UIDVALIDITYs.
//
// Any thread; one process (flock). An owner's file can be closed (destroyed) and opened again at any time.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/ids.h"
#include "index/ledger_records.h"

namespace imaparc::index {

// A place between two records. Another generation is another file, whatever its name.
struct Position {
    std::uint64_t generation = 0;
    std::uint64_t offset = 0;
    bool operator==(const Position&) const = default;
};

// Records to be appended together, encoded as they are added.
class Batch {
  public:
    void add(const Record& record);
    void add_in_transaction(const Record& record);
    void begin();   // of the owner's transaction: an earlier one without commit is void
    void commit();  // what was added in it, in this batch or earlier ones since begin(), counts
    bool empty() const { return bodies_.empty(); }
    std::size_t bytes() const { return bytes_; }

  private:
    friend class Ledger;
    void push(std::string body);
    std::vector<std::string> bodies_;
    std::size_t bytes_ = 0;
};

class Ledger {
  public:
    // An error from it stops the replay and is what open() returns.
    using Visitor = std::function<Result<void>(const Record& record)>;

    struct Opened {
        std::unique_ptr<Ledger> ledger;
        bool from_start = false;         // `from` was not of this file: everything was visited
        bool clean_stop = false;         // the last record is CleanStop
        std::uint64_t cut = 0;           // bytes of an interrupted append that were cut off
        std::uint64_t void_records = 0;  // records of transactions that were never committed (passed over)
    };

    // A new, empty ledger; durable when this returns. conflict: there is one already.
    static Result<std::unique_ptr<Ledger>> create(const std::filesystem::path& path, std::string_view owner);
    // Visits the records from `from` on in file order; from the start if `from` is nullopt, of another generation, or
    // beyond the end. `from` must lie outside a transaction or where one begins: an end() that was read when no
    // transaction was open. Errors: not_found; conflict (open elsewhere); damaged (the text names file and offset;
    // nothing after the damage was visited, the file is unchanged); refused (made by a newer version); io.
    static Result<Opened> open(const std::filesystem::path& path, std::optional<Position> from, const Visitor& visit);
    ~Ledger();
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    const std::string& owner() const { return owner_; }
    std::uint64_t generation() const { return generation_; }
    Position end() const;  // behind the last record appended

    // To be waited for: the offset behind what was appended.
    using Ticket = std::uint64_t;
    // Written, all of it or nothing, in one piece: records of other threads do not come between. Not durable yet. io:
    // the disk is full, say; the ledger is as before and takes later appends. After a failed fdatasync, or when half a
    // record could not be taken back, all later calls fail: close and open it again.
    Result<Ticket> append(const Batch& batch);
    // Returns when everything up to the ticket is on disk. All that wait share one fdatasync.
    Result<void> wait(Ticket ticket);
    bool durable(Ticket ticket) const;

    // Visits all that was appended so far, from the start (for checks). Errors: damaged, io, the visitor's.
    Result<void> replay(const Visitor& visit) const;

  private:
    Ledger(File file, std::filesystem::path path, std::string owner, std::uint64_t generation, std::uint64_t end);

    File file_;
    const std::filesystem::path path_;
    const std::string owner_;
    const std::uint64_t generation_;
    mutable std::mutex mutex_;
    std::condition_variable synced_;
    std::uint64_t end_, durable_;
    bool syncing_ = false;
    std::optional<Error> broken_;
};

// File name for an owner: bytes other than letters, digits, "@", "_", "+", "=", ",", "-" and inner dots as %XX, then
// ".ledger"; if that is longer than 255 bytes "#", the SHA-256 and ".ledger". Different for different owners.
std::string ledger_file_name(std::string_view owner);
// The owner in the header. damaged, refused, io, not_found.
Result<std::string> ledger_owner(const std::filesystem::path& path);
// Paths of the ledgers in a directory (by name; those set aside are not among them); empty if it does not exist.
Result<std::vector<std::filesystem::path>> ledger_files(const std::filesystem::path& directory);
// Renames it to NAME.damaged-SECONDS (with a further number if taken); the new path.
Result<std::filesystem::path> set_aside(const std::filesystem::path& path, Seconds now);

// Numbers taken from a range that the ledger has reserved: while next() < ceiling they may be used, otherwise a ceiling
// record has to become durable first. After an unclean stop begin with next == ceiling, as read. Not thread-safe.
class Reserved {
  public:
    explicit Reserved(std::uint64_t next = 1, std::uint64_t ceiling = 0) : next_(next), ceiling_(ceiling) {}
    std::uint64_t next() const { return next_; }  // the first number not given out
    std::uint64_t ceiling() const { return ceiling_; }
    bool covers(std::uint64_t count) const { return next_ <= ceiling_ && count <= ceiling_ - next_; }
    // The ceiling to reserve so that `count` more are covered, and `ahead` beyond them.
    std::uint64_t wanted(std::uint64_t count, std::uint64_t ahead) const { return next_ + count + ahead; }
    void reserved(std::uint64_t ceiling) { ceiling_ = ceiling; }
    std::uint64_t take(std::uint64_t count = 1) {  // the first of them; std::logic_error if not covered
        if (!covers(count)) throw std::logic_error("numbers taken beyond the ceiling");
        next_ += count;
        return next_ - count;
    }
    void raise(std::uint64_t next) {
        if (next > next_) next_ = next;
    }

  private:
    std::uint64_t next_, ceiling_;
};

}  // namespace imaparc::index
