#include "index/index.h"

#include <fcntl.h>

#include <algorithm>
#include <exception>
#include <map>
#include <set>
#include <thread>

#include "base/file.h"
#include "index/core.h"
#include "index/ledger.h"
#include "index/ledger_owner.h"
#include "index/migrate.h"

namespace imaparc::index {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto soon_delay = 20ms;  // how long records that nobody waits for may stay off the disk
constexpr auto unload_interval = 30s;
constexpr auto unused_for = 10min;
constexpr std::size_t loaded_at_most = 128;  // owners in memory that nobody uses
constexpr std::uintmax_t page_bytes = 16384;

// Made beside, complete, and renamed: a crash leaves no half database (firebird.md 3.3).
void create_database(const fs::path& file) {
    fs::path beside = file;
    beside += ".new";
    {
        auto attachment = Attachment::create(beside);
        migrate(attachment);
    }
    value_or_throw(value_or_throw(File::open(beside, O_RDWR)).sync());
    std::error_code failed;
    fs::permissions(beside, fs::perms::owner_read | fs::perms::owner_write, failed);
    if (!failed) fs::rename(beside, file, failed);
    if (failed) throw Fault(system_error(failed.value(), "cannot put " + file.string() + " in place"));
    value_or_throw(sync_directory(file.parent_path()));
}

void set_database_aside(const fs::path& file, Seconds now, Log& log, const std::string& reason) {
    fs::path aside = file;
    aside += ".damaged-" + std::to_string(now);
    for (unsigned n = 1; fs::exists(aside); ++n) {
        aside = file;
        aside += ".damaged-" + std::to_string(now) + "-" + std::to_string(n);
    }
    std::error_code failed;
    fs::rename(file, aside, failed);
    if (failed) throw Fault(system_error(failed.value(), "cannot set " + file.string() + " aside"));
    log.error("index_database_damaged", {{"reason", reason}, {"set_aside", aside.filename().string()}});
}

// Brings the file to our schema. False: it is damaged, and was set aside.
bool opens(const fs::path& file, const Clock& clock, Log& log) {
    try {
        auto attachment = Attachment::open(file);
        const unsigned steps = migrate(attachment);
        if (steps > 0) log.info("index_schema_migrated", {{"steps", steps}, {"version", schema_version(attachment)}});
        return true;
    } catch (const DatabaseFault& fault) {
        const bool stump = fault.kind() == ErrorKind::invalid && fs::file_size(file) < page_bytes;
        if (fault.kind() == ErrorKind::invalid && !stump)
            throw Fault(ErrorKind::invalid,
                        std::string(fault.what()) +
                            "; it is not an index of imaparchd. Move it away: a new one is made from "
                            "the ledgers");
        if (fault.kind() != ErrorKind::damaged && !stump) throw;
        set_database_aside(file, clock.now(), log, fault.what());
        return false;
    }
}

class FirebirdIndex : public Index {
  public:
    FirebirdIndex(std::shared_ptr<Core> core, fs::path file);
    ~FirebirdIndex() override;

    std::shared_ptr<Owner> owner(std::string_view name) override { return owner_of(name); }
    std::vector<OwnerSummary> owners() override;
    Statistics statistics() override;
    std::vector<Finding> check() override;
    void window_months(unsigned months) override;
    void flush() override;
    void on_change(Listener listener) override { core_->listener = std::move(listener); }

  private:
    std::shared_ptr<LedgerOwner> owner_of(std::string_view name);
    std::vector<std::shared_ptr<LedgerOwner>> known();
    void work();  // the index's own thread
    void unload_unused();

