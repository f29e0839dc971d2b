// A client that resynchronises with QRESYNC (RFC 7162) ends equal to one that starts anew, whatever happened: messages
// arrive, leave and come back, flags change, the window moves, connections break, the daemon is started again, the
// index is rebuilt. The client is a model written from the RFC's sections 3.2 and 6.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "base/text.h"
#include "helpers/archive_world.h"
#include "helpers/memory_store.h"

using namespace imaparc;
using test::PipeEnd;
using test::run_until;

namespace {

std::vector<std::uint32_t> uids_of(std::string_view set) {
    std::vector<std::uint32_t> uids;
    for (const auto part : split(set, ',')) {
        const auto colon = part.find(':');
        const auto first = static_cast<std::uint32_t>(std::stoul(std::string(part.substr(0, colon))));
        const auto last = colon == std::string_view::npos
                              ? first
                              : static_cast<std::uint32_t>(std::stoul(std::string(part.substr(colon + 1))));
        for (auto uid = first; uid <= last; ++uid) uids.push_back(uid);
    }
    return uids;
}

std::string between(std::string_view text, std::string_view before, std::string_view after) {
    const auto at = text.find(before);
    if (at == std::string_view::npos) return {};
    const auto from = at + before.size();
    return std::string(text.substr(from, text.find(after, from) - from));
}

std::string sorted_words(const std::string& text) {
    std::set<std::string> words;
    std::istringstream in(text);
    for (std::string word; in >> word;) words.insert(word);
    std::string joined;
    for (const auto& word : words) joined += word + " ";
    return joined;
}

// What lies on the client's disk.
struct Cache {
    std::uint64_t validity = 0, modseq = 0;
    std::uint32_t frontier = 0;  // every message up to here is known
    std::map<std::uint32_t, std::string> flags;
};

class Client {
  public:
    Client(test::ArchiveWorld& world, std::string user, Cache& cache, bool uid_only)
        : world_(world), cache_(cache), uid_only_(uid_only), end_(world.connect()) {
        ask("LOGIN " + user + " secret");
        ask(uid_only ? "ENABLE QRESYNC UIDONLY" : "ENABLE QRESYNC");
    }
    ~Client() { end_->reset(); }

    // SELECT and everything that makes the cache right.
    void synchronise(bool known_uids) {
        const Cache before = cache_;
        synchronising_ = true;
        std::string command = "SELECT INBOX";
        if (before.validity != 0) {
            command += " (QRESYNC (" + std::to_string(before.validity) + " " + std::to_string(before.modseq);
            if (known_uids && before.frontier != 0) command += " 1:" + std::to_string(before.frontier);
            command += "))";
        }
        ask(command);
        if (before.validity != 0 && validity_ != before.validity) cache_ = {};
        cache_.validity = validity_;
        const auto modseq = selected_modseq_;
        fetch_new();
        synchronising_ = false;
        cache_.modseq = modseq;
        CHECK(cache_.flags.size() == exists_);
    }
    void fetch_new() {
        fetching_new_ = true;
        ask("UID FETCH " + std::to_string(cache_.frontier + 1) + ":* (FLAGS)");
        fetching_new_ = false;
        if (!cache_.flags.empty()) cache_.frontier = std::max(cache_.frontier, cache_.flags.rbegin()->first);
    }
    void ask(const std::string& command) {
        const std::string tag = "t" + std::to_string(++tags_);
        end_->send(tag + " " + command + "\r\n");
        highest_ = 0;
        std::uint64_t corrected = 0;
        for (;;) {
            const std::string line = next_line();
            INFO(line);
            log += line + "\n";
            if (line.starts_with(tag + " ")) {
                // A message can be gone from the store before the session lets it go.
                CHECK((line.starts_with(tag + " OK") || line.starts_with(tag + " NO [EXPUNGEISSUED]")));
                if (const auto code = between(line, "[HIGHESTMODSEQ ", "]"); !code.empty())
                    corrected = std::stoull(code);
                break;
            }
            if (line.starts_with("* OK [HIGHESTMODSEQ ")) {
                corrected = std::stoull(between(line, "[HIGHESTMODSEQ ", "]"));
                selected_modseq_ = corrected;
            }
            take(line);
        }
        if (synchronising_) return;
        // RFC 7162 6: the code counts, else the highest MODSEQ since the last tagged response.
        if (corrected != 0)
            cache_.modseq = corrected;
        else
            cache_.modseq = std::max(cache_.modseq, highest_);
    }
    std::uint32_t some_uid(std::mt19937& random) const {
        if (cache_.flags.empty()) return 1;
        return std::next(cache_.flags.begin(), static_cast<std::ptrdiff_t>(random() % cache_.flags.size()))->first;
    }
    std::uint32_t exists() const { return exists_; }

