#include "archive/archive.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>

#include "archive/catalog.h"
#include "archive/wire_reader.h"
#include "base/text.h"

namespace imaparc::archive {

namespace {

constexpr std::size_t most_open = 256;              // owners' catalogs: two descriptors each at most
constexpr std::size_t most_memory = 256U << 20;     // of their key tables
constexpr std::size_t read_at_once = 256 * 1024;    // of a message that is summed up
constexpr auto patience = std::chrono::minutes(1);  // between looks through all of an owner's folders

// What a reader could not give is, for who asks for a message, a store that cannot be asked now.
Error asked_in_vain(const Error& error) {
    if (error.kind == ErrorKind::not_found) return error;
    return {ErrorKind::unavailable, error.text};
}

}  // namespace

struct Archive::Inside {
    Inside(Options o, std::vector<store::ArchiveStore*> s, Log& l) : options(std::move(o)), log(l) {
        for (auto* store : s) stores.emplace(store->name(), store);
    }

    struct Owner {
        std::shared_ptr<Catalog> catalog;
        bool busy = false;  // being opened or closed
        bool keep = false;  // in memory only: nowhere to put it
        std::uint64_t used = 0;
        std::chrono::steady_clock::time_point looked{};  // through all folders
        bool looking = false;
    };

    const Options options;
    Log& log;
    std::map<std::string, store::ArchiveStore*, std::less<>> stores;
    std::mutex mutex;  // never held across I/O: owners
    std::condition_variable ready;
    std::map<std::string, Owner, std::less<>> owners;
    std::uint64_t clock = 0;

    std::shared_ptr<Catalog> catalog_of(std::string_view owner);
    std::shared_ptr<Catalog> open_catalog(std::string_view owner) const;
    std::shared_ptr<Catalog> catalog_if_open(std::string_view owner);
    void close_some(std::unique_lock<std::mutex>& lock);

