#include "index/ledger.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "helpers/temp_dir.h"
#include "index/uid_validity.h"

using namespace imaparc;
using namespace imaparc::index;
using imaparc::test::TempDir;
namespace fs = std::filesystem;

namespace {

unsigned random_seed() {
    const char* given = std::getenv("IMAPARC_SEED");
    return given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
}

std::string slurp(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
// A new file each time: overwriting one makes some file systems write at once.
void spit(const fs::path& path, std::string_view bytes) {
    fs::remove(path);
    std::ofstream(path, std::ios::binary) << bytes;
}

struct Read {
    Result<Ledger::Opened> opened;
    std::vector<Record> records;
};
Read read(const fs::path& path, std::optional<Position> from = std::nullopt) {
    std::vector<Record> records;
    auto opened = Ledger::open(path, from, [&](const Record& r) {
        records.push_back(r);
        return Result<void>();
    });
    return {std::move(opened), std::move(records)};
}

std::unique_ptr<Ledger> created(const fs::path& path, std::string_view owner = "ann") {
    auto made = Ledger::create(path, owner);
    REQUIRE(made);
    return std::move(*made);
}

void append(Ledger& ledger, const Batch& batch) {
    const auto ticket = ledger.append(batch);
    REQUIRE(ticket);
    REQUIRE(ledger.wait(*ticket));
    CHECK(ledger.durable(*ticket));
}
void append(Ledger& ledger, const Record& record) {
    Batch batch;
    batch.add(record);
    append(ledger, batch);
}

Record note(const std::string& key, const std::string& value = "v") { return record::Note{key, value}; }

// Any record with any contents.
class Generator {
  public:
    explicit Generator(unsigned seed) : random_(seed) {}
    std::uint64_t below(std::uint64_t n) { return random_() % n; }
    std::uint64_t any() { return random_() >> below(64); }
    std::string text() {
        std::string s(below(30), ' ');
        for (auto& c : s) c = static_cast<char>(below(256));
        return s;
    }
    FolderNumber folder() { return FolderNumber{static_cast<std::uint32_t>(any())}; }
    UserNumber user() { return UserNumber{static_cast<std::uint32_t>(any())}; }
    Uid uid() { return Uid{static_cast<std::uint32_t>(any())}; }
    NumberSet uids() {
        NumberSet set;
        std::uint64_t at = 0;
        for (auto n = below(20); n > 0; --n) {
            const auto first = at + 1 + below(1U << below(25));
            const auto last = first + below(1U << below(20));
            if (last > UINT32_MAX) break;
            set.add(static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last));
            at = last + 1;
        }
        if (set.empty()) set.add(UINT32_MAX);
        return set;
    }
    // Of a version that noted no time, of one that does, or of All Mail.
    std::vector<StoredMessage> messages(ModSeq added, std::optional<Seconds> saved, bool sources) {
        std::vector<StoredMessage> all;
        std::uint32_t at = static_cast<std::uint32_t>(below(1000));
        for (auto n = 1 + below(20); n > 0; --n) {
            StoredMessage m;
            m.uid = Uid{at += 1 + static_cast<std::uint32_t>(below(3))};
            for (auto& byte : m.id.bytes) byte = static_cast<std::uint8_t>(random_());
            m.date = static_cast<Seconds>(any()) * (below(2) ? 1 : -1);
            m.store = StoreNumber{static_cast<std::uint16_t>(any())};
            m.seed = static_cast<std::uint8_t>(below(256));
            m.added = added;
            m.saved = saved;
            if (below(2)) m.octets = any() / 2;
            if (sources) {
                m.content.emplace();
                for (auto& byte : m.content->bytes) byte = static_cast<std::uint8_t>(random_());
                m.source = Source{folder(), uid()};
            }
            all.push_back(m);
        }
        return all;
    }
    template <class R>
    R with_messages() {
        const ModSeq added{any()};
        std::optional<Seconds> saved;
        if (below(3)) saved = static_cast<Seconds>(any()) * (below(2) ? 1 : -1);
        return {folder(), added, saved, messages(added, saved, saved && below(2))};
    }
    Record record() {
        using namespace index::record;
        switch (below(19)) {
            case 0:
                return FolderCreated{folder(), text(), below(2) == 1, UidValidity{static_cast<std::uint32_t>(any())}};
            case 1:
                return FolderGone{folder()};
            case 2:
                return FolderBack{folder()};
            case 3:
                return FolderSelectable{folder(), below(2) == 1};
            case 4:
                return FolderUidValidity{folder(), UidValidity{static_cast<std::uint32_t>(any())}};
            case 5:
                return with_messages<Assigned>();
            case 6:
                return with_messages<Returned>();
            case 7:
                return Removed{folder(), ModSeq{any()}, uids()};
            case 8:
                return UidNext{folder(), uid()};
            case 9:
                return UserNamed{user(), text()};
            case 10:
                return StoreNamed{StoreNumber{static_cast<std::uint16_t>(any())}, text()};
            case 11: {
                KeywordsAdded r{folder(), user(), static_cast<unsigned>(below(65)), {}};
                for (auto n = below(5); n > 0; --n) r.names.push_back(text());
                return r;
            }
            case 12:
                return FlagsSet{
                    folder(), user(), ModSeq{any()}, {static_cast<std::uint8_t>(below(256)), any()}, uids()};
            case 13:
                return Subscribed{user(), text(), below(2) == 1};
            case 14:
                return Note{text(), text()};
            case 15:
                return WindowMoved{folder(), user(), static_cast<Seconds>(any()), ModSeq{any()}};
            case 16:
                return FolderCeiling{folder(), uid(), ModSeq{any()}};
            case 17:
                return NumberCeiling{folder()};
            default:
                return CleanStop{};
        }
    }

  private:
    std::mt19937_64 random_;
};

}  // namespace

