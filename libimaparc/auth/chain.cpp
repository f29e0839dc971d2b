#include "auth/chain.h"

#include <botan/mac.h>
#include <botan/system_rng.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

#include "auth/names.h"
#include "auth/password_hash.h"
#include "base/text.h"

namespace imaparc::auth {
namespace {

using Mark = std::array<std::uint8_t, 32>;

// Lets so many in at a time; the others wait their turn.
class Turnstile {
  public:
    explicit Turnstile(unsigned places) : free_(places) {}
    void enter() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return free_ > 0; });
        --free_;
    }
    void leave() {
        {
            std::lock_guard lock(mutex_);
            ++free_;
        }
        changed_.notify_one();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    unsigned free_;
};

class Place {
  public:
    explicit Place(Turnstile& turnstile) : turnstile_(turnstile) { turnstile_.enter(); }
    ~Place() { turnstile_.leave(); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

  private:
    Turnstile& turnstile_;
};

unsigned places(unsigned wanted) { return wanted ? wanted : std::max(1U, std::thread::hardware_concurrency()); }

const char* word(Outcome outcome) {
    switch (outcome) {
        case Outcome::accepted:
            return "accepted";
        case Outcome::unknown_user:
            return "unknown_user";
        case Outcome::wrong_password:
            return "wrong_password";
        case Outcome::unavailable:
            return "unavailable";
    }
    return "unknown";
}

}  // namespace

struct Chain::Inside {
    struct Remembered {
        Identity identity;
        std::chrono::steady_clock::time_point until;
    };

    Inside(std::vector<std::unique_ptr<Authenticator>> all, ChainOptions o, const Clock& c, Log& l)
        : backends(std::move(all)),
          options(o),
          clock(c),
          log(l),
          turnstile(places(o.at_once)),
          nobody(hash_of_nobody()) {
        Botan::secure_vector<std::uint8_t> key(32);
        Botan::system_rng().randomize(key.data(), key.size());
        mac = Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-256)");
        mac->set_key(key);
    }

    // Of a prepared name and password; the name's length goes in, so that no two pairs run together.
    Mark mark(std::string_view user, std::string_view password) {
        std::lock_guard lock(mac_mutex);
        mac->update_be(static_cast<std::uint64_t>(user.size()));
        mac->update(reinterpret_cast<const std::uint8_t*>(user.data()), user.size());
        mac->update(reinterpret_cast<const std::uint8_t*>(password.data()), password.size());
        Mark out{};
        mac->final(out.data());
        return out;
    }

    std::vector<std::uint64_t> generations() {
        std::vector<std::uint64_t> all;
        for (const auto& backend : backends) all.push_back(backend->generation());
        return all;
    }

    std::optional<Identity> find(const Mark& wanted) {
        if (options.remember.count() == 0) return std::nullopt;
        const auto now_known = generations();
        std::lock_guard lock(mutex);
        if (now_known != known_generations) {
            remembered.clear();
            known_generations = now_known;
        }
        const auto found = remembered.find(wanted);
        if (found == remembered.end()) return std::nullopt;
        if (clock.steady() >= found->second.until) {
            remembered.erase(found);
            return std::nullopt;
        }
        return found->second.identity;
    }

    // `asked_at`: the generations before the backend was asked; an answer from before a change is not kept.
    void keep(const Mark& who, const Identity& identity, const std::vector<std::uint64_t>& asked_at) {
        if (options.remember.count() == 0) return;
        const auto now_known = generations();
        if (now_known != asked_at) return;
        const auto now = clock.steady();
        std::lock_guard lock(mutex);
        if (now_known != known_generations) {
            remembered.clear();
            known_generations = now_known;
        }
        if (remembered.size() >= options.remember_at_most)
            std::erase_if(remembered, [&](const auto& entry) { return now >= entry.second.until; });
        if (remembered.size() >= options.remember_at_most) return;
        remembered[who] = {identity, now + options.remember};
    }

    Answer ask(const std::string& user, std::string_view password) {
        Answer answer;
        for (const auto& backend : backends) {
            answer.backend = backend->kind();
            answer.outcome = backend->check_password(user, password);
            if (answer.outcome != Outcome::unknown_user) break;
        }
        if (answer.outcome == Outcome::accepted) answer.identity = {user, user};
        return answer;
    }

    std::vector<std::unique_ptr<Authenticator>> backends;
    const ChainOptions options;
    const Clock& clock;
    Log& log;
    Turnstile turnstile;
    const std::string nobody;

    std::mutex mac_mutex;
    std::unique_ptr<Botan::MessageAuthenticationCode> mac;

    std::mutex mutex;
    std::map<Mark, Remembered> remembered;
    std::vector<std::uint64_t> known_generations;
};

Chain::Chain(std::vector<std::unique_ptr<Authenticator>> backends, ChainOptions options, const Clock& clock, Log& log)
    : inside_(std::make_unique<Inside>(std::move(backends), options, clock, log)) {}

Chain::~Chain() = default;

Answer Chain::check(std::string_view name, std::string_view password) {
    const auto user = prepare_name(name);
    const auto secret = prepare_password(password);
    Place place(inside_->turnstile);
    if (!user || !secret) {
        // Nobody can have such a name or password; the time says nothing about it.
        (void)verify_password(password.substr(0, password_limit), inside_->nobody);
        return {Outcome::wrong_password, {}, ""};
    }
    const auto who = inside_->mark(*user, secret->view());
    // Another connection of the same client may have been checked while this one waited for its turn.
    if (auto identity = inside_->find(who)) return {Outcome::accepted, std::move(*identity), "remembered"};
    const auto asked_at = inside_->generations();
    auto answer = inside_->ask(*user, secret->view());
    if (answer.outcome == Outcome::accepted) inside_->keep(who, answer.identity, asked_at);
    if (answer.outcome == Outcome::unavailable)
        inside_->log.warning("auth_backend_unavailable", {{"backend", answer.backend}, {"user", *user}});
    inside_->log.debug("auth_checked",
                       {{"user", *user}, {"backend", answer.backend}, {"outcome", word(answer.outcome)}});
    return answer;
}

std::optional<Identity> Chain::remembered(std::string_view name, std::string_view password) {
    const auto user = prepare_name(name);
    const auto secret = prepare_password(password);
    if (!user || !secret) return std::nullopt;
    return inside_->find(inside_->mark(*user, secret->view()));
}

void Chain::forget() {
    std::lock_guard lock(inside_->mutex);
    inside_->remembered.clear();
}

std::vector<std::string> Chain::backends() const {
    std::vector<std::string> kinds;
    for (const auto& backend : inside_->backends) kinds.emplace_back(backend->kind());
    return kinds;
}

}  // namespace imaparc::auth
