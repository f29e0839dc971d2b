// The index against its ledger: the ledger is replayed into plain maps, a few folders at a time, and everything
// Firebird has is held against them.
#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "index/ledger_owner.h"

namespace imaparc::index {

namespace {

constexpr std::uint64_t messages_at_once = 1'000'000;  // about 150 MB of plain maps
constexpr std::size_t findings_at_most = 1'000;

struct PlainOverlay {
    std::map<std::uint32_t, OverlayEntry> entries;
    std::vector<std::string> keywords;
    Seconds cutoff = no_cutoff;
};

struct PlainFolder {
    std::map<std::uint32_t, StoredMessage> living;
    std::map<std::uint32_t, Tombstone> gone;
    std::map<UserNumber, PlainOverlay> overlays;
};

struct Replaying {
    PlainFolder& folder;

    void put(const std::vector<StoredMessage>& messages) {
        for (const StoredMessage& m : messages)
            if (folder.living.emplace(m.uid.value, m).second) folder.gone.erase(m.uid.value);
    }
    void operator()(const record::Assigned& r) { put(r.messages); }
    void operator()(const record::Returned& r) { put(r.messages); }
    void operator()(const record::Removed& r) {
        for (const NumberRange& range : r.uids.ranges())
            for (auto m = folder.living.lower_bound(range.first); m != folder.living.end() && m->first <= range.last;) {
                folder.gone[m->first] = {m->second.uid, m->second.remembered_as(), r.at};
                m = folder.living.erase(m);
            }
    }
    void operator()(const record::KeywordsAdded& r) {
        auto& keywords = folder.overlays[r.user].keywords;
        keywords.resize(std::min<std::size_t>(r.first, keywords.size()));
        keywords.insert(keywords.end(), r.names.begin(), r.names.end());
    }
    void operator()(const record::FlagsSet& r) {
        for (const NumberRange& range : r.uids.ranges())
            for (std::uint64_t uid = range.first; uid <= range.last; ++uid)
                folder.overlays[r.user].entries[static_cast<std::uint32_t>(uid)] = {
                    Uid{static_cast<std::uint32_t>(uid)}, r.flags, r.modseq};
    }
    void operator()(const record::WindowMoved& r) { folder.overlays[r.user].cutoff = r.cutoff; }
    template <class Other>
    void operator()(const Other&) {}
};

// What is wrong, in the order it is found.
class Findings {
  public:
    Findings(std::string owner, std::vector<Finding>& all) : owner_(std::move(owner)), all_(all) {}
    void folder(std::string path) { folder_ = std::move(path); }
    void error(const std::string& text) { add(Finding::Weight::error, text); }
    void note(const std::string& text) { add(Finding::Weight::note, text); }
    void add(Finding::Weight weight, const std::string& text) {
        if (all_.size() < findings_at_most) all_.push_back({weight, owner_, folder_, text});
    }

