// SASL mechanisms (RFC 4422) as steppers without I/O: the client's base64 line in, a challenge or credentials out.
// One file a mechanism. Whether the credentials are right is for auth::Chain to say.
//
//   auto exchange = start_sasl("PLAIN");
//   auto step = exchange->start(initial_response);          // AUTHENTICATE PLAIN [initial-response]
//   while (step.kind == SaslStep::Kind::challenge) { send "+ " + step.challenge; step = exchange->next(line); }
//
// An exchange belongs to one thread and one log-in.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/secret.h"
#include "base/error.h"

namespace imaparc::auth {

struct Credentials {
    std::string user;  // as the client gave it, UTF-8; not prepared yet
    Secret password;
};

struct SaslStep {
    enum class Kind {
        challenge,  // send "+ " and `challenge`, then feed the next line
        done,       // `credentials` are to be checked
        failed,     // `error`: invalid is BAD (not base64, wrong syntax), refused is NO (another's authzid)
        cancelled,  // the client sent "*" (RFC 3501 6.2.2): BAD
    };
    Kind kind = Kind::failed;
    std::string challenge;  // base64; may be empty
    Credentials credentials;
    Error error;
};

class SaslExchange {
  public:
    virtual ~SaslExchange() = default;
    // The initial response of RFC 4959 as it stood in the command, "=" for an empty one; nullopt: there was none.
    virtual SaslStep start(std::optional<std::string_view> initial_response) = 0;
    // The client's next line, without CRLF.
    virtual SaslStep next(std::string_view line) = 0;
};

// Longest line a client may send during an exchange, in bytes: name, authzid and password in base64, with room.
inline constexpr std::size_t sasl_line_limit = 4096;

// In the order they are announced: PLAIN, LOGIN.
std::vector<std::string> sasl_mechanisms();
// Names in any case; nullptr: not among them.
std::unique_ptr<SaslExchange> start_sasl(std::string_view mechanism);

}  // namespace imaparc::auth
