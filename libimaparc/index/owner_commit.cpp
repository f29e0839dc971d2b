#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "index/committing.h"

namespace imaparc::index {

namespace {

constexpr std::size_t level_bytes_at_most = 1'020;  // the column's
constexpr std::size_t path_bytes_at_most = 60'000;  // a ledger record's text
constexpr std::size_t name_bytes_at_most = 1'020;
constexpr std::size_t batch_bytes = 4U << 20;
constexpr std::size_t messages_a_record = segment_span;
constexpr std::uint64_t uids_at_most = UINT32_MAX - 1;

bool is_inbox(std::string_view path) { return ascii_iequals(path, "INBOX"); }

Result<void> check_path(std::string_view path) {
    if (path.size() > path_bytes_at_most)
        return Error{ErrorKind::limit, "a folder's path has at most " + std::to_string(path_bytes_at_most) + " bytes"};
    for (const auto level : split(path, '/')) {
        if (level.empty()) return Error{ErrorKind::invalid, "a folder's path has an empty level: " + printable(path)};
        if (level.size() > level_bytes_at_most)
            return Error{ErrorKind::limit, "a level of a folder's path has at most " +
                                               std::to_string(level_bytes_at_most) + " bytes: " + printable(path)};
        if (level.find('\0') != std::string_view::npos)
            return Error{ErrorKind::invalid, "a folder's path has a NUL: " + printable(path)};
    }
    return {};
}

Result<void> check_change(const Change& change) {
    std::unordered_set<std::string_view> paths;
    const auto once = [&](std::string_view path) -> Result<void> {
        if (auto good = check_path(path); !good) return good;
        if (!paths.insert(is_inbox(path) ? "INBOX" : path).second)
            return Error{ErrorKind::invalid, "a folder is named twice in one change: " + printable(path)};
        return {};
    };
    for (const FolderChange& folder : change.folders) {
        if (auto good = once(folder.path); !good) return good;
        for (const NewMessage& message : folder.added)
            if (message.store.empty() || message.store.size() > name_bytes_at_most)
                return Error{ErrorKind::invalid,
                             "a store's name has 1 to " + std::to_string(name_bytes_at_most) + " bytes"};
    }
    for (const std::string& path : change.removed_folders)
        if (auto good = once(path); !good) return good;
    return {};
}

// Where a keyword of the store can be one of IMAP (RFC 3501 9, flag-keyword: an atom).
bool usable_keyword(std::string_view name) {
    if (name.empty() || name.size() > 255) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return c > ' ' && c < '\x7F' && std::string_view("(){%*\"\\]").find(c) == std::string_view::npos;
    });
}

std::unordered_map<MessageId, Uid> find_living(const Base& base, SegmentSource& source,
                                               const std::unordered_set<MessageId>& wanted) {
    std::unordered_map<MessageId, Uid> found;
    if (wanted.empty()) return found;
    for (const SegmentRow& row : base.rows) {
        const auto contents = load(source, base.folder, row);
        for (std::size_t i = 0; i < contents->size(); ++i)
            if (wanted.contains(contents->id(i))) found.emplace(contents->id(i), contents->uid(i));
    }
    return found;
}

}  // namespace

Result<void> LedgerOwner::Committing::add(const Record& record) {
    ++records_;
    if (const auto folder = folder_of(record)) touched_.insert(*folder);
    batch_.add_in_transaction(record);
    if (auto applied = facts_.apply(record); !applied) return applied;
    drafts_.apply(record, facts_);
    if (batch_.bytes() < batch_bytes) return {};
    if (auto appended = owner_.ledger_->append(batch_); !appended) return appended.error();
    owner_.stopped_cleanly_ = false;
    batch_ = {};
    return {};
}

Result<StoreNumber> LedgerOwner::Committing::store(const std::string& name) {
    if (const auto known = facts_.store(name)) return *known;
    const std::uint32_t number = facts_.stores.empty() ? 1 : facts_.stores.rbegin()->first.value + 1U;
    if (number > UINT16_MAX) return Error{ErrorKind::limit, "an owner has messages of at most 65,535 stores"};
    const StoreNumber given{static_cast<std::uint16_t>(number)};
    if (auto added = add(record::StoreNamed{given, name}); !added) return added.error();
    return given;
}

