#include "index/tables.h"

#include "base/bytes.h"
#include "base/digest.h"

namespace imaparc::index {

namespace {

std::int64_t i64(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::uint64_t u64(std::int64_t value) { return static_cast<std::uint64_t>(value); }
std::uint32_t u32(std::int64_t value) { return static_cast<std::uint32_t>(value); }

constexpr std::uint8_t overlay_format = 1;

std::string encode_overlay(const Overlay& overlay) {
    std::string bytes;
    Writer w(bytes);
    w.u8(overlay_format);
    w.varint(overlay.keywords.size());
    for (const auto& keyword : overlay.keywords) w.text(keyword);
    w.varint(overlay.window.size());
    for (const auto& move : overlay.window) {
        w.zigzag(move.cutoff);
        w.varint(move.modseq.value);
    }
    w.u32(crc32c(bytes));
    return bytes;
}

void decode_overlay(std::string_view bytes, Overlay& overlay) {
    const auto damaged = [] { return DatabaseFault(ErrorKind::damaged, "an overlay in the index is damaged", {}); };
    if (bytes.size() < 5) throw damaged();
    Reader checksum(bytes.substr(bytes.size() - 4));
    bytes.remove_suffix(4);
    if (checksum.u32() != crc32c(bytes)) throw damaged();
    Reader r(bytes);
    if (r.u8() != overlay_format) throw damaged();
    for (std::uint64_t n = r.varint(); n > 0 && r.ok(); --n) overlay.keywords.emplace_back(r.text());
    for (std::uint64_t n = r.varint(); n > 0 && r.ok(); --n) {
        WindowMove move;
        move.cutoff = r.zigzag();
        move.modseq = ModSeq{r.varint()};
        overlay.window.push_back(move);
    }
    if (!r.ok() || !r.at_end() || overlay.keywords.size() > keywords_at_most) throw damaged();
}

}  // namespace

struct Connection::Inside {
    explicit Inside(const std::filesystem::path& file) : attachment(Attachment::open(file)) {}

    // Prepared when first used.
    Statement& statement(std::string_view sql) {
        const auto found = statements.find(sql.data());
        if (found != statements.end()) return found->second;
        return statements.emplace(sql.data(), Statement(attachment, std::string(sql))).first->second;
    }

