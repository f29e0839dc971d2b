#include "archive/record.h"

#include <cstring>

#include "base/bytes.h"
#include "base/digest.h"

namespace imaparc::archive {

namespace {

constexpr std::string_view data_magic{"IMPCDAT\x01", 8};
constexpr std::string_view key_magic{"IMPCKEY\x01", 8};
constexpr std::string_view batch_mark{"\xA7mK\x1C", 4};
constexpr std::size_t batch_head_size = 20;  // mark 4, count 4, data_end 8, CRC 4
constexpr std::size_t key_size = 25;         // type 1, ID 16, where 8

std::string header(std::string_view magic, std::uint64_t generation) {
    std::string out(magic);
    Writer(out).u64(generation);
    return out;
}

std::optional<std::uint64_t> generation(std::string_view magic, std::string_view bytes) {
    if (bytes.size() < header_size || !bytes.starts_with(magic)) return std::nullopt;
    return Reader(bytes.substr(magic.size())).u64();
}

std::string_view view(const MessageId& id) { return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()}; }

MessageId read_id(Reader& in) {
    MessageId id;
    const auto bytes = in.raw(id.bytes.size());
    if (bytes.size() == id.bytes.size()) std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
    return id;
}

}  // namespace

std::string data_header(std::uint64_t number) { return header(data_magic, number); }
std::string key_header(std::uint64_t number) { return header(key_magic, number); }
std::optional<std::uint64_t> generation_of_data(std::string_view bytes) { return generation(data_magic, bytes); }
std::optional<std::uint64_t> generation_of_keys(std::string_view bytes) { return generation(key_magic, bytes); }

void append_record(std::string& out, RecordType type, const MessageId& id, std::string_view payload) {
    const auto start = out.size();
    Writer writer(out);
    writer.raw(record_mark);
    writer.u32(static_cast<std::uint32_t>(payload.size()));
    writer.u32(0);
    const auto summed = out.size();
    writer.u8(static_cast<std::uint8_t>(type));
    writer.raw(view(id));
    writer.raw(payload);
    // The size is summed, too: a damaged one is seen before it is believed.
    const auto sum = crc32c(std::string_view(out).substr(summed), crc32c(std::string_view(out).substr(start + 4, 4)));
    std::string bytes;
    Writer(bytes).u32(sum);
    out.replace(start + 8, 4, bytes);
}

std::optional<std::uint64_t> record_size(std::string_view bytes) {
    if (bytes.size() < record_head_size || !bytes.starts_with(record_mark)) return std::nullopt;
    const std::uint64_t size = Reader(bytes.substr(4)).u32() + std::uint64_t{record_head_size};
    if (size > RecordPlace::most_size) return std::nullopt;
    return size;
}

std::optional<Record> read_record(std::string_view bytes) {
    const auto size = record_size(bytes);
    if (!size || *size > bytes.size()) return std::nullopt;
    bytes = bytes.substr(0, static_cast<std::size_t>(*size));
    Reader in(bytes.substr(8));
    const auto sum = in.u32();
    if (sum != crc32c(bytes.substr(12), crc32c(bytes.substr(4, 4)))) return std::nullopt;
    const auto type = in.u8();
    if (type < 1 || type > 3) return std::nullopt;
    Record record;
    record.type = static_cast<RecordType>(type);
    record.id = read_id(in);
    record.payload = bytes.substr(record_head_size);
    return record;
}

std::string encode_place(const MessagePlace& place) {
    std::string out;
    Writer writer(out);
    for (const auto* text : {&place.store, &place.location, &place.name, &place.locator}) writer.text(*text);
    return out;
}

std::optional<MessagePlace> decode_place(const MessageId& id, std::string_view payload) {
    MessagePlace place;
    place.id = id;
    Reader in(payload);
    for (auto* text : {&place.store, &place.location, &place.name, &place.locator}) *text = in.text();
    if (!in.ok() || !in.at_end()) return std::nullopt;
    return place;
}

std::string encode_details(std::string_view fingerprint, std::string_view summary) {
    std::string out;
    out.reserve(fingerprint.size() + summary.size() + 4);
    Writer writer(out);
    writer.text(fingerprint);
    writer.raw(summary);
    return out;
}

std::optional<DetailsPayload> decode_details(std::string_view payload) {
    Reader in(payload);
    DetailsPayload details;
    details.fingerprint = in.text();
    if (!in.ok()) return std::nullopt;
    details.summary = payload.substr(in.position());
    return details;
}

void append_batch(std::string& out, const std::vector<Key>& keys, std::uint64_t data_end) {
    std::string body;
    body.reserve(keys.size() * key_size + 12);
    Writer writer(body);
    writer.u32(static_cast<std::uint32_t>(keys.size()));
    writer.u64(data_end);
    for (const auto& key : keys) {
        writer.u8(static_cast<std::uint8_t>(key.type));
        writer.raw(view(key.id));
        writer.u64(key.where.offset() << 24 | key.where.size());
    }
    out.append(batch_mark);
    Writer(out).u32(crc32c(body));
    out.append(body);
}

std::optional<Batch> read_batch(std::string_view bytes) {
    if (bytes.size() < batch_head_size || !bytes.starts_with(batch_mark)) return std::nullopt;
    Reader in(bytes.substr(4));
    const auto sum = in.u32();
    const auto count = in.u32();
    Batch batch;
    batch.data_end = in.u64();
    if (count > (bytes.size() - batch_head_size) / key_size) return std::nullopt;
    batch.size = batch_head_size + count * key_size;
    if (sum != crc32c(bytes.substr(8, batch.size - 8))) return std::nullopt;
    batch.keys.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        Key key;
        const auto type = in.u8();
        if (type < 1 || type > 3) return std::nullopt;
        key.type = static_cast<RecordType>(type);
        key.id = read_id(in);
        const auto word = in.u64();
        key.where = RecordPlace(word >> 24, word & RecordPlace::most_size);
        batch.keys.push_back(key);
    }
    return batch;
}

std::string file_name_of(std::string_view owner) {
    constexpr std::size_t longest = 180;  // leaves room for suffixes below NAME_MAX
    constexpr char digits[] = "0123456789ABCDEF";
    std::string name;
    for (const char c : owner) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '_' || c == '@' || (c == '.' && !name.empty());
        if (plain) {
            name += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        name += '%';
        name += digits[byte >> 4];
        name += digits[byte & 15];
    }
    if (name.size() <= longest && !name.empty()) return name;
    return name.substr(0, longest - 70) + "%%" + hex(sha256(owner));  // "%%": in no other name
}

}  // namespace imaparc::archive
