#include "index/segment.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "base/bytes.h"
#include "base/digest.h"

namespace imaparc::index {
namespace {

constexpr std::uint8_t format = 1;
constexpr std::uint8_t base_format = 2;  // 1 has neither times of commits, contents nor sources
constexpr std::uint32_t octets_unknown = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t octets_large = octets_unknown - 1;
enum class SeedColumn : std::uint8_t { plain = 0, runs = 1 };
enum class Column : std::uint8_t { absent = 0, present = 1 };

// ---- what the three kinds share: version, kind, segment, count, columns, CRC

enum class Kind : std::uint8_t { base = 'B', overlay = 'O', tombstones = 'T' };

const char* name_of(Kind kind) {
    switch (kind) {
        case Kind::base:
            return "base segment";
        case Kind::overlay:
            return "overlay segment";
        case Kind::tombstones:
            return "tombstone segment";
    }
    return "segment";
}

void begin(Writer& out, Kind kind, std::uint32_t segment, std::size_t count) {
    out.u8(kind == Kind::base ? base_format : format);
    out.u8(static_cast<std::uint8_t>(kind));
    out.varint(segment);
    out.varint(count);
}

void end(std::string& bytes) { Writer(bytes).u32(crc32c(bytes)); }

struct Head {
    std::uint8_t version = 0;
    std::uint32_t segment = 0;
    std::size_t count = 0;
    std::string_view columns;
};

Error damaged(Kind kind, const char* what) { return {ErrorKind::damaged, std::string(name_of(kind)) + ": " + what}; }

Result<Head> open(Kind kind, std::string_view bytes) {
    if (bytes.size() < 8) return damaged(kind, "too short");
    const auto body = bytes.substr(0, bytes.size() - 4);
    if (Reader(bytes.substr(body.size())).u32() != crc32c(body)) return damaged(kind, "checksum does not match");
    Reader in(body);
    const auto version = in.u8();
    if (version == 0 || version > (kind == Kind::base ? base_format : format))
        return damaged(kind, "unknown format version");
    if (in.u8() != static_cast<std::uint8_t>(kind)) return damaged(kind, "of another kind");
    const auto segment = in.varint();
    const auto count = in.varint();
    if (!in.ok() || segment >= segments_at_most || count > segment_span) return damaged(kind, "malformed head");
    return Head{version, static_cast<std::uint32_t>(segment), static_cast<std::size_t>(count),
                body.substr(in.position())};
}

// ---- columns

// Equal neighbours as (length, value).
template <class Get, class Put>
void write_runs(Writer& out, std::size_t count, const Get& get, const Put& put) {
    for (std::size_t i = 0; i < count;) {
        std::size_t j = i + 1;
        while (j < count && get(j) == get(i)) ++j;
        out.varint(j - i);
        put(get(i));
        i = j;
    }
}

template <class Take>
bool read_runs(Reader& in, std::size_t count, const Take& take) {
    for (std::size_t i = 0; i < count;) {
        const auto length = in.varint();
        if (!in.ok() || length == 0 || length > count - i) return false;
        if (!take(i, i + static_cast<std::size_t>(length))) return false;
        i += static_cast<std::size_t>(length);
    }
    return true;
}

// UIDs by the steps between them, which are nearly always one.
template <class UidAt>
void write_uids(Writer& out, std::uint32_t segment, std::size_t count, const UidAt& uid_at) {
    const auto step = [&](std::size_t i) {
        return uid_at(i).value - (i == 0 ? first_uid_of(segment).value - 1 : uid_at(i - 1).value);
    };
    write_runs(out, count, step, [&](std::uint32_t v) { out.varint(v); });
}

bool read_uids(Reader& in, std::uint32_t segment, std::size_t count, std::vector<std::uint16_t>& uids) {
    uids.resize(count);
    // The last segment of all is one UID short: UID 2^32 does not exist.
    const std::int64_t greatest = segment == segments_at_most - 1 ? segment_span - 2 : segment_span - 1;
    std::int64_t at = -1;
    return read_runs(in, count, [&](std::size_t from, std::size_t to) {
        const auto step = in.varint();
        if (step == 0 || step > segment_span) return false;
        for (std::size_t i = from; i < to; ++i) {
            at += static_cast<std::int64_t>(step);
            if (at > greatest) return false;
            uids[i] = static_cast<std::uint16_t>(at);
        }
        return true;
    });
}

std::int64_t difference(std::uint64_t a, std::uint64_t b) { return static_cast<std::int64_t>(a - b); }

template <class Items>
void check_order(std::uint32_t segment, const Items& items) {
    if (items.size() > segment_span) throw std::logic_error("segment: more UIDs than it covers");
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].uid.value == 0 || segment_of(items[i].uid) != segment)
            throw std::logic_error("segment: a UID of another segment");
        if (i > 0 && !(items[i - 1].uid < items[i].uid)) throw std::logic_error("segment: UIDs do not ascend");
    }
}

