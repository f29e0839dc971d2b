#include "archive/catalog.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <random>

namespace imaparc::archive {

namespace {

constexpr std::size_t batch_bytes = 1 << 20;        // written at once
constexpr std::size_t most_waiting = 8 << 20;       // kept while the disk takes nothing
constexpr std::size_t scan_bytes = 4 << 20;         // read at once when the data file is gone through
constexpr std::uint64_t read_gap = 16 * 1024;       // between records worth reading over
constexpr std::uint64_t read_at_once = 512 * 1024;  // of neighbouring records
constexpr std::uint64_t worth_compacting = 1 << 20;

std::uint64_t new_generation() {
    std::random_device random;
    return static_cast<std::uint64_t>(random()) << 32 | random();
}

Result<void> cut(const File& file, std::uint64_t size) {
    while (::ftruncate(file.descriptor(), static_cast<off_t>(size)) != 0)
        if (errno != EINTR) return system_error(errno, "ftruncate");
    return {};
}

}  // namespace

// ---- MemoryCatalog

bool MemoryCatalog::has_place(const MessageId& id) {
    std::lock_guard lock(mutex_);
    return places_.count(id) != 0;
}

std::optional<MessagePlace> MemoryCatalog::place_of(const MessageId& id) {
    std::lock_guard lock(mutex_);
    const auto found = places_.find(id);
    if (found == places_.end()) return std::nullopt;
    return found->second;
}

Result<void> MemoryCatalog::put_place(const MessagePlace& place) {
    std::lock_guard lock(mutex_);
    places_.insert_or_assign(place.id, place);
    return {};
}

void MemoryCatalog::forget(std::span<const MessageId> ids) {
    std::lock_guard lock(mutex_);
    for (const auto& id : ids) places_.erase(id);
}

std::uint64_t MemoryCatalog::records() const {
    std::lock_guard lock(mutex_);
    return places_.size();
}

// ---- opening

Result<std::unique_ptr<FileCatalog>> FileCatalog::open(const std::filesystem::path& data,
                                                       const std::filesystem::path& keys, Log& log) {
    std::error_code ignored;  // what a compaction that was cut short left behind, mostly nothing
    std::filesystem::remove(data.string() + ".new", ignored);
    std::unique_ptr<FileCatalog> catalog(new FileCatalog(data, keys, log));
    if (auto loaded = catalog->load(); !loaded) return loaded.error();
    return catalog;
}

FileCatalog::~FileCatalog() {
    std::lock_guard writing(writing_mutex_);
    if (!data_) return;
    if (auto written = write_out(); !written)
        log_.warning("catalog_not_written", {{"file", data_path_.string()}, {"reason", written.error().text}});
}

Result<void> FileCatalog::load() {
    auto opened = File::open(data_path_, O_RDWR | O_CREAT, 0600);
    if (!opened) return opened.error();
    data_ = std::make_shared<File>(std::move(*opened));
    auto size = data_->size();
    if (!size) return size.error();
    char head[header_size];
    auto n = data_->read_at(0, head);
    if (!n) return n.error();
    const auto generation = generation_of_data({head, *n});
    if (!generation) {
        if (*size > 0) log_.warning("catalog_unreadable", {{"file", data_path_.string()}});
        return start_anew();
    }
    generation_ = *generation;
    const auto known_end = load_keys(generation_, *size);
    std::vector<Key> found;
    auto end = scan(known_end, *size, found);
    if (!end) return end.error();
    data_end_ = *end;
    if (*end < *size) {
        log_.info("catalog_tail_cut", {{"file", data_path_.string()}, {"bytes", *size - *end}});
        if (auto done = cut(*data_, *end); !done) return done;
    }
    pending_.base = data_end_;
    for (const auto& key : found) apply(key);
    table_.for_each([&](const KeyTable::Entry& entry) { live_bytes_ += entry.place.size() + entry.details.size(); });
    unwritten_keys_ = std::move(found);
    if (!unwritten_keys_.empty()) write_keys();
    return {};
}

Result<void> FileCatalog::start_anew() {
    generation_ = new_generation();
    if (auto done = cut(*data_, 0); !done) return done;
    if (auto done = data_->write_at(0, data_header(generation_)); !done) return done;
    data_end_ = pending_.base = header_size;
    write_keys();
    return {};
}

// What the key file tells; the data file's size up to which it tells all. A batch that speaks of more data than there
// is was written before a crash that the data did not survive: it and what follows count for nothing.
std::uint64_t FileCatalog::load_keys(std::uint64_t generation, std::uint64_t data_size) {
    std::uint64_t known_end = header_size;
    auto opened = File::open(keys_path_, O_RDWR);
    if (!opened) return known_end;  // missing: made when the first batch is written
    auto size = opened->size();
    char head[header_size];
    auto n = opened->read_at(0, head);
    if (!size || !n || generation_of_keys({head, *n}) != generation) return known_end;
    keys_end_ = header_size;
    std::string bytes;
    std::uint64_t at = header_size;  // of the file, where `bytes` begins
    bool more = true;
    while (more) {
        const auto had = bytes.size();
        bytes.resize(had + scan_bytes);
        n = opened->read_at(at + had, std::span(bytes).subspan(had));
        if (!n) return known_end;
        bytes.resize(had + *n);
        more = *n == scan_bytes;
        std::size_t used = 0;
        while (auto batch = read_batch(std::string_view(bytes).substr(used))) {
            if (batch->data_end > data_size || batch->data_end < known_end) {
                more = false;
                break;
            }
            for (const auto& key : batch->keys)
                if (key.where.offset() + key.where.size() <= batch->data_end) apply(key);
            known_end = batch->data_end;
            used += batch->size;
            keys_end_ += batch->size;
        }
        bytes.erase(0, used);
        at += used;
        if (used == 0 && bytes.size() > 64 * scan_bytes) more = false;  // no batch is that large
    }
    // A torn or foreign tail would hide what is appended behind it.
    if (keys_end_ < *size)
        if (auto done = cut(*opened, keys_end_); !done)
            log_.warning("catalog_not_written", {{"file", keys_path_.string()}, {"reason", done.error().text}});
    return known_end;
}

void FileCatalog::apply(const Key& key) {
    switch (key.type) {
        case RecordType::place:
            table_.set_place(key.id, key.where);
            break;
        case RecordType::details:
            table_.set_details(key.id, key.where);
            break;
        case RecordType::forget:
            table_.erase(key.id);
            break;
    }
}

namespace {

// The data file, front to back.
class Window {
  public:
    Window(const File& file, std::uint64_t at, std::uint64_t size) : file_(file), at_(at), size_(size) {}

