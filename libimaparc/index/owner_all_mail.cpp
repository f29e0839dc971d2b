// All Mail: what it holds. A message is in it once for each content; it stands on one copy in an ordinary folder, its
// source, whose ID and flags it has. Which copy that is, is decided when the content is first seen, and again when that
// copy leaves. All of it is in the ledger, in the transaction that changes the ordinary folder, so that it holds after
// a crash; while it is switched off it is a folder that is gone, and is brought up to date (settled) afterwards.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "index/committing.h"

namespace imaparc::index {

namespace {

constexpr std::size_t messages_a_record = segment_span;
constexpr std::uint64_t uids_at_most = UINT32_MAX - 1;

MessageId as_id(const ContentKey& key) { return MessageId{key.bytes}; }

}  // namespace

// ---- the owner

bool LedgerOwner::all_mail_follows() const {
    if (!core_->options.all_mail || owner_state_ != OwnerState::ready) return false;
    const FolderFacts* folder = facts_.all_mail();
    return folder && folder->living;
}

bool LedgerOwner::wants_contents() const { return core_->options.all_mail; }

// What the switch says, noted in the ledger: a folder that is gone until it is settled, and again from the moment on
// at which it does not follow.
void LedgerOwner::prepare_all_mail() {
    const FolderFacts* folder = facts_.all_mail();
    std::vector<Record> records;
    if (core_->options.all_mail && !folder) {
        const auto uid_validity = core_->uid_validity->take(core_->clock.now());
        if (!uid_validity) {
            core_->log.error("index_all_mail_failed", {{"owner", name_}, {"reason", uid_validity.error().text}});
            return;
        }
        const FolderNumber number = facts_.next_folder();
        records.push_back(record::FolderCreated{number, std::string(all_mail_path), true, *uid_validity});
        records.push_back(record::FolderGone{number});
    } else if (!core_->options.all_mail && folder && folder->living) {
        records.push_back(record::FolderGone{folder->number});
    }
    if (records.empty()) return;
    Batch batch;
    batch.begin();  // or a crash in between leaves a folder that seems complete
    for (const Record& record : records) batch.add_in_transaction(record);
    batch.commit();
    value_or_throw(ledger_->append(batch));
    stopped_cleanly_ = false;
    std::lock_guard state(state_);
    for (const Record& record : records) value_or_throw(facts_.apply(record));
    unwritten_folders_.insert(facts_.all_mail()->number);
}

// The name that is configured, or that with a number behind where a store has a folder of this name.
std::string LedgerOwner::all_mail_name(const FolderList& ordinary) {
    const std::string& wanted = core_->options.all_mail_name;
    const auto taken = [&](const std::string& name) {
        return ascii_iequals(name, "INBOX") || std::any_of(ordinary.begin(), ordinary.end(), [&](const Folder& folder) {
                   return folder.path == name || folder.path.starts_with(name + "/");
               });
    };
    std::string name = wanted;
    for (unsigned n = 2; taken(name); ++n) name = wanted + " " + std::to_string(n);
    if (name != wanted && name != all_mail_shown_as_)
        core_->log.warning("index_all_mail_renamed", {{"owner", name_}, {"wanted", wanted}, {"name", name}});
    std::lock_guard state(state_);  // who asks for it while it is put together is told its name
    all_mail_shown_as_ = name;
    return name;
}

const LedgerOwner::Places& LedgerOwner::places() {
    if (places_) return *places_;
    auto made = std::make_unique<Places>();
    const auto base = base_of(*facts_.all_mail());
    for (const SegmentRow& row : base->rows) {
        const auto contents = index::load(*source_, base->folder, row);
        for (std::size_t i = 0; i < contents->size(); ++i)
            if (const auto source = contents->source(i)) made->put(*source, contents->uid(i));
    }
    places_ = std::move(made);
    return *places_;
}

std::set<UserNumber> LedgerOwner::users_with_flags(FolderNumber folder) {
    std::set<UserNumber> users;
    if (id_ != 0)
        for (const UserNumber user : core_->connections->read()->overlay_users(id_, folder)) users.insert(user);
    std::lock_guard state(state_);
    if (const auto place = folders_.find(folder); place != folders_.end())
        for (const auto& [user, overlay] : place->second.overlays)
            if (overlay.overlay) users.insert(user);
    return users;
}

Result<void> LedgerOwner::learn(FolderNumber number, const std::vector<Learned>& messages) {
    if (auto is_ready = ready(); !is_ready) return is_ready;
    std::unique_lock change(change_);
    if (!loaded_) load_locked();
    if (owner_state_ != OwnerState::ready) return not_ready();
    const FolderFacts* folder = living(number);
    if (!folder) return not_there(number);
    if (folder->kind() != FolderKind::ordinary)
        return Error{ErrorKind::invalid, "what is known of All Mail's messages is known of others"};
    Committing committing(*this);
    if (auto done = committing.learn(number, messages); !done) return done;
    if (committing.empty()) return {};
    if (auto done = committing.finish(); !done) return done;
    change.unlock();
    committing.notify();
    return {};
}

Result<void> LedgerOwner::settle_all_mail() {
    if (auto is_ready = ready(); !is_ready) return is_ready;
    std::unique_lock change(change_);
    if (!loaded_) load_locked();
    if (owner_state_ != OwnerState::ready) return not_ready();
    if (!core_->options.all_mail || !facts_.all_mail() || all_mail_follows()) return {};
    Committing committing(*this);
    if (auto done = committing.settle_all_mail(); !done) return done;
    if (auto done = committing.finish(); !done) return done;
    const FolderFacts& folder = *facts_.all_mail();
    core_->log.info("index_all_mail_ready",
                    {{"owner", name_}, {"name", all_mail_shown_as_}, {"uid_next", folder.uid_next.value}});
    change.unlock();
    committing.notify();
    return {};
}

// Every message stands on one that is there, and no content is there twice.
void LedgerOwner::check_all_mail(const std::function<void(const std::string&)>& wrong) {
    const auto all = base_of(*facts_.all_mail());
    std::unordered_set<ContentKey> contents_seen;
    for (const SegmentRow& row : all->rows) {
        const auto contents = index::load(*source_, all->folder, row);
        for (std::size_t i = 0; i < contents->size(); ++i) {
            const std::string uid = "UID " + std::to_string(contents->uid(i).value);
            const auto key = contents->content(i);
            const auto source = contents->source(i);
            if (!key || !source) {
                wrong(uid + " stands on nothing");
                continue;
            }
            if (!contents_seen.insert(*key).second) wrong(uid + ": its content is there twice");
            if (places().at(*source) != contents->uid(i)) wrong(uid + " is not what its message leads to");
            const FolderFacts* folder = living(source->folder);
            const auto base = folder ? base_of(*folder) : nullptr;
            const SegmentRow* place = base ? base->row(segment_of(source->uid)) : nullptr;
            const auto theirs = place ? index::load(*source_, source->folder, *place) : nullptr;
            const auto at = theirs ? theirs->find(source->uid) : std::nullopt;
            if (!at || theirs->id(*at) != contents->id(i)) wrong(uid + " stands on a message that is not there");
        }
    }
}

// ---- a change under way

// Every message of every living ordinary folder as it was before this change, a segment at a time.
template <class Visit>
void LedgerOwner::Committing::for_each_ordinary(const Visit& visit) {
    for (const auto& [number, folder] : owner_.facts_.folders) {
        if (!folder.living || folder.kind() != FolderKind::ordinary) continue;
        const auto base = this->base(folder);
        for (const SegmentRow& row : base->rows) visit(number, *index::load(source(), number, row));
    }
}

std::vector<LedgerOwner::Committing::Copy> LedgerOwner::Committing::read(
    const std::vector<std::pair<Source, Uid>>& wanted) {
    std::vector<Copy> copies;
    copies.reserve(wanted.size());
    std::map<std::pair<FolderNumber, std::uint32_t>, std::shared_ptr<const BaseSegment>> open;
    for (const auto& [where, shown_as] : wanted) {
        auto& contents = open[{where.folder, segment_of(where.uid)}];
        if (!contents) {
            const auto base = this->base(owner_.facts_.folders.at(where.folder));
            contents = index::load(source(), where.folder, *base->row(segment_of(where.uid)));
        }
        copies.push_back({where.folder, contents->message(contents->find(where.uid).value()), shown_as});
    }
    return copies;
}

Result<void> LedgerOwner::Committing::learn(FolderNumber folder, const std::vector<Learned>& messages) {
    learned_ = true;
    const bool wants = owner_.wants_contents(), follows = owner_.all_mail_follows();
    std::map<ContentKey, Copy> unseen;
    std::vector<MessageId> ids;
    for (Learned message : messages) {
        if (!wants) message.content.reset();
        const auto known = drafts_.learn(folder, message, facts_);
        if (!known || !follows || owner_.places().at({folder, message.uid}).value != 0) continue;
        const auto [place, fresh] = unseen.try_emplace(*known->content, Copy{folder, *known, {}});
        if (!fresh && known->date < place->second.message.date) place->second.message = *known;
    }
    if (unseen.empty()) return {};
    const auto all = base(all_mail());
    for (const SegmentRow& row : all->rows) {
        const auto contents = index::load(source(), all->folder, row);
        for (std::size_t i = 0; i < contents->size(); ++i) unseen.erase(contents->content(i).value_or(ContentKey{}));
    }
    for (const auto& [key, copy] : unseen) ids.push_back(as_id(key));
    const auto gone = find_tombstones(*all, source(), ids);
    std::vector<Copy> again, fresh;
    for (auto& [key, copy] : unseen) {
        const auto found = gone.find(as_id(key));
        if (found != gone.end()) copy.shown_as = found->second;
        (found != gone.end() ? again : fresh).push_back(std::move(copy));
    }
    const ModSeq at = all_mail_modseq();
    if (!again.empty()) {
        if (auto done = show_again(at, std::move(again)); !done) return done;
        if (auto added = add(record::UidNext{all->folder, Uid{all_mail().uid_next.value + 1}}); !added) return added;
    }
    return show_new(at, std::move(fresh));
}

Result<void> LedgerOwner::Committing::follow_removals() {
    std::vector<std::uint32_t> orphans;
    for (const auto& [folder, uids] : removed_)
        for (const std::uint32_t uid : uids)
            if (const Uid shown = owner_.places().at({folder, Uid{uid}}); shown.value != 0) {
                orphans.push_back(shown.value);
                placed_.emplace_back(Source{folder, Uid{uid}}, Uid{});
            }
    if (orphans.empty()) return {};
    std::sort(orphans.begin(), orphans.end());

    // What they contain, and which other message contains that: the oldest.
    const auto all = base(all_mail());
    std::unordered_map<ContentKey, Uid> wanted;
    for (std::size_t n = 0; n < orphans.size();) {
        const auto segment = segment_of(Uid{orphans[n]});
        const auto contents = index::load(source(), all->folder, *all->row(segment));
        for (; n < orphans.size() && segment_of(Uid{orphans[n]}) == segment; ++n)
            if (const auto i = contents->find(Uid{orphans[n]}))
                wanted.emplace(contents->content(*i).value_or(ContentKey{}), Uid{orphans[n]});
    }
    std::unordered_map<ContentKey, Found> others;
    for_each_ordinary([&](FolderNumber folder, const BaseSegment& contents) {
        const auto leaving = removed_.find(folder);
        for (std::size_t i = 0; i < contents.size(); ++i) {
            const auto key = contents.content(i);
            if (!key || !wanted.contains(*key)) continue;
            if (leaving != removed_.end() &&
                std::binary_search(leaving->second.begin(), leaving->second.end(), contents.uid(i).value))
                continue;
            const Found found{*key, contents.date(i), {folder, contents.uid(i)}};
            const auto [place, first] = others.try_emplace(*key, found);
            if (!first && found.date < place->second.date) place->second = found;
        }
    });
    const ModSeq at = all_mail_modseq();
    if (auto left = leave(at, std::move(orphans)); !left) return left;
    std::vector<std::pair<Source, Uid>> again;
    for (const auto& [key, found] : others) again.emplace_back(found.where, wanted.at(key));
    return show_again(at, read(again));
}

Result<void> LedgerOwner::Committing::settle_all_mail() {
    const FolderNumber number = all_mail().number;
    if (auto back = add(record::FolderBack{number}); !back) return back;
    list_changed_ = true;
    const ModSeq at = all_mail_modseq();
    const auto all = base(all_mail());

    // All copies by content, the oldest of each first.
    std::vector<Found> copies;
    for_each_ordinary([&](FolderNumber folder, const BaseSegment& contents) {
        for (std::size_t i = 0; i < contents.size(); ++i)
            if (const auto key = contents.content(i))
                copies.push_back({*key, contents.date(i), {folder, contents.uid(i)}});
    });
    const auto order = [](const Found& a, const Found& b) {
        return std::tuple(a.content, a.date, a.where.folder, a.where.uid) <
               std::tuple(b.content, b.date, b.where.folder, b.where.uid);
    };
    std::sort(copies.begin(), copies.end(), order);
    const auto copies_of = [&](const ContentKey& key) {
        return std::equal_range(copies.begin(), copies.end(), Found{key, 0, {}},
                                [](const Found& a, const Found& b) { return a.content < b.content; });
    };

    // What stays, stands on another copy now, or leaves.
    std::vector<Shown> shown;
    std::vector<std::uint32_t> leaving;
    std::vector<std::pair<Source, Uid>> again;
    std::vector<ContentKey> there;
    for (const SegmentRow& row : all->rows) {
        const auto contents = index::load(source(), number, row);
        for (std::size_t i = 0; i < contents->size(); ++i) {
            const StoredMessage m = contents->message(i);
            const Source stands_on = m.source.value();
            const auto [first, last] = copies_of(m.content.value());
            there.push_back(*m.content);
            const FolderFacts& folder = facts_.folders.at(stands_on.folder);
            const auto theirs = folder.living ? base(folder) : nullptr;
            const SegmentRow* place = theirs ? theirs->row(segment_of(stands_on.uid)) : nullptr;
            const auto segment = place ? index::load(source(), folder.number, *place) : nullptr;
            const auto living = segment ? segment->find(stands_on.uid) : std::nullopt;
            if (living && segment->id(*living) == m.id) {
                shown.push_back({m.uid, stands_on, m.seed});
                continue;
            }
            leaving.push_back(m.uid.value);
            placed_.emplace_back(stands_on, Uid{});
            if (first != last) again.emplace_back(first->where, m.uid);
        }
    }
    std::sort(there.begin(), there.end());

    // What is not there yet: the oldest copy of each.
    std::vector<Found> fresh;
    for (auto copy = copies.begin(); copy != copies.end();) {
        if (!std::binary_search(there.begin(), there.end(), copy->content)) fresh.push_back(*copy);
        const auto& key = copy->content;
        while (copy != copies.end() && copy->content == key) ++copy;
    }
    copies = {};
    std::vector<MessageId> ids;
    if (!all->tombstones.empty())
        for (const Found& found : fresh) ids.push_back(as_id(found.content));
    const auto gone = find_tombstones(*all, source(), ids);
    bool returns = false;
    std::erase_if(fresh, [&](const Found& found) {
        const auto tombstone = gone.find(as_id(found.content));
        if (tombstone == gone.end()) return false;
        again.emplace_back(found.where, tombstone->second);
        return returns = true;
    });

    if (auto left = leave(at, std::move(leaving)); !left) return left;
    if (auto done = show_again(at, read(again)); !done) return done;
    if (returns)
        if (auto raised = add(record::UidNext{number, Uid{all_mail().uid_next.value + 1}}); !raised) return raised;
    std::sort(fresh.begin(), fresh.end(), [](const Found& a, const Found& b) {
        return std::tuple(a.date, a.where.folder, a.where.uid) < std::tuple(b.date, b.where.folder, b.where.uid);
    });
    for (std::size_t n = 0; n < fresh.size(); n += messages_a_record) {
        std::vector<std::pair<Source, Uid>> some;
        for (auto i = n; i < std::min(n + messages_a_record, fresh.size()); ++i)
            some.emplace_back(fresh[i].where, Uid{});
        if (auto done = show_new(at, read(some)); !done) return done;
    }
    return mirror_flags(at, std::move(shown));
}

Result<void> LedgerOwner::Committing::leave(ModSeq at, std::vector<std::uint32_t> uids) {
    if (uids.empty()) return {};
    std::sort(uids.begin(), uids.end());
    NumberSet set;
    for (const std::uint32_t uid : uids) set.add(uid);
    return add(record::Removed{all_mail().number, at, std::move(set)});
}

// Under UIDs that they have had, or that other copies had until now.
Result<void> LedgerOwner::Committing::show_again(ModSeq at, std::vector<Copy> copies) {
    const FolderNumber number = all_mail().number;
    std::sort(copies.begin(), copies.end(), [](const Copy& a, const Copy& b) { return a.shown_as < b.shown_as; });
    std::vector<Shown> shown;
    for (std::size_t i = 0; i < copies.size();) {
        record::Returned record{number, at, now_, {}};
        for (; i < copies.size() && record.messages.size() < messages_a_record; ++i) {
            const Source where{copies[i].folder, copies[i].message.uid};
            StoredMessage m = copies[i].message;
            m.uid = copies[i].shown_as;
            m.added = at;
            m.saved = now_;
            m.source = where;
            shown.push_back({m.uid, where, m.seed});
            placed_.emplace_back(where, m.uid);
            record.messages.push_back(m);
        }
        if (auto added = add(record); !added) return added;
    }
    return mirror_flags(at, std::move(shown));
}

Result<void> LedgerOwner::Committing::show_new(ModSeq at, std::vector<Copy> copies) {
    std::stable_sort(copies.begin(), copies.end(),
                     [](const Copy& a, const Copy& b) { return a.message.date < b.message.date; });
    std::uint64_t next = all_mail().uid_next.value;
    if (next + copies.size() > uids_at_most) return Error{ErrorKind::limit, "All Mail has no more UIDs"};
    const FolderNumber number = all_mail().number;
    std::vector<Shown> shown;
    for (std::size_t i = 0; i < copies.size();) {
        record::Assigned record{number, at, now_, {}};
        for (; i < copies.size() && record.messages.size() < messages_a_record; ++i) {
            const Source where{copies[i].folder, copies[i].message.uid};
            StoredMessage m = copies[i].message;
            m.uid = Uid{static_cast<std::uint32_t>(next++)};
            m.added = at;
            m.saved = now_;
            m.source = where;
            shown.push_back({m.uid, where, m.seed});
            placed_.emplace_back(where, m.uid);
            record.messages.push_back(m);
        }
        if (auto added = add(record); !added) return added;
    }
    return mirror_flags(at, std::move(shown));
}

}  // namespace imaparc::index