template <class Runs, class Value>
void append_run(Runs& runs, std::size_t end, const Value& value) {
    if (!runs.empty() && runs.back().value == value)
        runs.back().end = static_cast<std::uint16_t>(end);
    else
        runs.push_back({static_cast<std::uint16_t>(end), value});
}

template <class Runs>
const auto& value_at(const Runs& runs, std::size_t i) {
    const auto run =
        std::upper_bound(runs.begin(), runs.end(), i, [](std::size_t n, const auto& r) { return n < r.end; });
    return run->value;
}

}  // namespace

// ---- base

std::shared_ptr<const BaseSegment> BaseSegment::make(std::uint32_t segment, std::span<const StoredMessage> messages) {
    check_order(segment, messages);
    auto made = std::make_shared<BaseSegment>();
    made->segment_ = segment;
    const auto count = messages.size();
    made->uids_.reserve(count);
    made->octets_.reserve(count);
    made->ids_.reserve(count);
    made->seeds_.reserve(count);
    Seconds least = 0, greatest = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& m = messages[i];
        least = i == 0 ? m.date : std::min(least, m.date);
        greatest = i == 0 ? m.date : std::max(greatest, m.date);
        made->uids_.push_back(static_cast<std::uint16_t>(m.uid.value - first_uid_of(segment).value));
        if (m.octets && *m.octets >= octets_large) {
            made->large_octets_.emplace_back(static_cast<std::uint16_t>(i), *m.octets);
            made->octets_.push_back(octets_large);
        } else {
            made->octets_.push_back(m.octets ? static_cast<std::uint32_t>(*m.octets) : octets_unknown);
        }
        made->ids_.push_back(m.id);
        made->seeds_.push_back(m.seed);
        append_run(made->stores_, i + 1, m.store);
        append_run(made->added_, i + 1, m.added);
        append_run(made->saved_, i + 1, m.saved);
        if (m.content) {
            made->contents_.resize(count);
            made->contents_[i] = *m.content;
        }
        if (m.source) {
            made->sources_.resize(count);
            made->sources_[i] = *m.source;
        }
    }
    made->least_date_ = least;
    if (static_cast<std::uint64_t>(greatest) - static_cast<std::uint64_t>(least) <= UINT32_MAX) {
        made->dates_.reserve(count);
        for (const auto& m : messages)
            made->dates_.push_back(
                static_cast<std::uint32_t>(static_cast<std::uint64_t>(m.date) - static_cast<std::uint64_t>(least)));
    } else {
        for (const auto& m : messages) made->wide_dates_.push_back(m.date);
    }
    made->stores_.shrink_to_fit();
    made->added_.shrink_to_fit();
    made->saved_.shrink_to_fit();
    return made;
}

std::optional<std::uint64_t> BaseSegment::octets(std::size_t i) const {
    if (octets_[i] == octets_unknown) return std::nullopt;
    if (octets_[i] != octets_large) return octets_[i];
    return std::lower_bound(large_octets_.begin(), large_octets_.end(), i,
                            [](const auto& entry, std::size_t n) { return entry.first < n; })
        ->second;
}

StoreNumber BaseSegment::store(std::size_t i) const { return value_at(stores_, i); }
ModSeq BaseSegment::added(std::size_t i) const { return value_at(added_, i); }
std::optional<Seconds> BaseSegment::saved(std::size_t i) const { return value_at(saved_, i); }

std::optional<ContentKey> BaseSegment::content(std::size_t i) const {
    if (contents_.empty() || contents_[i] == ContentKey{}) return std::nullopt;
    return contents_[i];
}

std::optional<Source> BaseSegment::source(std::size_t i) const {
    if (sources_.empty() || sources_[i] == Source{}) return std::nullopt;
    return sources_[i];
}

StoredMessage BaseSegment::message(std::size_t i) const {
    return {uid(i), id(i), date(i), store(i), seed(i), added(i), octets(i), saved(i), content(i), source(i)};
}

std::vector<StoredMessage> BaseSegment::messages() const {
    std::vector<StoredMessage> all;
    all.reserve(size());
    for (std::size_t i = 0; i < size(); ++i) all.push_back(message(i));
    return all;
}