    // False: so many bytes are not there any more (or cannot be read: see failed()).
    bool ensure(std::uint64_t wanted) {
        if (bytes_.size() - used_ >= wanted) return true;
        at_ += used_;
        bytes_.erase(0, std::exchange(used_, 0));
        const auto had = bytes_.size();
        const auto most =
            static_cast<std::size_t>(std::min<std::uint64_t>(size_ - at_, std::max<std::uint64_t>(wanted, scan_bytes)));
        if (most < wanted || failed_) return false;
        bytes_.resize(most);
        auto n = file_.read_at(at_ + had, std::span(bytes_).subspan(had));
        if (!n) failed_ = n.error();
        bytes_.resize(had + (n ? *n : 0));
        return bytes_.size() >= wanted;
    }
    std::string_view rest() const { return std::string_view(bytes_).substr(used_); }
    void skip(std::uint64_t n) { used_ += static_cast<std::size_t>(n); }
    std::uint64_t at() const { return at_ + used_; }
    const std::optional<Error>& failed() const { return failed_; }

  private:
    const File& file_;
    std::uint64_t at_, size_;
    std::string bytes_;
    std::size_t used_ = 0;
    std::optional<Error> failed_;
};

}  // namespace

// Goes through the data file from `from` on: the keys of what is there, and where the last whole record ends. Damage in
// between is passed over.
Result<std::uint64_t> FileCatalog::scan(std::uint64_t from, std::uint64_t size, std::vector<Key>& found) {
    auto end = std::min(from, size);
    Window window(*data_, end, size);
    while (window.ensure(record_head_size)) {
        const auto claimed = record_size(window.rest());
        if (claimed && window.ensure(*claimed)) {
            if (const auto record = read_record(window.rest())) {
                found.push_back({record->type, record->id, RecordPlace(window.at(), record->size())});
                window.skip(record->size());
                end = window.at();
                continue;
            }
        }
        // The next thing that looks like a record; a mark may be cut by the window's end.
        const auto next = window.rest().find(record_mark, 1);
        window.skip(next != std::string_view::npos ? next : window.rest().size() - (record_mark.size() - 1));
    }
    if (window.failed()) return *window.failed();
    return end;
}

// ---- lookups

bool FileCatalog::has_place(const MessageId& id) {
    std::lock_guard lock(mutex_);
    const auto* entry = table_.find(id);
    return entry && entry->place.there();
}

std::shared_ptr<const std::string> FileCatalog::in_memory(RecordPlace where) const {
    for (const auto* batch : {&pending_, &writing_})
        if (where.offset() >= batch->base && where.offset() + where.size() <= batch->end())
            return std::make_shared<const std::string>(batch->bytes.substr(
                static_cast<std::size_t>(where.offset() - batch->base), static_cast<std::size_t>(where.size())));
    return nullptr;
}

std::optional<MessagePlace> FileCatalog::place_of(const MessageId& id) {
    RecordPlace where;
    std::shared_ptr<const std::string> memory;
    std::shared_ptr<File> file;
    {
        std::lock_guard lock(mutex_);
        const auto* entry = table_.find(id);
        if (!entry || !entry->place.there()) return std::nullopt;
        where = entry->place;
        memory = in_memory(where);
        file = data_;
    }
    std::string bytes;
    if (!memory) {
        bytes.resize(static_cast<std::size_t>(where.size()));
        auto n = file->read_at(where.offset(), bytes);
        bytes.resize(n ? *n : 0);
    }
    const auto record = read_record(memory ? *memory : bytes);
    if (record && record->type == RecordType::place && record->id == id)
        if (auto place = decode_place(id, record->payload)) return place;
    drop(id, RecordType::place, where);
    return std::nullopt;
}

std::optional<Details> FileCatalog::decode(const MessageId& id, std::string_view bytes,
                                           std::shared_ptr<const void> keeper, RecordPlace where) {
    const auto record = read_record(bytes);
    if (record && record->type == RecordType::details && record->id == id) {
        if (const auto payload = decode_details(record->payload)) {
            auto summary = message::decode_summary(payload->summary);
            if (summary) return Details{std::move(*summary), std::string(payload->fingerprint), std::move(keeper)};
        }
    }
    drop(id, RecordType::details, where);
    return std::nullopt;
}

std::vector<std::optional<Details>> FileCatalog::details(std::span<const MessageId> ids, Wait wait) {
    std::vector<std::optional<Details>> result(ids.size());
    std::vector<Wanted> wanted;
    std::shared_ptr<File> file;
    {
        std::lock_guard lock(mutex_);
        file = data_;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const auto* entry = table_.find(ids[i]);
            if (entry && entry->details.there()) wanted.push_back({i, entry->details, in_memory(entry->details)});
        }
    }
    std::erase_if(wanted, [&](const Wanted& one) {
        if (one.bytes) result[one.index] = decode(ids[one.index], *one.bytes, one.bytes, one.where);
        return one.bytes != nullptr;
    });
    std::sort(wanted.begin(), wanted.end(),
              [](const Wanted& a, const Wanted& b) { return a.where.offset() < b.where.offset(); });
    for (std::size_t first = 0; first < wanted.size();) {
        const auto begin = wanted[first].where.offset();
        auto end = begin + wanted[first].where.size();
        auto next = first + 1;
        for (; next < wanted.size(); ++next) {
            const auto& where = wanted[next].where;
            if (where.offset() > end + read_gap || where.offset() + where.size() > begin + read_at_once) break;
            end = std::max(end, where.offset() + where.size());
        }
        const auto size = static_cast<std::size_t>(end - begin);
        const std::shared_ptr<char[]> buffer(new char[size]);
        std::size_t got = 0;
        if (wait == Wait::forbidden) {
            got = file->read_at_if_cached(begin, {buffer.get(), size}).value_or(0);
        } else if (auto n = file->read_at(begin, {buffer.get(), size})) {
            got = *n;
        }
        for (; first < next; ++first) {
            const auto& one = wanted[first];
            const auto at = static_cast<std::size_t>(one.where.offset() - begin);
            const auto length = static_cast<std::size_t>(one.where.size());
            if (at + length > got && wait == Wait::forbidden) continue;  // on the disk, for all we know
            const std::string_view bytes =
                at + length > got ? std::string_view() : std::string_view(buffer.get() + at, length);
            result[one.index] = decode(ids[one.index], bytes, buffer, one.where);
        }
    }
    return result;
}

