#include <algorithm>

#include "base/file.h"
#include "index/ledger_owner.h"

namespace imaparc::index {

namespace {

constexpr std::size_t replay_weight = 262'144;  // messages held in drafts before they are written: about 20 MB

// Folders as the database has them.
bool read_levels(const std::vector<LevelRow>& rows, Levels& levels, Facts& facts) {
    for (const LevelRow& row : rows) {
        if (!levels.add(row)) return false;
        if (row.number.value == 0) continue;
        FolderFacts folder;
        folder.number = row.number;
        folder.path = levels.path(row.id);
        folder.living = row.living;
        folder.selectable = row.selectable;
        folder.uid_validity = row.uid_validity;
        folder.uid_next = row.uid_next;
        folder.base_modseq = row.base_modseq;
        folder.highest_modseq = row.highest_modseq;
        folder.ceiling = row.ceiling;
        facts.by_path[folder.path] = folder.number;
        if (!facts.folders.emplace(row.number, std::move(folder)).second) return false;
    }
    return true;
}

}  // namespace

LedgerOwner::LedgerOwner(std::shared_ptr<Core> core, std::string name)
    : core_(std::move(core)),
      name_(std::move(name)),
      ledger_path_(core_->ledger_directory() / ledger_file_name(name_)) {
    publish_folders();
}

LedgerOwner::~LedgerOwner() = default;

void LedgerOwner::load() {
    used_ = core_->clock.steady();
    if (loaded_) return;
    std::lock_guard change(change_);
    if (!loaded_) load_locked();
}

void LedgerOwner::close_ledger() {
    std::unique_lock state(state_);
    nobody_waits_.wait(state, [&] { return waiting_ == 0; });
    ledger_.reset();
}

void LedgerOwner::hold_ledger(std::unique_ptr<Ledger> ledger) {
    std::lock_guard state(state_);
    ledger_ = std::move(ledger);
}

// Back to nothing in memory but the facts; the versions go on, for views may hold segments of ours.
void LedgerOwner::forget_rows() {
    close_ledger();
    std::lock_guard state(state_);
    folders_.clear();
    unwritten_overlays_.clear();
    unwritten_folders_.clear();
    levels_ = {};
    id_ = 0;
    saved_ = {};
    source_.reset();
    facts_unwritten_ = false;
    stopped_cleanly_ = false;
    places_.reset();
}

void LedgerOwner::remove_rows() {
    if (id_ == 0) return;
    auto writing = core_->connections->write();
    writing->remove_owner(id_);
    writing->commit();
    id_ = 0;
}

void LedgerOwner::load_locked() {
    forget_rows();
    auto stored = core_->connections->read()->owner(name_);
    Facts from_rows;
    Levels levels;
    if (stored) {
        id_ = stored->row.id;
        version_ = std::max(version_, stored->row.version);
        for (const auto& row : stored->levels) core_->uid_validity->raise(row.uid_validity);
        const auto decoded = from_rows.decode(stored->facts);
        if (!decoded || !read_levels(stored->levels, levels, from_rows)) {
            core_->log.error("index_owner_damaged", {{"owner", name_}});
            remove_rows();
            stored.reset();
        }
    }

    // What is behind the position that Firebird has, and, if that position means nothing, the whole.
    Facts from_ledger;
    Facts with_tail = from_rows;
    std::optional<Error> ledger_wrong, tail_wrong;
    std::uint64_t records = 0;
    auto opened = Ledger::open(ledger_path_, stored ? std::optional(stored->row.applied) : std::nullopt,
                               [&](const Record& record) -> Result<void> {
                                   ++records;
                                   if (auto r = from_ledger.apply(record); !r && !ledger_wrong)
                                       ledger_wrong = r.error();
                                   if (auto r = with_tail.apply(record); !r && !tail_wrong) tail_wrong = r.error();
                                   return {};
                               });
    for (const auto& [number, folder] : from_ledger.folders) core_->uid_validity->raise(folder.uid_validity);
    const bool whole = opened && (opened->from_start || !stored);
    if (opened && whole && ledger_wrong) opened = Error{ErrorKind::damaged, ledger_wrong->text};

    if (!opened) {
        const Error& error = opened.error();
        if (error.kind == ErrorKind::not_found) {
            if (id_ != 0) core_->log.error("index_ledger_missing", {{"owner", name_}});
        } else if (error.kind == ErrorKind::damaged) {
            const auto aside = value_or_throw(set_aside(ledger_path_, core_->clock.now()));
            core_->log.error("index_ledger_damaged",
                             {{"owner", name_}, {"reason", error.text}, {"set_aside", aside.filename().string()}});
        } else {
            throw Fault(error);
        }
        remove_rows();
        owner_state_ = OwnerState::unsynchronised;
        {
            std::lock_guard state(state_);
            facts_ = {};
            facts_.users = unrecorded_users_;
        }
        publish_folders();
        loaded_ = true;
        return;
    }
    if (opened->cut > 0) core_->log.warning("index_ledger_cut", {{"owner", name_}, {"bytes", opened->cut}});
    hold_ledger(std::move(opened->ledger));

    if (whole) {
        {
            std::lock_guard state(state_);
            facts_ = std::move(from_ledger);
        }
        owner_state_ = facts_.folders.empty() ? OwnerState::unsynchronised : OwnerState::rebuilding;
        if (owner_state_ == OwnerState::unsynchronised) remove_rows();
    } else if (tail_wrong) {
        core_->log.error("index_owner_damaged", {{"owner", name_}, {"reason", tail_wrong->text}});
        remove_rows();
        return load_locked();
    } else {
        {
            std::lock_guard state(state_);
            facts_ = std::move(from_rows);
            levels_ = std::move(levels);
            source_ = std::make_shared<DatabaseSource>(id_, core_->connections, core_->cache);
            for (const LevelRow& row : stored->levels)
                if (row.number.value != 0) {
                    folders_[row.number].level = row.id;
                    folders_[row.number].messages = row.messages;
                }
        }
        saved_ = stored->row.applied;
        if (records > 0) replay(saved_, saved_);
        stopped_cleanly_ = records == 0 || facts_.clean;
        // After a clean stop the ceilings are exact, and nothing is skipped.
        const auto before = facts_.folders;
        std::lock_guard state(state_);
        facts_.skip_to_ceilings();
        for (const auto& [number, folder] : facts_.folders) {
            if (folder.highest_modseq == before.at(number).highest_modseq) continue;
            unwritten_folders_.insert(number);
            if (auto& base = folders_[number].base) {
                auto raised = std::make_shared<Base>(*base);
                raised->highest_modseq = folder.base_modseq;
                base = std::move(raised);
            }
        }
        owner_state_ = OwnerState::ready;
    }
    {
        std::lock_guard state(state_);
        for (const auto& [number, name] : unrecorded_users_) facts_.users.emplace(number, name);
    }
    if (owner_state_ == OwnerState::ready) prepare_all_mail();
    publish_folders();
    loaded_ = true;
}

// The ledger's records from `from` on, into Firebird. Until the end is reached it says `meanwhile` of how far it is, so
// that a crash begins anew.
void LedgerOwner::replay(std::optional<Position> from, Position meanwhile) {
    close_ledger();
    Facts facts;
    if (from) facts = facts_;
    Latest& latest = *this;
    auto drafts = std::make_unique<Drafts>(latest, *source_, ++version_);
    auto opened = value_or_throw(Ledger::open(ledger_path_, from, [&](const Record& record) -> Result<void> {
        if (auto applied = facts.apply(record); !applied) return applied;
        drafts->apply(record, facts);
        if (drafts->weight() >= replay_weight) {
            save(drafts->finish(facts), facts, meanwhile);
            drafts = std::make_unique<Drafts>(latest, *source_, ++version_);
        }
        return {};
    }));
    for (const auto& [number, folder] : facts.folders) unwritten_folders_.insert(number);
    const Position end = opened.ledger->end();
    hold_ledger(std::move(opened.ledger));
    save(drafts->finish(facts), facts, end);
    std::lock_guard state(state_);
    facts_ = std::move(facts);
}

Result<void> LedgerOwner::rebuild() {
    load();
    std::unique_lock change(change_);
    if (!loaded_) load_locked();
    if (owner_state_ == OwnerState::unsynchronised)
        return Error{ErrorKind::unavailable, "nothing is known of " + name_ + " yet"};
    core_->log.info("index_rebuild_started", {{"owner", name_}});
    owner_state_ = OwnerState::rebuilding;
    rebuild_running_ = true;
    loaded_ = false;  // until it is done
    try {
        rebuild_locked();
    } catch (...) {
        rebuild_running_ = false;
        throw;
    }
    rebuild_running_ = false;
    std::vector<FolderNumber> numbers;
    for (const auto& [number, folder] : facts_.folders)
        if (folder.living) numbers.push_back(number);
    change.unlock();
    core_->log.info("index_rebuild_finished", {{"owner", name_}, {"folders", numbers.size()}});
    core_->notify(name_, FolderNumber{}, std::nullopt);
    for (const FolderNumber number : numbers) core_->notify(name_, number, std::nullopt);
    return {};
}

void LedgerOwner::rebuild_locked() {
    value_or_throw(ledger_->wait(ledger_->end().offset));
    const std::uint32_t old_id = id_;
    forget_rows();
    {
        OwnerRow row;
        auto writing = core_->connections->write();
        row.id = id_ = old_id != 0 ? old_id : writing->next_owner_id();
        row.name = name_;
        row.version = version_;
        writing->put_owner(row, Facts{}.encode());  // of no ledger's generation
        writing->remove_contents(id_);
        writing->commit();
    }
    {
        std::lock_guard state(state_);
        source_ = std::make_shared<DatabaseSource>(id_, core_->connections, core_->cache);
    }
    replay(std::nullopt, {});
    load_locked();
}

Result<void> LedgerOwner::ensure_ledger() {
    if (ledger_) return {};
    auto made = Ledger::create(ledger_path_, name_);
    if (!made) return made.error();
    hold_ledger(std::move(*made));
    Batch batch;
    for (const auto& [number, name] : unrecorded_users_) batch.add(record::UserNamed{number, name});
    if (!batch.empty()) {
        if (auto appended = ledger_->append(batch); !appended) return appended.error();
        unrecorded_users_.clear();
    }
    return {};
}

// INBOX first, then by bytes.
void LedgerOwner::publish_folders() {
    auto list = std::make_shared<FolderList>();
    for (const auto& [number, folder] : facts_.folders)
        if (folder.living && folder.kind() == FolderKind::ordinary)
            list->push_back({number, folder.path, folder.selectable, folder.uid_validity, FolderKind::ordinary});
    if (const FolderFacts* folder = facts_.all_mail(); folder && core_->options.all_mail)
        list->push_back({folder->number, all_mail_name(*list), true, folder->uid_validity, FolderKind::all_mail});
    std::sort(list->begin(), list->end(), [](const Folder& a, const Folder& b) {
        const bool a_first = a.path == "INBOX", b_first = b.path == "INBOX";
        return a_first != b_first ? a_first : a.path < b.path;
    });
    if (list->empty()) list->push_back({FolderNumber{}, "INBOX", true, UidValidity{}, FolderKind::ordinary});
    std::lock_guard state(state_);
    list_ = std::move(list);
}

// Somebody holds a view of ours. (A base that was loaded twice would have two cells for one version of a segment, and
// the old view's would not be told when it is replaced.)
bool LedgerOwner::looked_at() {
    std::lock_guard state(state_);
    for (auto& [number, folder] : folders_)
        for (auto& [user, overlay] : folder.overlays) overlay.view.reset();
    return source_ && source_.use_count() > 1;
}

void LedgerOwner::unload(const std::function<bool()>& still_unused) {
    std::lock_guard change(change_);
    if (!loaded_.exchange(false)) return;
    if (!still_unused() || looked_at()) {
        loaded_ = true;
        return;
    }
    stop_cleanly();
}

void LedgerOwner::close() {
    std::lock_guard change(change_);
    if (loaded_.exchange(false)) stop_cleanly();
}

void LedgerOwner::stop_cleanly() {
    if (ledger_ && owner_state_ == OwnerState::ready) {
        flush_locked();
        if (!stopped_cleanly_) {
            Batch batch;
            for (auto& [number, folder] : facts_.folders)
                if (folder.ceiling > folder.highest_modseq) {
                    folder.ceiling = folder.highest_modseq;
                    unwritten_folders_.insert(number);
                    batch.add(record::FolderCeiling{number, folder.uid_next, folder.highest_modseq});
                }
            batch.add(record::CleanStop{});
            value_or_throw(ledger_->append(batch));
            flush_locked();
        }
    } else if (ledger_) {
        value_or_throw(ledger_->wait(ledger_->end().offset));
    }
    forget_rows();
}

}  // namespace imaparc::index