    std::string log;

  private:
    std::string next_line() {
        REQUIRE(run_until(world_.io, [&] {
            received_ += end_->take();
            return received_.find("\r\n") != std::string::npos || end_->closed();
        }));
        const auto line_end = received_.find("\r\n");
        REQUIRE(line_end != std::string::npos);
        std::string line = received_.substr(0, line_end);
        received_.erase(0, line_end + 2);
        return line;
    }

    void take(const std::string& line) {
        if (line.ends_with(" EXISTS")) {
            exists_ = static_cast<std::uint32_t>(std::stoul(line.substr(2)));
        } else if (line.starts_with("* VANISHED (EARLIER) ")) {
            for (const auto uid : uids_of(line.substr(21))) cache_.flags.erase(uid);
        } else if (line.starts_with("* VANISHED ")) {
            for (const auto uid : uids_of(line.substr(11))) {
                CHECK((cache_.flags.erase(uid) == 1 || uid > cache_.frontier));
                --exists_;
            }
        } else if (line.starts_with("* OK [UIDVALIDITY ")) {
            validity_ = std::stoull(between(line, "[UIDVALIDITY ", "]"));
        } else if (line.find(" FETCH (") != std::string::npos || line.find(" UIDFETCH (") != std::string::npos) {
            take_fetch(line);
        } else {
            CHECK(line.find("EXPUNGE") == std::string::npos);
        }
    }

    void take_fetch(const std::string& line) {
        CHECK((line.find(" UIDFETCH (") != std::string::npos) == uid_only_);
        const auto uid = static_cast<std::uint32_t>(
            std::stoul(uid_only_ ? line.substr(2) : between(line.substr(line.find("UID ") + 4), "", " ")));
        if (const auto modseq = between(line, "MODSEQ (", ")"); !modseq.empty())
            highest_ = std::max<std::uint64_t>(highest_, std::stoull(modseq));
        if (line.find("FLAGS (") == std::string::npos) return;
        // Of a message that it does not know yet the client asks for everything later.
        if (uid > cache_.frontier && !fetching_new_) return;
        if (!synchronising_ && !fetching_new_) CHECK(cache_.flags.contains(uid));
        cache_.flags[uid] = sorted_words(between(line, "FLAGS (", ")"));
    }

    test::ArchiveWorld& world_;
    Cache& cache_;
    const bool uid_only_;
    std::shared_ptr<PipeEnd> end_;
    std::string received_;
    unsigned tags_ = 0;
    std::uint64_t validity_ = 0, selected_modseq_ = 0, highest_ = 0;
    std::uint32_t exists_ = 0;
    bool synchronising_ = false, fetching_new_ = false;
};

// The archive and the daemon on it.
struct Daemon {
    void start() {
        world = std::make_unique<test::ArchiveWorld>(store, directory.path());
        world->clock.set(now);
        world->index->window_months(months);
    }
    void start_again(bool rebuild) {
        world.reset();
        if (rebuild) std::filesystem::remove(directory / "IMAPDB.FDB");
        start();
        if (!rebuild) return;
        for (const auto& owner : owners) {
            const auto found = world->index->owner(owner);
            if (found->state() == index::OwnerState::rebuilding) value_or_throw(found->rebuild());
        }
    }

    test::MemoryStore store{"s"};
    test::TempDir directory;
    Seconds now = 1767225600;  // 2026-01-01
    unsigned months = 0;
    std::set<std::string> owners;
    std::unique_ptr<test::ArchiveWorld> world;
};

class Run {
  public:
    Run(Daemon& daemon, std::string user, std::uint32_t seed) : daemon_(daemon), user_(std::move(user)), random_(seed) {
        daemon_.store.add_folder(user_, "INBOX");
        daemon_.owners.insert(user_);
        for (unsigned i = 0; i < random_() % 30; ++i) arrive();
        daemon_.world->sync(user_);
    }

    void play() {
        Cache cache;
        const unsigned visits = 2 + random_() % 4;
        for (unsigned visit = 0; visit < visits; ++visit) {
            visit_once(cache);
            for (unsigned i = 0; i < random_() % 6; ++i) happen();
            if (random_() % 40 == 0) daemon_.start_again(random_() % 2 == 0);
        }
        Cache fresh;
        std::string logs;
        {
            Client client(*daemon_.world, user_, cache, false);
            client.synchronise(random_() % 2 == 0);
            logs = client.log;
        }
        {
            Client anew(*daemon_.world, user_, fresh, false);
            anew.synchronise(false);
            logs += "anew:\n" + anew.log;
        }
        INFO(logs);
        CHECK(cache.flags == fresh.flags);
        CHECK(cache.validity == fresh.validity);
    }

