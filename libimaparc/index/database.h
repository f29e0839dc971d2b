// A thin layer over Firebird's object-oriented API: what the index needs of it, closing itself. SQL in, numbers and
// bytes out; every text column of ours is OCTETS, so no character set ever converts anything.
//
// An Attachment and all that hangs on it belong to one thread at a time; several attachments run beside each other.
// Every failure is a DatabaseFault: its kind and text are ours where the cause is known.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"

namespace imaparc::index {

// kind conflict: another process has the file open. not_found: no such file. denied: permissions. invalid: not a
// database. refused: of another Firebird's disk format. damaged: truncated, broken inside, or without our tables.
// unavailable: no engine installed, or the disk is full. The rest: io.
class DatabaseFault : public Fault {
  public:
    DatabaseFault(ErrorKind kind, const std::string& text, std::vector<long> codes)
        : Fault(kind, text), codes_(std::move(codes)) {}
    const std::vector<long>& codes() const { return codes_; }  // Firebird's, the general one first

  private:
    std::vector<long> codes_;
};

// The engine inside this process. Its environment is read once, by the first call: see prepare().
//
// Before the first call Firebird's settings, lock directory and a link to its character sets are written below
// `directory` (firebird/, fblock/) and named in the process's environment (setenv: call it before threads read theirs).
// The first call in a process decides; for later ones, with other directories, it only sees to it that the first
// directories are there. Also the call after which Firebird has put its own handlers on SIGINT and SIGTERM unless they
// are blocked in every thread (firebird.md 3.4).
void prepare_engine(const std::filesystem::path& directory, unsigned cache_pages);

class Attachment {
  public:
    // A file that must exist, and one that must not. The second is created with 16 KiB pages and forced writes.
    static Attachment open(const std::filesystem::path& file);
    static Attachment create(const std::filesystem::path& file);
    Attachment(Attachment&&) noexcept;
    Attachment& operator=(Attachment&&) = delete;
    ~Attachment();

    struct Inside;
    Inside& inside() const { return *inside_; }

  private:
    explicit Attachment(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

enum class Access { read, write };  // both SNAPSHOT: what is read stays as it was at the start

// Rolled back when it goes out of scope uncommitted.
class Transaction {
  public:
    Transaction(Attachment& attachment, Access access);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();
    void commit();
    // A statement that is used once: DDL, ALTER.
    void run(const std::string& sql);

    struct Inside;
    Inside& inside() const { return *inside_; }

  private:
    std::unique_ptr<Inside> inside_;
};

using Value = std::variant<std::int64_t, std::string_view>;  // bytes go into VARCHAR, CHAR and BLOB alike

// Prepared once, used by any number of transactions of its attachment, one after the other.
class Statement {
  public:
    Statement(Attachment& attachment, const std::string& sql);
    Statement(Statement&&) noexcept;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    void execute(Transaction& transaction, std::initializer_list<Value> values);

    // query(), then next() until it is false; close() if it is left before. Columns from 0; a NULL is 0 or "".
    void query(Transaction& transaction, std::initializer_list<Value> values);
    bool next();
    void close();
    std::int64_t number(unsigned column) const;
    std::string bytes(unsigned column) const;  // of a text or a whole BLOB (at most 64 MiB)

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace imaparc::index
