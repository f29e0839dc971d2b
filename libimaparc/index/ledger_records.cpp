#include "index/ledger_records.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>
#include <stdexcept>
#include <type_traits>

#include "base/bytes.h"

namespace imaparc::index {
namespace {

using namespace record;

// Fixed for ever: a number is never given a second meaning.
enum class Type : std::uint8_t {
    folder_created = 1,
    folder_gone = 2,
    folder_back = 3,
    folder_selectable = 4,
    folder_uid_validity = 5,
    assigned = 6,
    returned = 7,
    removed = 8,
    uid_next = 9,
    user_named = 10,
    store_named = 11,
    keywords_added = 12,
    flags_set = 13,
    subscribed = 14,
    note = 15,
    window_moved = 16,
    folder_ceiling = 17,
    number_ceiling = 18,
    clean_stop = 19,
    assigned_at = 20,  // with the time, and perhaps contents and sources
    returned_at = 21,
};

constexpr std::size_t text_at_most = 1U << 16;
// A message takes at most 5 + 16 + 10 + 3 + 1 + 10 bytes, with content and source 16 + 10 more, and a range 10, so that
// a record stays below 1 MiB.
constexpr std::size_t messages_at_most = 12000;
constexpr std::size_t ranges_at_most = 100000;

// ---- writing

void text(Writer& out, std::string_view value) {
    if (value.size() > text_at_most) throw std::logic_error("ledger: a text of more than 64 KiB");
    out.text(value);
}

void ranges(Writer& out, std::span<const NumberRange> all) {
    out.varint(all.size());
    std::uint64_t last = 0;
    for (const auto& range : all) {
        if (range.first <= last || range.last < range.first)
            throw std::logic_error("ledger: UIDs do not ascend in ranges");
        out.varint(range.first - last);
        out.varint(range.last - range.first);
        last = range.last;
    }
}

enum class Columns : std::uint8_t { usual = 0, with_sources = 1 };

// UID steps, zigzag date steps, store, seed, octets + 1 (0: unknown), ID; content, the source's folder and UID.
void messages(Writer& out, std::span<const StoredMessage> all, Columns columns) {
    out.varint(all.size());
    std::uint32_t uid = 0;
    std::uint64_t date = 0;
    for (const auto& m : all) {
        if (m.uid.value <= uid) throw std::logic_error("ledger: UIDs do not ascend");
        out.varint(m.uid.value - uid);
        out.zigzag(static_cast<std::int64_t>(static_cast<std::uint64_t>(m.date) - date));
        out.varint(m.store.value);
        out.u8(m.seed);
        out.varint(m.octets ? *m.octets + 1 : 0);
        out.raw({reinterpret_cast<const char*>(m.id.bytes.data()), m.id.bytes.size()});
        if (columns == Columns::with_sources) {
            if (!m.content || !m.source) throw std::logic_error("ledger: a source without a content, or without one");
            out.raw({reinterpret_cast<const char*>(m.content->bytes.data()), m.content->bytes.size()});
            out.varint(m.source->folder.value);
            out.varint(m.source->uid.value);
        }
        uid = m.uid.value;
        date = static_cast<std::uint64_t>(m.date);
    }
}

class Encoder {
  public:
    std::vector<std::string> bodies;

