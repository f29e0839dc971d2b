#include "base/digest.h"

#include <botan/hash.h>

#include <cstring>

#include "base/ids.h"
#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace imaparc {

struct Hasher::Inside {
    std::unique_ptr<Botan::HashFunction> hash = Botan::HashFunction::create_or_throw("SHA-256");
};

Hasher::Hasher() : inside_(std::make_unique<Inside>()) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(std::string_view bytes) {
    inside_->hash->update(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

Sha256 Hasher::finish() {
    Sha256 result;
    inside_->hash->final(result.data());
    return result;
}

Sha256 sha256(std::string_view bytes) {
    Hasher hasher;
    hasher.update(bytes);
    return hasher.finish();
}

namespace {

// The table of RFC 3720's polynomial, reflected.
struct Crc32cTable {
    std::uint32_t entry[256];
    constexpr Crc32cTable() : entry() {
        for (std::uint32_t i = 0; i < 256; ++i) {
            std::uint32_t c = i;
            for (int k = 0; k < 8; ++k) c = (c & 1) ? (c >> 1) ^ 0x82F63B78U : c >> 1;
            entry[i] = c;
        }
    }
};
constexpr Crc32cTable crc_table;

std::uint32_t crc32c_plain(const char* p, std::size_t n, std::uint32_t c) {
    for (; n; --n, ++p) c = crc_table.entry[(c ^ static_cast<std::uint8_t>(*p)) & 0xFF] ^ (c >> 8);
    return c;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_hardware(const char* p, std::size_t n, std::uint32_t crc) {
    std::uint64_t c = crc;
    for (; n >= 8; n -= 8, p += 8) {
        std::uint64_t word;
        std::memcpy(&word, p, 8);
        c = _mm_crc32_u64(c, word);
    }
    auto small = static_cast<std::uint32_t>(c);
    for (; n; --n, ++p) small = _mm_crc32_u8(small, static_cast<std::uint8_t>(*p));
    return small;
}
#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc) {
#if defined(__x86_64__)
    static const bool hardware = __builtin_cpu_supports("sse4.2");
    if (hardware) return ~crc32c_hardware(bytes.data(), bytes.size(), ~crc);
#endif
    return ~crc32c_plain(bytes.data(), bytes.size(), ~crc);
}

std::string hex(std::span<const std::uint8_t> bytes) {
    static const char digits[] = "0123456789abcdef";
    std::string result;
    result.reserve(bytes.size() * 2);
    for (auto b : bytes) {
        result += digits[b >> 4];
        result += digits[b & 15];
    }
    return result;
}

std::string MessageId::hex() const { return imaparc::hex(bytes); }

MessageId message_id(std::string_view store, std::string_view owner, std::string_view folder, std::string_view name) {
    thread_local auto hash = Botan::HashFunction::create_or_throw("BLAKE2b(128)");
    for (auto part : {store, owner, folder, name}) {
        const auto size = static_cast<std::uint32_t>(part.size());
        const std::uint8_t prefix[4] = {static_cast<std::uint8_t>(size >> 24), static_cast<std::uint8_t>(size >> 16),
                                        static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
        hash->update(prefix, sizeof prefix);
        hash->update(reinterpret_cast<const std::uint8_t*>(part.data()), part.size());
    }
    MessageId id;
    hash->final(id.bytes.data());
    return id;
}

}  // namespace imaparc
