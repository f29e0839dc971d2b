// Argon2id (RFC 9106) in the encoded form that argon2(1) writes: $argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>.
//
// Any thread; hash_password and verify_password take tens of milliseconds and Cost::memory_kib of memory on purpose.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace imaparc::auth {

// OWASP's figures (19 MiB, two passes, one lane): about 25 ms, so that a hall of clients logging in on Monday morning
// is served by two cores. Hashes made with other costs verify just as well.
struct HashCost {
    unsigned memory_kib = 19456;
    unsigned passes = 2;
    unsigned lanes = 1;
};

std::string hash_password(std::string_view password, const HashCost& cost = {});

// invalid: not this form, or costs beyond what a log-in may take (1 GiB, 32 passes, 16 lanes; a salt of 8 to 64 and a
// hash of 16 to 64 bytes): a typing error in the file must not stop the machine.
Result<void> check_hash(std::string_view hash);

// The costs of a hash that check_hash accepts.
std::optional<HashCost> cost_of(std::string_view hash);

// A well-formed hash that no password fits, for a user who is not there: verifying against it takes the time that one
// of these costs takes. Cheap to make.
std::string hash_of_nobody(const HashCost& cost = {});

// In constant time as to where it differs. False for a hash that check_hash refuses.
bool verify_password(std::string_view password, std::string_view hash);

}  // namespace imaparc::auth