TEST_CASE("a new ledger is empty, has an owner and cannot be made twice or opened twice") {
    TempDir dir;
    const auto path = dir / "ann.ledger";
    auto ledger = created(path, "ann\n\xff");
    CHECK(ledger->owner() == "ann\n\xff");
    CHECK(Ledger::create(path, "x").error().kind == ErrorKind::conflict);
    CHECK(read(path).opened.error().kind == ErrorKind::conflict);
    const auto generation = ledger->generation();
    ledger.reset();
    const auto again = read(path);
    REQUIRE(again.opened);
    CHECK(again.opened->ledger->generation() == generation);
    CHECK(again.records.empty());
    CHECK(!again.opened->clean_stop);
    CHECK(*ledger_owner(path) == "ann\n\xff");
    CHECK(read(dir / "none.ledger").opened.error().kind == ErrorKind::not_found);
}

TEST_CASE("records come back as they were, from the start and from any position") {
    const auto seed = random_seed();
    MESSAGE("IMAPARC_SEED=", seed);
    CAPTURE(seed);
    Generator any(seed);
    TempDir dir;
    const auto path = dir / "a.ledger";
    std::vector<Record> model;
    std::vector<std::pair<Position, std::size_t>> positions;
    auto ledger = created(path);
    bool clean_stop = false;  // the very last record is one, void ones counted
    for (int round = 0; round < 300; ++round) {
        positions.emplace_back(ledger->end(), model.size());
        Batch batch;
        const bool transaction = any.below(3) == 0;
        const bool committed = any.below(4) != 0;
        if (transaction) batch.begin();
        for (auto n = 1 + any.below(5); n > 0; --n) {
            const auto r = any.record();
            if (transaction && any.below(4) != 0) {
                batch.add_in_transaction(r);
                if (committed) model.push_back(r);
                clean_stop = false;
            } else {
                batch.add(r);
                model.push_back(r);
                clean_stop = std::holds_alternative<record::CleanStop>(r);
            }
        }
        if (transaction && committed) {
            batch.commit();
            clean_stop = false;
        }
        append(*ledger, batch);
        if (any.below(20) == 0) {
            ledger.reset();
            auto again = read(path);
            REQUIRE(again.opened);
            REQUIRE(again.records == model);
            CHECK(again.opened->cut == 0);
            CHECK(again.opened->clean_stop == clean_stop);
            ledger = std::move(again.opened->ledger);
        }
    }
    std::vector<Record> replayed;
    REQUIRE(ledger->replay([&](const Record& r) {
        replayed.push_back(r);
        return Result<void>();
    }));
    CHECK(replayed == model);
    ledger.reset();
    for (const auto& [position, count] : positions) {
        const auto tail = read(path, position);
        REQUIRE(tail.opened);
        CHECK(!tail.opened->from_start);
        CHECK(tail.records == std::vector<Record>(model.begin() + static_cast<std::ptrdiff_t>(count), model.end()));
    }
    auto foreign = positions[5].first;
    ++foreign.generation;
    const Position beyond{positions[5].first.generation, 1U << 30};
    const Position between_two{positions[5].first.generation, positions[5].first.offset + 1};
    for (const auto& position : {foreign, beyond, between_two}) {
        const auto all = read(path, position);
        REQUIRE(all.opened);
        CHECK(all.opened->from_start);
        CHECK(all.opened->cut == 0);
        CHECK(all.records == model);
    }
}

