// Asks the backends in their order (DESIGN.md 14), bounds how much that costs, and remembers who just logged in.
//
// Any thread. check() blocks (on a worker); remembered() only stats a file.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/authenticator.h"
#include "base/clock.h"
#include "base/log.h"

namespace imaparc::auth {

struct ChainOptions {
    std::chrono::seconds remember{300};    // 0: never
    std::size_t remember_at_most = 16384;  // log-ins
    unsigned at_once = 0;                  // password checks at a time; 0: as many as there are cores
};

struct Answer {
    Outcome outcome = Outcome::unknown_user;
    Identity identity;    // if accepted
    std::string backend;  // who said so; "" if none was asked
};

class Chain {
  public:
    Chain(std::vector<std::unique_ptr<Authenticator>> backends, ChainOptions options, const Clock& clock, Log& log);
    ~Chain();

    // `name` and `password` as the client gave them; prepared here. accepted, or why not: a name or password that
    // cannot be prepared is wrong_password after the time a real one takes.
    Answer check(std::string_view name, std::string_view password);
    // A log-in that succeeded within `remember` with this very password, unless a backend changed since. Fast enough
    // for a session's own thread.
    std::optional<Identity> remembered(std::string_view name, std::string_view password);
    // Forgets all log-ins.
    void forget();
    std::vector<std::string> backends() const;  // kinds, in order

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace imaparc::auth