// What a lookup found damaged is not there any more, unless it was replaced meanwhile.
void FileCatalog::drop(const MessageId& id, RecordType type, RecordPlace where) {
    std::lock_guard lock(mutex_);
    const auto* entry = table_.find(id);
    if (!entry || (type == RecordType::place ? entry->place : entry->details) != where) return;
    live_bytes_ -= where.size();
    if (type == RecordType::place)
        table_.set_place(id, {});
    else
        table_.set_details(id, {});
}

// ---- writing

Result<void> FileCatalog::put_place(const MessagePlace& place) {
    return append(RecordType::place, place.id, encode_place(place));
}

Result<void> FileCatalog::put_details(const MessageId& id, std::string_view fingerprint, std::string_view summary) {
    return append(RecordType::details, id, encode_details(fingerprint, summary));
}

// With mutex_ held: the record is of no use any more.
void FileCatalog::retire(const MessageId& id, RecordType type, RecordPlace where) {
    if (!where.there()) return;
    live_bytes_ -= where.size();
    useless_.push_back({type, id, where});
}

Result<void> FileCatalog::append(RecordType type, const MessageId& id, std::string_view payload) {
    if (payload.size() + record_head_size > RecordPlace::most_size)
        return Error{ErrorKind::limit, "too large for the catalog"};
    bool full = false;
    {
        std::lock_guard lock(mutex_);
        if (pending_.bytes.size() + payload.size() > most_waiting)
            return Error{ErrorKind::io, data_path_.string() + ": nothing can be written"};
        if (pending_.end() + payload.size() + record_head_size > RecordPlace::most_offset)
            return Error{ErrorKind::limit, "the catalog is full"};
        const auto at = pending_.end();
        append_record(pending_.bytes, type, id, payload);
        const RecordPlace where(at, pending_.end() - at);
        const auto* entry = table_.find(id);
        if (entry) retire(id, type, type == RecordType::place ? entry->place : entry->details);
        pending_.keys.push_back({type, id, where});
        apply(pending_.keys.back());
        live_bytes_ += where.size();
        full = pending_.bytes.size() >= batch_bytes;
    }
    if (!full) return {};
    std::unique_lock writing(writing_mutex_, std::try_to_lock);
    // Whoever is writing takes this along the next time; and what could not be written waits in memory until that is
    // full.
    if (writing) (void)write_out().ok();
    return {};
}