    Attachment attachment;
    std::map<const char*, Statement> statements;  // by the address of the literal; destroyed before the attachment
};

Connection::Connection(const std::filesystem::path& file) : inside_(std::make_unique<Inside>(file)) {}
Connection::~Connection() = default;

std::vector<OwnerRow> Connection::owners() {
    static constexpr std::string_view sql =
        "SELECT ID, NAME, GENERATION, APPLIED, VERSION, FOLDERS, MESSAGES FROM OWNER ORDER BY ID";
    Statement& select = inside_->statement(sql);
    Transaction read(inside_->attachment, Access::read);
    select.query(read, {});
    std::vector<OwnerRow> rows;
    while (select.next())
        rows.push_back({u32(select.number(0)),
                        select.bytes(1),
                        {u64(select.number(2)), u64(select.number(3))},
                        u64(select.number(4)),
                        u64(select.number(5)),
                        u64(select.number(6))});
    read.commit();
    return rows;
}

std::optional<StoredOwner> Connection::owner(std::string_view name) {
    static constexpr std::string_view owner_sql =
        "SELECT ID, GENERATION, APPLIED, VERSION, FOLDERS, MESSAGES, FACTS FROM OWNER WHERE NAME = ?";
    static constexpr std::string_view level_sql =
        "SELECT LEVEL_ID, PARENT, NAME, NUMBER, LIVING, SELECTABLE, UIDVALIDITY, UIDNEXT, BASE_MODSEQ, HIGHESTMODSEQ, "
        "CEILING, MESSAGES FROM FOLDER WHERE OWNER_ID = ? ORDER BY LEVEL_ID";
    Statement& owner = inside_->statement(owner_sql);
    Statement& level = inside_->statement(level_sql);
    Transaction read(inside_->attachment, Access::read);
    owner.query(read, {name});
    if (!owner.next()) {
        read.commit();
        return std::nullopt;
    }
    StoredOwner stored;
    stored.row = {u32(owner.number(0)), std::string(name),    {u64(owner.number(1)), u64(owner.number(2))},
                  u64(owner.number(3)), u64(owner.number(4)), u64(owner.number(5))};
    stored.facts = owner.bytes(6);
    owner.close();
    level.query(read, {i64(stored.row.id)});
    while (level.next()) {
        LevelRow row;
        row.id = u32(level.number(0));
        row.parent = u32(level.number(1));
        row.name = level.bytes(2);
        row.number = FolderNumber{u32(level.number(3))};
        row.living = level.number(4) != 0;
        row.selectable = level.number(5) != 0;
        row.uid_validity = UidValidity{u32(level.number(6))};
        row.uid_next = Uid{u32(level.number(7))};
        row.base_modseq = ModSeq{u64(level.number(8))};
        row.highest_modseq = ModSeq{u64(level.number(9))};
        row.ceiling = ModSeq{u64(level.number(10))};
        row.messages = u64(level.number(11));
        stored.levels.push_back(std::move(row));
    }
    read.commit();
    return stored;
}

BaseRows Connection::base(std::uint32_t owner, FolderNumber folder) {
    static constexpr std::string_view segment_sql =
        "SELECT SEGMENT, VERSION, CNT, FIRST_UID, LAST_UID, LEAST_DATE, GREATEST_DATE, MAX_MODSEQ, SEED_UNSEEN, SHAPE, "
        "MEMBERSHIP FROM SEGMENT WHERE OWNER_ID = ? AND FOLDER = ? ORDER BY SEGMENT";
    static constexpr std::string_view tombstone_sql =
        "SELECT SEGMENT, VERSION, CNT, MAX_MODSEQ FROM TOMBSTONES WHERE OWNER_ID = ? AND FOLDER = ? ORDER BY SEGMENT";
    Statement& segment = inside_->statement(segment_sql);
    Statement& tombstone = inside_->statement(tombstone_sql);
    Transaction read(inside_->attachment, Access::read);
    BaseRows rows;
    segment.query(read, {i64(owner), i64(folder.value)});
    while (segment.next()) {
        SegmentRow row;
        row.segment = u32(segment.number(0));
        row.cell = std::make_shared<const Cell<BaseSegment>>(u64(segment.number(1)));
        row.count = u32(segment.number(2));
        row.first = Uid{u32(segment.number(3))};
        row.last = Uid{u32(segment.number(4))};
        row.least_date = segment.number(5);
        row.greatest_date = segment.number(6);
        row.max_modseq = ModSeq{u64(segment.number(7))};
        row.seed_unseen = u32(segment.number(8));
        row.shape = u64(segment.number(9));
        row.membership = u64(segment.number(10));
        rows.segments.push_back(std::move(row));
    }
    tombstone.query(read, {i64(owner), i64(folder.value)});
    while (tombstone.next()) {
        TombstoneRow row;
        row.segment = u32(tombstone.number(0));
        row.cell = std::make_shared<const Cell<TombstoneSegment>>(u64(tombstone.number(1)));
        row.count = u32(tombstone.number(2));
        row.max_modseq = ModSeq{u64(tombstone.number(3))};
        rows.tombstones.push_back(std::move(row));
    }
    read.commit();
    return rows;
}

std::optional<Overlay> Connection::overlay(std::uint32_t owner, FolderNumber folder, UserNumber user) {
    static constexpr std::string_view header_sql =
        "SELECT HIGHESTMODSEQ, DATA FROM OVERLAY WHERE OWNER_ID = ? AND FOLDER = ? AND USER_NUMBER = ?";
    static constexpr std::string_view row_sql =
        "SELECT SEGMENT, VERSION, CNT, UNSEEN_DELTA, MEMBERSHIP, MAX_MODSEQ FROM OVERLAY_SEGMENT "
        "WHERE OWNER_ID = ? AND FOLDER = ? AND USER_NUMBER = ? ORDER BY SEGMENT";
    Statement& header = inside_->statement(header_sql);
    Statement& select = inside_->statement(row_sql);
    Transaction read(inside_->attachment, Access::read);
    header.query(read, {i64(owner), i64(folder.value), i64(user.value)});
    if (!header.next()) {
        read.commit();
        return std::nullopt;
    }
    Overlay overlay;
    overlay.folder = folder;
    overlay.user = user;
    overlay.highest_modseq = ModSeq{u64(header.number(0))};
    const std::string data = header.bytes(1);
    header.close();
    select.query(read, {i64(owner), i64(folder.value), i64(user.value)});
    while (select.next()) {
        OverlayRow row;
        row.segment = u32(select.number(0));
        row.cell = std::make_shared<const Cell<OverlaySegment>>(u64(select.number(1)));
        row.count = u32(select.number(2));
        row.unseen_delta = static_cast<std::int32_t>(select.number(3));
        row.membership = u64(select.number(4));
        row.max_modseq = ModSeq{u64(select.number(5))};
        overlay.rows.push_back(std::move(row));
    }
    read.commit();
    decode_overlay(data, overlay);
    return overlay;
}

std::vector<UserNumber> Connection::overlay_users(std::uint32_t owner, FolderNumber folder) {
    static constexpr std::string_view sql =
        "SELECT USER_NUMBER FROM OVERLAY WHERE OWNER_ID = ? AND FOLDER = ? ORDER BY USER_NUMBER";
    Statement& select = inside_->statement(sql);
    Transaction read(inside_->attachment, Access::read);
    select.query(read, {i64(owner), i64(folder.value)});
    std::vector<UserNumber> users;
    while (select.next()) users.push_back(UserNumber{u32(select.number(0))});
    read.commit();
    return users;
}

namespace {

std::optional<VersionedBytes> one_blob(Connection::Inside& inside, Statement& select,
                                       std::initializer_list<Value> key) {
    Transaction read(inside.attachment, Access::read);
    select.query(read, key);
    std::optional<VersionedBytes> found;
    if (select.next()) found = VersionedBytes{u64(select.number(0)), select.bytes(1)};
    select.close();
    read.commit();
    return found;
}

}  // namespace

std::optional<VersionedBytes> Connection::base_segment(std::uint32_t owner, FolderNumber folder,
                                                       std::uint32_t segment) {
    static constexpr std::string_view sql =
        "SELECT VERSION, DATA FROM SEGMENT WHERE OWNER_ID = ? AND FOLDER = ? AND SEGMENT = ?";
    return one_blob(*inside_, inside_->statement(sql), {i64(owner), i64(folder.value), i64(segment)});
}

std::optional<VersionedBytes> Connection::tombstones(std::uint32_t owner, FolderNumber folder, std::uint32_t segment) {
    static constexpr std::string_view sql =
        "SELECT VERSION, DATA FROM TOMBSTONES WHERE OWNER_ID = ? AND FOLDER = ? AND SEGMENT = ?";
    return one_blob(*inside_, inside_->statement(sql), {i64(owner), i64(folder.value), i64(segment)});
}

std::optional<VersionedBytes> Connection::overlay_segment(std::uint32_t owner, FolderNumber folder, UserNumber user,
                                                          std::uint32_t segment) {
    static constexpr std::string_view sql =
        "SELECT VERSION, DATA FROM OVERLAY_SEGMENT WHERE OWNER_ID = ? AND FOLDER = ? AND USER_NUMBER = ? AND SEGMENT = "
        "?";
    return one_blob(*inside_, inside_->statement(sql), {i64(owner), i64(folder.value), i64(user.value), i64(segment)});
}

TableCounts Connection::counts() {
    static constexpr std::string_view sql =
        "SELECT (SELECT COUNT(*) FROM OWNER), (SELECT COUNT(*) FROM FOLDER WHERE NUMBER <> 0 AND LIVING <> 0), "
        "(SELECT COALESCE(SUM(CAST(CNT AS BIGINT)), 0) FROM SEGMENT), (SELECT COUNT(*) FROM SEGMENT), "
        "(SELECT COUNT(*) FROM OVERLAY_SEGMENT), (SELECT COALESCE(SUM(CAST(CNT AS BIGINT)), 0) FROM TOMBSTONES) "
        "FROM RDB$DATABASE";
    Statement& select = inside_->statement(sql);
    Transaction read(inside_->attachment, Access::read);
    select.query(read, {});
    TableCounts counts;
    if (select.next())
        counts = {u64(select.number(0)), u64(select.number(1)), u64(select.number(2)),
                  u64(select.number(3)), u64(select.number(4)), u64(select.number(5))};
    select.close();
    read.commit();
    return counts;
}

std::uint32_t Connection::greatest_uid_validity() {
    static constexpr std::string_view sql = "SELECT COALESCE(MAX(UIDVALIDITY), 0) FROM FOLDER";
    Statement& select = inside_->statement(sql);
    Transaction read(inside_->attachment, Access::read);
    select.query(read, {});
    const std::uint32_t greatest = select.next() ? u32(select.number(0)) : 0;
    select.close();
    read.commit();
    return greatest;
}

// ---- writing

Writing::Writing(Connection& connection, std::unique_lock<std::mutex> turn)
    : turn_(std::move(turn)), inside_(connection.inside()), transaction_(inside_.attachment, Access::write) {}
Writing::~Writing() = default;

std::uint32_t Writing::next_owner_id() {
    static constexpr std::string_view sql = "SELECT COALESCE(MAX(ID), 0) + 1 FROM OWNER";
    Statement& select = inside_.statement(sql);
    select.query(transaction_, {});
    const std::uint32_t id = select.next() ? u32(select.number(0)) : 1;
    select.close();
    return id;
}

void Writing::put_owner(const OwnerRow& row, std::string_view facts) {
    static constexpr std::string_view sql =
        "UPDATE OR INSERT INTO OWNER (ID, NAME, GENERATION, APPLIED, VERSION, FOLDERS, MESSAGES, FACTS) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) MATCHING (ID)";
    inside_.statement(sql).execute(
        transaction_, {i64(row.id), row.name, i64(row.applied.generation), i64(row.applied.offset), i64(row.version),
                       i64(row.folders), i64(row.messages), facts});
}

void Writing::remove_contents(std::uint32_t owner) {
    static constexpr std::string_view sqls[] = {
        "DELETE FROM FOLDER WHERE OWNER_ID = ?", "DELETE FROM SEGMENT WHERE OWNER_ID = ?",
        "DELETE FROM TOMBSTONES WHERE OWNER_ID = ?", "DELETE FROM OVERLAY WHERE OWNER_ID = ?",
        "DELETE FROM OVERLAY_SEGMENT WHERE OWNER_ID = ?"};
    for (const auto sql : sqls) inside_.statement(sql).execute(transaction_, {i64(owner)});
}

void Writing::remove_owner(std::uint32_t owner) {
    static constexpr std::string_view sql = "DELETE FROM OWNER WHERE ID = ?";
    remove_contents(owner);
    inside_.statement(sql).execute(transaction_, {i64(owner)});
}

void Writing::put_level(std::uint32_t owner, const LevelRow& row) {
    static constexpr std::string_view sql =
        "UPDATE OR INSERT INTO FOLDER (OWNER_ID, LEVEL_ID, PARENT, NAME, NUMBER, LIVING, SELECTABLE, UIDVALIDITY, "
        "UIDNEXT, BASE_MODSEQ, HIGHESTMODSEQ, CEILING, MESSAGES) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "MATCHING (OWNER_ID, LEVEL_ID)";
    inside_.statement(sql).execute(
        transaction_,
        {i64(owner), i64(row.id), i64(row.parent), row.name, i64(row.number.value), i64(row.living),
         i64(row.selectable), i64(row.uid_validity.value), i64(row.uid_next.value), i64(row.base_modseq.value),
         i64(row.highest_modseq.value), i64(row.ceiling.value), i64(row.messages)});
}

void Writing::put_segment(std::uint32_t owner, FolderNumber folder, const SegmentRow& row, std::string_view data) {
    static constexpr std::string_view sql =
        "UPDATE OR INSERT INTO SEGMENT (OWNER_ID, FOLDER, SEGMENT, VERSION, CNT, FIRST_UID, LAST_UID, LEAST_DATE, "
        "GREATEST_DATE, MAX_MODSEQ, SEED_UNSEEN, SHAPE, MEMBERSHIP, DATA) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?) MATCHING (OWNER_ID, FOLDER, SEGMENT)";
    inside_.statement(sql).execute(
        transaction_, {i64(owner), i64(folder.value), i64(row.segment), i64(row.cell->version()), i64(row.count),
                       i64(row.first.value), i64(row.last.value), row.least_date, row.greatest_date,
                       i64(row.max_modseq.value), i64(row.seed_unseen), i64(row.shape), i64(row.membership), data});
}

void Writing::remove_segment(std::uint32_t owner, FolderNumber folder, std::uint32_t segment) {
    static constexpr std::string_view sql = "DELETE FROM SEGMENT WHERE OWNER_ID = ? AND FOLDER = ? AND SEGMENT = ?";
    inside_.statement(sql).execute(transaction_, {i64(owner), i64(folder.value), i64(segment)});
}

void Writing::put_tombstones(std::uint32_t owner, FolderNumber folder, const TombstoneRow& row, std::string_view data) {
    static constexpr std::string_view sql =
        "UPDATE OR INSERT INTO TOMBSTONES (OWNER_ID, FOLDER, SEGMENT, VERSION, CNT, MAX_MODSEQ, DATA) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) MATCHING (OWNER_ID, FOLDER, SEGMENT)";
    inside_.statement(sql).execute(
        transaction_, {i64(owner), i64(folder.value), i64(row.segment), i64(row.cell->version()), i64(row.count),
                       i64(row.max_modseq.value), data});
}

void Writing::remove_tombstones(std::uint32_t owner, FolderNumber folder, std::uint32_t segment) {
    static constexpr std::string_view sql = "DELETE FROM TOMBSTONES WHERE OWNER_ID = ? AND FOLDER = ? AND SEGMENT = ?";
    inside_.statement(sql).execute(transaction_, {i64(owner), i64(folder.value), i64(segment)});
}

void Writing::put_overlay(std::uint32_t owner, const Overlay& overlay) {
    static constexpr std::string_view sql =
        "UPDATE OR INSERT INTO OVERLAY (OWNER_ID, FOLDER, USER_NUMBER, HIGHESTMODSEQ, DATA) VALUES (?, ?, ?, ?, ?) "
        "MATCHING (OWNER_ID, FOLDER, USER_NUMBER)";
    const std::string data = encode_overlay(overlay);
    inside_.statement(sql).execute(transaction_, {i64(owner), i64(overlay.folder.value), i64(overlay.user.value),
                                                  i64(overlay.highest_modseq.value), data});
}

void Writing::put_overlay_segment(std::uint32_t owner, const Overlay& overlay, const OverlayRow& row,
                                  std::string_view data) {
    static constexpr std::string_view sql =
        "UPDATE OR INSERT INTO OVERLAY_SEGMENT (OWNER_ID, FOLDER, USER_NUMBER, SEGMENT, VERSION, CNT, UNSEEN_DELTA, "
        "MEMBERSHIP, MAX_MODSEQ, DATA) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "MATCHING (OWNER_ID, FOLDER, USER_NUMBER, SEGMENT)";
    inside_.statement(sql).execute(
        transaction_,
        {i64(owner), i64(overlay.folder.value), i64(overlay.user.value), i64(row.segment), i64(row.cell->version()),
         i64(row.count), std::int64_t{row.unseen_delta}, i64(row.membership), i64(row.max_modseq.value), data});
}

void Writing::commit() { transaction_.commit(); }

// ---- Connections

Connections::Connections(std::filesystem::path file)
    : file_(std::move(file)), writer_(std::make_unique<Connection>(file_)) {}

Connections::Lent::~Lent() {
    if (std::uncaught_exceptions() > exceptions_) return;
    std::lock_guard lock(from_.mutex_);
    if (!from_.closed_ && from_.idle_.size() < idle_at_most) from_.idle_.push_back(std::move(connection_));
}

Connections::Lent Connections::read() {
    {
        std::lock_guard lock(mutex_);
        if (closed_) throw Fault(ErrorKind::unavailable, "the index is closed");
        if (!idle_.empty()) {
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            return Lent(*this, std::move(connection));
        }
    }
    return Lent(*this, std::make_unique<Connection>(file_));
}

std::unique_ptr<Writing> Connections::write() {
    std::unique_lock turn(writing_);
    if (!writer_) throw Fault(ErrorKind::unavailable, "the index is closed");
    return std::make_unique<Writing>(*writer_, std::move(turn));
}

void Connections::close() {
    std::vector<std::unique_ptr<Connection>> idle;
    {
        std::lock_guard lock(mutex_);
        closed_ = true;
        idle.swap(idle_);
    }
    std::lock_guard turn(writing_);
    writer_.reset();
}

}  // namespace imaparc::index