std::size_t BaseSegment::lower_bound(Uid uid) const {
    const auto first = first_uid_of(segment_);
    if (uid <= first) return 0;
    const auto offset = uid.value - first.value;
    if (offset >= segment_span) return size();
    return static_cast<std::size_t>(std::lower_bound(uids_.begin(), uids_.end(), offset) - uids_.begin());
}

std::optional<std::size_t> BaseSegment::find(Uid wanted) const {
    const auto i = lower_bound(wanted);
    if (i == size() || uid(i) != wanted) return std::nullopt;
    return i;
}

std::size_t BaseSegment::memory_bytes() const {
    return sizeof(*this) + uids_.capacity() * sizeof(uids_[0]) + dates_.capacity() * sizeof(dates_[0]) +
           wide_dates_.capacity() * sizeof(wide_dates_[0]) + octets_.capacity() * sizeof(octets_[0]) +
           large_octets_.capacity() * sizeof(large_octets_[0]) + ids_.capacity() * sizeof(ids_[0]) + seeds_.capacity() +
           stores_.capacity() * sizeof(stores_[0]) + added_.capacity() * sizeof(added_[0]) +
           saved_.capacity() * sizeof(saved_[0]) + contents_.capacity() * sizeof(contents_[0]) +
           sources_.capacity() * sizeof(sources_[0]);
}

std::string BaseSegment::encode() const {
    std::string bytes;
    bytes.reserve(size() * 24 + 64);
    Writer out(bytes);
    begin(out, Kind::base, segment_, size());
    write_uids(out, segment_, size(), [this](std::size_t i) { return uid(i); });

    Seconds last_date = 0;
    for (std::size_t i = 0; i < size(); ++i) {
        out.zigzag(difference(static_cast<std::uint64_t>(date(i)), static_cast<std::uint64_t>(last_date)));
        last_date = date(i);
    }
    for (std::size_t i = 0; i < size(); ++i) {
        const auto known = octets(i);
        out.varint(known ? *known + 1 : 0);
    }
    write_runs(
        out, size(), [this](std::size_t i) { return store(i); }, [&](StoreNumber v) { out.varint(v.value); });
    std::string runs;
    Writer run_out(runs);
    write_runs(
        run_out, size(), [this](std::size_t i) { return seed(i); }, [&](std::uint8_t v) { run_out.u8(v); });
    const auto column = runs.size() < seeds_.size() ? SeedColumn::runs : SeedColumn::plain;
    out.u8(static_cast<std::uint8_t>(column));
    if (column == SeedColumn::runs)
        out.raw(runs);
    else
        for (const auto seed : seeds_) out.u8(seed);
    std::uint64_t last_modseq = 0;
    write_runs(
        out, size(), [this](std::size_t i) { return added(i); },
        [&](ModSeq v) {
            out.zigzag(difference(v.value, last_modseq));
            last_modseq = v.value;
        });
    for (const auto& id : ids_) out.raw({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});

    Seconds last_saved = 0;
    write_runs(
        out, size(), [this](std::size_t i) { return saved(i); },
        [&](const std::optional<Seconds>& v) {
            out.u8(v ? 1 : 0);
            if (!v) return;
            out.zigzag(difference(static_cast<std::uint64_t>(*v), static_cast<std::uint64_t>(last_saved)));
            last_saved = *v;
        });
    const auto column_of = [](const auto& all) { return all.empty() ? Column::absent : Column::present; };
    out.u8(static_cast<std::uint8_t>(column_of(contents_)));
    for (const auto& key : contents_) out.raw({reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()});
    out.u8(static_cast<std::uint8_t>(column_of(sources_)));
    for (const auto& source : sources_) {
        out.varint(source.folder.value);
        out.varint(source.uid.value);
    }
    end(bytes);
    return bytes;
}