  private:
    void visit_once(Cache& cache) {
        Client client(*daemon_.world, user_, cache, random_() % 3 == 0);
        client.synchronise(random_() % 2 == 0);
        for (unsigned i = 0; i < random_() % 8; ++i) {
            if (random_() % 2 == 0) happen();
            switch (random_() % 6) {
                case 0:
                    client.ask("NOOP");
                    break;
                case 1:
                    client.fetch_new();
                    break;
                case 2:
                    client.ask("UID STORE " + std::to_string(client.some_uid(random_)) + some_change());
                    break;
                case 3:
                    if (client.exists() > 0) client.ask("UID FETCH 1:* (UID FLAGS MODSEQ)");
                    break;
                case 4:
                    client.ask("UID FETCH " + std::to_string(client.some_uid(random_)) + " (BODY[])");
                    break;
                case 5:
                    client.ask("EXPUNGE");
                    break;
            }
        }
        // The connection breaks.
    }
    std::string some_change() {
        static const char* const flags[] = {"\\Seen", "\\Flagged", "Work", "\\Draft"};
        static const char* const ways[] = {" +FLAGS (", " -FLAGS (", " FLAGS (", " +FLAGS.SILENT ("};
        const char* const way = ways[random_() % 3];
        return std::string(way) + flags[random_() % 4] + ")";
    }
    void arrive() {
        const std::string name = "m" + std::to_string(++names_);
        const Seconds date = daemon_.now - static_cast<Seconds>(random_() % 700) * 86400;
        dates_[name] = date;
        daemon_.store.add(user_, "INBOX", name, date);
        there_.insert(name);
    }
    // Something that the client has no part in.
    void happen() {
        switch (random_() % 7) {
            case 0:
            case 1:
                arrive();
                break;
            case 2:
                if (there_.empty()) break;
                {
                    const auto gone = std::next(there_.begin(), static_cast<std::ptrdiff_t>(random_() % there_.size()));
                    daemon_.store.remove(user_, "INBOX", *gone);
                    away_.insert(*gone);
                    there_.erase(gone);
                }
                break;
            case 3:
                if (away_.empty()) break;
                {
                    const auto back = std::next(away_.begin(), static_cast<std::ptrdiff_t>(random_() % away_.size()));
                    daemon_.store.add(user_, "INBOX", *back, dates_[*back]);
                    there_.insert(*back);
                    away_.erase(back);
                }
                break;
            case 4:
            case 5: {
                const auto owner = daemon_.world->index->owner(user_);
                NumberSet uids;
                uids.add(1 + static_cast<std::uint32_t>(random_() % (names_ + 1)));
                const auto folder = owner->find("INBOX");
                value_or_throw(owner->store_flags(folder->number, UserNumber(0), uids, index::FlagAction::add,
                                                  {flag::flagged, {}}, std::nullopt, index::Durability::soon));
                return;
            }
            case 6: {
                static const unsigned windows[] = {0, 6, 12, 18};
                daemon_.months = windows[random_() % 4];
                daemon_.world->index->window_months(daemon_.months);
                return;
            }
        }
        daemon_.world->sync(user_);
    }

    Daemon& daemon_;
    const std::string user_;
    std::mt19937 random_;
    std::size_t names_ = 0;
    std::map<std::string, Seconds> dates_;
    std::set<std::string> there_, away_;
};

}  // namespace

TEST_CASE("a client that resynchronises with QRESYNC ends equal to one that starts anew") {
    const char* const given = std::getenv("IMAPARC_SEED");
    const std::uint32_t first_seed = given ? static_cast<std::uint32_t>(std::stoul(given)) : std::random_device{}();
#ifdef IMAPARC_SANITIZED
    constexpr unsigned usual_runs = 25;
#else
    constexpr unsigned usual_runs = 200;
#endif
    const unsigned runs = given ? 1 : usual_runs;
    std::cout << "qresync: seeds from " << first_seed << "\n";
    Daemon daemon;
    daemon.start();
    for (unsigned i = 0; i < runs; ++i) {
        CAPTURE(first_seed + i);
        Run run(daemon, "ann" + std::to_string(i), first_seed + i);
        run.play();
    }
}