    void operator()(const FolderCreated& r) {
        auto out = begin(Type::folder_created);
        out.varint(r.folder.value);
        text(out, r.path);
        out.u8(r.selectable);
        out.varint(r.uid_validity.value);
    }
    void operator()(const FolderGone& r) { begin(Type::folder_gone).varint(r.folder.value); }
    void operator()(const FolderBack& r) { begin(Type::folder_back).varint(r.folder.value); }
    void operator()(const FolderSelectable& r) {
        auto out = begin(Type::folder_selectable);
        out.varint(r.folder.value);
        out.u8(r.selectable);
    }
    void operator()(const FolderUidValidity& r) {
        auto out = begin(Type::folder_uid_validity);
        out.varint(r.folder.value);
        out.varint(r.uid_validity.value);
    }
    void operator()(const Assigned& r) { with_messages(Type::assigned, Type::assigned_at, r); }
    void operator()(const Returned& r) { with_messages(Type::returned, Type::returned_at, r); }
    void operator()(const Removed& r) {
        in_parts(r.uids.ranges(), ranges_at_most, [&](auto part) {
            auto out = begin(Type::removed);
            out.varint(r.folder.value);
            out.varint(r.at.value);
            ranges(out, part);
        });
    }
    void operator()(const UidNext& r) {
        auto out = begin(Type::uid_next);
        out.varint(r.folder.value);
        out.varint(r.uid_next.value);
    }
    void operator()(const UserNamed& r) {
        auto out = begin(Type::user_named);
        out.varint(r.user.value);
        text(out, r.name);
    }
    void operator()(const StoreNamed& r) {
        auto out = begin(Type::store_named);
        out.varint(r.store.value);
        text(out, r.name);
    }
    void operator()(const KeywordsAdded& r) {
        if (r.names.size() > 64) throw std::logic_error("ledger: more than 64 keywords");
        auto out = begin(Type::keywords_added);
        out.varint(r.folder.value);
        out.varint(r.user.value);
        out.varint(r.first);
        out.varint(r.names.size());
        // 64 names of 64 KiB would not fit; a keyword comes from a line or a file of a store and is far shorter.
        for (const auto& name : r.names) {
            if (name.size() > 8192) throw std::logic_error("ledger: a keyword of more than 8 KiB");
            text(out, name);
        }
    }
    void operator()(const FlagsSet& r) {
        in_parts(r.uids.ranges(), ranges_at_most, [&](auto part) {
            auto out = begin(Type::flags_set);
            out.varint(r.folder.value);
            out.varint(r.user.value);
            out.varint(r.modseq.value);
            out.u8(r.flags.system);
            out.varint(r.flags.keywords);
            ranges(out, part);
        });
    }
    void operator()(const Subscribed& r) {
        auto out = begin(Type::subscribed);
        out.varint(r.user.value);
        text(out, r.path);
        out.u8(r.subscribed);
    }
    void operator()(const Note& r) {
        auto out = begin(Type::note);
        text(out, r.key);
        text(out, r.value);
    }
    void operator()(const WindowMoved& r) {
        auto out = begin(Type::window_moved);
        out.varint(r.folder.value);
        out.varint(r.user.value);
        out.zigzag(r.cutoff);
        out.varint(r.modseq.value);
    }
    void operator()(const FolderCeiling& r) {
        auto out = begin(Type::folder_ceiling);
        out.varint(r.folder.value);
        out.varint(r.uid_next.value);
        out.varint(r.highest_modseq.value);
    }
    void operator()(const NumberCeiling& r) { begin(Type::number_ceiling).varint(r.next_folder.value); }
    void operator()(const CleanStop&) { begin(Type::clean_stop); }

  private:
    Writer begin(Type type) {
        Writer out(bodies.emplace_back());
        out.u8(static_cast<std::uint8_t>(type));
        return out;
    }

    template <class Item, class Write>
    void in_parts(const std::vector<Item>& all, std::size_t at_most, const Write& write) {
        for (std::size_t from = 0; from < all.size(); from += at_most)
            write(std::span<const Item>(all).subspan(from, std::min(at_most, all.size() - from)));
    }

    template <class R>
    void with_messages(Type without_time, Type with_time, const R& r) {
        const auto columns = !r.messages.empty() && r.messages.front().source ? Columns::with_sources : Columns::usual;
        if (columns == Columns::with_sources && !r.saved) throw std::logic_error("ledger: sources without a time");
        in_parts(r.messages, messages_at_most, [&](auto part) {
            auto out = begin(r.saved ? with_time : without_time);
            out.varint(r.folder.value);
            out.varint(r.added.value);
            if (r.saved) {
                out.zigzag(*r.saved);
                out.u8(static_cast<std::uint8_t>(columns));
            }
            messages(out, part, columns);
        });
    }
};

// ---- reading

class Decoder {
  public:
    explicit Decoder(std::string_view payload) : in_(payload) {}

    Result<Record> run(Type type) {
        auto record = read(type);
        if (!record || malformed_ || !in_.ok() || !in_.at_end())
            return Error{ErrorKind::damaged, "malformed record of type " + std::to_string(static_cast<int>(type))};
        return std::move(*record);
    }

  private:
    // A number of an id type, in range for it.
    template <class IdType>
    IdType id() {
        using Rep = decltype(IdType{}.value);
        const auto v = in_.varint();
        if (v > std::numeric_limits<Rep>::max()) malformed_ = true;
        return IdType{static_cast<Rep>(v)};
    }
    std::string text() {
        const auto value = in_.text();
        if (value.size() > text_at_most) malformed_ = true;
        return std::string(value);
    }
    bool truth() {
        const auto v = in_.u8();
        if (v > 1) malformed_ = true;
        return v == 1;
    }
    NumberSet ranges() {
        std::vector<NumberRange> all;
        const auto count = in_.varint();
        if (count > in_.left()) malformed_ = true;
        std::uint64_t last = 0;
        for (std::uint64_t i = 0; i < count && !malformed_ && in_.ok(); ++i) {
            const auto step = in_.varint();
            const auto more = in_.varint();
            if (step == 0 || step > UINT32_MAX || more > UINT32_MAX || last + step + more > UINT32_MAX) {
                malformed_ = true;
                break;
            }
            const auto first = static_cast<std::uint32_t>(last + step);
            last = last + step + more;
            all.push_back({first, static_cast<std::uint32_t>(last)});
        }
        return NumberSet(std::move(all));
    }
    enum class Time { absent, present };
    template <class R>
    R with_messages(Time time) {
        R r;
        r.folder = id<FolderNumber>();
        r.added = id<ModSeq>();
        bool sources = false;
        if (time == Time::present) {
            r.saved = in_.zigzag();
            sources = truth();
        }
        const auto count = in_.varint();
        if (count > in_.left()) malformed_ = true;  // each takes more than a byte
        std::uint64_t uid = 0, date = 0;
        for (std::uint64_t i = 0; i < count && !malformed_ && in_.ok(); ++i) {
            const auto step = in_.varint();
            if (step == 0 || step > UINT32_MAX || uid + step > UINT32_MAX) {
                malformed_ = true;
                break;
            }
            uid += step;
            date += static_cast<std::uint64_t>(in_.zigzag());
            StoredMessage m;
            m.uid = Uid{static_cast<std::uint32_t>(uid)};
            m.date = static_cast<Seconds>(date);
            m.store = id<StoreNumber>();
            m.seed = in_.u8();
            if (const auto octets = in_.varint(); octets != 0) m.octets = octets - 1;
            const auto bytes = in_.raw(m.id.bytes.size());
            if (in_.ok()) std::memcpy(m.id.bytes.data(), bytes.data(), bytes.size());
            if (sources) {
                m.content.emplace();
                const auto key = in_.raw(m.content->bytes.size());
                if (in_.ok()) std::memcpy(m.content->bytes.data(), key.data(), key.size());
                const auto folder = id<FolderNumber>();
                m.source = Source{folder, id<Uid>()};
            }
            m.added = r.added;
            m.saved = r.saved;
            r.messages.push_back(m);
        }
        return r;
    }