Result<void> LedgerOwner::Committing::make_folder(const std::string& path, bool selectable) {
    if (const FolderFacts* folder = facts_.find(path)) {
        const FolderNumber number = folder->number;
        if (!folder->living) {
            if (auto added = add(record::FolderBack{number}); !added) return added;
            ++committed.folders_added;
            list_changed_ = true;
        }
        if (folder->selectable != selectable) {
            list_changed_ = true;
            return add(record::FolderSelectable{number, selectable});
        }
        return {};
    }
    auto uid_validity = owner_.core_->uid_validity->take(owner_.core_->clock.now());
    if (!uid_validity) return uid_validity.error();
    ++committed.folders_added;
    list_changed_ = true;
    return add(record::FolderCreated{facts_.next_folder(), path, selectable, *uid_validity});
}

Result<void> LedgerOwner::Committing::folder(const FolderChange& change) {
    const std::string path = is_inbox(change.path) ? "INBOX" : change.path;
    if (auto made = make_folder(path, change.selectable); !made) return made;
    const FolderFacts& folder = *facts_.find(path);
    const FolderNumber number = folder.number;

    std::unordered_set<MessageId> wanted, arriving;
    for (const NewMessage& message : change.added) arriving.insert(message.id);
    wanted = arriving;
    for (const MessageId& id : change.removed) wanted.insert(id);
    if (wanted.empty()) return {};
    const auto base = this->base(folder);
    const auto living = find_living(*base, source(), wanted);
    const ModSeq at{folder.highest_modseq.value + 1};

    std::vector<std::uint32_t> leaving;
    for (const MessageId& id : change.removed) {
        const auto found = living.find(id);
        if (found != living.end() && !arriving.contains(id)) leaving.push_back(found->second.value);
    }
    std::sort(leaving.begin(), leaving.end());
    leaving.erase(std::unique(leaving.begin(), leaving.end()), leaving.end());
    if (!leaving.empty()) {
        NumberSet uids;
        for (const std::uint32_t uid : leaving) uids.add(uid);
        removed_[number] = leaving;
        if (auto added = add(record::Removed{number, at, std::move(uids)}); !added) return added;
        committed.removed += leaving.size();
    }

    std::vector<MessageId> ids;
    for (const NewMessage& message : change.added)
        if (!living.contains(message.id)) ids.push_back(message.id);
    const auto gone = find_tombstones(*base, source(), ids);
    std::vector<std::pair<Uid, const NewMessage*>> returning;
    std::vector<const NewMessage*> fresh;
    for (const NewMessage& message : change.added) {
        if (living.contains(message.id) || arriving.erase(message.id) == 0) continue;  // there, or named twice
        const auto found = gone.find(message.id);
        if (found != gone.end())
            returning.emplace_back(found->second, &message);
        else
            fresh.push_back(&message);
    }
    if (!returning.empty())
        if (auto back = bring_back(number, at, returning); !back) return back;
    return add_messages(number, at, std::move(fresh));
}

Result<StoredMessage> LedgerOwner::Committing::stored(Uid uid, ModSeq at, const NewMessage& message) {
    const auto number = store(message.store);
    if (!number) return number.error();
    StoredMessage m;
    m.uid = uid;
    m.id = message.id;
    m.date = message.date;
    m.store = *number;
    m.seed = static_cast<std::uint8_t>(message.flags.system & flag::kept);
    m.added = at;
    m.saved = now_;
    m.octets = message.octets;
    return m;
}