namespace {

// The columns that came with format 2.
bool read_later_columns(Reader& in, std::vector<StoredMessage>& messages) {
    const auto count = messages.size();
    std::uint64_t time = 0;
    const bool saved = read_runs(in, count, [&](std::size_t from, std::size_t to) {
        const auto known = in.u8();
        if (known > 1) return false;
        if (known == 0) return true;
        time += static_cast<std::uint64_t>(in.zigzag());
        for (auto i = from; i < to; ++i) messages[i].saved = static_cast<Seconds>(time);
        return true;
    });
    if (!saved) return false;
    const auto column = [&in](bool& there) {
        const auto v = in.u8();
        there = v == static_cast<std::uint8_t>(Column::present);
        return there || v == static_cast<std::uint8_t>(Column::absent);
    };
    bool there = false;
    if (!column(there)) return false;
    for (auto& m : messages) {
        if (!there) break;
        ContentKey key;
        const auto bytes = in.raw(key.bytes.size());
        if (!in.ok()) return false;
        std::memcpy(key.bytes.data(), bytes.data(), bytes.size());
        if (key != ContentKey{}) m.content = key;
    }
    if (!column(there)) return false;
    for (auto& m : messages) {
        if (!there) break;
        const auto folder = in.varint();
        const auto uid = in.varint();
        if (!in.ok() || folder > UINT32_MAX || uid > UINT32_MAX) return false;
        const Source source{FolderNumber{static_cast<std::uint32_t>(folder)}, Uid{static_cast<std::uint32_t>(uid)}};
        if (source != Source{}) m.source = source;
    }
    return true;
}

}  // namespace

Result<std::shared_ptr<const BaseSegment>> BaseSegment::decode(std::string_view bytes) {
    const auto head = open(Kind::base, bytes);
    if (!head) return head.error();
    const auto count = head->count;
    Reader in(head->columns);
    std::vector<std::uint16_t> uids;
    if (!read_uids(in, head->segment, count, uids)) return damaged(Kind::base, "malformed UIDs");

    std::vector<StoredMessage> messages(count);
    std::uint64_t date = 0;
    for (std::size_t i = 0; i < count; ++i) {
        messages[i].uid = Uid{first_uid_of(head->segment).value + uids[i]};
        date += static_cast<std::uint64_t>(in.zigzag());
        messages[i].date = static_cast<Seconds>(date);
    }
    for (auto& m : messages)
        if (const auto octets = in.varint(); octets != 0) m.octets = octets - 1;
    const bool stores = read_runs(in, count, [&](std::size_t from, std::size_t to) {
        const auto v = in.varint();
        if (v > std::numeric_limits<std::uint16_t>::max()) return false;
        for (auto i = from; i < to; ++i) messages[i].store = StoreNumber{static_cast<std::uint16_t>(v)};
        return true;
    });
    if (!in.ok() || !stores) return damaged(Kind::base, "malformed columns");
    const auto column = in.u8();
    if (column == static_cast<std::uint8_t>(SeedColumn::plain)) {
        for (auto& m : messages) m.seed = in.u8();
    } else if (column != static_cast<std::uint8_t>(SeedColumn::runs) ||
               !read_runs(in, count, [&](std::size_t from, std::size_t to) {
                   const auto v = in.u8();
                   for (auto i = from; i < to; ++i) messages[i].seed = v;
                   return true;
               })) {
        return damaged(Kind::base, "malformed flags");
    }
    std::uint64_t modseq = 0;
    const bool added = read_runs(in, count, [&](std::size_t from, std::size_t to) {
        modseq += static_cast<std::uint64_t>(in.zigzag());
        for (auto i = from; i < to; ++i) messages[i].added = ModSeq{modseq};
        return true;
    });
    if (!added) return damaged(Kind::base, "malformed modseqs");
    for (auto& m : messages) {
        const auto id = in.raw(m.id.bytes.size());
        if (in.ok()) std::memcpy(m.id.bytes.data(), id.data(), id.size());
    }
    if (head->version >= 2 && !read_later_columns(in, messages)) return damaged(Kind::base, "malformed later columns");
    if (!in.ok() || !in.at_end()) return damaged(Kind::base, "malformed columns");
    return make(head->segment, messages);
}

// ---- overlay

std::shared_ptr<const OverlaySegment> OverlaySegment::make(std::uint32_t segment,
                                                           std::span<const OverlayEntry> entries) {
    check_order(segment, entries);
    auto made = std::make_shared<OverlaySegment>();
    made->segment_ = segment;
    made->entries_.assign(entries.begin(), entries.end());
    return made;
}

const OverlayEntry* OverlaySegment::find(Uid uid) const {
    const auto at =
        std::lower_bound(entries_.begin(), entries_.end(), uid, [](const OverlayEntry& e, Uid u) { return e.uid < u; });
    return at == entries_.end() || at->uid != uid ? nullptr : &*at;
}

std::size_t OverlaySegment::memory_bytes() const { return sizeof(*this) + entries_.capacity() * sizeof(entries_[0]); }