TEST_CASE("a transaction counts if it was committed, whatever stands between") {
    TempDir dir;
    const auto path = dir / "a.ledger";
    auto ledger = created(path);
    Batch first;
    first.begin();
    first.add_in_transaction(note("a"));
    append(*ledger, first);
    append(*ledger, note("between"));
    SUBCASE("committed in a later batch") {
        Batch more;
        more.add_in_transaction(note("b"));
        more.commit();
        append(*ledger, more);
        ledger.reset();
        const auto got = read(path);
        REQUIRE(got.opened);
        CHECK(got.records == std::vector<Record>{note("a"), note("between"), note("b")});
        CHECK(got.opened->void_records == 0);
    }
    SUBCASE("never committed") {
        ledger.reset();
        const auto got = read(path);
        REQUIRE(got.opened);
        CHECK(got.records == std::vector<Record>{note("between")});
        CHECK(got.opened->void_records == 1);
    }
    SUBCASE("never committed, and another begun") {
        Batch more;
        more.begin();
        more.add_in_transaction(note("c"));
        more.commit();
        append(*ledger, more);
        ledger.reset();
        const auto got = read(path);
        REQUIRE(got.opened);
        CHECK(got.records == std::vector<Record>{note("between"), note("c")});
    }
}

TEST_CASE("what the visitor says stops the replay") {
    TempDir dir;
    auto ledger = created(dir / "a.ledger");
    append(*ledger, note("a"));
    append(*ledger, note("b"));
    ledger.reset();
    int seen = 0;
    const auto opened = Ledger::open(dir / "a.ledger", std::nullopt, [&](const Record&) -> Result<void> {
        ++seen;
        return Error{ErrorKind::damaged, "folder 3 is unknown"};
    });
    CHECK(seen == 1);
    REQUIRE(!opened);
    CHECK(opened.error().text == "folder 3 is unknown");
}

TEST_CASE("records that are too long become several, none beyond 1 MiB") {
    TempDir dir;
    std::vector<StoredMessage> messages;
    for (std::uint32_t uid = 1; uid <= 50000; ++uid) {
        StoredMessage m;
        m.uid = Uid{uid};
        m.date = (uid % 2 ? 1 : -1) * (INT64_MAX / 2);
        m.octets = UINT64_MAX - 1;
        m.store = StoreNumber{65535};
        m.added = ModSeq{9};
        m.saved = INT64_MIN;
        m.content = ContentKey{};
        m.source = Source{FolderNumber{UINT32_MAX}, Uid{UINT32_MAX}};
        messages.push_back(m);
    }
    NumberSet uids;
    for (std::uint32_t n = 0; n < 250000; ++n) uids.add(1 + n * 17000);
    const record::Assigned assigned{FolderNumber{1}, ModSeq{9}, INT64_MIN, messages};
    for (const auto& body : encode(assigned)) CHECK(body.size() <= record_size_at_most);
    for (const auto& body : encode(record::Removed{FolderNumber{1}, ModSeq{1}, uids}))
        CHECK(body.size() <= record_size_at_most);
    auto ledger = created(dir / "a.ledger");
    Batch batch;
    batch.begin();
    batch.add_in_transaction(assigned);
    batch.commit();
    append(*ledger, batch);
    ledger.reset();
    const auto got = read(dir / "a.ledger");
    REQUIRE(got.opened);
    std::vector<StoredMessage> all;
    for (const auto& r : got.records) {
        const auto& part = std::get<record::Assigned>(r);
        CHECK(part.folder == FolderNumber{1});
        all.insert(all.end(), part.messages.begin(), part.messages.end());
    }
    CHECK(all == messages);
}

