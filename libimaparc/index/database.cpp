#include "index/database.h"

#include <firebird/Interface.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <mutex>

#include "base/file.h"

namespace imaparc::index {

namespace {

namespace fs = std::filesystem;
using Firebird::CheckStatusWrapper;

constexpr const char* intl_directories[] = {"/usr/lib/x86_64-linux-gnu/firebird/3.0/intl",
                                            "/usr/lib/aarch64-linux-gnu/firebird/3.0/intl",
                                            "/usr/lib/firebird/3.0/intl"};
constexpr std::size_t blob_limit = 64U << 20;

Firebird::IMaster* master() { return Firebird::fb_get_master_interface(); }

// One a thread: a status must not be shared, and making one costs an allocation.
class Status {
  public:
    Status() : status_(master()->getStatus()), wrapper_(status_) {}
    ~Status() { wrapper_.dispose(); }
    Status(const Status&) = delete;
    Status& operator=(const Status&) = delete;
    CheckStatusWrapper* get() {
        wrapper_.init();
        return &wrapper_;
    }

  private:
    Firebird::IStatus* status_;
    CheckStatusWrapper wrapper_;
};

CheckStatusWrapper* status() {
    thread_local Status mine;
    return mine.get();
}

struct Codes {
    std::vector<long> gds;
    int system_error = 0;
    bool has(long code) const { return std::find(gds.begin(), gds.end(), code) != gds.end(); }
};

Codes codes_of(const intptr_t* vector) {
    Codes codes;
    while (*vector != isc_arg_end) {
        const intptr_t type = *vector++;
        if (type == isc_arg_gds) codes.gds.push_back(static_cast<long>(*vector));
        if (type == isc_arg_unix) codes.system_error = static_cast<int>(*vector);
        vector += type == isc_arg_cstring ? 2 : 1;
    }
    return codes;
}

[[noreturn]] void raise(CheckStatusWrapper* s, const std::string& what) {
    const Codes codes = codes_of(s->getErrors());
    char detail[1024] = "";
    master()->getUtilInterface()->formatStatus(detail, sizeof detail, s);
    std::string text = detail;
    std::replace(text.begin(), text.end(), '\n', ' ');
    auto fault = [&](ErrorKind kind, const std::string& message) { return DatabaseFault(kind, message, codes.gds); };
    if (codes.has(isc_already_opened)) throw fault(ErrorKind::conflict, what + " is in use by another process");
    if (codes.has(isc_unavailable))
        throw fault(ErrorKind::unavailable,
                    what + ": Firebird's embedded engine is missing; install the package firebird3.0-server-core");
    if (codes.has(isc_io_error) && codes.system_error == ENOSPC)
        throw fault(ErrorKind::unavailable, what + ": no space left on the disk");
    if (codes.has(isc_io_error) && codes.system_error == ENOENT)
        throw fault(ErrorKind::not_found, what + " does not exist");
    if (codes.has(isc_io_error) && (codes.system_error == EACCES || codes.system_error == EPERM))
        throw fault(ErrorKind::denied, what + ": no permission to read and write it");
    if (codes.has(isc_no_priv)) throw fault(ErrorKind::denied, what + ": no permission to read and write it");
    if (codes.has(isc_wrong_ods) || codes.has(isc_badodsver))
        throw fault(ErrorKind::refused, what + " has the disk format of another Firebird version");
    if (codes.has(isc_bad_db_format)) throw fault(ErrorKind::invalid, what + " is not a Firebird database");
    if (codes.has(isc_io_error) && codes.has(isc_random))  // "File size is less than expected"
        throw fault(ErrorKind::damaged, what + " is truncated (" + text + ")");
    for (const long code :
         {isc_db_corrupt, isc_bug_check, isc_badpage, isc_bad_checksum, isc_page_type_err, isc_io_read_err,
          isc_charset_not_found, isc_charset_not_installed, isc_dsql_relation_err, isc_dsql_field_err})
        if (codes.has(code)) throw fault(ErrorKind::damaged, what + " is damaged (" + text + ")");
    throw fault(ErrorKind::io, what + ": " + text);
}

void check(CheckStatusWrapper* s, const std::string& what) {
    if (s->getState() & Firebird::IStatus::STATE_ERRORS) raise(s, what);
}

// A parameter block: version, then (tag, length, bytes)...
class Parameters {
  public:
    explicit Parameters(unsigned char version) : bytes_(1, version) {}
    void add(unsigned char tag, std::string_view value) {
        bytes_.push_back(tag);
        bytes_.push_back(static_cast<unsigned char>(value.size()));
        bytes_.insert(bytes_.end(), value.begin(), value.end());
    }
    void add(unsigned char tag, std::uint32_t value) {
        const char little[] = {static_cast<char>(value), static_cast<char>(value >> 8), static_cast<char>(value >> 16),
                               static_cast<char>(value >> 24)};
        add(tag, std::string_view(little, sizeof little));
    }
    const unsigned char* data() const { return bytes_.data(); }
    unsigned size() const { return static_cast<unsigned>(bytes_.size()); }