// UIDs in the order of dates, then as given (DESIGN.md 10).
Result<void> LedgerOwner::Committing::add_messages(FolderNumber folder, ModSeq at,
                                                   std::vector<const NewMessage*> messages) {
    std::stable_sort(messages.begin(), messages.end(),
                     [](const NewMessage* a, const NewMessage* b) { return a->date < b->date; });
    std::uint64_t next = facts_.folders.at(folder).uid_next.value;
    if (next + messages.size() > uids_at_most) return Error{ErrorKind::limit, "a folder has no more UIDs"};
    std::vector<std::pair<Uid, const NewMessage*>> with_keywords;
    for (std::size_t i = 0; i < messages.size();) {
        record::Assigned record{folder, at, now_, {}};
        for (; i < messages.size() && record.messages.size() < messages_a_record; ++i) {
            auto message = stored(Uid{static_cast<std::uint32_t>(next++)}, at, *messages[i]);
            if (!message) return message.error();
            record.messages.push_back(*message);
            if (!messages[i]->flags.keywords.empty()) with_keywords.emplace_back(message->uid, messages[i]);
        }
        if (auto added = add(std::move(record)); !added) return added;
    }
    committed.added += messages.size();
    return seed_keywords(folder, at, with_keywords);
}

// Under their old UIDs (DESIGN.md 9). UIDNEXT is raised so that clients which look at nothing else look again.
Result<void> LedgerOwner::Committing::bring_back(FolderNumber folder, ModSeq at,
                                                 std::vector<std::pair<Uid, const NewMessage*>>& messages) {
    std::sort(messages.begin(), messages.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    const auto overlay = latest_.overlay_of({folder, UserNumber{0}});
    std::vector<std::pair<Uid, const NewMessage*>> with_keywords;
    for (std::size_t i = 0; i < messages.size();) {
        record::Returned record{folder, at, now_, {}};
        for (; i < messages.size() && record.messages.size() < messages_a_record; ++i) {
            const auto& [uid, given] = messages[i];
            auto message = stored(uid, at, *given);
            if (!message) return message.error();
            record.messages.push_back(*message);
            if (given->flags.keywords.empty()) continue;
            // What the owner has made of it since counts, not what the store says.
            const OverlayRow* row = overlay->row(segment_of(uid));
            if (!row || !index::load(source(), folder, UserNumber{0}, *row)->find(uid))
                with_keywords.emplace_back(uid, given);
        }
        if (auto added = add(std::move(record)); !added) return added;
    }
    committed.returned += messages.size();
    const std::uint32_t next = facts_.folders.at(folder).uid_next.value;
    if (next > uids_at_most) return Error{ErrorKind::limit, "a folder has no more UIDs"};
    if (auto added = add(record::UidNext{folder, Uid{next + 1}}); !added) return added;
    return seed_keywords(folder, at, with_keywords);
}

// The store's keywords, as far as the owner's table of the folder takes them.
Result<void> LedgerOwner::Committing::seed_keywords(FolderNumber folder, ModSeq at,
                                                    const std::vector<std::pair<Uid, const NewMessage*>>& messages) {
    if (messages.empty()) return {};
    auto place = owner_keywords_.find(folder);
    if (place == owner_keywords_.end())
        place = owner_keywords_.emplace(folder, latest_.overlay_of({folder, UserNumber{0}})->keywords).first;
    auto& table = place->second;
    std::vector<std::string> names;
    const auto first = static_cast<unsigned>(table.size());
    std::map<std::pair<std::uint8_t, std::uint64_t>, NumberSet> groups;
    for (const auto& [uid, message] : messages) {
        std::uint64_t bits = 0;
        for (const auto& name : message->flags.keywords) {
            if (!usable_keyword(name)) continue;
            auto known = std::find_if(table.begin(), table.end(),
                                      [&](const auto& theirs) { return ascii_iequals(theirs, name); });
            if (known == table.end()) {
                if (table.size() >= keywords_at_most) continue;
                names.push_back(name);
                table.push_back(name);
                known = std::prev(table.end());
            }
            bits |= std::uint64_t{1} << (known - table.begin());
        }
        if (bits != 0) groups[{static_cast<std::uint8_t>(message->flags.system & flag::kept), bits}].add(uid.value);
    }
    if (!names.empty())
        if (auto added = add(record::KeywordsAdded{folder, UserNumber{0}, first, std::move(names)}); !added)
            return added;
    for (auto& [bits, uids] : groups)
        if (auto added = add(record::FlagsSet{folder, UserNumber{0}, at, {bits.first, bits.second}, std::move(uids)});
            !added)
            return added;
    return {};
}

Result<void> LedgerOwner::Committing::remove_folder(const std::string& path) {
    const std::string name = is_inbox(path) ? "INBOX" : path;
    const FolderFacts* folder = facts_.find(name);
    if (!folder || !folder->living) return {};
    const FolderNumber number = folder->number;
    const ModSeq at{folder->highest_modseq.value + 1};
    const auto base = this->base(*folder);
    NumberSet uids;
    for (const SegmentRow& row : base->rows) {
        const auto contents = index::load(source(), number, row);
        for (std::size_t i = 0; i < contents->size(); ++i) {
            uids.add(contents->uid(i).value);
            removed_[number].push_back(contents->uid(i).value);
        }
    }
    if (!uids.empty()) {
        committed.removed += uids.count();
        if (auto added = add(record::Removed{number, at, std::move(uids)}); !added) return added;
    }
    if (name == "INBOX") return {};  // it is there always
    ++committed.folders_removed;
    list_changed_ = true;
    return add(record::FolderGone{number});
}

// Ledger, Firebird, memory.
Result<void> LedgerOwner::Committing::finish() {
    if (records_ > 0) {
        batch_.commit();
        if (auto appended = owner_.ledger_->append(batch_); !appended) return appended.error();
        owner_.stopped_cleanly_ = false;
    }
    if (auto durable = owner_.ledger_->wait(owner_.ledger_->end().offset); !durable) {
        owner_.loaded_ = false;
        return durable;
    }
    Edits edits;
    try {
        edits = drafts_.finish(facts_);
    } catch (...) {
        owner_.loaded_ = false;
        throw;
    }
    owner_.unwritten_folders_.insert(touched_.begin(), touched_.end());
    owner_.save(edits, facts_, owner_.ledger_->end());
    {
        std::lock_guard state(owner_.state_);
        owner_.facts_ = std::move(facts_);
    }
    owner_.owner_state_ = OwnerState::ready;
    if (owner_.places_)
        for (const auto& [source, uid] : placed_) owner_.places_->put(source, uid);
    if (list_changed_) owner_.publish_folders();
    return {};
}

void LedgerOwner::Committing::notify() const {
    if (list_changed_) owner_.core_->notify(owner_.name_, FolderNumber{}, std::nullopt);
    for (const FolderNumber folder : touched_) owner_.core_->notify(owner_.name_, folder, std::nullopt);
}

Result<Committed> LedgerOwner::commit(const Change& change) {
    load();
    if (auto good = check_change(change); !good) return good.error();
    std::unique_lock lock(change_);
    if (!loaded_) load_locked();
    if (owner_state_ == OwnerState::rebuilding) return not_ready();
    const bool publishes = owner_state_ == OwnerState::unsynchronised;
    if (publishes && !change.first)
        return Error{ErrorKind::invalid, "the first change of " + name_ + " is not marked as the first publication"};
    if (auto there = ensure_ledger(); !there) return there.error();

    Committing committing(*this);
    if (publishes)
        if (auto made = committing.make_folder("INBOX", true); !made) return made.error();
    for (const FolderChange& folder : change.folders)
        if (auto done = committing.folder(folder); !done) return done.error();
    for (const std::string& path : change.removed_folders)
        if (auto done = committing.remove_folder(path); !done) return done.error();
    if (committing.empty()) return Committed{};
    if (all_mail_follows())
        if (auto done = committing.follow_removals(); !done) return done.error();
    if (auto done = committing.finish(); !done) return done.error();
    if (publishes) {
        prepare_all_mail();
        publish_folders();
    }
    lock.unlock();
    committing.notify();
    return committing.committed;
}

}  // namespace imaparc::index