    std::optional<Record> read(Type type) {
        switch (type) {
            case Type::folder_created: {
                FolderCreated r;
                r.folder = id<FolderNumber>();
                r.path = text();
                r.selectable = truth();
                r.uid_validity = id<UidValidity>();
                return r;
            }
            case Type::folder_gone:
                return FolderGone{id<FolderNumber>()};
            case Type::folder_back:
                return FolderBack{id<FolderNumber>()};
            case Type::folder_selectable: {
                FolderSelectable r;
                r.folder = id<FolderNumber>();
                r.selectable = truth();
                return r;
            }
            case Type::folder_uid_validity: {
                FolderUidValidity r;
                r.folder = id<FolderNumber>();
                r.uid_validity = id<UidValidity>();
                return r;
            }
            case Type::assigned:
                return with_messages<Assigned>(Time::absent);
            case Type::assigned_at:
                return with_messages<Assigned>(Time::present);
            case Type::returned:
                return with_messages<Returned>(Time::absent);
            case Type::returned_at:
                return with_messages<Returned>(Time::present);
            case Type::removed: {
                Removed r;
                r.folder = id<FolderNumber>();
                r.at = id<ModSeq>();
                r.uids = ranges();
                return r;
            }
            case Type::uid_next: {
                UidNext r;
                r.folder = id<FolderNumber>();
                r.uid_next = id<Uid>();
                return r;
            }
            case Type::user_named: {
                UserNamed r;
                r.user = id<UserNumber>();
                r.name = text();
                return r;
            }
            case Type::store_named: {
                StoreNamed r;
                r.store = id<StoreNumber>();
                r.name = text();
                return r;
            }
            case Type::keywords_added: {
                KeywordsAdded r;
                r.folder = id<FolderNumber>();
                r.user = id<UserNumber>();
                const auto first = in_.varint();
                const auto count = in_.varint();
                if (first > 64 || count > 64) return std::nullopt;
                r.first = static_cast<unsigned>(first);
                for (std::uint64_t i = 0; i < count; ++i) r.names.push_back(text());
                return r;
            }
            case Type::flags_set: {
                FlagsSet r;
                r.folder = id<FolderNumber>();
                r.user = id<UserNumber>();
                r.modseq = id<ModSeq>();
                r.flags.system = in_.u8();
                r.flags.keywords = in_.varint();
                r.uids = ranges();
                return r;
            }
            case Type::subscribed: {
                Subscribed r;
                r.user = id<UserNumber>();
                r.path = text();
                r.subscribed = truth();
                return r;
            }
            case Type::note: {
                Note r;
                r.key = text();
                r.value = text();
                return r;
            }
            case Type::window_moved: {
                WindowMoved r;
                r.folder = id<FolderNumber>();
                r.user = id<UserNumber>();
                r.cutoff = in_.zigzag();
                r.modseq = id<ModSeq>();
                return r;
            }
            case Type::folder_ceiling: {
                FolderCeiling r;
                r.folder = id<FolderNumber>();
                r.uid_next = id<Uid>();
                r.highest_modseq = id<ModSeq>();
                return r;
            }
            case Type::number_ceiling:
                return NumberCeiling{id<FolderNumber>()};
            case Type::clean_stop:
                return CleanStop{};
        }
        return std::nullopt;
    }

    Reader in_;
    bool malformed_ = false;
};

}  // namespace

std::vector<std::string> encode(const Record& record) {
    Encoder encoder;
    std::visit(encoder, record);
    return std::move(encoder.bodies);
}

Result<Record> decode(std::string_view body) {
    if (body.empty()) return Error{ErrorKind::damaged, "empty record"};
    return Decoder(body.substr(1)).run(static_cast<Type>(static_cast<std::uint8_t>(body[0])));
}

}  // namespace imaparc::index