    const std::shared_ptr<Core> core_;
    const fs::path file_;
    std::mutex mutex_;  // of owners_; never held across anything that waits
    std::map<std::string, std::shared_ptr<LedgerOwner>, std::less<>> owners_;
    std::thread thread_;
};

FirebirdIndex::FirebirdIndex(std::shared_ptr<Core> core, fs::path file)
    : core_(std::move(core)), file_(std::move(file)), thread_([this] { work(); }) {}

FirebirdIndex::~FirebirdIndex() {
    {
        std::lock_guard lock(core_->soon_mutex);
        core_->stopping = true;
        core_->soon_changed.notify_all();
    }
    thread_.join();
    for (const auto& owner : known()) {
        try {
            owner->close();
        } catch (const std::exception& fault) {  // what the ledger has is replayed at the next start
            core_->log.error("index_close_failed", {{"owner", owner->name()}, {"reason", fault.what()}});
        }
    }
    core_->connections->close();
}

std::vector<std::shared_ptr<LedgerOwner>> FirebirdIndex::known() {
    std::vector<std::shared_ptr<LedgerOwner>> all;
    std::lock_guard lock(mutex_);
    for (const auto& [name, owner] : owners_) all.push_back(owner);
    return all;
}

std::shared_ptr<LedgerOwner> FirebirdIndex::owner_of(std::string_view name) {
    std::shared_ptr<LedgerOwner> owner;
    {
        std::lock_guard lock(mutex_);
        auto found = owners_.find(name);
        if (found == owners_.end())
            found = owners_.emplace(std::string(name), std::make_shared<LedgerOwner>(core_, std::string(name))).first;
        owner = found->second;
    }
    owner->load();
    return owner;
}

std::vector<OwnerSummary> FirebirdIndex::owners() {
    std::map<std::string, OwnerSummary> summaries;
    std::set<std::string> files;
    const auto directory = core_->ledger_directory();
    for (const OwnerRow& row : core_->connections->read()->owners()) {
        OwnerSummary& summary = summaries[row.name];
        summary.name = row.name;
        summary.folders = row.folders;
        summary.messages = row.messages;
        const std::string file = ledger_file_name(row.name);
        std::error_code missing;
        const auto size = fs::file_size(directory / file, missing);
        if (!missing) summary.ledger_bytes = size;
        if (row.applied.generation == 0)
            summary.state = OwnerState::rebuilding;
        else if (!missing)
            summary.state = OwnerState::ready;
        files.insert(file);
    }
    for (const fs::path& path : value_or_throw(ledger_files(directory))) {
        if (files.contains(path.filename().string())) continue;
        const auto name = ledger_owner(path);
        if (!name) {
            core_->log.warning("index_ledger_unreadable",
                               {{"file", path.filename().string()}, {"reason", name.error().text}});
            continue;
        }
        OwnerSummary& summary = summaries[*name];
        summary.name = *name;
        summary.state = OwnerState::rebuilding;
        std::error_code missing;
        const auto size = fs::file_size(path, missing);
        if (!missing) summary.ledger_bytes = size;
    }
    for (const auto& owner : known()) {
        const auto found = summaries.find(owner->name());
        if (found != summaries.end() && owner->loaded()) found->second = owner->summary();
    }
    std::vector<OwnerSummary> all;
    for (auto& [name, summary] : summaries) all.push_back(std::move(summary));
    return all;
}

Statistics FirebirdIndex::statistics() {
    Statistics statistics;
    const TableCounts counts = core_->connections->read()->counts();
    statistics.folders = counts.folders;
    statistics.messages = counts.messages;
    statistics.segments = counts.segments;
    statistics.overlay_segments = counts.overlay_segments;
    statistics.tombstones = counts.tombstones;
    for (const auto& path : value_or_throw(ledger_files(core_->ledger_directory()))) {
        std::error_code gone;
        const auto size = fs::file_size(path, gone);
        if (!gone) statistics.ledger_bytes += size;
        ++statistics.owners;
    }
    statistics.database_bytes = fs::file_size(file_);
    statistics.resident_bytes = core_->cache->bytes();
    statistics.schema_version = schema_steps().back().number();
    return statistics;
}

std::vector<Finding> FirebirdIndex::check() {
    std::vector<Finding> findings;
    for (const OwnerSummary& summary : owners()) {
        auto theirs = owner_of(summary.name)->check();
        std::move(theirs.begin(), theirs.end(), std::back_inserter(findings));
    }
    return findings;
}

void FirebirdIndex::window_months(unsigned months) {
    if (core_->window_months.exchange(months) == months) return;
    for (const auto& owner : known()) owner->window_changed();
}

void FirebirdIndex::flush() {
    std::exception_ptr first;
    for (const auto& owner : known()) {
        try {
            owner->flush();
        } catch (const std::exception& fault) {
            core_->log.error("index_flush_failed", {{"owner", owner->name()}, {"reason", fault.what()}});
            if (!first) first = std::current_exception();
        }
    }
    if (first) std::rethrow_exception(first);
}

void FirebirdIndex::work() {
    using Clock = std::chrono::steady_clock;
    auto next_flush = Clock::now() + core_->options.overlay_flush;
    auto next_unload = Clock::now() + unload_interval;
    std::unique_lock lock(core_->soon_mutex);
    while (!core_->stopping) {
        core_->soon_changed.wait_until(lock, std::min(next_flush, next_unload),
                                       [&] { return core_->stopping || !core_->soon.empty(); });
        if (core_->stopping) break;
        if (!core_->soon.empty()) {  // a moment for others to come along
            core_->soon_changed.wait_for(lock, soon_delay, [&] { return core_->stopping; });
            std::vector<std::weak_ptr<LedgerOwner>> soon;
            soon.swap(core_->soon);
            lock.unlock();
            std::set<std::shared_ptr<LedgerOwner>> owners;
            for (const auto& weak : soon)
                if (auto owner = weak.lock()) owners.insert(std::move(owner));
            for (const auto& owner : owners) {
                try {
                    owner->sync();
                } catch (const std::exception& fault) {
                    core_->log.error("index_sync_failed", {{"owner", owner->name()}, {"reason", fault.what()}});
                }
            }
            lock.lock();
        }
        lock.unlock();
        if (Clock::now() >= next_flush) {
            for (const auto& owner : known()) {
                try {
                    owner->flush_if_idle();
                } catch (const std::exception& fault) {  // what is not written is in the ledger
                    core_->log.error("index_flush_failed", {{"owner", owner->name()}, {"reason", fault.what()}});
                }
            }
            next_flush = Clock::now() + core_->options.overlay_flush;
        }
        if (Clock::now() >= next_unload) {
            unload_unused();
            next_unload = Clock::now() + unload_interval;
        }
        lock.lock();
    }
}

// Owners that nobody holds: those unused for long, and the least recently used of too many.
void FirebirdIndex::unload_unused() {
    std::vector<std::shared_ptr<LedgerOwner>> unused;
    {
        std::lock_guard lock(mutex_);
        for (auto at = owners_.begin(); at != owners_.end();) {
            if (at->second.use_count() != 1) {
                ++at;
            } else if (at->second->loaded()) {
                unused.push_back((at++)->second);
            } else {
                at = owners_.erase(at);
            }
        }
    }
    std::sort(unused.begin(), unused.end(), [](const auto& a, const auto& b) { return a->used() < b->used(); });
    std::size_t too_many = unused.size() > loaded_at_most ? unused.size() - loaded_at_most : 0;
    for (const auto& owner : unused) {
        if (too_many == 0 && owner->used() + unused_for > core_->clock.steady()) break;
        if (too_many > 0) --too_many;
        try {
            owner->unload([&] {
                std::lock_guard lock(mutex_);
                return owner.use_count() == 2;  // the map's and ours
            });
        } catch (const std::exception& fault) {
            core_->log.error("index_unload_failed", {{"owner", owner->name()}, {"reason", fault.what()}});
        }
    }
}

}  // namespace