void FileCatalog::forget(std::span<const MessageId> ids) {
    std::lock_guard lock(mutex_);
    for (const auto& id : ids) {
        const auto* entry = table_.find(id);
        if (!entry) continue;
        const auto known = *entry;
        retire(id, RecordType::place, known.place);
        retire(id, RecordType::details, known.details);
        pending_.keys.push_back({RecordType::forget, id, {}});
        table_.erase(id);
    }
}

// With writing_mutex_ held.
Result<void> FileCatalog::write_out() {
    std::vector<Key> useless;
    std::shared_ptr<File> file;
    {
        std::lock_guard lock(mutex_);
        file = data_;
        writing_ = std::exchange(pending_, {});
        pending_.base = writing_.end();
        useless = std::exchange(useless_, {});
    }
    if (!writing_.bytes.empty()) {
        if (auto written = file->write_at(writing_.base, writing_.bytes); !written) {
            if (auto done = cut(*file, writing_.base); !done)
                log_.warning("catalog_tail_left", {{"file", data_path_.string()}, {"reason", done.error().text}});
            std::lock_guard lock(mutex_);
            // Back to where it waited, before what came meanwhile.
            writing_.bytes += pending_.bytes;
            writing_.keys.insert(writing_.keys.end(), pending_.keys.begin(), pending_.keys.end());
            pending_ = std::exchange(writing_, {});
            useless.insert(useless.end(), useless_.begin(), useless_.end());
            useless_ = std::move(useless);
            if (!std::exchange(complained_, true))
                log_.error("catalog_not_written", {{"file", data_path_.string()}, {"reason", written.error().text}});
            return written.error();
        }
    }
    data_end_ = writing_.end();
    unwritten_keys_.insert(unwritten_keys_.end(), writing_.keys.begin(), writing_.keys.end());
    {
        std::lock_guard lock(mutex_);
        writing_ = {};
        complained_ = false;
    }
    overwrite(useless);
    if (!unwritten_keys_.empty()) write_keys();
    return {};
}