  private:
    std::vector<unsigned char> bytes_;
};

// SYSDBA always, so that tables are readable whoever runs us: embedded, file permissions are the protection.
Parameters attach_parameters() {
    Parameters dpb(isc_dpb_version1);
    dpb.add(isc_dpb_user_name, "SYSDBA");
    dpb.add(isc_dpb_lc_ctype, "UTF8");
    dpb.add(isc_dpb_config, "Providers=Engine12\n");
    return dpb;
}

struct Environment {
    std::mutex mutex;
    fs::path directory;      // empty until the first prepare_engine()
    bool came_back = false;  // it had vanished (a test's directory), and was made again for the locks of a later one

    ~Environment() {
        std::error_code left_behind;  // nobody is there any more who could be told
        if (!came_back) return;
        fs::remove_all(directory / "fblock", left_behind);
        fs::remove_all(directory / "firebird", left_behind);
        fs::remove(directory, left_behind);
    }
};

// The one thing here that belongs to the process: Firebird reads its environment once.
Environment& environment() {
    static Environment it;
    return it;
}

}  // namespace

void prepare_engine(const fs::path& directory, unsigned cache_pages) {
    std::error_code failed;
    auto& process = environment();
    std::lock_guard lock(process.mutex);
    const bool first = process.directory.empty();
    if (first)
        process.directory = fs::absolute(directory);
    else if (!fs::exists(process.directory))
        process.came_back = true;
    const fs::path root = process.directory / "firebird";
    const fs::path locks = process.directory / "fblock";
    value_or_throw(make_directories(root));
    value_or_throw(make_directories(locks));
    if (!first) return;
    const std::string settings = "# Written by imaparchd at every start.\nServerMode = Super\nDefaultDbCachePages = " +
                                 std::to_string(cache_pages) + "\nGCPolicy = cooperative\n";
    const auto there = read_file(root / "firebird.conf");
    if (!there || *there != settings) value_or_throw(write_file_atomically(root / "firebird.conf", settings));
    if (!fs::is_symlink(root / "intl", failed))
        for (const char* intl : intl_directories)
            if (fs::is_directory(intl, failed)) {
                fs::create_directory_symlink(intl, root / "intl", failed);  // without it: a line in firebird.log
                break;
            }
    if (setenv("FIREBIRD", root.c_str(), 1) != 0 || setenv("FIREBIRD_LOCK", locks.c_str(), 1) != 0)
        throw Fault(system_error(errno, "cannot set Firebird's environment"));
}

// ---- Attachment

struct Attachment::Inside {
    Firebird::IAttachment* handle = nullptr;
    std::string file;

