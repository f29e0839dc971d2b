#include "auth/password_hash.h"

#include <botan/base64.h>
#include <botan/exceptn.h>
#include <botan/mem_ops.h>
#include <botan/pwdhash.h>
#include <botan/system_rng.h>

#include <optional>

#include "base/text.h"

namespace imaparc::auth {
namespace {

using Bytes = Botan::secure_vector<std::uint8_t>;

struct Parsed {
    HashCost cost;
    Bytes salt, hash;
};

// The form of argon2(1) has base64 without padding.
std::string encode(const Bytes& bytes) {
    std::string text = Botan::base64_encode(bytes);
    while (text.ends_with('=')) text.pop_back();
    return text;
}

std::optional<Bytes> decode(std::string_view text) {
    if (text.empty() || text.size() > 128 || text.find('=') != std::string_view::npos) return std::nullopt;
    std::string padded(text);
    while (padded.size() % 4) padded.push_back('=');
    try {
        return Botan::base64_decode(padded, false);
    } catch (const Botan::Exception&) {
        return std::nullopt;  // not base64: the caller says so
    }
}

std::optional<unsigned> parameter(std::string_view text, char name) {
    if (text.size() < 3 || text[0] != name || text[1] != '=') return std::nullopt;
    const auto number = parse_decimal(text.substr(2));
    if (!number || *number == 0 || *number > 0xFFFFFFFFU) return std::nullopt;
    return static_cast<unsigned>(*number);
}

Error malformed(const char* what) { return {ErrorKind::invalid, std::string("password hash: ") + what}; }

// $argon2id$v=19$m=19456,t=2,p=1$SALT$HASH
Result<Parsed> parse(std::string_view text) {
    if (text.size() > 512) return malformed("too long");
    const auto parts = split(text, '$');
    if (parts.size() < 2 || !parts[0].empty()) return malformed("not in the form $argon2id$v=19$...");
    if (parts[1] != "argon2id") return malformed("only argon2id is supported");
    if (parts.size() != 6) return malformed("not in the form $argon2id$v=19$m=...,t=...,p=...$salt$hash");
    if (parts[2] != "v=19") return malformed("only version 19 (1.3) is supported");
    const auto numbers = split(parts[3], ',');
    if (numbers.size() != 3) return malformed("costs must be m=...,t=...,p=...");
    const auto memory = parameter(numbers[0], 'm');
    const auto passes = parameter(numbers[1], 't');
    const auto lanes = parameter(numbers[2], 'p');
    if (!memory || !passes || !lanes) return malformed("costs must be m=...,t=...,p=...");
    if (*memory > (1U << 20) || *passes > 32 || *lanes > 16 || *memory < 8 * *lanes)
        return malformed("costs out of range (m from 8 a lane to 1048576 KiB, t to 32, p to 16)");
    auto salt = decode(parts[4]);
    auto hash = decode(parts[5]);
    if (!salt || salt->size() < 8 || salt->size() > 64) return malformed("salt must be 8 to 64 bytes in base64");
    if (!hash || hash->size() < 16 || hash->size() > 64) return malformed("hash must be 16 to 64 bytes in base64");
    return Parsed{{*memory, *passes, *lanes}, std::move(*salt), std::move(*hash)};
}

Bytes derive(std::string_view password, const HashCost& cost, const Bytes& salt, std::size_t size) {
    const auto family = Botan::PasswordHashFamily::create_or_throw("Argon2id");
    const auto function = family->from_params(cost.memory_kib, cost.passes, cost.lanes);
    Bytes out(size);
    function->derive_key(out.data(), out.size(), password.data(), password.size(), salt.data(), salt.size());
    return out;
}

Bytes random_bytes(std::size_t size) {
    Bytes bytes(size);
    Botan::system_rng().randomize(bytes.data(), bytes.size());
    return bytes;
}

std::string format(const HashCost& cost, const Bytes& salt, const Bytes& hash) {
    return "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) + ",t=" + std::to_string(cost.passes) +
           ",p=" + std::to_string(cost.lanes) + "$" + encode(salt) + "$" + encode(hash);
}

}  // namespace

std::string hash_password(std::string_view password, const HashCost& cost) {
    const Bytes salt = random_bytes(16);
    return format(cost, salt, derive(password, cost, salt, 32));
}

std::string hash_of_nobody(const HashCost& cost) { return format(cost, random_bytes(16), random_bytes(32)); }

Result<void> check_hash(std::string_view hash) {
    if (auto parsed = parse(hash); !parsed) return parsed.error();
    return {};
}

std::optional<HashCost> cost_of(std::string_view hash) {
    auto parsed = parse(hash);
    if (!parsed) return std::nullopt;
    return parsed->cost;
}

bool verify_password(std::string_view password, std::string_view hash) {
    const auto parsed = parse(hash);
    if (!parsed) return false;
    const Bytes computed = derive(password, parsed->cost, parsed->salt, parsed->hash.size());
    return Botan::constant_time_compare(computed.data(), parsed->hash.data(), computed.size());
}

}  // namespace imaparc::auth