TEST_CASE("what can never be right is not written") {
    Batch batch;
    std::vector<StoredMessage> two(2);
    two[0].uid = two[1].uid = Uid{3};
    CHECK_THROWS_AS(batch.add(record::Assigned{FolderNumber{1}, ModSeq{1}, std::nullopt, two}), std::logic_error);
    NumberSet set;
    set.add(5);
    set.add(4);
    CHECK_THROWS_AS(batch.add(record::Removed{FolderNumber{1}, ModSeq{1}, set}), std::logic_error);
    CHECK_THROWS_AS(batch.add(note("k", std::string(70000, 'x'))), std::logic_error);
}

TEST_CASE("decoding hostile bodies: an answer, no more") {
    Generator any(1);
    for (int round = 0; round < 30000; ++round) {
        const auto bodies = encode(any.record());
        if (bodies.empty()) continue;
        auto body = bodies.front();
        for (auto n = 1 + any.below(3); n > 0; --n) body[any.below(body.size())] = static_cast<char>(any.below(256));
        if (any.below(3) == 0) body.resize(any.below(body.size()));
        if (const auto record = decode(body)) CHECK(record->index() < std::variant_size_v<Record>);
    }
    CHECK(!decode(""));
    CHECK(!decode("\x7f"));
    CHECK(!decode(std::string("\x08\x01\x01", 3) + std::string(9, '\xff') + '\x01'));  // 2^64 - 1 ranges announced
}

