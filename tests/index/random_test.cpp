// Random changes, flags, restarts, rebuilds and days that pass, held against plain maps that know nothing of segments,
// ledgers and databases.
#include <algorithm>
#include <random>
#include <set>

#include "index_fixture.h"

using namespace imaparc;
using namespace imaparc::index;
using namespace imaparc::index::test;

namespace {

struct PlainMessage {
    MessageId id;
    Seconds date = 0;
    std::uint8_t seed = 0;
};

struct PlainUser {
    std::map<std::uint32_t, std::pair<std::uint8_t, std::set<std::string>>> flags;  // of messages ever flagged
};

struct PlainFolder {
    std::map<std::uint32_t, PlainMessage> living;
    std::map<MessageId, std::uint32_t> uids;  // of messages that ever lived
    std::map<std::string, PlainUser> users;
    std::uint32_t uid_next = 1;
    bool exists = false;
};

const std::vector<std::string> users = {"ann", "bob"};
const std::vector<std::string> keywords = {"red", "green", "$Junk"};

std::vector<ShownMessage> expected(const PlainFolder& folder, const std::string& user, Seconds cutoff) {
    std::vector<ShownMessage> rows;
    const auto theirs = folder.users.find(user);
    for (const auto& [uid, m] : folder.living) {
        if (m.date < cutoff) continue;
        ShownMessage row{uid, m.id, m.date, user == "ann" ? m.seed : std::uint8_t{0}, {}};
        if (theirs != folder.users.end())
            if (const auto flags = theirs->second.flags.find(uid); flags != theirs->second.flags.end()) {
                row.system = flags->second.first;
                row.keywords.assign(flags->second.second.begin(), flags->second.second.end());
            }
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace

TEST_CASE("random: what views show is what plain maps say") {
    for (const unsigned seed : {1U, 2U}) {
        INFO("seed " << seed);
        std::mt19937 random(seed);
        const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
        Fixture f;
        f.options.segment_cache_bytes = seed == 1 ? 100'000 : 64U << 20;
        f.options.window_months = 12;
        f.open();
        auto ann = f.owner();
        std::map<std::string, PlainFolder> model;
        unsigned words = 0;
        unsigned months = 12;
        for (int step = 0; step < 120; ++step) {
            INFO("step " << step);
            const auto action = below(20);
            if (action < 7 || ann->state() != OwnerState::ready) {
                Change change;
                change.first = ann->state() == OwnerState::unsynchronised;
                std::set<std::string> chosen;
                for (unsigned n = below(3) + 1; n > 0; --n) chosen.insert("F" + std::to_string(below(4)));
                for (const auto& path : chosen) {
                    PlainFolder& plain = model[path];
                    if (plain.exists && below(12) == 0) {
                        change.removed_folders.push_back(path);
                        plain.living.clear();
                        plain.exists = false;
                        continue;
                    }
                    plain.exists = true;
                    FolderChange folder = folder_with(path, {});
                    std::set<MessageId> touched;
                    for (unsigned n = below(10); n > 0 && !plain.living.empty(); --n) {
                        auto victim = plain.living.lower_bound(below(plain.uid_next));
                        if (victim == plain.living.end()) continue;
                        folder.removed.push_back(victim->second.id);
                        touched.insert(victim->second.id);
                        plain.living.erase(victim);
                    }
                    std::vector<NewMessage> fresh;
                    bool returned = false;
                    for (unsigned n = below(5); n > 0 && !plain.uids.empty(); --n) {  // some that were there
                        auto old = std::next(plain.uids.begin(), below(static_cast<unsigned>(plain.uids.size())));
                        if (plain.living.contains(old->second) || !touched.insert(old->first).second) continue;
                        NewMessage m =
                            message("", start_of_time - below(500) * day, below(2) ? flag::seen : std::uint8_t{0});
                        m.id = old->first;
                        folder.added.push_back(m);
                        plain.living[old->second] = {m.id, m.date, m.flags.system};
                        returned = true;
                    }
                    if (returned) ++plain.uid_next;
                    for (unsigned n = below(20) == 0 ? 5000 : below(60); n > 0; --n)
                        fresh.push_back(message("w" + std::to_string(words++), start_of_time - below(500) * day,
                                                below(2) ? flag::seen : std::uint8_t{0}));
                    folder.added.insert(folder.added.end(), fresh.begin(), fresh.end());
                    std::stable_sort(fresh.begin(), fresh.end(),
                                     [](const auto& a, const auto& b) { return a.date < b.date; });
                    for (const auto& m : fresh) {
                        plain.living[plain.uid_next] = {m.id, m.date, m.flags.system};
                        plain.uids[m.id] = plain.uid_next++;
                    }
                    change.folders.push_back(std::move(folder));
                }
                good(ann->commit(change));
            } else if (action < 15) {
                const std::string path = "F" + std::to_string(below(4));
                PlainFolder& plain = model[path];
                if (!plain.exists) continue;
                const auto& user = users[below(2)];
                const std::uint32_t first = below(plain.uid_next) + 1, last = first + below(below(5) ? 20 : 5000);
                const auto how = static_cast<FlagAction>(below(3));
                FlagNames flags;
                flags.system = static_cast<std::uint8_t>(below(32));
                for (const auto& keyword : keywords)
                    if (below(3) == 0) flags.keywords.push_back(keyword);
                good(ann->store_flags(ann->find(path)->number, ann->user(user), NumberSet({{first, last}}), how, flags,
                                      {}, below(2) ? Durability::soon : Durability::before_return));
                for (auto& [uid, m] : plain.living) {
                    if (uid < first || uid > last) continue;
                    auto place = plain.users[user].flags.find(uid);
                    std::pair<std::uint8_t, std::set<std::string>> now{user == "ann" ? m.seed : std::uint8_t{0}, {}};
                    if (place != plain.users[user].flags.end()) now = place->second;
                    const auto before = now;
                    const auto system = static_cast<std::uint8_t>(flags.system & flag::kept);
                    if (how == FlagAction::replace) now = {system, {flags.keywords.begin(), flags.keywords.end()}};
                    if (how == FlagAction::add) {
                        now.first |= system;
                        now.second.insert(flags.keywords.begin(), flags.keywords.end());
                    }
                    if (how == FlagAction::remove) {
                        now.first = static_cast<std::uint8_t>(now.first & ~system);
                        for (const auto& keyword : flags.keywords) now.second.erase(keyword);
                    }
                    if (now != before) plain.users[user].flags[uid] = now;
                }
            } else if (action == 15) {
                f.clock.advance(std::chrono::hours(24 * (below(20) + 1)));
            } else if (action == 16) {
                months = below(4) * 5;
                f.index->window_months(months);
            } else if (action == 17) {
                f.index->flush();
            } else if (action == 18) {
                f.options.window_months = months;
                ann.reset();
                f.open();
                ann = f.owner();
            } else {
                good(ann->rebuild());
            }
            for (const auto& place : model) {
                const std::string& path = place.first;
                const PlainFolder& plain = place.second;
                CHECK(ann->find(path).has_value() == plain.exists);
                if (!plain.exists || below(3) == 0) continue;
                for (const auto& user : users) {
                    const auto view = view_of(*ann, path, user);
                    const auto rows = expected(plain, user, window_cutoff(f.clock.now(), months));
                    INFO(path << " " << user);
                    REQUIRE((shown(*view) == rows));
                    CHECK(view->hidden_by_window() == plain.living.size() - rows.size());
                    CHECK(view->uid_next().value >= plain.uid_next);
                    CHECK(view->uid_next().value <= plain.uid_next + 2);  // each user's window was widened
                    CHECK(static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [](const ShownMessage& row) {
                              return !(row.system & flag::seen);
                          })) == view->unseen());
                }
            }
            // A widened window raises UIDNEXT too (DESIGN.md 9); the model takes that from the view.
            for (auto& [path, plain] : model)
                if (plain.exists) plain.uid_next = view_of(*ann, path)->uid_next().value;
        }
        CHECK(complaints(*f.index) == std::vector<std::string>{});
    }
}
