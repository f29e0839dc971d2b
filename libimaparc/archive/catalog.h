// What is kept of one owner's messages: places, and details (fingerprint and summary).
//
// Any thread. Lookups never wait for a write; with Wait::forbidden they never wait for the disk either.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "archive/archive.h"
#include "archive/key_table.h"
#include "archive/record.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"

namespace imaparc::archive {

enum class Wait { allowed, forbidden };

class Catalog {
  public:
    virtual ~Catalog() = default;
    virtual bool has_place(const MessageId& id) = 0;
    virtual std::optional<MessagePlace> place_of(const MessageId& id) = 0;
    // Kept in memory and written in batches. An error: nothing can be written, and no more be kept; this one is not.
    virtual Result<void> put_place(const MessagePlace& place) = 0;
    virtual Result<void> put_details(const MessageId& id, std::string_view fingerprint, std::string_view summary) = 0;
    virtual void forget(std::span<const MessageId> ids) = 0;
    // In the order of `ids`; nullopt: not kept, damaged, made by another version, or not without waiting.
    virtual std::vector<std::optional<Details>> details(std::span<const MessageId> ids, Wait wait) = 0;
    // On the disk, durable.
    virtual Result<void> flush() = 0;
    virtual std::uint64_t records() const = 0;
    virtual std::size_t memory() const = 0;
};

// Where nothing may be written: places as long as the process lives.
class MemoryCatalog : public Catalog {
  public:
    bool has_place(const MessageId& id) override;
    std::optional<MessagePlace> place_of(const MessageId& id) override;
    Result<void> put_place(const MessagePlace& place) override;
    Result<void> put_details(const MessageId&, std::string_view, std::string_view) override { return {}; }
    void forget(std::span<const MessageId> ids) override;
    std::vector<std::optional<Details>> details(std::span<const MessageId> ids, Wait) override {
        return std::vector<std::optional<Details>>(ids.size());
    }
    Result<void> flush() override { return {}; }
    std::uint64_t records() const override;
    std::size_t memory() const override { return 0; }

  private:
    mutable std::mutex mutex_;
    std::unordered_map<MessageId, MessagePlace> places_;
};

// In two files (record.h). The data file is only appended to, but for what was forgotten, which is overwritten, and for
// the whole file being replaced by a smaller one once more than half of it is of no use. Whatever happens to the files
// outside: what is damaged is not there, the rest is.
class FileCatalog : public Catalog {
  public:
    // Opens, mends or makes it. An error: it cannot be read or made.
    static Result<std::unique_ptr<FileCatalog>> open(const std::filesystem::path& data,
                                                     const std::filesystem::path& keys, Log& log);
    ~FileCatalog() override;  // writes what is waiting, as far as that goes

    bool has_place(const MessageId& id) override;
    std::optional<MessagePlace> place_of(const MessageId& id) override;
    Result<void> put_place(const MessagePlace& place) override;
    Result<void> put_details(const MessageId& id, std::string_view fingerprint, std::string_view summary) override;
    void forget(std::span<const MessageId> ids) override;
    std::vector<std::optional<Details>> details(std::span<const MessageId> ids, Wait wait) override;
    Result<void> flush() override;
    std::uint64_t records() const override;
    std::size_t memory() const override;

    // Rewrites the data file without what is of no use; flush() does so when it is worth it.
    Result<void> compact();

  private:
    // Appended bytes that are not on the disk yet, and the keys of their records.
    struct Batch {
        std::uint64_t base = 0;  // offset of the first byte
        std::string bytes;
        std::vector<Key> keys;
        std::uint64_t end() const { return base + bytes.size(); }
    };
    // A record that a lookup wants: on the disk, or in memory already.
    struct Wanted {
        std::size_t index = 0;
        RecordPlace where;
        std::shared_ptr<const std::string> bytes;
    };

    FileCatalog(std::filesystem::path data, std::filesystem::path keys, Log& log)
        : data_path_(std::move(data)), keys_path_(std::move(keys)), log_(log) {}

    Result<void> load();
    std::uint64_t load_keys(std::uint64_t generation, std::uint64_t data_size);
    Result<std::uint64_t> scan(std::uint64_t from, std::uint64_t size, std::vector<Key>& found);
    Result<void> start_anew();
    void apply(const Key& key);

    Result<void> append(RecordType type, const MessageId& id, std::string_view payload);
    Result<void> write_out();
    void write_keys();
    void overwrite(const std::vector<Key>& useless);
    Result<void> compact_locked();
    std::shared_ptr<const std::string> in_memory(RecordPlace where) const;
    void retire(const MessageId& id, RecordType type, RecordPlace where);
    void drop(const MessageId& id, RecordType type, RecordPlace where);
    std::optional<Details> decode(const MessageId& id, std::string_view bytes, std::shared_ptr<const void> keeper,
                                  RecordPlace where);

    const std::filesystem::path data_path_, keys_path_;
    Log& log_;

    mutable std::mutex mutex_;  // held briefly, never across I/O: all of the following
    std::shared_ptr<File> data_;
    KeyTable table_;
    Batch pending_, writing_;
    std::vector<Key> useless_;      // records on the disk to be overwritten
    std::uint64_t live_bytes_ = 0;  // of records in the table
    bool complained_ = false;       // about a disk that takes nothing

    std::mutex writing_mutex_;  // held while writing; taken before mutex_: the following, and who may set `writing_`
    std::uint64_t keys_end_ = 0;
    std::uint64_t generation_ = 0;
    std::vector<Key> unwritten_keys_;  // of records that are on the disk
    std::uint64_t data_end_ = 0;
};

}  // namespace imaparc::archive