namespace {

// A small ledger, its bytes, and after which byte it has how many records.
struct Small {
    std::string bytes;
    std::vector<Record> records;
    std::vector<std::size_t> ends;  // ends[i]: behind record i
    std::size_t head = 0;
};
Small small(const fs::path& path) {
    Small s;
    auto ledger = created(path);
    s.head = ledger->end().offset;
    Generator any(42);
    for (int i = 0; i < 12; ++i) {
        s.records.push_back(i == 5 ? note("long", std::string(60, 'x')) : any.record());
        append(*ledger, s.records.back());
        s.ends.push_back(ledger->end().offset);
    }
    ledger.reset();
    s.bytes = slurp(path);
    return s;
}
std::vector<Record> first(const Small& s, std::size_t count) {
    return {s.records.begin(), s.records.begin() + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace

TEST_CASE("cut off at every byte: a prefix, the rest is gone, and appending goes on") {
    TempDir dir;
    const auto s = small(dir / "a.ledger");
    REQUIRE(s.bytes.size() == s.ends.back());
    const auto path = dir / "b.ledger";
    for (std::size_t size = 0; size < s.bytes.size(); ++size) {
        CAPTURE(size);
        spit(path, std::string_view(s.bytes).substr(0, size));
        auto got = read(path);
        if (size < s.head) {
            REQUIRE(!got.opened);
            CHECK(got.opened.error().kind == ErrorKind::damaged);
            continue;
        }
        std::size_t whole = 0;
        while (whole < s.ends.size() && s.ends[whole] <= size) ++whole;
        REQUIRE(got.opened);
        CHECK(got.records == first(s, whole));
        const auto end = whole == 0 ? s.head : s.ends[whole - 1];
        CHECK(got.opened->cut == size - end);
        CHECK(fs::file_size(path) == end);
        const auto generation = got.opened->ledger->generation();
        Batch after;
        after.add(note("after"));
        CHECK(got.opened->ledger->append(after));
        got.opened->ledger.reset();
        auto expected = first(s, whole);
        expected.push_back(note("after"));
        {
            const auto again = read(path);
            REQUIRE(again.opened);
            CHECK(again.records == expected);
        }

        // The same for one who had applied all whole records before.
        spit(path, std::string_view(s.bytes).substr(0, size));
        const auto tail = read(path, Position{generation, end});
        REQUIRE(tail.opened);
        CHECK(!tail.opened->from_start);
        CHECK(tail.records.empty());
        CHECK(tail.opened->cut == size - end);
    }
}

TEST_CASE("every flipped bit is found: damaged, or the last record cut off, never another record") {
    TempDir dir;
    const auto s = small(dir / "a.ledger");
    const auto path = dir / "b.ledger";
    for (std::size_t at = 0; at < s.bytes.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            CAPTURE(at);
            CAPTURE(bit);
            auto bytes = s.bytes;
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
            spit(path, bytes);
            const auto got = read(path);
            if (got.opened) {
                CHECK(at >= s.ends[s.ends.size() - 2]);
                CHECK(got.records == first(s, s.records.size() - 1));
                CHECK(got.opened->cut > 0);
            } else {
                CHECK(got.opened.error().kind == ErrorKind::damaged);
                CHECK(got.records.empty());
                CHECK(slurp(path) == bytes);  // left as it is, for whoever wants to look
            }
        }
    }
}

TEST_CASE("stale and misplaced records do not pass") {
    TempDir dir;
    const auto s = small(dir / "a.ledger");
    const auto second = s.bytes.substr(s.ends[0], s.ends[1] - s.ends[0]);
    SUBCASE("a record of the same file at another place") {
        spit(dir / "a.ledger", s.bytes + second);
        const auto got = read(dir / "a.ledger");
        REQUIRE(got.opened);
        CHECK(got.records == s.records);
        CHECK(got.opened->cut == second.size());
    }
    SUBCASE("the records of another generation") {
        created(dir / "b.ledger").reset();
        const auto head = slurp(dir / "b.ledger");
        REQUIRE(head.size() == s.head);
        spit(dir / "b.ledger", head + s.bytes.substr(s.head));
        const auto got = read(dir / "b.ledger");
        REQUIRE(got.opened);
        CHECK(got.records.empty());
    }
    SUBCASE("zeros that a power loss left") {
        spit(dir / "a.ledger", s.bytes + std::string(5000, '\0'));
        const auto got = read(dir / "a.ledger");
        REQUIRE(got.opened);
        CHECK(got.records == s.records);
        CHECK(got.opened->cut == 5000);
    }
}

TEST_CASE("a newer format is refused, not taken for damage") {
    TempDir dir;
    const auto path = dir / "a.ledger";
    auto ledger = created(path);
    const auto generation = ledger->generation();
    ledger.reset();
    // As a later version would write it: the checksum is right.
    auto bytes = slurp(path);
    bytes[8 + 8 + 1] = 2;
    const auto crc_of = [&] {
        // generation, offset and length, then the body
        std::string all;
        for (int i = 0; i < 8; ++i) all.push_back(static_cast<char>(generation >> (8 * i)));
        all += std::string("\x08\0\0\0\0\0\0\0", 8) + bytes.substr(8, 4) + bytes.substr(16);
        std::uint32_t crc = 0xFFFFFFFFU;  // CRC-32C, bit by bit
        for (const unsigned char c : all) {
            crc ^= c;
            for (int k = 0; k < 8; ++k) crc = (crc >> 1) ^ (crc & 1 ? 0x82F63B78U : 0U);
        }
        return ~crc;
    }();
    for (unsigned i = 0; i < 4; ++i) bytes[12 + i] = static_cast<char>(crc_of >> (8 * i));
    spit(path, bytes);
    const auto got = read(path);
    REQUIRE(!got.opened);
    CHECK(got.opened.error().kind == ErrorKind::refused);
    spit(path, "something else entirely");
    CHECK(read(path).opened.error().kind == ErrorKind::damaged);
    spit(path, "");
    CHECK(read(path).opened.error().kind == ErrorKind::damaged);
}

TEST_CASE("many threads append and wait; everything acknowledged is there, in each thread's order") {
    TempDir dir;
    auto ledger = created(dir / "a.ledger");
    std::vector<std::thread> threads;
    std::atomic<int> failures{0};
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 50; ++i) {
                Batch batch;
                batch.add(note("t" + std::to_string(t), std::to_string(i)));
                batch.add(note("t" + std::to_string(t), std::to_string(i) + "b"));
                const auto ticket = ledger->append(batch);
                if (!ticket || !ledger->wait(*ticket) || !ledger->durable(*ticket)) ++failures;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(failures == 0);
    ledger.reset();
    const auto got = read(dir / "a.ledger");
    REQUIRE(got.opened);
    CHECK(got.records.size() == 8 * 50 * 2);
    std::map<std::string, int> next;
    for (std::size_t i = 0; i < got.records.size(); i += 2) {
        const auto& one = std::get<record::Note>(got.records[i]);
        const auto& two = std::get<record::Note>(got.records[i + 1]);
        CHECK(one.value == std::to_string(next[one.key]++));
        CHECK(two == record::Note{one.key, one.value + "b"});  // a batch stays together
    }
}

TEST_CASE("kill -9 while appending: everything acknowledged is there") {
    TempDir dir;
    const auto path = dir / "a.ledger";
    created(path).reset();
    int acknowledged = -1;
    std::mt19937 random(7);
    for (int round = 0; round < 20; ++round) {
        int pipe_ends[2];
        REQUIRE(pipe(pipe_ends) == 0);
        const pid_t child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            // Appends numbered notes, four threads, and tells each number once it is durable.
            close(pipe_ends[0]);
            auto opened = Ledger::open(path, std::nullopt, [](const Record&) { return Result<void>(); });
            if (!opened) _exit(2);
            std::atomic<int> next{acknowledged + 1};
            std::vector<std::thread> threads;
            for (int t = 0; t < 4; ++t)
                threads.emplace_back([&] {
                    for (;;) {
                        const int n = next++;
                        Batch batch;
                        if (n % 3 == 0) batch.begin();
                        const Record r =
                            note(std::to_string(n), std::string(static_cast<std::size_t>(n) * 37 % 900, 'x'));
                        n % 3 == 0 ? batch.add_in_transaction(r) : batch.add(r);
                        if (n % 3 == 0) batch.commit();
                        const auto ticket = opened->ledger->append(batch);
                        if (!ticket || !opened->ledger->wait(*ticket)) _exit(3);
                        if (write(pipe_ends[1], &n, sizeof n) != sizeof n) _exit(4);
                    }
                });
            for (auto& thread : threads) thread.join();
        }
        close(pipe_ends[1]);
        // Killed after some hundred acknowledgements, in the middle of whatever it does then.
        std::set<int> told;
        const auto wanted = 20 + random() % 150;
        int n = 0;
        while (told.size() < wanted && ::read(pipe_ends[0], &n, sizeof n) == sizeof n) told.insert(n);
        REQUIRE(told.size() == wanted);
        kill(child, SIGKILL);
        while (::read(pipe_ends[0], &n, sizeof n) == sizeof n) told.insert(n);
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        CHECK(WIFSIGNALED(status));
        close(pipe_ends[0]);

        const auto got = read(path);
        REQUIRE(got.opened);
        std::set<int> there;
        for (const auto& r : got.records) there.insert(std::stoi(std::get<record::Note>(r).key));
        for (const auto number : told) CHECK(there.count(number) == 1);
        acknowledged = std::max(acknowledged, *there.rbegin());
    }
}

TEST_CASE("disk full: nothing half written, and it goes on later") {
    TempDir dir;
    const auto path = dir / "a.ledger";
    auto ledger = created(path);
    append(*ledger, note("before"));
    const auto end = ledger->end().offset;

    rlimit old{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &old) == 0);
    const auto old_handler = signal(SIGXFSZ, SIG_IGN);
    rlimit tight = old;
    tight.rlim_cur = end + 500;
    REQUIRE(setrlimit(RLIMIT_FSIZE, &tight) == 0);
    Batch large;
    for (int i = 0; i < 20; ++i) large.add(note("lost", std::string(100, 'x')));
    const auto refused = ledger->append(large);
    const auto size_then = fs::file_size(path);
    Batch little;
    little.add(note("fits"));
    const auto fitted = ledger->append(little);
    REQUIRE(setrlimit(RLIMIT_FSIZE, &old) == 0);
    signal(SIGXFSZ, old_handler);

