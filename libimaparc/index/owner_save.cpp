#include "index/ledger_owner.h"

namespace imaparc::index {

namespace {

struct OverlayToWrite {
    std::shared_ptr<const Overlay> overlay;
    std::set<std::uint32_t> segments;
};

}  // namespace

// One Firebird transaction: the edits, all that is dirty, and how far the ledger is applied with them. Then they are
// what everybody sees.
void LedgerOwner::save(const Edits& edits, const Facts& facts, Position position) {
    try {
        write(edits, facts, position);
    } catch (...) {
        loaded_ = false;  // the ledger knows more than memory and Firebird: load anew
        throw;
    }
    publish(edits);
}

void LedgerOwner::write(const Edits& edits, const Facts& facts, Position position) {
    std::map<OverlayKey, OverlayToWrite> overlays;
    std::map<FolderNumber, std::pair<std::uint32_t, std::uint64_t>> known;  // level and messages of each folder
    {
        std::lock_guard state(state_);
        for (const OverlayKey& key : unwritten_overlays_) {
            const auto& mine = folders_.at(key.first).overlays.at(key.second);
            overlays[key] = {mine.overlay, mine.unwritten};
        }
        for (const auto& [number, folder] : folders_) known[number] = {folder.level, folder.messages};
    }
    for (const auto& [key, edit] : edits.overlays) {
        if (!edit.changed) continue;
        overlays[key].overlay = edit.overlay;
        overlays[key].segments.insert(edit.segments.begin(), edit.segments.end());
    }
    std::set<FolderNumber> folders = unwritten_folders_;
    for (const auto& [number, edit] : edits.bases) {
        known[number].second = edit.base->count();
        folders.insert(number);
    }
    OwnerRow owner;
    for (const auto& [number, folder] : facts.folders) {
        if (!folder.living || folder.kind() != FolderKind::ordinary) continue;
        ++owner.folders;
        if (const auto found = known.find(number); found != known.end()) owner.messages += found->second.second;
    }

    auto writing = core_->connections->write();
    if (id_ == 0) {
        id_ = writing->next_owner_id();
        std::lock_guard state(state_);
        source_ = std::make_shared<DatabaseSource>(id_, core_->connections, core_->cache);
    }
    owner.id = id_;
    owner.name = name_;
    owner.applied = position;
    owner.version = version_;
    writing->put_owner(owner, facts.encode());
    for (const FolderNumber number : folders) {
        const FolderFacts& folder = facts.folders.at(number);
        const Levels::Place place = levels_.place(folder.path);
        for (const LevelRow& row : place.made) writing->put_level(id_, row);
        LevelRow row;
        row.id = place.id;
        row.parent = place.parent;
        row.name = place.name;
        row.number = number;
        row.living = folder.living;
        row.selectable = folder.selectable;
        row.uid_validity = folder.uid_validity;
        row.uid_next = folder.uid_next;
        row.base_modseq = folder.base_modseq;
        row.highest_modseq = folder.highest_modseq;
        row.ceiling = folder.ceiling;
        row.messages = known[number].second;
        known[number].first = place.id;
        writing->put_level(id_, row);
    }
    for (const auto& [number, edit] : edits.bases) {
        for (const std::uint32_t segment : edit.segments) {
            if (const SegmentRow* row = edit.base->row(segment))
                writing->put_segment(id_, number, *row, row->cell->held()->encode());
            else
                writing->remove_segment(id_, number, segment);
        }
        for (const std::uint32_t segment : edit.tombstones) {
            if (const TombstoneRow* row = edit.base->tombstone_row(segment))
                writing->put_tombstones(id_, number, *row, row->cell->held()->encode());
            else
                writing->remove_tombstones(id_, number, segment);
        }
    }
    for (const auto& [key, write] : overlays) {
        writing->put_overlay(id_, *write.overlay);
        for (const std::uint32_t segment : write.segments) {
            const OverlayRow& row = *write.overlay->row(segment);
            if (const auto contents = row.cell->held())
                writing->put_overlay_segment(id_, *write.overlay, row, contents->encode());
        }
    }
    writing->commit();
    writing.reset();

    saved_ = position;
    unwritten_folders_.clear();
    facts_unwritten_ = false;
    for (const auto& [number, edit] : edits.bases) {
        for (const std::uint32_t segment : edit.segments)
            if (const SegmentRow* row = edit.base->row(segment)) {
                source_->keep(number, row->cell->version(), row->cell->held());
                row->cell->written();
            }
        for (const std::uint32_t segment : edit.tombstones)
            if (const TombstoneRow* row = edit.base->tombstone_row(segment)) row->cell->written();
    }
    for (const auto& [key, write] : overlays)
        for (const std::uint32_t segment : write.segments) {
            const OverlayRow& row = *write.overlay->row(segment);
            if (const auto contents = row.cell->held())
                source_->keep(key.first, key.second, row.cell->version(), contents);
            row.cell->written();
        }
    {
        std::lock_guard state(state_);
        for (const OverlayKey& key : unwritten_overlays_)
            folders_.at(key.first).overlays.at(key.second).unwritten.clear();
        unwritten_overlays_.clear();
        for (const auto& [number, place] : known) folders_[number].level = place.first;
    }
}

void LedgerOwner::publish(const Edits& edits) {
    std::lock_guard state(state_);
    for (const auto& [number, edit] : edits.bases) {
        auto& folder = folders_[number];
        folder.base = edit.base;
        folder.messages = edit.base->count();
    }
    for (const auto& [key, edit] : edits.overlays) folders_[key.first].overlays[key.second].overlay = edit.overlay;
}

void LedgerOwner::flush_locked() {
    if (!ledger_ || owner_state_ != OwnerState::ready) return;
    bool dirty = facts_unwritten_ || !unwritten_folders_.empty();
    {
        std::lock_guard state(state_);
        dirty = dirty || !unwritten_overlays_.empty();
    }
    const Position end = ledger_->end();
    if (!dirty && saved_ == end) return;
    // Firebird never knows more than the ledger has on disk.
    if (auto durable = ledger_->wait(end.offset); !durable) {
        loaded_ = false;
        throw Fault(durable.error());
    }
    save({}, facts_, end);
}

void LedgerOwner::flush() {
    std::lock_guard change(change_);
    if (loaded_) flush_locked();
}

void LedgerOwner::flush_if_idle() {
    std::unique_lock change(change_, std::try_to_lock);
    if (change && loaded_) flush_locked();
}

}  // namespace imaparc::index
