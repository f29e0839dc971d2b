// The flags of All Mail's messages: those of the messages they stand on, in both places at once. Keywords have bit
// numbers in each folder's table; where All Mail's table is full it shows the message without that keyword.
#include <algorithm>

#include "base/text.h"
#include "index/committing.h"

namespace imaparc::index {

namespace {

// The keywords of one folder as bits of another's table, which grows.
class Translation {
  public:
    Translation(std::vector<std::string> to) : table_(std::move(to)), known_(table_.size()) {}

    std::uint64_t bits(std::uint64_t theirs, const std::vector<std::string>& names) {
        std::uint64_t ours = 0;
        for (std::size_t bit = 0; bit < names.size() && bit < 64; ++bit)
            if (theirs >> bit & 1)
                if (const auto own = bit_of(names[bit])) ours |= std::uint64_t{1} << *own;
        return ours;
    }
    unsigned known() const { return static_cast<unsigned>(known_); }
    std::vector<std::string> added() const {
        return {table_.begin() + static_cast<std::ptrdiff_t>(known_), table_.end()};
    }
    const std::vector<std::string>& table() const { return table_; }

  private:
    std::optional<std::size_t> bit_of(const std::string& name) {
        const auto found =
            std::find_if(table_.begin(), table_.end(), [&](const auto& theirs) { return ascii_iequals(theirs, name); });
        if (found != table_.end()) return static_cast<std::size_t>(found - table_.begin());
        if (table_.size() >= keywords_at_most) return std::nullopt;
        table_.push_back(name);
        return table_.size() - 1;
    }
    std::vector<std::string> table_;
    std::size_t known_;
};

using UidGroups = std::map<std::pair<std::uint8_t, std::uint64_t>, std::vector<std::uint32_t>>;

NumberSet set_of(std::vector<std::uint32_t> uids) {
    std::sort(uids.begin(), uids.end());
    NumberSet set;
    for (const std::uint32_t uid : uids) set.add(uid);
    return set;
}

void apply_to(OverlayEditor& editor, const NumberSet& uids, FlagBits flags, ModSeq modseq) {
    for (const NumberRange& range : uids.ranges())
        for (std::uint64_t uid = range.first; uid <= range.last; ++uid)
            editor.set(Uid{static_cast<std::uint32_t>(uid)}, flags, modseq);
}

}  // namespace

// ---- flags that All Mail takes from others, in a change under way

Result<void> LedgerOwner::Committing::mirror_flags(ModSeq at, std::vector<Shown> messages) {
    if (messages.empty()) return {};
    std::set<UserNumber> users = owner_.users_with_flags(all_mail().number);
    std::set<FolderNumber> folders;
    for (const Shown& message : messages) folders.insert(message.source.folder);
    for (const FolderNumber folder : folders) users.merge(owner_.users_with_flags(folder));
    for (const UserNumber user : users)
        if (auto done = mirror_flags(at, user, messages); !done) return done;
    return {};
}

// Sorts the messages. Only flags that differ are written.
Result<void> LedgerOwner::Committing::mirror_flags(ModSeq at, UserNumber user, std::vector<Shown>& messages) {
    struct Wanted {
        Uid uid;
        FlagBits flags;
    };
    const FolderNumber number = all_mail().number;
    const auto ours = latest_.overlay_of({number, user});
    const auto theirs_now = [&](const Shown& message) {
        return FlagBits{static_cast<std::uint8_t>(user.value == 0 ? message.seed & flag::kept : 0), 0};
    };
    auto table = all_mail_keywords_.try_emplace(user, ours->keywords).first;
    Translation translation(table->second);
    std::sort(messages.begin(), messages.end(), [](const Shown& a, const Shown& b) {
        return std::tie(a.source.folder, a.source.uid) < std::tie(b.source.folder, b.source.uid);
    });
    std::vector<Wanted> wanted;
    for (std::size_t n = 0; n < messages.size();) {
        const FolderNumber folder = messages[n].source.folder;
        const auto overlay = latest_.overlay_of({folder, user});
        for (; n < messages.size() && messages[n].source.folder == folder;) {
            const auto segment = segment_of(messages[n].source.uid);
            const OverlayRow* row = overlay->row(segment);
            const auto contents = row ? index::load(source(), folder, user, *row) : nullptr;
            for (; n < messages.size() && messages[n].source.folder == folder &&
                   segment_of(messages[n].source.uid) == segment;
                 ++n)
                if (const auto* entry = contents ? contents->find(messages[n].source.uid) : nullptr)
                    wanted.push_back({messages[n].uid,
                                      {static_cast<std::uint8_t>(entry->flags.system & flag::kept),
                                       translation.bits(entry->flags.keywords, overlay->keywords)}});
        }
    }
    std::sort(wanted.begin(), wanted.end(), [](const Wanted& a, const Wanted& b) { return a.uid < b.uid; });
    std::sort(messages.begin(), messages.end(), [](const Shown& a, const Shown& b) { return a.uid < b.uid; });
    UidGroups groups;
    auto next = wanted.begin();
    std::shared_ptr<const OverlaySegment> contents;
    std::optional<std::uint32_t> segment;
    for (const Shown& message : messages) {
        if (segment != segment_of(message.uid)) {
            segment = segment_of(message.uid);
            const OverlayRow* row = ours->row(*segment);
            contents = row ? index::load(source(), number, user, *row) : nullptr;
        }
        const FlagBits plain = theirs_now(message);
        const OverlayEntry* entry = contents ? contents->find(message.uid) : nullptr;
        FlagBits becomes = plain;
        if (next != wanted.end() && next->uid == message.uid) becomes = (next++)->flags;
        if (becomes != (entry ? entry->flags : plain))
            groups[{becomes.system, becomes.keywords}].push_back(message.uid.value);
    }
    if (auto names = translation.added(); !names.empty() && !groups.empty()) {
        if (auto added = add(record::KeywordsAdded{number, user, translation.known(), std::move(names)}); !added)
            return added;
        table->second = translation.table();
    }
    for (auto& [bits, uids] : groups)
        if (auto added = add(record::FlagsSet{number, user, at, {bits.first, bits.second}, set_of(std::move(uids))});
            !added)
            return added;
    return {};
}

// ---- STORE in an ordinary folder

Result<std::optional<LedgerOwner::Mirrored>> LedgerOwner::mirror(Batch& batch, FolderNumber folder, UserNumber user,
                                                                 const std::vector<std::string>& keywords,
                                                                 const FlagGroups& groups) {
    const FolderFacts& all_mail = *facts_.all_mail();
    const FolderNumber number = all_mail.number;
    const auto overlay = overlay_of({number, user});
    Translation translation(overlay->keywords);
    UidGroups ours;
    for (const auto& [bits, uids] : groups)
        for (const NumberRange& range : uids.ranges())
            for (std::uint64_t uid = range.first; uid <= range.last; ++uid)
                if (const Uid shown = places().at({folder, Uid{static_cast<std::uint32_t>(uid)}}); shown.value != 0)
                    ours[{bits.first, translation.bits(bits.second, keywords)}].push_back(shown.value);
    if (ours.empty()) return std::optional<Mirrored>();
    const auto modseq = next_modseq(number);
    if (!modseq) return modseq.error();
    OverlayEditor editor(overlay, base_of(all_mail), *source_, version_);
    if (auto names = translation.added(); !names.empty()) {
        editor.set_keywords(translation.table());
        batch.add_in_transaction(record::KeywordsAdded{number, user, translation.known(), std::move(names)});
    }
    for (auto& [bits, uids] : ours) {
        NumberSet set = set_of(std::move(uids));
        apply_to(editor, set, {bits.first, bits.second}, *modseq);
        batch.add_in_transaction(record::FlagsSet{number, user, *modseq, {bits.first, bits.second}, std::move(set)});
    }
    return std::optional(Mirrored{editor.finish(), *modseq});
}

// ---- STORE in All Mail: of the messages it stands on, and so of its own

Result<FlagOutcome> LedgerOwner::store_flags_in_all_mail(std::unique_lock<std::mutex> change,
                                                         const FolderFacts& all_mail, UserNumber user,
                                                         const NumberSet& uids, FlagAction action,
                                                         const FlagNames& flags, std::optional<ModSeq> unchanged_since,
                                                         Durability durability) {
    const FolderNumber number = all_mail.number;
    const auto base = base_of(all_mail);
    const auto overlay = overlay_of({number, user});
    OverlayEditor editor(overlay, base, *source_, ++version_);
    Translation translation(overlay->keywords);

    std::uint64_t keywords_here = 0;
    for (std::size_t bit = 0; bit < overlay->keywords.size(); ++bit)
        if (std::any_of(flags.keywords.begin(), flags.keywords.end(),
                        [&](const auto& name) { return ascii_iequals(name, overlay->keywords[bit]); }))
            keywords_here |= std::uint64_t{1} << bit;
    // As in other folders (RFC 7162 3.1.3, Example 8).
    const bool asks_for_absence = unchanged_since == ModSeq{} && (flags.system & flag::kept) == 0 &&
                                  !flags.keywords.empty() && action == FlagAction::add;

    FlagOutcome outcome;
    std::map<FolderNumber, std::vector<std::pair<Uid, Uid>>> asked;  // source, shown
    const NumberSet wanted = uids.resolved(base->rows.empty() ? 0 : base->rows.back().last.value);
    for (const NumberRange& range : wanted.ranges())
        for (const Uid uid : editor.living(Uid{range.first}, Uid{range.last})) {
            const auto current = editor.current(uid);
            if (!current) continue;
            const bool absent = asks_for_absence && (current->flags.keywords & keywords_here) == 0;
            if (unchanged_since && current->modseq > *unchanged_since && !absent) {
                outcome.modified.add(uid.value);
                continue;
            }
            const auto contents = index::load(*source_, number, *base->row(segment_of(uid)));
            if (const auto source = contents->source(contents->find(uid).value()))
                asked[source->folder].emplace_back(source->uid, uid);
        }

    struct Theirs {
        std::shared_ptr<const Overlay> overlay;
        std::unique_ptr<OverlayEditor> editor;
        std::vector<std::string> keywords, added;
        UidGroups groups;
        ModSeq modseq;
    };
    std::map<FolderNumber, Theirs> folders;
    UidGroups ours;
    std::vector<std::uint32_t> changed_here;
    for (auto& [folder, pairs] : asked) {
        const FolderFacts* facts = living(folder);
        if (!facts) continue;
        std::sort(pairs.begin(), pairs.end());
        Theirs theirs;
        theirs.overlay = overlay_of({folder, user});
        theirs.editor = std::make_unique<OverlayEditor>(theirs.overlay, base_of(*facts), *source_, version_);
        theirs.keywords = theirs.overlay->keywords;
        FlagBits given{static_cast<std::uint8_t>(flags.system & flag::kept), 0};
        for (const auto& keyword : flags.keywords) {
            const bool known = std::any_of(theirs.keywords.begin(), theirs.keywords.end(),
                                           [&](const auto& name) { return ascii_iequals(name, keyword); });
            if (!known && action == FlagAction::remove) continue;
            const auto bit = theirs.editor->keyword(keyword);
            if (!bit)
                return Error{ErrorKind::limit,
                             "a folder takes at most " + std::to_string(keywords_at_most) + " different keywords"};
            given.keywords |= std::uint64_t{1} << *bit;
            if (known) continue;
            theirs.keywords.push_back(keyword);
            theirs.added.push_back(keyword);
        }
        for (const auto& [source, shown] : pairs) {
            const auto current = theirs.editor->current(source);
            if (!current) continue;
            const FlagBits becomes = changed(current->flags, action, given);
            if (becomes == current->flags) continue;
            theirs.groups[{becomes.system, becomes.keywords}].push_back(source.value);
            ours[{becomes.system, translation.bits(becomes.keywords, theirs.keywords)}].push_back(shown.value);
            changed_here.push_back(shown.value);
        }
        if (!theirs.groups.empty()) folders.emplace(folder, std::move(theirs));
    }
    if (folders.empty()) return outcome;
    outcome.changed = set_of(std::move(changed_here));

    const auto modseq = next_modseq(number);
    if (!modseq) return modseq.error();
    for (auto& [folder, theirs] : folders) {
        const auto next = next_modseq(folder);
        if (!next) return next.error();
        theirs.modseq = *next;
    }
    Batch batch;
    batch.begin();
    std::vector<std::pair<OverlayEdit, ModSeq>> edits;
    for (auto& [folder, theirs] : folders) {
        if (!theirs.added.empty())
            batch.add_in_transaction(record::KeywordsAdded{
                folder, user, static_cast<unsigned>(theirs.overlay->keywords.size()), theirs.added});
        for (auto& [bits, list] : theirs.groups) {
            NumberSet set = set_of(std::move(list));
            apply_to(*theirs.editor, set, {bits.first, bits.second}, theirs.modseq);
            batch.add_in_transaction(
                record::FlagsSet{folder, user, theirs.modseq, {bits.first, bits.second}, std::move(set)});
        }
        edits.emplace_back(theirs.editor->finish(), theirs.modseq);
    }
    if (auto names = translation.added(); !names.empty()) {
        editor.set_keywords(translation.table());
        batch.add_in_transaction(record::KeywordsAdded{number, user, translation.known(), std::move(names)});
    }
    for (auto& [bits, list] : ours) {
        NumberSet set = set_of(std::move(list));
        apply_to(editor, set, {bits.first, bits.second}, *modseq);
        batch.add_in_transaction(record::FlagsSet{number, user, *modseq, {bits.first, bits.second}, std::move(set)});
    }
    edits.emplace_back(editor.finish(), *modseq);
    batch.commit();
    const auto ticket = ledger_->append(batch);
    if (!ticket) return ticket.error();
    stopped_cleanly_ = false;
    for (const auto& [edit, at] : edits) publish_flags(edit, at);

    if (durability == Durability::before_return) {
        if (auto durable = wait_durable(change, *ticket); !durable) return durable.error();
    } else {
        change.unlock();
        core_->sync_soon(weak_from_this());
    }
    for (const auto& [edit, at] : edits) core_->notify(name_, edit.overlay->folder, user);
    return outcome;
}

}  // namespace imaparc::index