    REQUIRE(!refused);
    CHECK(refused.error().kind == ErrorKind::io);
    CHECK(refused.error().text.find(path.string()) != std::string::npos);
    CHECK(size_then == end);
    REQUIRE(fitted);
    CHECK(ledger->wait(*fitted));
    append(*ledger, large);
    ledger.reset();
    const auto got = read(path);
    REQUIRE(got.opened);
    CHECK(got.opened->cut == 0);
    CHECK(got.records.size() == 22);
    CHECK(got.records[1] == note("fits"));
}

TEST_CASE("file names: safe, different for different owners, at most 255 bytes") {
    CHECK(ledger_file_name("ann") == "ann.ledger");
    CHECK(ledger_file_name("Ann.B@example.org") == "Ann.B@example.org.ledger");
    CHECK(ledger_file_name("../x") == "%2E.%2Fx.ledger");
    CHECK(ledger_file_name(".") == "%2E.ledger");
    CHECK(ledger_file_name("a%2F") == "a%252F.ledger");
    CHECK(ledger_file_name("#x") == "%23x.ledger");
    CHECK(ledger_file_name("") == ".ledger");
    const auto jose = ledger_file_name("jos\xc3\xa9");
    CHECK(jose == "jos%C3%A9.ledger");
    std::set<std::string> names;
    for (std::size_t length = 1; length < 400; ++length) {
        for (const char c : {'a', '\xe9'}) {
            const auto name = ledger_file_name(std::string(length, c));
            CHECK(name.size() <= 255);
            CHECK(name.find('/') == std::string::npos);
            CHECK(names.insert(name).second);
        }
    }
}