// Appends the keys not yet written, making the file if need be. Without it they are found by going through the data
// file.
void FileCatalog::write_keys() {
    std::string bytes;
    const bool fresh = keys_end_ < header_size;
    if (fresh) bytes = key_header(generation_);
    append_batch(bytes, unwritten_keys_, data_end_);
    auto file = File::open(keys_path_, O_WRONLY | O_CREAT | (fresh ? O_TRUNC : 0), 0600);
    const auto at = fresh ? 0 : keys_end_;
    auto written = file ? file->write_at(at, bytes) : Result<void>(file.error());
    if (!written) {
        log_.warning("catalog_keys_not_written", {{"file", keys_path_.string()}, {"reason", written.error().text}});
        if (file)
            if (auto done = cut(*file, at); !done) keys_end_ = 0;  // begin it anew: what is there now cannot be trusted
        return;
    }
    keys_end_ = at + bytes.size();
    unwritten_keys_.clear();
}

// What was forgotten or replaced leaves no text behind: a record of the same size that says "forgotten".
void FileCatalog::overwrite(const std::vector<Key>& useless) {
    for (const auto& key : useless) {
        if (key.where.offset() + key.where.size() > data_end_) continue;  // never reached the disk
        std::string blank;
        const auto size = static_cast<std::size_t>(key.where.size()) - record_head_size;
        // Under an ID of nobody: the message may be back, at another place.
        append_record(blank, RecordType::forget, MessageId{}, std::string(size, '\0'));
        if (auto written = data_->write_at(key.where.offset(), blank); !written)
            log_.warning("catalog_not_purged", {{"file", data_path_.string()}, {"reason", written.error().text}});
    }
}

Result<void> FileCatalog::flush() {
    std::lock_guard writing(writing_mutex_);
    if (auto written = write_out(); !written) return written;
    bool worth = false;
    {
        std::lock_guard lock(mutex_);
        worth = data_end_ > worth_compacting && live_bytes_ < data_end_ / 2;
    }
    if (worth) {
        // Not being able to is no reason to complain to the caller: all is written.
        if (auto done = compact_locked(); !done)
            log_.warning("catalog_not_compacted", {{"file", data_path_.string()}, {"reason", done.error().text}});
    }
    if (auto synced = data_->sync(); !synced)
        return Error{synced.error().kind, data_path_.string() + ": " + synced.error().text};
    auto keys = File::open(keys_path_, O_WRONLY);
    if (keys)
        if (auto synced = keys->sync(); !synced)
            log_.warning("catalog_keys_not_written", {{"file", keys_path_.string()}, {"reason", synced.error().text}});
    return {};
}

std::uint64_t FileCatalog::records() const {
    std::lock_guard lock(mutex_);
    return table_.size();
}

