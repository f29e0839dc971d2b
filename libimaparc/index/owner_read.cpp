#include <algorithm>

#include "base/text.h"
#include "index/ledger_owner.h"
#include "index/make_view.h"

namespace imaparc::index {

const char* to_string(OwnerState state) {
    switch (state) {
        case OwnerState::unsynchronised:
            return "unsynchronised";
        case OwnerState::rebuilding:
            return "rebuilding";
        case OwnerState::ready:
            return "ready";
    }
    return "unsynchronised";
}

std::optional<Folder> Owner::find(std::string_view path) const {
    const auto list = folders();
    const bool inbox = ascii_iequals(path, "INBOX");
    for (const Folder& folder : *list)
        if (inbox ? folder.path == "INBOX" : folder.path == path) return folder;
    return std::nullopt;
}

std::shared_ptr<const FolderList> LedgerOwner::folders() const {
    std::lock_guard state(state_);
    return list_;
}

Error LedgerOwner::not_ready() const {
    return {ErrorKind::unavailable,
            name_ + (owner_state_ == OwnerState::rebuilding ? " is being rebuilt" : " is not synchronised yet")};
}

Result<void> LedgerOwner::ready() {
    if (rebuild_running_) return not_ready();
    load();
    if (owner_state_ != OwnerState::ready) return not_ready();
    return {};
}

std::shared_ptr<const Base> LedgerOwner::base_of(const FolderFacts& folder) {
    Base made;
    made.folder = folder.number;
    made.uid_validity = folder.uid_validity;
    std::shared_ptr<DatabaseSource> source;
    std::uint32_t id = 0;
    {
        std::lock_guard state(state_);
        const auto found = folders_.find(folder.number);
        if (found == folders_.end()) return std::make_shared<Base>(std::move(made));
        if (found->second.base) return found->second.base;
        const FolderFacts& known = facts_.folders.at(folder.number);
        made.uid_next = known.uid_next;
        made.highest_modseq = known.base_modseq;
        id = id_;
    }
    BaseRows rows = core_->connections->read()->base(id, folder.number);
    made.rows = std::move(rows.segments);
    made.tombstones = std::move(rows.tombstones);
    std::lock_guard state(state_);
    auto& place = folders_[folder.number].base;
    if (!place) place = std::make_shared<Base>(std::move(made));  // else somebody was faster: theirs holds
    return place;
}

std::shared_ptr<const Overlay> LedgerOwner::overlay_of(OverlayKey key) {
    std::uint32_t id = 0;
    Overlay empty;
    empty.folder = key.first;
    empty.user = key.second;
    {
        std::lock_guard state(state_);
        const auto folder = folders_.find(key.first);
        if (folder == folders_.end()) return std::make_shared<Overlay>(std::move(empty));
        const auto found = folder->second.overlays.find(key.second);
        if (found != folder->second.overlays.end() && found->second.overlay) return found->second.overlay;
        id = id_;
    }
    auto stored = core_->connections->read()->overlay(id, key.first, key.second);
    std::lock_guard state(state_);
    auto& place = folders_[key.first].overlays[key.second].overlay;
    if (!place) place = std::make_shared<Overlay>(stored ? std::move(*stored) : std::move(empty));
    return place;
}

const FolderFacts* LedgerOwner::living(FolderNumber folder) const {
    const auto found = facts_.folders.find(folder);
    return found != facts_.folders.end() && found->second.living ? &found->second : nullptr;
}

Error LedgerOwner::not_there(FolderNumber folder) const {
    const auto found = facts_.folders.find(folder);
    if (found != facts_.folders.end() && found->second.kind() == FolderKind::all_mail && core_->options.all_mail)
        return {ErrorKind::unavailable, all_mail_shown_as_ + " is being put together"};
    return {ErrorKind::not_found, "no such folder"};
}

bool LedgerOwner::window_stands(const OverlayState& overlay, const std::shared_ptr<const Base>& base,
                                Seconds cutoff) const {
    return overlay.overlay->cutoff() == cutoff || (overlay.harmless_base == base && overlay.harmless_cutoff == cutoff);
}

Result<std::shared_ptr<const View>> LedgerOwner::view(FolderNumber number, UserNumber user) {
    for (;;) {
        if (auto is_ready = ready(); !is_ready) return is_ready.error();
        FolderFacts folder;
        {
            std::lock_guard state(state_);
            const FolderFacts* found = living(number);
            if (!found) return not_there(number);
            folder = *found;
        }
        const auto base = base_of(folder);
        const auto overlay = overlay_of({number, user});
        const Seconds cutoff = core_->cutoff();
        std::shared_ptr<const View> previous;
        std::shared_ptr<DatabaseSource> source;
        bool stands = false;
        {
            std::lock_guard state(state_);
            auto& mine = folders_[number].overlays[user];
            if (mine.overlay != overlay || !source_) continue;  // changed meanwhile
            stands = window_stands(mine, base, cutoff);
            if (stands && mine.view && mine.view_base == base && mine.view_overlay == overlay) return mine.view;
            previous = mine.view;
            source = source_;
        }
        if (!stands) {
            if (auto moved = move_window(number, user, cutoff); !moved) return moved.error();
            continue;
        }
        const auto made = make_view(base, overlay, source, previous);
        std::lock_guard state(state_);
        const auto place = folders_.find(number);
        if (place == folders_.end()) return made;
        auto& mine = place->second.overlays[user];
        if (place->second.base == base && mine.overlay == overlay) {
            mine.view = made;
            mine.view_base = base;
            mine.view_overlay = overlay;
        }
        return made;
    }
}

std::shared_ptr<const View> LedgerOwner::view_if_resident(FolderNumber number, UserNumber user) {
    if (!loaded_ || owner_state_ != OwnerState::ready) return nullptr;
    const Seconds cutoff = core_->cutoff();
    std::lock_guard state(state_);
    const auto folder = folders_.find(number);
    if (folder == folders_.end() || !living(number)) return nullptr;
    const auto found = folder->second.overlays.find(user);
    if (found == folder->second.overlays.end()) return nullptr;
    const OverlayState& mine = found->second;
    if (!mine.view || mine.view_base != folder->second.base || mine.view_overlay != mine.overlay) return nullptr;
    return window_stands(mine, folder->second.base, cutoff) ? mine.view : nullptr;
}

// Whether a message is dated from `first` on and before `end`.
bool LedgerOwner::dates_between(const Base& base, Seconds first, Seconds end) {
    for (const SegmentRow& row : base.rows) {
        if (row.greatest_date < first || row.least_date >= end) continue;
        if ((row.least_date >= first && row.least_date < end) ||
            (row.greatest_date >= first && row.greatest_date < end))
            return true;
        const auto contents = index::load(*source_, base.folder, row);
        for (std::size_t i = 0; i < contents->size(); ++i)
            if (contents->date(i) >= first && contents->date(i) < end) return true;
    }
    return false;
}

// The cut-off has moved since somebody last looked at this folder (DESIGN.md 8).
Result<void> LedgerOwner::move_window(FolderNumber number, UserNumber user, Seconds cutoff) {
    std::unique_lock change(change_);
    if (!loaded_) load_locked();
    const FolderFacts* folder = living(number);
    if (owner_state_ != OwnerState::ready) return not_ready();
    if (!folder) return not_there(number);
    const auto base = base_of(*folder);
    const auto overlay = overlay_of({number, user});
    const Seconds before = overlay->cutoff();
    if (before == cutoff) return {};
    const bool first_look = overlay->window.empty();
    const bool widened = !first_look && cutoff < before;
    if (!first_look && !dates_between(*base, std::min(before, cutoff), std::max(before, cutoff))) {
        std::lock_guard state(state_);
        auto& mine = folders_[number].overlays[user];
        mine.harmless_cutoff = cutoff;
        mine.harmless_base = base;
        return {};
    }
    ModSeq modseq;  // 0 for the first look: nobody has seen another cut-off
    if (!first_look) {
        auto next = next_modseq(number);
        if (!next) return next.error();
        modseq = *next;
    }
    Edits edits;
    Batch batch;
    OverlayEditor editor(overlay, base, *source_, ++version_);
    editor.move_window({cutoff, modseq});
    OverlayEdit edit = editor.finish();
    batch.add(record::WindowMoved{number, user, cutoff, modseq});
    const Uid uid_next{folder->uid_next.value + 1};
    if (widened) {  // what comes back must not go unnoticed by clients that look at UIDNEXT alone (DESIGN.md 9)
        BaseEditor base_editor(base, *source_, version_);
        base_editor.raise_uid_next(uid_next);
        edits.bases.emplace(number, base_editor.finish());
        batch.add(record::UidNext{number, uid_next});
    }
    if (auto appended = ledger_->append(batch); !appended) return appended.error();
    stopped_cleanly_ = false;
    if (widened) {
        std::lock_guard state(state_);
        facts_.folders.at(number).uid_next = uid_next;
    }
    publish(edits);
    publish_flags(edit, modseq);
    change.unlock();
    core_->sync_soon(weak_from_this());
    core_->notify(name_, number, widened ? std::nullopt : std::optional(user));
    return {};
}

Result<void> LedgerOwner::for_each(FolderNumber number, const std::function<bool(const Message&)>& visit) {
    if (auto is_ready = ready(); !is_ready) return is_ready.error();
    FolderFacts folder;
    std::map<StoreNumber, std::string> stores;
    std::shared_ptr<DatabaseSource> source;
    {
        std::lock_guard state(state_);
        const FolderFacts* found = living(number);
        if (!found) return not_there(number);
        folder = *found;
        stores = facts_.stores;
        source = source_;
        if (!source) return not_ready();  // Firebird failed since ready(); the owner is being loaded anew
    }
    const auto base = base_of(folder);
    for (const SegmentRow& row : base->rows) {
        const auto contents = index::load(*source, number, row);
        for (std::size_t i = 0; i < contents->size(); ++i) {
            const StoredMessage m = contents->message(i);
            if (!visit({m.uid, m.id, m.date, m.octets, stores[m.store], m.added, m.content.has_value()})) return {};
        }
    }
    return {};
}

OwnerSummary LedgerOwner::summary() const {
    OwnerSummary summary;
    summary.name = name_;
    summary.state = owner_state_;
    std::lock_guard state(state_);
    for (const auto& [number, folder] : facts_.folders) {
        if (!folder.living || folder.kind() != FolderKind::ordinary) continue;
        ++summary.folders;
        if (const auto place = folders_.find(number); place != folders_.end())
            summary.messages += place->second.messages;
    }
    if (ledger_) summary.ledger_bytes = ledger_->end().offset;
    return summary;
}

void LedgerOwner::window_changed() {
    std::vector<FolderNumber> looked_at;
    {
        std::lock_guard state(state_);
        for (const auto& [number, folder] : folders_)
            for (const auto& [user, overlay] : folder.overlays)
                if (overlay.view) {
                    looked_at.push_back(number);
                    break;
                }
    }
    for (const FolderNumber number : looked_at) core_->notify(name_, number, std::nullopt);
}

}  // namespace imaparc::index
