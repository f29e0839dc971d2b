// Who is that? The seam to everything that can tell. Backends are asked in the configured order by auth::Chain.
//
// Plain blocking calls, from any thread (call them on a worker: Argon2id is slow on purpose).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace imaparc::auth {

// Who logged in, and whose mail that opens.
struct Identity {
    std::string user;   // prepared (RFC 8265 UsernameCaseMapped)
    std::string owner;  // the archive's owner of that name; the same unless a rule says otherwise
};

enum class Outcome {
    accepted,
    unknown_user,    // not here: the chain asks the next backend
    wrong_password,  // here, and no: the chain stops
    unavailable,     // the backend cannot be asked: the chain stops, no penalty for the client
};

class Authenticator {
  public:
    virtual ~Authenticator() = default;
    virtual const char* kind() const = 0;  // "file", "pam", ...
    // `user` is prepared already. Takes as long for an unknown user as for a wrong password.
    virtual Outcome check_password(std::string_view user, std::string_view password) = 0;
    // Another number once what the answers are made from changed: the chain then forgets who logged in. Cheap.
    virtual std::uint64_t generation() { return 0; }
};

}  // namespace imaparc::auth
