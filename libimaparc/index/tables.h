// The tables of IMAPDB.FDB (schema/) as structs: all SQL of the index stands in tables.cpp. A Connection is an
// attachment with its prepared statements; Connections lends them out, so that any number of threads read beside each
// other, and holds the one that writes.
//
// A reading call is one short read-only snapshot of its own. DatabaseFault where something fails; what a BLOB holds is
// checked by those who decode it.
#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/base.h"
#include "index/database.h"
#include "index/ledger.h"
#include "index/overlay.h"

namespace imaparc::index {

struct OwnerRow {
    std::uint32_t id = 0;
    std::string name;
    Position applied;           // of its ledger
    std::uint64_t version = 0;  // the greatest of its segments
    std::uint64_t folders = 0, messages = 0;
};

// One level of a path; `number` 0: not a folder itself.
struct LevelRow {
    std::uint32_t id = 0, parent = 0;
    std::string name;
    FolderNumber number;
    bool living = false, selectable = false;
    UidValidity uid_validity;
    Uid uid_next;
    ModSeq base_modseq, highest_modseq, ceiling;
    std::uint64_t messages = 0;
};

struct StoredOwner {
    OwnerRow row;
    std::string facts;
    std::vector<LevelRow> levels;  // by id, so that parents come first
};

struct BaseRows {
    std::vector<SegmentRow> segments;
    std::vector<TombstoneRow> tombstones;
};

struct VersionedBytes {
    std::uint64_t version = 0;
    std::string bytes;
};

struct TableCounts {
    std::uint64_t owners = 0, folders = 0, messages = 0, segments = 0, overlay_segments = 0, tombstones = 0;
};

class Connection {
  public:
    explicit Connection(const std::filesystem::path& file);
    ~Connection();

    std::vector<OwnerRow> owners();  // by ID
    std::optional<StoredOwner> owner(std::string_view name);
    BaseRows base(std::uint32_t owner, FolderNumber folder);
    // Header and rows; nullopt if this user has none there. The keyword table and window moves are decoded: damaged.
    std::optional<Overlay> overlay(std::uint32_t owner, FolderNumber folder, UserNumber user);
    std::vector<UserNumber> overlay_users(std::uint32_t owner, FolderNumber folder);
    std::optional<VersionedBytes> base_segment(std::uint32_t owner, FolderNumber folder, std::uint32_t segment);
    std::optional<VersionedBytes> tombstones(std::uint32_t owner, FolderNumber folder, std::uint32_t segment);
    std::optional<VersionedBytes> overlay_segment(std::uint32_t owner, FolderNumber folder, UserNumber user,
                                                  std::uint32_t segment);
    TableCounts counts();
    std::uint32_t greatest_uid_validity();

    struct Inside;
    Inside& inside() { return *inside_; }

  private:
    std::unique_ptr<Inside> inside_;
};

// One write transaction; there is one at a time. Rolled back unless committed.
class Writing {
  public:
    Writing(Connection& connection, std::unique_lock<std::mutex> turn);
    ~Writing();
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;

    std::uint32_t next_owner_id();
    void put_owner(const OwnerRow& row, std::string_view facts);
    void remove_owner(std::uint32_t owner);     // with all that is its
    void remove_contents(std::uint32_t owner);  // all but its own row
    void put_level(std::uint32_t owner, const LevelRow& row);
    void put_segment(std::uint32_t owner, FolderNumber folder, const SegmentRow& row, std::string_view data);
    void remove_segment(std::uint32_t owner, FolderNumber folder, std::uint32_t segment);
    void put_tombstones(std::uint32_t owner, FolderNumber folder, const TombstoneRow& row, std::string_view data);
    void remove_tombstones(std::uint32_t owner, FolderNumber folder, std::uint32_t segment);
    void put_overlay(std::uint32_t owner, const Overlay& overlay);  // the header
    void put_overlay_segment(std::uint32_t owner, const Overlay& overlay, const OverlayRow& row, std::string_view data);
    void commit();

  private:
    std::unique_lock<std::mutex> turn_;
    Connection::Inside& inside_;
    Transaction transaction_;
};

class Connections {
  public:
    // Holds one attachment open from the start, so that the engine's page cache lives.
    explicit Connections(std::filesystem::path file);

    // Given back when it goes out of scope. Fault unavailable after close().
    class Lent {
      public:
        Lent(Connections& from, std::unique_ptr<Connection> connection)
            : from_(from), connection_(std::move(connection)) {}
        ~Lent();
        Lent(const Lent&) = delete;
        Lent& operator=(const Lent&) = delete;
        Connection* operator->() { return connection_.get(); }

      private:
        Connections& from_;
        std::unique_ptr<Connection> connection_;
        const int exceptions_ = std::uncaught_exceptions();  // more of them at the end: it is not lent out again
    };
    Lent read();
    std::unique_ptr<Writing> write();  // waits for its turn

    // Detaches: views that outlive the index get a Fault where they would have to read.
    void close();

  private:
    static constexpr std::size_t idle_at_most = 8;
    const std::filesystem::path file_;
    std::mutex mutex_;  // of idle_ and closed_; short
    std::vector<std::unique_ptr<Connection>> idle_;
    bool closed_ = false;
    std::mutex writing_;
    std::unique_ptr<Connection> writer_;
};

}  // namespace imaparc::index