  private:
    std::string owner_, folder_;
    std::vector<Finding>& all_;
};

std::string segment_text(const char* kind, std::uint32_t segment) {
    return std::string(kind) + " segment " + std::to_string(segment);
}

// Decoded, or nullptr after a word about it.
template <class Segment>
std::shared_ptr<const Segment> read_segment(Findings& findings, const char* kind, std::uint32_t segment,
                                            std::uint64_t version, const std::optional<VersionedBytes>& stored) {
    if (!stored || stored->version != version) {
        findings.error(segment_text(kind, segment) + " is not in the version its row names");
        return nullptr;
    }
    auto decoded = Segment::decode(stored->bytes);
    if (!decoded) {
        findings.error(segment_text(kind, segment) + ": " + decoded.error().text);
        return nullptr;
    }
    if ((*decoded)->segment() != segment) {
        findings.error(segment_text(kind, segment) + " holds another's contents");
        return nullptr;
    }
    return *decoded;
}

// But for what was learned by reading it.
bool same_as_published(StoredMessage a, const StoredMessage& b) {
    a.octets = b.octets;
    if (!b.source) a.content = b.content;
    return a == b;
}

void check_base(Findings& findings, Connection& connection, std::uint32_t owner, FolderNumber folder,
                const BaseRows& rows, const PlainFolder& plain) {
    std::uint64_t count = 0;
    std::unordered_set<MessageId> ids;
    auto expected = plain.living.begin();
    for (const SegmentRow& row : rows.segments) {
        const auto contents = read_segment<BaseSegment>(findings, "message", row.segment, row.cell->version(),
                                                        connection.base_segment(owner, folder, row.segment));
        if (!contents) return;
        const SegmentRow described = describe(*contents);
        if (row.count != described.count || row.first != described.first || row.last != described.last ||
            row.least_date != described.least_date || row.greatest_date != described.greatest_date ||
            row.max_modseq != described.max_modseq || row.seed_unseen != described.seed_unseen)
            findings.error(segment_text("message", row.segment) + ": its row does not describe its contents");
        for (std::size_t i = 0; i < contents->size(); ++i, ++count) {
            const StoredMessage m = contents->message(i);
            const std::string uid = "UID " + std::to_string(m.uid.value);
            if (i > 0 && m.uid <= contents->uid(i - 1)) findings.error(uid + " is out of order");
            if (!ids.insert(m.id).second) findings.error(uid + ": its message ID is there twice");
            if (expected == plain.living.end() || expected->first != m.uid.value)
                findings.error(uid + " does not live by the ledger");
            else if (!same_as_published(m, expected->second))
                findings.error(uid + " differs from the ledger");
            while (expected != plain.living.end() && expected->first <= m.uid.value) ++expected;
        }
    }
    if (count != plain.living.size())
        findings.error("the index has " + std::to_string(count) + " messages, the ledger " +
                       std::to_string(plain.living.size()));

    std::map<std::uint32_t, Tombstone> gone;
    for (const TombstoneRow& row : rows.tombstones) {
        const auto contents = read_segment<TombstoneSegment>(findings, "tombstone", row.segment, row.cell->version(),
                                                             connection.tombstones(owner, folder, row.segment));
        if (!contents) return;
        if (row.count != contents->tombstones().size())
            findings.error(segment_text("tombstone", row.segment) + ": its row counts differently");
        for (const Tombstone& tombstone : contents->tombstones()) gone[tombstone.uid.value] = tombstone;
    }
    if (gone != plain.gone)
        findings.error("the index remembers " + std::to_string(gone.size()) + " removed messages, the ledger " +
                       std::to_string(plain.gone.size()) + ", or others");
}

void check_overlay(Findings& findings, Connection& connection, std::uint32_t owner, const Overlay& overlay,
                   const BaseRows& base, const PlainFolder& folder, const PlainOverlay& plain) {
    const std::string whose = overlay.owners() ? "the owner's" : "user " + std::to_string(overlay.user.value) + "'s";
    std::map<std::uint32_t, OverlayEntry> entries;
    for (const OverlayRow& row : overlay.rows) {
        const auto contents =
            read_segment<OverlaySegment>(findings, "flag", row.segment, row.cell->version(),
                                         connection.overlay_segment(owner, overlay.folder, overlay.user, row.segment));
        if (!contents) return;
        if (row.count != contents->entries().size())
            findings.error(segment_text("flag", row.segment) + ": its row counts differently");
        std::int32_t delta = 0;
        for (const OverlayEntry& entry : contents->entries()) {
            entries[entry.uid.value] = entry;
            const auto m = folder.living.find(entry.uid.value);
            if (m == folder.living.end()) continue;
            const bool seed_seen = overlay.owners() && (m->second.seed & flag::seen);
            delta += (seed_seen ? 1 : 0) - ((entry.flags.system & flag::seen) ? 1 : 0);
        }
        const auto base_row = std::find_if(base.segments.begin(), base.segments.end(),
                                           [&](const SegmentRow& r) { return r.segment == row.segment; });
        if (base_row != base.segments.end() && base_row->membership == row.membership && delta != row.unseen_delta)
            findings.error(segment_text("flag", row.segment) + ": " + whose + " unseen messages are counted wrongly");
    }
    if (entries != plain.entries) findings.error(whose + " flags differ from the ledger");
    if (overlay.keywords != plain.keywords) findings.error(whose + " keywords differ from the ledger");
    if (overlay.cutoff() != plain.cutoff) findings.error(whose + " window differs from the ledger");
}

}  // namespace

std::vector<Finding> LedgerOwner::check() {
    std::vector<Finding> all;
    Findings findings(name_, all);
    load();
    std::lock_guard change(change_);
    if (!loaded_) load_locked();
    if (owner_state_ != OwnerState::ready) {
        if (ledger_) findings.note(not_ready().text);
        return all;
    }
    flush_locked();
    const auto stored = core_->connections->read()->owner(name_);
    if (!stored) {
        findings.error("the index has lost the owner");
        return all;
    }

    // Some folders at a time, so that memory is bounded.
    std::vector<std::set<FolderNumber>> groups;
    std::uint64_t in_group = 0;
    for (const auto& [number, folder] : folders_) {
        if (groups.empty() || in_group + folder.messages > messages_at_once) {
            groups.emplace_back();
            in_group = 0;
        }
        in_group += folder.messages + 1;
        groups.back().insert(number);
    }
    for (const auto& group : groups) {
        Facts facts;
        std::map<FolderNumber, PlainFolder> plain;
        const auto replayed = ledger_->replay([&](const Record& record) -> Result<void> {
            if (auto applied = facts.apply(record); !applied) return applied;
            const auto number = folder_of(record);
            if (number && group.contains(*number)) std::visit(Replaying{plain[*number]}, record);
            return {};
        });
        if (!replayed) {
            findings.error(replayed.error().text);
            return all;
        }
        for (const FolderNumber number : group) {
            const auto known = facts.folders.find(number);
            if (known == facts.folders.end()) {
                findings.folder("");
                findings.error("the index has a folder that the ledger does not know");
                continue;
            }
            const FolderFacts& theirs = known->second;
            const FolderFacts& ours = facts_.folders.at(number);
            findings.folder(theirs.kind() == FolderKind::all_mail ? all_mail_shown_as_ : theirs.path);
            if (theirs.path != ours.path || theirs.living != ours.living || theirs.selectable != ours.selectable)
                findings.error("the folder differs from the ledger");
            if (theirs.uid_validity != ours.uid_validity) findings.error("UIDVALIDITY differs from the ledger");
            if (theirs.uid_next != ours.uid_next) findings.error("UIDNEXT differs from the ledger");
            if (ours.highest_modseq < theirs.highest_modseq) findings.error("HIGHESTMODSEQ is below the ledger's");
            auto connection = core_->connections->read();
            const BaseRows rows = connection->base(id_, number);
            const PlainFolder& folder = plain[number];
            check_base(findings, *connection.operator->(), id_, number, rows, folder);
            std::set<UserNumber> users;
            for (const auto& [user, overlay] : folder.overlays) users.insert(user);
            for (const UserNumber user : connection->overlay_users(id_, number)) users.insert(user);
            for (const UserNumber user : users) {
                Overlay overlay;
                overlay.user = user;
                overlay.folder = number;
                if (auto there = connection->overlay(id_, number, user)) overlay = std::move(*there);
                const auto found = folder.overlays.find(user);
                check_overlay(findings, *connection.operator->(), id_, overlay, rows, folder,
                              found == folder.overlays.end() ? PlainOverlay{} : found->second);
            }
        }
        findings.folder("");
        if (facts.folders.size() != facts_.folders.size()) findings.error("the folders are not those of the ledger");
    }
    if (all_mail_follows()) {
        findings.folder(all_mail_shown_as_);
        check_all_mail([&](const std::string& text) { findings.error(text); });
    }
    return all;
}

}  // namespace imaparc::index