    ~Inside() {
        if (!handle) return;
        auto* s = status();
        handle->detach(s);  // releases on success
        if (s->getState() & Firebird::IStatus::STATE_ERRORS) handle->release();
    }
};

namespace {

struct Provider {
    Firebird::IProvider* handle = master()->getDispatcher();
    ~Provider() { handle->release(); }
};

}  // namespace

Attachment::Attachment(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Attachment::Attachment(Attachment&&) noexcept = default;
Attachment::~Attachment() = default;

Attachment Attachment::open(const fs::path& file) {
    Provider provider;
    const Parameters dpb = attach_parameters();
    auto inside = std::make_unique<Inside>();
    inside->file = file;
    auto* s = status();
    inside->handle = provider.handle->attachDatabase(s, inside->file.c_str(), dpb.size(), dpb.data());
    check(s, inside->file);
    return Attachment(std::move(inside));
}

Attachment Attachment::create(const fs::path& file) {
    Provider provider;
    Parameters dpb = attach_parameters();
    dpb.add(isc_dpb_page_size, 16384U);
    dpb.add(isc_dpb_sql_dialect, 3U);
    dpb.add(isc_dpb_force_write, 1U);
    dpb.add(isc_dpb_set_db_charset, "UTF8");
    auto inside = std::make_unique<Inside>();
    inside->file = file;
    auto* s = status();
    inside->handle = provider.handle->createDatabase(s, inside->file.c_str(), dpb.size(), dpb.data());
    check(s, inside->file);
    return Attachment(std::move(inside));
}

// ---- Transaction

struct Transaction::Inside {
    Attachment::Inside* attachment = nullptr;
    Firebird::ITransaction* handle = nullptr;
};

Transaction::Transaction(Attachment& attachment, Access access) : inside_(std::make_unique<Inside>()) {
    const unsigned char reading[] = {isc_tpb_version3, isc_tpb_concurrency, isc_tpb_read};
    const unsigned char writing[] = {isc_tpb_version3, isc_tpb_concurrency, isc_tpb_write, isc_tpb_nowait};
    inside_->attachment = &attachment.inside();
    auto* s = status();
    inside_->handle = access == Access::read ? attachment.inside().handle->startTransaction(s, sizeof reading, reading)
                                             : attachment.inside().handle->startTransaction(s, sizeof writing, writing);
    check(s, inside_->attachment->file);
}

Transaction::~Transaction() {
    if (!inside_->handle) return;
    auto* s = status();
    inside_->handle->rollback(s);
    if (s->getState() & Firebird::IStatus::STATE_ERRORS) inside_->handle->release();
}

void Transaction::commit() {
    auto* s = status();
    inside_->handle->commit(s);
    check(s, inside_->attachment->file);
    inside_->handle = nullptr;
}

void Transaction::run(const std::string& sql) {
    auto* s = status();
    inside_->attachment->handle->execute(s, inside_->handle, 0, sql.c_str(), SQL_DIALECT_V6, nullptr, nullptr, nullptr,
                                         nullptr);
    check(s, inside_->attachment->file);
}

// ---- Statement

namespace {

struct Column {
    unsigned type = 0, length = 0, offset = 0, null_offset = 0;
};

// A message buffer and where its columns lie.
struct Message {
    Firebird::IMessageMetadata* metadata = nullptr;
    std::vector<Column> columns;
    std::vector<unsigned char> buffer;

    void describe(Firebird::IMessageMetadata* from, const std::string& what) {
        metadata = from;
        auto* s = status();
        const unsigned count = metadata->getCount(s);
        check(s, what);
        for (unsigned i = 0; i < count; ++i) {
            Column column;
            column.type = metadata->getType(s, i) & ~1U;
            column.length = metadata->getLength(s, i);
            column.offset = metadata->getOffset(s, i);
            column.null_offset = metadata->getNullOffset(s, i);
            check(s, what);
            columns.push_back(column);
        }
        buffer.resize(metadata->getMessageLength(s));
        check(s, what);
    }
    ~Message() {
        if (metadata) metadata->release();
    }
    template <class T>
    void put(unsigned offset, T value) {
        std::memcpy(buffer.data() + offset, &value, sizeof value);
    }
    template <class T>
    T get(unsigned offset) const {
        T value;
        std::memcpy(&value, buffer.data() + offset, sizeof value);
        return value;
    }
};

}  // namespace

struct Statement::Inside {
    Attachment::Inside* attachment = nullptr;
    Firebird::IStatement* handle = nullptr;
    Firebird::IResultSet* cursor = nullptr;
    Firebird::ITransaction* transaction = nullptr;  // the cursor's
    Message in, out;

    ~Inside() {
        close();
        if (!handle) return;
        auto* s = status();
        handle->free(s);  // releases on success
        if (s->getState() & Firebird::IStatus::STATE_ERRORS) handle->release();
    }
    void close() {
        if (!cursor) return;
        auto* s = status();
        cursor->close(s);
        if (s->getState() & Firebird::IStatus::STATE_ERRORS) cursor->release();
        cursor = nullptr;
    }
    void bind(Firebird::ITransaction* tra, std::initializer_list<Value> values);
    void put_blob(Firebird::ITransaction* tra, unsigned offset, std::string_view bytes);
    std::string get_blob(ISC_QUAD id) const;
};

void Statement::Inside::put_blob(Firebird::ITransaction* tra, unsigned offset, std::string_view bytes) {
    auto* s = status();
    ISC_QUAD id{};
    Firebird::IBlob* blob = attachment->handle->createBlob(s, tra, &id, 0, nullptr);
    check(s, attachment->file);
    while (!bytes.empty()) {
        const auto part = bytes.substr(0, 65535);
        blob->putSegment(s, static_cast<unsigned>(part.size()), part.data());
        if (s->getState() & Firebird::IStatus::STATE_ERRORS) {
            blob->release();
            raise(s, attachment->file);
        }
        bytes.remove_prefix(part.size());
    }
    blob->close(s);
    if (s->getState() & Firebird::IStatus::STATE_ERRORS) {
        blob->release();
        raise(s, attachment->file);
    }
    in.put(offset, id);
}

std::string Statement::Inside::get_blob(ISC_QUAD id) const {
    auto* s = status();
    Firebird::IBlob* blob = attachment->handle->openBlob(s, transaction, &id, 0, nullptr);
    check(s, attachment->file);
    std::string bytes;
    std::vector<char> buffer(65535);
    for (;;) {
        unsigned length = 0;
        const int result = blob->getSegment(s, static_cast<unsigned>(buffer.size()), buffer.data(), &length);
        if (result == Firebird::IStatus::RESULT_NO_DATA) break;
        if (result != Firebird::IStatus::RESULT_OK && result != Firebird::IStatus::RESULT_SEGMENT) {
            blob->release();
            raise(s, attachment->file);
        }
        if (bytes.size() + length > blob_limit) {
            blob->release();
            throw DatabaseFault(ErrorKind::damaged, attachment->file + " holds a larger BLOB than it can", {});
        }
        bytes.append(buffer.data(), length);
    }
    blob->close(s);
    if (s->getState() & Firebird::IStatus::STATE_ERRORS) {
        blob->release();
        raise(s, attachment->file);
    }
    return bytes;
}

void Statement::Inside::bind(Firebird::ITransaction* tra, std::initializer_list<Value> values) {
    if (values.size() != in.columns.size())
        throw std::logic_error("a statement was given " + std::to_string(values.size()) + " values, not " +
                               std::to_string(in.columns.size()));
    std::fill(in.buffer.begin(), in.buffer.end(), static_cast<unsigned char>(0));
    auto column = in.columns.begin();
    for (const Value& value : values) {
        const Column& c = *column++;
        in.put<short>(c.null_offset, 0);
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
            switch (c.type) {
                case SQL_SHORT:
                    in.put(c.offset, static_cast<std::int16_t>(*number));
                    break;
                case SQL_LONG:
                    in.put(c.offset, static_cast<std::int32_t>(*number));
                    break;
                case SQL_INT64:
                    in.put(c.offset, *number);
                    break;
                default:
                    throw std::logic_error("a number was given for a column of bytes");
            }
            continue;
        }
        const auto bytes = std::get<std::string_view>(value);
        switch (c.type) {
            case SQL_BLOB:
                put_blob(tra, c.offset, bytes);
                break;
            case SQL_VARYING:
                if (bytes.size() > c.length)
                    throw DatabaseFault(ErrorKind::limit, "a value is longer than its column", {});
                in.put(c.offset, static_cast<std::uint16_t>(bytes.size()));
                std::memcpy(in.buffer.data() + c.offset + 2, bytes.data(), bytes.size());
                break;
            default:
                throw std::logic_error("bytes were given for a column of numbers");
        }
    }
}

Statement::Statement(Attachment& attachment, const std::string& sql) : inside_(std::make_unique<Inside>()) {
    inside_->attachment = &attachment.inside();
    const std::string& file = inside_->attachment->file;
    Transaction preparing(attachment, Access::read);
    auto* s = status();
    inside_->handle = inside_->attachment->handle->prepare(s, preparing.inside().handle, 0, sql.c_str(), SQL_DIALECT_V6,
                                                           Firebird::IStatement::PREPARE_PREFETCH_METADATA);
    check(s, file);
    auto* input = inside_->handle->getInputMetadata(s);
    check(s, file);
    inside_->in.describe(input, file);
    s = status();
    auto* output = inside_->handle->getOutputMetadata(s);
    check(s, file);
    inside_->out.describe(output, file);
    preparing.commit();
}

Statement::Statement(Statement&&) noexcept = default;
Statement::~Statement() = default;

void Statement::execute(Transaction& transaction, std::initializer_list<Value> values) {
    inside_->bind(transaction.inside().handle, values);
    auto* s = status();
    inside_->handle->execute(s, transaction.inside().handle, inside_->in.metadata, inside_->in.buffer.data(), nullptr,
                             nullptr);
    check(s, inside_->attachment->file);
}

void Statement::query(Transaction& transaction, std::initializer_list<Value> values) {
    inside_->close();
    inside_->transaction = transaction.inside().handle;
    inside_->bind(inside_->transaction, values);
    auto* s = status();
    inside_->cursor = inside_->handle->openCursor(s, inside_->transaction, inside_->in.metadata,
                                                  inside_->in.buffer.data(), inside_->out.metadata, 0);
    check(s, inside_->attachment->file);
}

bool Statement::next() {
    if (!inside_->cursor) return false;
    auto* s = status();
    const int result = inside_->cursor->fetchNext(s, inside_->out.buffer.data());
    if (result == Firebird::IStatus::RESULT_OK) return true;
    if (result != Firebird::IStatus::RESULT_NO_DATA) {
        inside_->cursor->release();
        inside_->cursor = nullptr;
        raise(s, inside_->attachment->file);
    }
    inside_->close();
    return false;
}

void Statement::close() { inside_->close(); }

std::int64_t Statement::number(unsigned column) const {
    const Column& c = inside_->out.columns.at(column);
    if (inside_->out.get<short>(c.null_offset)) return 0;
    switch (c.type) {
        case SQL_SHORT:
            return inside_->out.get<std::int16_t>(c.offset);
        case SQL_LONG:
            return inside_->out.get<std::int32_t>(c.offset);
        case SQL_INT64:
            return inside_->out.get<std::int64_t>(c.offset);
        default:
            throw std::logic_error("a column of bytes was read as a number");
    }
}

std::string Statement::bytes(unsigned column) const {
    const Column& c = inside_->out.columns.at(column);
    if (inside_->out.get<short>(c.null_offset)) return {};
    switch (c.type) {
        case SQL_BLOB:
            return inside_->get_blob(inside_->out.get<ISC_QUAD>(c.offset));
        case SQL_VARYING: {
            const auto length = std::min<unsigned>(inside_->out.get<std::uint16_t>(c.offset), c.length);
            return std::string(reinterpret_cast<const char*>(inside_->out.buffer.data()) + c.offset + 2, length);
        }
        default:
            throw std::logic_error("a column of numbers was read as bytes");
    }
}

}  // namespace imaparc::index

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IMAPARC_LEAKS_ARE_LOOKED_FOR
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define IMAPARC_LEAKS_ARE_LOOKED_FOR
#endif
#ifdef IMAPARC_LEAKS_ARE_LOOKED_FOR
// What Firebird's client keeps for the life of the process (character sets of ICU and iconv) is no leak of ours. Read
// by the leak sanitizer at exit.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libfbclient.so\nleak:libEngine12.so\nleak:libicuuc.so\nleak:__gconv_open\nleak:__gconv_lookup_cache\n";
}
#endif