std::unique_ptr<Index> Index::open(Options options, const Clock& clock, Log& log) {
    value_or_throw(make_directories(options.directory));
    auto core = std::make_shared<Core>(std::move(options), clock, log);
    const fs::path& directory = core->options.directory;
    value_or_throw(make_directories(core->ledger_directory()));
    prepare_engine(directory, core->options.cache_pages);

    const fs::path file = directory / "IMAPDB.FDB";
    std::error_code failed;
    fs::remove(directory / "IMAPDB.FDB.new", failed);  // of an interrupted creation
    if (failed) throw Fault(system_error(failed.value(), "cannot remove IMAPDB.FDB.new in " + directory.string()));
    bool made = false;
    if (!fs::exists(file) || !opens(file, clock, log)) {
        create_database(file);
        log.info("index_created", {{"schema", schema_steps().back().number()}});
        made = true;
    }
    core->connections = std::make_shared<Connections>(file);
    core->cache = std::make_shared<SegmentCache>(core->options.segment_cache_bytes);
    const fs::path uid_validity = directory / "uidvalidity";
    const bool remembered = fs::exists(uid_validity);
    core->uid_validity = std::make_unique<UidValiditySource>(uid_validity);
    if (core->uid_validity->damaged()) log.error("index_uidvalidity_damaged", {{"file", uid_validity.string()}});
    if (!made && (!remembered || core->uid_validity->damaged()))
        core->uid_validity->raise(UidValidity{core->connections->read()->greatest_uid_validity()});
    return std::make_unique<FirebirdIndex>(std::move(core), file);
}

}  // namespace imaparc::index