std::size_t FileCatalog::memory() const {
    std::lock_guard lock(mutex_);
    return table_.bytes() + pending_.bytes.size();
}

// ---- compaction

Result<void> FileCatalog::compact() {
    std::lock_guard writing(writing_mutex_);
    if (auto written = write_out(); !written) return written;
    return compact_locked();
}

Result<void> FileCatalog::compact_locked() {
    std::vector<Key> old;
    {
        std::lock_guard lock(mutex_);
        table_.for_each([&](const KeyTable::Entry& entry) {
            // What came since the last write is not in the file yet.
            if (entry.place.there() && entry.place.offset() < data_end_)
                old.push_back({RecordType::place, entry.id, entry.place});
            if (entry.details.there() && entry.details.offset() < data_end_)
                old.push_back({RecordType::details, entry.id, entry.details});
        });
    }
    std::sort(old.begin(), old.end(), [](const Key& a, const Key& b) { return a.where.offset() < b.where.offset(); });
    const auto temporary = data_path_.string() + ".new";
    auto fresh = File::open(temporary, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (!fresh) return fresh.error();
    const auto fail = [&](Error error) {
        ::unlink(temporary.c_str());
        return error;
    };
    const auto generation = new_generation();
    std::string out = data_header(generation);
    std::uint64_t base = 0;  // of `out`
    std::vector<Key> moved;  // as `old`; an empty place: it was damaged
    std::string bytes;
    for (const auto& key : old) {
        bytes.resize(static_cast<std::size_t>(key.where.size()));
        auto n = data_->read_at(key.where.offset(), bytes);
        const auto record = n ? read_record(std::string_view(bytes).substr(0, *n)) : std::nullopt;
        const bool whole = record && record->type == key.type && record->id == key.id;
        moved.push_back({key.type, key.id, whole ? RecordPlace(base + out.size(), bytes.size()) : RecordPlace()});
        if (whole) out += bytes;
        if (out.size() < batch_bytes) continue;
        if (auto written = fresh->write_at(base, out); !written) return fail(written.error());
        base += out.size();
        out.clear();
    }
    if (auto written = fresh->write_at(base, out); !written) return fail(written.error());
    const auto end = base + out.size();
    if (auto synced = fresh->sync(); !synced) return fail(synced.error());
    // A crash between the two leaves keys of another generation, which are made anew.
    if (::rename(temporary.c_str(), data_path_.c_str()) != 0) return fail(system_error(errno, data_path_.string()));

    std::unique_lock lock(mutex_);
    useless_.clear();  // of the old file
    live_bytes_ = 0;
    unwritten_keys_.clear();
    for (std::size_t i = 0; i < old.size(); ++i) {
        const auto* entry = table_.find(old[i].id);
        const bool place = old[i].type == RecordType::place;
        const bool current = entry && (place ? entry->place : entry->details) == old[i].where;
        if (!current) {  // forgotten or replaced meanwhile
            if (moved[i].where.there()) useless_.push_back(moved[i]);
            continue;
        }
        if (place)
            table_.set_place(old[i].id, moved[i].where);
        else
            table_.set_details(old[i].id, moved[i].where);
        if (moved[i].where.there()) unwritten_keys_.push_back(moved[i]);
    }
    // What waits now lands elsewhere.
    for (auto& key : pending_.keys) {
        if (!key.where.there()) continue;
        const RecordPlace there(key.where.offset() - pending_.base + end, key.where.size());
        const auto* entry = table_.find(key.id);
        if (entry && key.type == RecordType::place && entry->place == key.where) table_.set_place(key.id, there);
        if (entry && key.type == RecordType::details && entry->details == key.where) table_.set_details(key.id, there);
        key.where = there;
    }
    pending_.base = end;
    table_.for_each([&](const KeyTable::Entry& entry) { live_bytes_ += entry.place.size() + entry.details.size(); });
    data_ = std::make_shared<File>(std::move(*fresh));
    data_end_ = end;
    generation_ = generation;
    keys_end_ = 0;
    lock.unlock();
    write_keys();
    return {};
}

}  // namespace imaparc::archive
