#include "sync/round.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"

namespace imaparc::sync {

namespace {

// Directory times may be as coarse as this: a change within it may not show in the token.
constexpr auto grain = std::chrono::seconds(2);
constexpr std::size_t places_at_once = 4096;

bool at(const std::vector<bool>& flags, std::size_t i) { return i < flags.size() && flags[i]; }

std::uint64_t key_of(StorePosition store, const std::string& path) { return std::hash<std::string>{}(path)*31 + store; }

}  // namespace

Round::Round(const Surroundings& surroundings, const Options& options, std::string owner, OwnerMemory& memory,
             Order order)
    : at_(surroundings), options_(options), name_(std::move(owner)), memory_(memory), order_(std::move(order)) {
    states_.resize(at_.stores.size());
    memory_.messages.resize(at_.stores.size() + 1);
    gone_of_.resize(at_.stores.size() + 1);
}

Round::~Round() = default;

StorePosition Round::position(std::string_view store) const {
    for (std::size_t i = 0; i < at_.stores.size(); ++i)
        if (at_.stores[i]->name() == store) return static_cast<StorePosition>(i);
    return static_cast<StorePosition>(at_.stores.size());
}

bool Round::listing_counts(std::size_t store) const {
    if (store == states_.size()) return order_.accept_unconfigured;
    const auto standing = states_[store].assessment.standing;
    return states_[store].looked_at &&
           (standing == Standing::reachable || standing == Standing::doubtful || standing == Standing::gone);
}

void Round::prepare() {
    owner_ = at_.index.owner(name_);
    if (owner_->state() == index::OwnerState::rebuilding) {
        value_or_throw(owner_->rebuild());
        rebuilt_ = true;
    }
    first_ = owner_->state() == index::OwnerState::unsynchronised;
    assess_stores();
    plan();
    decide_skips();
    next_ = paths_.begin();
}

void Round::assess_stores() {
    for (std::size_t s = 0; s < states_.size(); ++s) {
        auto& state = states_[s];
        if (at(order_.left_out, s)) continue;
        state.looked_at = true;
        Circumstances now;
        now.root = at_.roots.of(s);
        if (now.root.available && !now.root.empty) now.owner = at_.stores[s]->owner_health(name_);
        now.listed = at(order_.listed, s);
        now.recorded_device = first_ ? "" : owner_->note(device_note_key(at_.stores[s]->name()));
        now.known = memory_.messages[s];
        now.accept_removals = at(order_.accept, s);
        state.assessment = assess(now);
        state.device = now.owner.device;
    }
}

void Round::plan() {
    planned_ = at_.clock.steady();
    for (std::size_t s = 0; s < states_.size(); ++s) {
        auto& state = states_[s];
        const auto standing = state.assessment.standing;
        if (!state.looked_at || (standing != Standing::reachable && standing != Standing::doubtful)) continue;
        auto folders = at_.stores[s]->folders(name_);
        if (!folders) {
            // The root could be looked at, so this listing failed: nothing of it counts.
            state.assessment = {Standing::unavailable, folders.error().text};
            state.failure = folders.error().text;
            continue;
        }
        for (auto& folder : *folders) {
            auto path = store::path_of(folder);
            if (path.empty()) continue;
            auto& entry = paths_[path];
            entry.path = path;
            if (entry.sources.empty() || entry.sources.back().store != s) {
                Source source;
                source.store = static_cast<StorePosition>(s);
                source.key = key_of(source.store, path);
                source.has_token = true;
                entry.sources.push_back(std::move(source));
            }
            auto& source = entry.sources.back();
            source.has_token = source.has_token && !folder.change_token.empty();
            source.token = source.token * 1099511628211ULL + std::hash<std::string>{}(folder.change_token);
            source.open = source.open || folder.selectable;
            entry.open = entry.open || folder.selectable;
            source.folders.push_back(std::move(folder));
        }
    }
    paths_["INBOX"].path = "INBOX";
    if (first_) return;
    const auto folders = owner_->folders();
    for (const auto& folder : *folders) {
        if (folder.kind != index::FolderKind::ordinary) continue;  // no store has it
        auto& entry = paths_[folder.path];
        entry.path = folder.path;
        entry.number = folder.number;
        entry.was_open = folder.selectable;
    }
}

// A folder whose token is the same as when it was last listed is not listed, unless it was listed too soon after it
// had changed, or something in it waits for a second look.
void Round::decide_skips() {
    const bool all_looked_at =
        std::all_of(states_.begin(), states_.end(), [](const StoreState& s) { return s.looked_at; });
    for (auto& [path, entry] : paths_) {
        const bool look_again = memory_.pending.has(path) || order_.dirty.contains(path);
        std::vector<bool> has_source(states_.size(), false);
        for (auto& source : entry.sources) {
            has_source[source.store] = true;
            const bool thorough =
                at(order_.thorough, source.store) || states_[source.store].assessment.standing == Standing::doubtful;
            const auto known = memory_.tokens.find(source.key);
            source.skip = memory_.counted && entry.number && !thorough && !look_again && source.has_token &&
                          known != memory_.tokens.end() && known->second.settled && known->second.token == source.token;
            entry.examine = entry.examine || !source.skip;
        }
        // Gone from a store in which it was: what the index has from there is missing now.
        for (std::size_t s = 0; s < states_.size(); ++s)
            if (!has_source[s] && listing_counts(s) &&
                memory_.tokens.contains(key_of(static_cast<StorePosition>(s), path)))
                entry.examine = true;
        entry.examine = entry.examine || !memory_.counted || look_again || order_.accept_unconfigured ||
                        (entry.sources.empty() && all_looked_at && path != "INBOX");
    }
}

bool Round::list_some(std::chrono::milliseconds budget) {
    const auto until = at_.clock.steady() + budget;
    while (next_ != paths_.end() && !interrupted_) {
        list(next_->second);
        ++next_;
        ++done_;
        if (at_.stopping.load(std::memory_order_relaxed)) interrupted_ = true;
        if (at_.clock.steady() >= until) break;
    }
    tell_places();
    return next_ != paths_.end() && !interrupted_;
}

void Round::list(Path& path) {
    if (!path.examine) return;
    const auto width = states_.size() + 1;
    path.fresh_of.assign(width, 0);
    path.known_of.assign(width, 0);
    path.missing.assign(width, {});
    path.compared.assign(width, false);

    FolderScan scan;
    if (path.number) {
        std::size_t visited = 0;
        value_or_throw(owner_->for_each(*path.number, [&](const index::Message& message) {
            const auto store = position(message.store);
            ++path.known_of[store];
            scan.know(message.id, store);
            return ++visited % 4096 != 0 || !at_.stopping.load(std::memory_order_relaxed);
        }));
        path.known = scan.known();
    }
    path.begun = at_.clock.steady();
    for (auto& source : path.sources) {
        if (!source.skip) list_source(path, source, scan);
        if (interrupted_) return;
    }
    path.ended = at_.clock.steady();

    for (std::size_t s = 0; s < width; ++s) {
        const auto source = std::find_if(path.sources.begin(), path.sources.end(),
                                         [&](const Source& candidate) { return candidate.store == s; });
        // Where the store has no such folder (any more), all that is known from there is missing.
        const bool whole =
            source != path.sources.end() ? source->listed : s == states_.size() || states_[s].failure.empty();
        path.compared[s] = listing_counts(s) && whole;
        if (path.compared[s]) path.missing[s] = scan.missing(static_cast<StorePosition>(s));
        path.fresh_of[s] = scan.fresh(static_cast<StorePosition>(s));
    }
    fresh_ += scan.fresh();
    path.fresh = scan.take_fresh();
}

void Round::list_source(Path& path, Source& source, FolderScan& scan) {
    auto& store = *at_.stores[source.store];
    const bool tell_all = at(order_.thorough, source.store);
    const bool look_for_places = !memory_.counted && !first_;
    scan.begin(source.store);
    for (const auto& folder : source.folders) {
        if (!folder.selectable) continue;
        std::size_t visited = 0;
        auto listed = store.list(name_, folder, [&](store::StoreItem&& item) {
            if (++visited % 256 == 0 && at_.stopping.load(std::memory_order_relaxed)) {
                interrupted_ = true;
                return false;
            }
            ++listed_;
            const auto id = message_id(store.name(), name_, path.path, item.name);
            const auto seen = scan.see(id, item.name, store.name(), item.date, std::move(item.flags));
            if (seen == FolderScan::Seen::again) return true;
            bool tell = seen == FolderScan::Seen::fresh || tell_all;
            if (!tell && look_for_places && !at_.archive.has_place(name_, id)) tell = places_were_missing_ = true;
            if (!tell) return true;
            places_.push_back({id, store.name(), folder.location, std::move(item.name), std::move(item.locator)});
            if (places_.size() >= places_at_once) tell_places();
            return true;
        });
        if (interrupted_ || at_.stopping.load(std::memory_order_relaxed)) {
            interrupted_ = true;
            return;
        }
        if (listed) continue;
        scan.abandon();
        // Between folders() and now it went away: nothing to publish from it; what is published waits for the next
        // round.
        source.vanished = listed.error().kind == ErrorKind::not_found && first_;
        if (!source.vanished && states_[source.store].failure.empty())
            states_[source.store].failure = path.path + ": " + listed.error().text;
        return;
    }
    scan.end();
    source.listed = true;
}

void Round::tell_places() {
    if (places_.empty()) return;
    at_.archive.place(name_, places_);
    places_.clear();
    placed_ = true;
}

// Which stores' losses are believed.
void Round::judge() {
    for (std::size_t s = 0; s < states_.size(); ++s) {
        auto& state = states_[s];
        for (const auto& [name, path] : paths_) {
            if (!path.examine) continue;
            state.lost += path.missing[s].size();
            state.known += path.known_of[s];
        }
        const auto before = memory_.counted ? memory_.messages[s] : state.known;
        if (state.assessment.standing == Standing::doubtful && (state.lost > 0 || !state.failure.empty())) {
            state.refuse = state.refuse_fresh = true;
            state.assessment.standing = Standing::unavailable;
        } else if (!at(order_.accept, s) &&
                   too_much_lost(state.lost, before, options_.loss_percent, options_.loss_messages)) {
            state.refuse = true;
            state.assessment = {Standing::unavailable,
                                std::to_string(state.lost) + " of " + std::to_string(before) + " messages are missing"};
        }
        if (state.refuse) memory_.pending.forgive(static_cast<StorePosition>(s));
    }
}

// A new folder is shown once everything in it is known, and only if a store that is believed has it.
bool Round::may_be_new(const Path& path) const {
    if (path.path == "INBOX" && path.sources.empty()) return true;
    bool some = false;
    for (const auto& source : path.sources) {
        if (source.vanished) continue;
        if (!source.listed) return false;
        some = some || !states_[source.store].refuse_fresh;
    }
    return some || path.path == "INBOX";
}

std::vector<MessageId> Round::take_gone(const Path& path) {
    std::vector<MessageId> all;
    for (std::size_t s = 0; s <= states_.size(); ++s) {
        if (!path.compared[s] || (s < states_.size() && states_[s].refuse)) continue;
        const auto gone = memory_.pending.missed(path.path, static_cast<StorePosition>(s), path.missing[s], path.begun,
                                                 path.ended, std::chrono::seconds(options_.confirm_seconds));
        gone_of_[s] += gone.size();
        all.insert(all.end(), gone.begin(), gone.end());
    }
    return all;
}

bool Round::folder_is_gone(const Path& path, std::size_t removed, bool folders_may_go) {
    if (!path.sources.empty() || path.path == "INBOX") {
        memory_.pending.folder_seen(path.path);
        return false;
    }
    if (!path.examine || !folders_may_go || !path.number) return false;
    if (!memory_.pending.folder_missed(path.path, path.begun, path.ended,
                                       std::chrono::seconds(options_.confirm_seconds))) {
        second_look_ = true;
        return false;
    }
    if (removed != path.known) return false;
    memory_.pending.folder_seen(path.path);
    return true;
}

index::Change Round::difference(RoundResult& result) {
    // A folder goes only if every store was looked at and none of them may still have it.
    const bool folders_may_go = std::all_of(states_.begin(), states_.end(), [](const StoreState& state) {
        return state.looked_at && !state.refuse && state.failure.empty() &&
               state.assessment.standing != Standing::unavailable;
    });
    index::Change change;
    change.first = first_;
    for (auto& [name, path] : paths_) {
        index::FolderChange folder;
        folder.path = path.path;
        if (path.examine) {
            for (std::size_t s = 0; s < states_.size(); ++s) {
                if (!states_[s].refuse_fresh || path.fresh_of[s] == 0) continue;
                std::erase_if(path.fresh, [&](const index::NewMessage& m) { return m.store == at_.stores[s]->name(); });
                path.fresh_of[s] = 0;
            }
            folder.removed = take_gone(path);
            folder.added = std::move(path.fresh);
            gone_.insert(gone_.end(), folder.removed.begin(), folder.removed.end());
        }
        if (folder_is_gone(path, folder.removed.size(), folders_may_go)) {
            change.removed_folders.push_back(path.path);
            continue;
        }
        if (!path.number && !may_be_new(path)) {
            std::fill(path.fresh_of.begin(), path.fresh_of.end(), 0);
            continue;
        }
        // What has messages stays open until they are gone, and what a store that is not believed may have, too.
        const bool left = !path.examine || path.known + folder.added.size() > folder.removed.size();
        folder.selectable = path.path == "INBOX" || path.open ||
                            (path.number && path.was_open && (left || !folders_may_go || path.sources.empty()));
        if (!folder.added.empty()) result.grown.push_back(path.path);
        if (!path.number || !folder.added.empty() || !folder.removed.empty() || folder.selectable != path.was_open)
            change.folders.push_back(std::move(folder));
    }
    return change;
}

RoundResult Round::commit() {
    RoundResult result;
    result.rebuilt = rebuilt_;
    result.interrupted = interrupted_;
    result.ready = !first_;
    result.listed = listed_;
    result.folders = paths_.size();
    if (interrupted_) return result;
    judge();

    if (first_) {
        // Every reachable store, completely; and one at least.
        const bool some = std::any_of(states_.begin(), states_.end(), [](const StoreState& state) {
            return state.assessment.standing == Standing::reachable;
        });
        const bool whole = std::all_of(states_.begin(), states_.end(),
                                       [](const StoreState& s) { return s.failure.empty() && s.looked_at; });
        if (!some || !whole) {
            sum_up(result);
            return result;
        }
    }
    const auto change = difference(result);
    if (placed_) at_.archive.flush(name_);
    if (!change.empty()) {
        try {
            result.committed = value_or_throw(owner_->commit(change));
        } catch (...) {
            memory_ = {};  // what was confirmed to be gone is there still: all is looked at anew
            throw;
        }
        result.folders_changed = result.committed.folders_added + result.committed.folders_removed > 0;
        result.ready = true;
        result.first = first_;
    }
    if (!gone_.empty()) at_.archive.forget(name_, gone_);
    remember();
    note_devices();
    result.places_were_missing = places_were_missing_;
    result.second_look = second_look_ || memory_.pending.count(static_cast<StorePosition>(states_.size())) > 0;
    sum_up(result);
    return result;
}

void Round::remember() {
    for (auto& [name, path] : paths_) {
        for (const auto& source : path.sources) {
            if (!source.listed || states_[source.store].refuse) continue;
            auto& token = memory_.tokens[source.key];
            if (token.token != source.token || token.first_seen == Instant{}) {
                token = {source.token, planned_, false};
            } else if (path.begun - token.first_seen >= grain) {
                token.settled = true;
            }
        }
        for (std::size_t s = 0; s < states_.size() && path.examine; ++s) {
            const auto store = static_cast<StorePosition>(s);
            const bool has_source = std::any_of(path.sources.begin(), path.sources.end(),
                                                [&](const Source& source) { return source.store == store; });
            if (!has_source && path.compared[s] && !states_[s].refuse && !memory_.pending.has(path.path))
                memory_.tokens.erase(key_of(store, path.path));
        }
    }
    for (std::size_t s = 0; s <= states_.size(); ++s) {
        std::uint64_t fresh = 0, known = 0;
        for (const auto& [name, path] : paths_) {
            if (!path.examine) continue;
            fresh += path.fresh_of[s];
            known += path.known_of[s];
        }
        auto& messages = memory_.messages[s];
        messages = (memory_.counted ? messages : known) + fresh;
        messages -= std::min(messages, gone_of_[s]);
    }
    memory_.counted = true;
}

// Recorded is the device that a complete listing saw.
void Round::note_devices() {
    for (std::size_t s = 0; s < states_.size(); ++s) {
        const auto& state = states_[s];
        if (!state.looked_at || state.refuse || !state.failure.empty()) continue;
        const auto key = device_note_key(at_.stores[s]->name());
        std::string now = owner_->note(key);
        if (state.assessment.standing == Standing::reachable || state.assessment.standing == Standing::doubtful)
            now = device_note(state.device);
        else if (state.assessment.standing == Standing::gone && memory_.messages[s] == 0)
            now.clear();
        if (now != owner_->note(key)) value_or_throw(owner_->set_note(key, now));
    }
}

void Round::sum_up(RoundResult& result) const {
    result.stores.resize(states_.size());
    for (std::size_t s = 0; s < states_.size(); ++s) {
        const auto& state = states_[s];
        auto& store = result.stores[s];
        store.looked_at = state.looked_at;
        store.available = state.assessment.standing != Standing::unavailable && state.failure.empty();
        store.present = listing_counts(s) || memory_.messages[s] > 0;
        if (!store.available) store.reason = state.failure.empty() ? state.assessment.reason : state.failure;
        store.messages = memory_.messages[s];
        store.pending = memory_.pending.count(static_cast<StorePosition>(s));
        result.second_look = result.second_look || store.pending > 0;
        if (!store.available && result.trouble.empty()) result.trouble = at_.stores[s]->name() + ": " + store.reason;
    }
    if (!result.ready && result.trouble.empty()) result.trouble = "no archive store has anything of this owner yet";
}

}  // namespace imaparc::sync