    Result<MessagePlace> find_place(Catalog& catalog, std::string_view owner, const MessageId& id);
    Result<void> look_for_places(Catalog& catalog, const std::string& owner);
    Result<std::unique_ptr<store::StoreReader>> open_message(Catalog& catalog, std::string_view owner,
                                                             const MessageId& id);
    Result<Details> sum_up(Catalog& catalog, const MessageId& id, store::StoreReader& reader);
    Result<Details> compute(Catalog& catalog, std::string_view owner, const MessageId& id);
};

// ---- which catalogs are open

std::shared_ptr<Catalog> Archive::Inside::open_catalog(std::string_view owner) const {
    if (!options.enabled) return std::make_shared<MemoryCatalog>();
    const auto base = (options.directory / file_name_of(owner)).string();
    auto opened = FileCatalog::open(base + ".data", base + ".keys", log);
    if (opened) return std::shared_ptr<Catalog>(std::move(*opened));
    // The mail can be read all the same.
    log.error("catalog_not_opened", {{"file", base + ".data"}, {"reason", opened.error().text}});
    return std::make_shared<MemoryCatalog>();
}

std::shared_ptr<Catalog> Archive::Inside::catalog_of(std::string_view owner) {
    std::unique_lock lock(mutex);
    for (;;) {
        auto found = owners.find(owner);
        if (found == owners.end()) found = owners.emplace(owner, Owner{}).first;
        if (found->second.catalog) {
            found->second.used = ++clock;
            return found->second.catalog;
        }
        if (!found->second.busy) {
            found->second.busy = true;
            break;
        }
        ready.wait(lock);
    }
    lock.unlock();
    std::shared_ptr<Catalog> catalog;
    try {
        catalog = open_catalog(owner);
    } catch (...) {
        lock.lock();
        owners.find(owner)->second.busy = false;
        ready.notify_all();
        throw;
    }
    lock.lock();
    auto& entry = owners.find(owner)->second;
    entry.catalog = catalog;
    entry.busy = false;
    entry.keep = dynamic_cast<MemoryCatalog*>(catalog.get()) != nullptr;
    entry.used = ++clock;
    ready.notify_all();
    close_some(lock);
    return catalog;
}

std::shared_ptr<Catalog> Archive::Inside::catalog_if_open(std::string_view owner) {
    std::lock_guard lock(mutex);
    const auto found = owners.find(owner);
    if (found == owners.end() || !found->second.catalog) return nullptr;
    found->second.used = ++clock;
    return found->second.catalog;
}

// The longest unused that nobody holds, until the rest fits.
void Archive::Inside::close_some(std::unique_lock<std::mutex>& lock) {
    for (;;) {
        std::size_t open = 0, memory = 0;
        auto oldest = owners.end();
        for (auto at = owners.begin(); at != owners.end(); ++at) {
            auto& owner = at->second;
            if (!owner.catalog || owner.keep) continue;
            ++open;
            memory += owner.catalog->memory();
            if (owner.catalog.use_count() > 1 || owner.looking) continue;
            if (oldest == owners.end() || owner.used < oldest->second.used) oldest = at;
        }
        if ((open <= most_open && memory <= most_memory) || open <= 1 || oldest == owners.end()) return;
        const std::string name = oldest->first;
        oldest->second.busy = true;
        auto catalog = std::move(oldest->second.catalog);
        lock.unlock();
        if (auto flushed = catalog->flush(); !flushed)
            log.warning("catalog_not_written", {{"owner", name}, {"reason", flushed.error().text}});
        catalog.reset();
        lock.lock();
        auto& owner = owners.find(name)->second;
        owner.busy = false;
        ready.notify_all();
    }
}

// ---- messages

// Places are the synchronisation's to tell; one that was damaged or never told is looked for in the store, at most
// once a minute and owner.
Result<MessagePlace> Archive::Inside::find_place(Catalog& catalog, std::string_view owner, const MessageId& id) {
    if (auto place = catalog.place_of(id)) return std::move(*place);
    const auto nowhere = Error{ErrorKind::not_found, "no place is known for message " + id.hex()};
    {
        std::lock_guard lock(mutex);
        auto& entry = owners.find(owner)->second;
        if (entry.looking) return Error{ErrorKind::unavailable, "the places of the messages are being looked for"};
        const auto now = std::chrono::steady_clock::now();
        if (entry.looked.time_since_epoch().count() != 0 && now - entry.looked < patience) return nowhere;
        entry.looked = now;
        entry.looking = true;
    }
    const auto looked = look_for_places(catalog, std::string(owner));
    {
        std::lock_guard lock(mutex);
        owners.find(owner)->second.looking = false;
    }
    if (auto place = catalog.place_of(id)) return std::move(*place);
    if (!looked) return asked_in_vain(looked.error());
    return nowhere;
}

Result<void> Archive::Inside::look_for_places(Catalog& catalog, const std::string& owner) {
    log.info("catalog_places_looked_for", {{"owner", printable(owner)}});
    Result<void> result;
    for (const auto& known : stores) {
        auto* const store = known.second;
        const auto& name = store->name();
        auto folders = store->folders(owner);
        if (!folders) {
            if (folders.error().kind != ErrorKind::not_found) result = folders.error();
            continue;
        }
        for (const auto& folder : *folders) {
            if (!folder.selectable) continue;
            const auto path = store::path_of(folder);
            auto listed = store->list(owner, folder, [&](store::StoreItem&& item) {
                const auto id = message_id(name, owner, path, item.name);
                if (catalog.place_of(id)) return true;  // reads it: has_place() would take a damaged one for one
                auto kept =
                    catalog.put_place({id, name, folder.location, std::move(item.name), std::move(item.locator)});
                if (!kept) result = kept.error();
                return kept.ok();
            });
            if (!listed && listed.error().kind != ErrorKind::not_found) result = listed.error();
        }
    }
    return result;
}

Result<std::unique_ptr<store::StoreReader>> Archive::Inside::open_message(Catalog& catalog, std::string_view owner,
                                                                          const MessageId& id) {
    auto place = find_place(catalog, owner, id);
    if (!place) return place.error();
    const auto store = stores.find(place->store);
    if (store == stores.end())
        return Error{ErrorKind::unavailable, "store " + printable(place->store) + " is not configured"};
    auto reader = store->second->open(std::string(owner), place->location, place->name, place->locator);
    if (!reader) return asked_in_vain(reader.error());
    if ((*reader)->locator() != place->locator) {
        place->locator = (*reader)->locator();
        // A better hint is worth remembering, no more.
        (void)catalog.put_place(*place).ok();
    }
    return reader;
}

// Reads the whole message that is open; keeps what it is like.
Result<Details> Archive::Inside::sum_up(Catalog& catalog, const MessageId& id, store::StoreReader& reader) {
    message::SummaryParser parser;
    std::string buffer(static_cast<std::size_t>(std::clamp<std::uint64_t>(reader.size(), 1, read_at_once)), '\0');
    for (std::uint64_t at = 0; at < reader.size();) {
        auto n = reader.read(at, buffer);
        if (!n) return asked_in_vain(n.error());
        if (*n == 0) return Error{ErrorKind::unavailable, "the message became shorter while it was read"};
        parser.feed(std::string_view(buffer).substr(0, *n));
        at += *n;
    }
    Details details;
    details.summary = parser.finish();
    details.fingerprint = reader.fingerprint();
    details.record = details.summary.backing_;
    const auto encoded = message::encode_summary(details.summary);
    if (auto kept = catalog.put_details(id, details.fingerprint, encoded); !kept)
        log.debug("catalog_details_not_kept", {{"reason", kept.error().text}});  // computed again when asked for again
    return details;
}

Result<Details> Archive::Inside::compute(Catalog& catalog, std::string_view owner, const MessageId& id) {
    auto reader = open_message(catalog, owner, id);
    if (!reader) return reader.error();
    return sum_up(catalog, id, **reader);
}

// ---- the service

Archive::Archive(Options options, std::vector<store::ArchiveStore*> stores, Log& log)
    : inside_(std::make_unique<Inside>(std::move(options), std::move(stores), log)) {
    if (inside_->options.enabled) value_or_throw(make_directories(inside_->options.directory));
}

Archive::~Archive() = default;

void Archive::place(std::string_view owner, std::span<const MessagePlace> places) {
    const auto catalog = inside_->catalog_of(owner);
    for (const auto& place : places) value_or_throw(catalog->put_place(place));
}

Result<Details> Archive::ingest(std::string_view owner, const MessageId& id) {
    const auto catalog = inside_->catalog_of(owner);
    auto reader = inside_->open_message(*catalog, owner, id);
    if (!reader) return reader.error();
    auto known = catalog->details(std::span(&id, 1), Wait::allowed);
    if (known[0] && known[0]->fingerprint == (*reader)->fingerprint()) return std::move(*known[0]);
    return inside_->sum_up(*catalog, id, **reader);
}

bool Archive::has_place(std::string_view owner, const MessageId& id) {
    return inside_->catalog_of(owner)->has_place(id);
}

void Archive::forget(std::string_view owner, std::span<const MessageId> ids) {
    inside_->catalog_of(owner)->forget(ids);
}

void Archive::flush(std::string_view owner) {
    if (const auto catalog = inside_->catalog_if_open(owner)) value_or_throw(catalog->flush());
}

std::vector<std::optional<Details>> Archive::cached(std::string_view owner, std::span<const MessageId> ids) {
    const auto catalog = inside_->catalog_if_open(owner);
    if (!catalog) return std::vector<std::optional<Details>>(ids.size());
    return catalog->details(ids, Wait::forbidden);
}

Result<Details> Archive::details(std::string_view owner, const MessageId& id) {
    auto all = details(owner, std::span(&id, 1));
    return std::move(all[0]);
}

std::vector<Result<Details>> Archive::details(std::string_view owner, std::span<const MessageId> ids) {
    const auto catalog = inside_->catalog_of(owner);
    auto known = catalog->details(ids, Wait::allowed);
    std::vector<Result<Details>> result;
    result.reserve(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (known[i])
            result.emplace_back(std::move(*known[i]));
        else
            result.push_back(inside_->compute(*catalog, owner, ids[i]));
    }
    return result;
}

Result<std::unique_ptr<WireReader>> Archive::open(std::string_view owner, const MessageId& id) {
    const auto catalog = inside_->catalog_of(owner);
    auto reader = inside_->open_message(*catalog, owner, id);
    if (!reader) return reader.error();
    auto known = catalog->details(std::span(&id, 1), Wait::allowed);
    // What is known counts for the very content that is open, and for no other.
    if (!known[0] || known[0]->fingerprint != (*reader)->fingerprint()) {
        auto computed = inside_->sum_up(*catalog, id, **reader);
        if (!computed) return computed.error();
        known[0] = std::move(*computed);
    }
    return std::unique_ptr<WireReader>(new StoreWireReader(std::move(*reader), std::move(*known[0])));
}

Result<MessagePlace> Archive::place_of(std::string_view owner, const MessageId& id) {
    if (auto place = inside_->catalog_of(owner)->place_of(id)) return std::move(*place);
    return Error{ErrorKind::not_found, "no place is known for message " + id.hex()};
}

Statistics Archive::statistics() const {
    Statistics statistics;
    std::vector<std::shared_ptr<Catalog>> open;
    {
        std::lock_guard lock(inside_->mutex);
        for (const auto& [name, owner] : inside_->owners)
            if (owner.catalog) open.push_back(owner.catalog);
    }
    statistics.owners_open = open.size();
    for (const auto& catalog : open) statistics.records += catalog->records();
    std::error_code failed;  // a directory that is gone holds nothing
    for (auto at = std::filesystem::directory_iterator(inside_->options.directory, failed);
         at != std::filesystem::directory_iterator(); at.increment(failed)) {
        const auto size = at->file_size(failed);
        if (!failed) statistics.bytes += size;
    }
    return statistics;
}

}  // namespace imaparc::archive