TEST_CASE("the ledgers of a directory, and setting one aside") {
    TempDir dir;
    CHECK(ledger_files(dir / "none")->empty());
    for (const auto* owner : {"bob", "ann"}) created(dir / ledger_file_name(owner), owner).reset();
    const std::string long_name(300, 'x');
    created(dir / ledger_file_name(long_name), long_name).reset();
    dir.write(".ann.ledger.Ab12Cd", "temporary");
    dir.write("notes.txt", "");
    const auto files = ledger_files(dir.path());
    REQUIRE(files);
    std::set<std::string> owners;
    for (const auto& file : *files) owners.insert(*ledger_owner(file));
    CHECK(owners == std::set<std::string>{"ann", "bob", long_name});

    const auto one = set_aside(dir / "ann.ledger", 1700000000);
    REQUIRE(one);
    CHECK(*one == dir / "ann.ledger.damaged-1700000000");
    CHECK(ledger_files(dir.path())->size() == 2);
    created(dir / "ann.ledger").reset();
    const auto two = set_aside(dir / "ann.ledger", 1700000000);
    REQUIRE(two);
    CHECK(*two == dir / "ann.ledger.damaged-1700000000-2");
    CHECK(fs::exists(*one));
    CHECK(set_aside(dir / "ann.ledger", 1700000000).error().kind == ErrorKind::not_found);
}

TEST_CASE("reserved numbers") {
    Reserved numbers(10, 10);
    CHECK(!numbers.covers(1));
    CHECK_THROWS_AS(numbers.take(), std::logic_error);
    numbers.reserved(numbers.wanted(1, 3));
    CHECK(numbers.ceiling() == 14);
    CHECK(numbers.take() == 10);
    CHECK(numbers.take(3) == 11);
    CHECK(!numbers.covers(1));
    CHECK(numbers.covers(0));
}