std::string OverlaySegment::encode() const {
    std::string bytes;
    Writer out(bytes);
    const auto count = entries_.size();
    begin(out, Kind::overlay, segment_, count);
    write_uids(out, segment_, count, [this](std::size_t i) { return entries_[i].uid; });
    write_runs(
        out, count, [this](std::size_t i) { return entries_[i].flags; },
        [&](const FlagBits& v) {
            out.u8(v.system);
            out.varint(v.keywords);
        });
    std::uint64_t last = 0;
    write_runs(
        out, count, [this](std::size_t i) { return entries_[i].modseq; },
        [&](ModSeq v) {
            out.zigzag(difference(v.value, last));
            last = v.value;
        });
    end(bytes);
    return bytes;
}

Result<std::shared_ptr<const OverlaySegment>> OverlaySegment::decode(std::string_view bytes) {
    const auto head = open(Kind::overlay, bytes);
    if (!head) return head.error();
    const auto count = head->count;
    Reader in(head->columns);
    std::vector<std::uint16_t> uids;
    if (!read_uids(in, head->segment, count, uids)) return damaged(Kind::overlay, "malformed UIDs");
    std::vector<OverlayEntry> entries(count);
    for (std::size_t i = 0; i < count; ++i) entries[i].uid = Uid{first_uid_of(head->segment).value + uids[i]};
    const bool flags = read_runs(in, count, [&](std::size_t from, std::size_t to) {
        FlagBits v;
        v.system = in.u8();
        v.keywords = in.varint();
        for (auto i = from; i < to; ++i) entries[i].flags = v;
        return true;
    });
    std::uint64_t modseq = 0;
    const bool modseqs = flags && read_runs(in, count, [&](std::size_t from, std::size_t to) {
                             modseq += static_cast<std::uint64_t>(in.zigzag());
                             for (auto i = from; i < to; ++i) entries[i].modseq = ModSeq{modseq};
                             return true;
                         });
    if (!modseqs || !in.ok() || !in.at_end()) return damaged(Kind::overlay, "malformed columns");
    return make(head->segment, entries);
}

// ---- tombstones

std::shared_ptr<const TombstoneSegment> TombstoneSegment::make(std::uint32_t segment,
                                                               std::span<const Tombstone> tombstones) {
    check_order(segment, tombstones);
    auto made = std::make_shared<TombstoneSegment>();
    made->segment_ = segment;
    made->tombstones_.assign(tombstones.begin(), tombstones.end());
    return made;
}

std::size_t TombstoneSegment::memory_bytes() const {
    return sizeof(*this) + tombstones_.capacity() * sizeof(tombstones_[0]);
}

std::string TombstoneSegment::encode() const {
    std::string bytes;
    Writer out(bytes);
    const auto count = tombstones_.size();
    begin(out, Kind::tombstones, segment_, count);
    write_uids(out, segment_, count, [this](std::size_t i) { return tombstones_[i].uid; });
    std::uint64_t last = 0;
    write_runs(
        out, count, [this](std::size_t i) { return tombstones_[i].removed; },
        [&](ModSeq v) {
            out.zigzag(difference(v.value, last));
            last = v.value;
        });
    for (const auto& t : tombstones_) out.raw({reinterpret_cast<const char*>(t.id.bytes.data()), t.id.bytes.size()});
    end(bytes);
    return bytes;
}

Result<std::shared_ptr<const TombstoneSegment>> TombstoneSegment::decode(std::string_view bytes) {
    const auto head = open(Kind::tombstones, bytes);
    if (!head) return head.error();
    const auto count = head->count;
    Reader in(head->columns);
    std::vector<std::uint16_t> uids;
    if (!read_uids(in, head->segment, count, uids)) return damaged(Kind::tombstones, "malformed UIDs");
    std::vector<Tombstone> tombstones(count);
    for (std::size_t i = 0; i < count; ++i) tombstones[i].uid = Uid{first_uid_of(head->segment).value + uids[i]};
    std::uint64_t modseq = 0;
    const bool removed = read_runs(in, count, [&](std::size_t from, std::size_t to) {
        modseq += static_cast<std::uint64_t>(in.zigzag());
        for (auto i = from; i < to; ++i) tombstones[i].removed = ModSeq{modseq};
        return true;
    });
    for (auto& t : tombstones) {
        const auto id = in.raw(t.id.bytes.size());
        if (in.ok()) std::memcpy(t.id.bytes.data(), id.data(), id.size());
    }
    if (!removed || !in.ok() || !in.at_end()) return damaged(Kind::tombstones, "malformed columns");
    return make(head->segment, tombstones);
}

}  // namespace imaparc::index
