#include <algorithm>

#include "base/text.h"
#include "index/ledger_owner.h"

namespace imaparc::index {

namespace {

constexpr std::size_t keyword_bytes_at_most = 255;
constexpr std::size_t path_bytes_at_most = 60'000;
constexpr std::size_t subscriptions_at_most = 100'000;  // names a user has spoken about
constexpr std::size_t notes_at_most = 10'000;
constexpr std::size_t note_bytes_at_most = 32'768;
constexpr std::uint64_t modseqs_ahead = 1'000;  // reserved at once

}  // namespace

FlagBits changed(FlagBits now, FlagAction action, FlagBits given) {
    switch (action) {
        case FlagAction::replace:
            return given;
        case FlagAction::add:
            return {static_cast<std::uint8_t>(now.system | given.system), now.keywords | given.keywords};
        case FlagAction::remove:
            return {static_cast<std::uint8_t>(now.system & ~given.system), now.keywords & ~given.keywords};
    }
    return now;
}

// While it lives the ledger is not closed.
class LedgerOwner::Waiting {
  public:
    explicit Waiting(LedgerOwner& owner) : owner_(owner) {
        std::lock_guard state(owner.state_);
        ledger_ = owner.ledger_;
        if (ledger_) ++owner.waiting_;
    }
    ~Waiting() {
        if (!ledger_) return;
        std::lock_guard state(owner_.state_);
        ledger_.reset();
        if (--owner_.waiting_ == 0) owner_.nobody_waits_.notify_all();
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    Ledger* operator->() { return ledger_.get(); }
    explicit operator bool() const { return ledger_ != nullptr; }

  private:
    LedgerOwner& owner_;
    std::shared_ptr<Ledger> ledger_;
};

// Lets the next one change the owner, and waits until the ledger has it on disk.
Result<void> LedgerOwner::wait_durable(std::unique_lock<std::mutex>& change, Ledger::Ticket ticket) {
    Waiting waiting(*this);
    change.unlock();
    auto durable = waiting->wait(ticket);
    if (!durable) loaded_ = false;  // the ledger takes no more: open it anew
    return durable;
}

void LedgerOwner::sync() {
    Waiting waiting(*this);
    if (!waiting) return;
    if (auto durable = waiting->wait(waiting->end().offset); !durable) {
        loaded_ = false;
        throw Fault(durable.error());
    }
}

// A modseq that may be shown before its record is durable; it is given when it is published.
Result<ModSeq> LedgerOwner::next_modseq(FolderNumber number) {
    const FolderFacts& folder = facts_.folders.at(number);
    const ModSeq next{folder.highest_modseq.value + 1};
    if (next <= folder.ceiling) return next;
    const ModSeq ceiling{next.value + modseqs_ahead};
    Batch batch;
    batch.add(record::FolderCeiling{number, folder.uid_next, ceiling});
    auto ticket = ledger_->append(batch);
    if (!ticket) return ticket.error();
    stopped_cleanly_ = false;
    if (auto durable = ledger_->wait(*ticket); !durable) {
        loaded_ = false;
        return durable.error();
    }
    unwritten_folders_.insert(number);
    std::lock_guard state(state_);
    facts_.folders.at(number).ceiling = ceiling;
    return next;
}

void LedgerOwner::publish_flags(const OverlayEdit& edit, ModSeq modseq) {
    const OverlayKey key{edit.overlay->folder, edit.overlay->user};
    unwritten_folders_.insert(key.first);
    std::lock_guard state(state_);
    auto& folder = facts_.folders.at(key.first);
    folder.highest_modseq = std::max(folder.highest_modseq, modseq);
    auto& mine = folders_[key.first].overlays[key.second];
    mine.overlay = edit.overlay;
    mine.unwritten.insert(edit.segments.begin(), edit.segments.end());
    unwritten_overlays_.insert(key);
}

Result<FlagOutcome> LedgerOwner::store_flags(FolderNumber number, UserNumber user, const NumberSet& uids,
                                             FlagAction action, const FlagNames& flags,
                                             std::optional<ModSeq> unchanged_since, Durability durability) {
    if (auto is_ready = ready(); !is_ready) return is_ready.error();
    for (const auto& keyword : flags.keywords)
        if (keyword.empty() || keyword.size() > keyword_bytes_at_most)
            return Error{ErrorKind::limit, "a keyword has 1 to " + std::to_string(keyword_bytes_at_most) + " bytes"};
    std::unique_lock change(change_);
    if (!loaded_) load_locked();
    if (owner_state_ != OwnerState::ready) return not_ready();
    const FolderFacts* folder = living(number);
    if (!folder) return not_there(number);
    if (!core_->options.private_flags) return FlagOutcome{};
    if (folder->kind() == FolderKind::all_mail)
        return store_flags_in_all_mail(std::move(change), *folder, user, uids, action, flags, unchanged_since,
                                       durability);

    // What is asked for, as bits of this folder's and user's table.
    const auto base = base_of(*folder);
    const auto overlay = overlay_of({number, user});
    OverlayEditor editor(overlay, base, *source_, ++version_);
    FlagBits given{static_cast<std::uint8_t>(flags.system & flag::kept), 0};
    std::vector<std::string> new_keywords;
    for (const auto& keyword : flags.keywords) {
        const bool known = std::any_of(overlay->keywords.begin(), overlay->keywords.end(),
                                       [&](const auto& name) { return ascii_iequals(name, keyword); });
        if (!known && action == FlagAction::remove) continue;
        const auto bit = editor.keyword(keyword);
        if (!bit)
            return Error{ErrorKind::limit,
                         "a folder takes at most " + std::to_string(keywords_at_most) + " different keywords"};
        given.keywords |= std::uint64_t{1} << *bit;
        if (*bit >= overlay->keywords.size() + new_keywords.size()) new_keywords.push_back(keyword);
    }

    // Who changes, by what their flags become.
    FlagOutcome outcome;
    FlagGroups groups;
    const std::uint32_t largest = base->rows.empty() ? 0 : base->rows.back().last.value;
    const NumberSet asked = uids.resolved(largest);
    for (const NumberRange& range : asked.ranges())
        for (const Uid uid : editor.living(Uid{range.first}, Uid{range.last})) {
            const auto current = editor.current(uid);
            if (!current) continue;
            // With 0 the client asks whether the keywords are there at all (RFC 7162 3.1.3, Example 8).
            const bool asks_for_absence = unchanged_since == ModSeq{} && given.system == 0 && given.keywords != 0 &&
                                          action == FlagAction::add && (current->flags.keywords & given.keywords) == 0;
            if (unchanged_since && current->modseq > *unchanged_since && !asks_for_absence) {
                outcome.modified.add(uid.value);
                continue;
            }
            const FlagBits becomes = changed(current->flags, action, given);
            if (becomes == current->flags) continue;
            groups[{becomes.system, becomes.keywords}].add(uid.value);
            outcome.changed.add(uid.value);
        }
    if (groups.empty()) return outcome;

    const auto modseq = next_modseq(number);
    if (!modseq) return modseq.error();
    Batch batch;
    const bool follows = all_mail_follows();
    if (follows) batch.begin();  // flags in both folders or in none
    const auto put = [&](const Record& record) { follows ? batch.add_in_transaction(record) : batch.add(record); };
    if (!new_keywords.empty())
        put(record::KeywordsAdded{number, user, static_cast<unsigned>(overlay->keywords.size()), new_keywords});
    std::optional<Mirrored> mirrored;
    if (follows) {
        auto names = overlay->keywords;
        names.insert(names.end(), new_keywords.begin(), new_keywords.end());
        auto made = mirror(batch, number, user, names, groups);
        if (!made) return made.error();
        mirrored = std::move(*made);
    }
    for (auto& [bits, set] : groups) {
        const FlagBits becomes{bits.first, bits.second};
        for (const NumberRange& range : set.ranges())
            for (std::uint64_t uid = range.first; uid <= range.last; ++uid)
                editor.set(Uid{static_cast<std::uint32_t>(uid)}, becomes, *modseq);
        put(record::FlagsSet{number, user, *modseq, becomes, std::move(set)});
    }
    if (follows) batch.commit();
    const OverlayEdit edit = editor.finish();
    const auto ticket = ledger_->append(batch);
    if (!ticket) return ticket.error();
    stopped_cleanly_ = false;
    publish_flags(edit, *modseq);
    if (mirrored) publish_flags(mirrored->edit, mirrored->modseq);

    if (durability == Durability::before_return) {
        if (auto durable = wait_durable(change, *ticket); !durable) return durable.error();
    } else {
        change.unlock();
        core_->sync_soon(weak_from_this());
    }
    core_->notify(name_, number, user);
    if (mirrored) core_->notify(name_, mirrored->edit.overlay->folder, user);
    return outcome;
}

// A record about the owner himself, durable on return.
Result<void> LedgerOwner::record_fact(std::unique_lock<std::mutex>& change, const Record& record) {
    if (auto there = ensure_ledger(); !there) return there;
    Batch batch;
    batch.add(record);
    const auto ticket = ledger_->append(batch);
    if (!ticket) return ticket.error();
    stopped_cleanly_ = false;
    facts_unwritten_ = true;
    {
        std::lock_guard state(state_);
        if (auto applied = facts_.apply(record); !applied) return applied;
    }
    return wait_durable(change, *ticket);
}

UserNumber LedgerOwner::user(std::string_view user_name) {
    if (user_name == name_) return UserNumber{0};
    load();
    std::unique_lock change(change_);
    if (!loaded_) load_locked();
    if (const auto known = facts_.user(user_name)) return *known;
    UserNumber number{1};
    if (!facts_.users.empty()) number = UserNumber{facts_.users.rbegin()->first.value + 1};
    if (!ledger_) {  // nobody's archive is begun by somebody else's log-in
        std::lock_guard state(state_);
        facts_.users[number] = user_name;
        unrecorded_users_[number] = user_name;
        return number;
    }
    if (auto recorded = record_fact(change, record::UserNamed{number, std::string(user_name)}); !recorded)
        throw Fault(recorded.error());
    return number;
}

std::optional<UserNumber> LedgerOwner::find_user(std::string_view user_name) {
    if (user_name == name_) return UserNumber{0};
    load();
    std::lock_guard change(change_);
    if (!loaded_) load_locked();
    return facts_.user(user_name);
}

Result<void> LedgerOwner::subscribe(UserNumber user, std::string_view path, bool subscribe) {
    load();
    std::unique_lock change(change_);
    if (!loaded_) load_locked();
    if (owner_state_ == OwnerState::unsynchronised) return not_ready();
    if (path.empty() || path.size() > path_bytes_at_most)
        return Error{ErrorKind::limit, "a name has 1 to " + std::to_string(path_bytes_at_most) + " bytes"};
    const std::string name = ascii_iequals(path, "INBOX") ? "INBOX" : std::string(path);
    const bool lives = find(name).has_value();
    const auto theirs = facts_.subscriptions.find(user);
    if (theirs != facts_.subscriptions.end()) {
        const auto said = theirs->second.find(name);
        if (said != theirs->second.end() && said->second == subscribe) return {};
        if (said == theirs->second.end() && theirs->second.size() >= subscriptions_at_most)
            return Error{ErrorKind::limit, "too many subscriptions"};
        if (said == theirs->second.end() && lives == subscribe) return {};
    } else if (lives == subscribe) {
        return {};  // that is how it is unless somebody says otherwise
    }
    if (auto recorded = record_fact(change, record::Subscribed{user, name, subscribe}); !recorded) return recorded;
    core_->notify(name_, FolderNumber{}, user);
    return {};
}

bool LedgerOwner::subscribed(UserNumber user, std::string_view path) const {
    const std::string name = ascii_iequals(path, "INBOX") ? "INBOX" : std::string(path);
    std::lock_guard state(state_);
    if (const auto theirs = facts_.subscriptions.find(user); theirs != facts_.subscriptions.end())
        if (const auto said = theirs->second.find(name); said != theirs->second.end()) return said->second;
    if (name == "INBOX") return true;
    return std::any_of(list_->begin(), list_->end(), [&](const Folder& folder) { return folder.path == name; });
}

std::vector<std::string> LedgerOwner::subscribed_names_without_folder(UserNumber user) const {
    std::vector<std::string> names;
    std::lock_guard state(state_);
    const auto theirs = facts_.subscriptions.find(user);
    if (theirs == facts_.subscriptions.end()) return names;
    for (const auto& said : theirs->second) {
        const auto& name = said.first;
        const bool lives =
            std::any_of(list_->begin(), list_->end(), [&](const Folder& folder) { return folder.path == name; });
        if (said.second && name != "INBOX" && !lives) names.push_back(name);
    }
    return names;
}

std::string LedgerOwner::note(std::string_view key) const {
    std::lock_guard state(state_);
    const auto found = facts_.notes.find(key);
    return found == facts_.notes.end() ? std::string() : found->second;
}

Result<void> LedgerOwner::set_note(std::string_view key, std::string_view value) {
    load();
    std::unique_lock change(change_);
    if (!loaded_) load_locked();
    if (key.empty() || key.size() > 255 || value.size() > note_bytes_at_most)
        return Error{ErrorKind::limit, "a note is too long"};
    const auto found = facts_.notes.find(key);
    if (found != facts_.notes.end() && found->second == value) return {};
    if (found == facts_.notes.end() && facts_.notes.size() >= notes_at_most)
        return Error{ErrorKind::limit, "too many notes"};
    return record_fact(change, record::Note{std::string(key), std::string(value)});
}

}  // namespace imaparc::index
