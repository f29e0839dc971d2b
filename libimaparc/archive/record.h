// The two files of an owner's catalog, as bytes.
//
// Data file: a header, then records one behind the other. Key file: a header, then batches that say where records are,
// so that opening a catalog reads these alone. Both begin with the same generation number; a key file of another
// generation is not this data file's. All numbers are little-endian; every record and every batch has a CRC-32C.
//
// Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/archive.h"
#include "archive/key_table.h"
#include "base/ids.h"

namespace imaparc::archive {

constexpr std::size_t header_size = 16;
std::string data_header(std::uint64_t generation);
std::string key_header(std::uint64_t generation);
std::optional<std::uint64_t> generation_of_data(std::string_view header);
std::optional<std::uint64_t> generation_of_keys(std::string_view header);

// ---- records
enum class RecordType : std::uint8_t { place = 1, details = 2, forget = 3 };

constexpr std::size_t record_head_size = 29;  // mark 4, payload's size 4, CRC 4, type 1, ID 16
constexpr std::string_view record_mark{"\xA7mR\x1C", 4};

struct Record {
    RecordType type = RecordType::place;
    MessageId id;
    std::string_view payload;
    std::uint64_t size() const { return record_head_size + payload.size(); }
};

void append_record(std::string& out, RecordType type, const MessageId& id, std::string_view payload);
// The record at the beginning of `bytes`; nullopt if there is no whole and undamaged one.
std::optional<Record> read_record(std::string_view bytes);
// What its head says its size is, though damage may have said it; nullopt if there is no head. 0 < size.
std::optional<std::uint64_t> record_size(std::string_view bytes);

std::string encode_place(const MessagePlace& place);
std::optional<MessagePlace> decode_place(const MessageId& id, std::string_view payload);

// fingerprint and encoded summary
std::string encode_details(std::string_view fingerprint, std::string_view summary);
struct DetailsPayload {
    std::string_view fingerprint, summary;
};
std::optional<DetailsPayload> decode_details(std::string_view payload);

// ---- batches of keys
struct Key {
    RecordType type = RecordType::place;
    MessageId id;
    RecordPlace where;  // empty for forget
};

// `data_end`: the data file's size up to which the batches so far tell everything.
void append_batch(std::string& out, const std::vector<Key>& keys, std::uint64_t data_end);
struct Batch {
    std::vector<Key> keys;
    std::uint64_t data_end = 0;
    std::size_t size = 0;  // of the batch in bytes
};
// The batch at the beginning; nullopt if there is no whole and undamaged one.
std::optional<Batch> read_batch(std::string_view bytes);

// "ann@example.org" as a file name: letters, digits and -_.@ stay, else %XX, "." never first; longer names end in a
// digest.
std::string file_name_of(std::string_view owner);

}  // namespace imaparc::archive
