#include "index/segment.h"

#include <doctest/doctest.h>

#include <random>
#include <set>

#include "base/bytes.h"
#include "base/digest.h"
#include "index/base.h"

using namespace imaparc;
using namespace imaparc::index;

namespace {

MessageId id_of(std::mt19937_64& random) {
    MessageId id;
    for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random());
    return id;
}

// What a synchronisation of an ordinary folder makes: UIDs by one, ascending dates, flags mostly \Seen, one store.
std::vector<StoredMessage> typical(std::mt19937_64& random) {
    std::vector<StoredMessage> all;
    Seconds date = 1600000000;
    for (std::uint32_t uid = 1; uid <= segment_span; ++uid) {
        date += static_cast<Seconds>(random() % 40000);
        StoredMessage m{Uid{uid}, id_of(random), date, StoreNumber{1}, flag::seen, ModSeq{2}, 500 + random() % 100000};
        if (random() % 10 == 0) m.seed = static_cast<std::uint8_t>(random() % 16);
        all.push_back(m);
    }
    return all;
}

// Hard on every column.
std::vector<StoredMessage> wild(std::mt19937_64& random, std::uint32_t segment) {
    std::set<std::uint32_t> uids;
    const auto count = random() % 300;
    const auto span = segment == segments_at_most - 1 ? segment_span - 1 : segment_span;
    while (uids.size() < count) uids.insert(first_uid_of(segment).value + static_cast<std::uint32_t>(random() % span));
    std::vector<StoredMessage> all;
    const bool with_contents = random() % 2, with_sources = random() % 2, with_times = random() % 2;
    for (const auto uid : uids) {
        StoredMessage m;
        m.uid = Uid{uid};
        m.id = id_of(random);
        m.date =
            random() % 4 ? static_cast<Seconds>(random() % 4000000000) - 2000000000 : static_cast<Seconds>(random());
        m.store = StoreNumber{static_cast<std::uint16_t>(random())};
        m.seed = static_cast<std::uint8_t>(random());
        m.added = ModSeq{random() >> (1 + random() % 60)};
        if (random() % 3) m.octets = random() >> (1 + random() % 60);
        if (random() % 50 == 0) m.octets = UINT32_MAX - random() % 3;
        if (with_contents && random() % 4) m.content = ContentKey{id_of(random).bytes};
        if (with_sources) m.source = Source{FolderNumber{1 + static_cast<std::uint32_t>(random() % 9)}, Uid{uid}};
        if (with_times && random() % 3) m.saved = static_cast<Seconds>(random()) >> (random() % 60);
        all.push_back(m);
    }
    return all;
}

}  // namespace

TEST_CASE("segments and UIDs") {
    CHECK(segment_of(Uid{1}) == 0);
    CHECK(segment_of(Uid{4096}) == 0);
    CHECK(segment_of(Uid{4097}) == 1);
    CHECK(segment_of(Uid{UINT32_MAX}) == segments_at_most - 1);
    CHECK(first_uid_of(0) == Uid{1});
    CHECK(first_uid_of(1) == Uid{4097});
}

TEST_CASE("a segment of the first format, without times of commits") {
    std::mt19937_64 random(3);
    const auto messages = typical(random);
    auto bytes = BaseSegment::make(0, messages)->encode();
    // What format 2 has behind: one run of 4,096 without a time, no contents, no sources; and the checksum.
    const std::string behind("\x80\x20\x00\x00\x00", 5);
    REQUIRE(bytes.substr(bytes.size() - 9, 5) == behind);
    bytes.resize(bytes.size() - 9);
    bytes[0] = 1;
    Writer(bytes).u32(crc32c(bytes));
    const auto decoded = BaseSegment::decode(bytes);
    REQUIRE(decoded);
    CHECK((*decoded)->messages() == messages);
    CHECK((*decoded)->saved(17) == std::nullopt);
}

TEST_CASE("a typical segment: bytes a message") {
    std::mt19937_64 random(1);
    const auto messages = typical(random);
    const auto made = BaseSegment::make(0, messages);
    const auto on_disk = static_cast<double>(made->encode().size()) / segment_span;
    const auto in_memory = static_cast<double>(made->memory_bytes()) / segment_span;
    MESSAGE("bytes a message: on disk ", on_disk, ", in memory ", in_memory);
    CHECK(on_disk <= 37);
    CHECK(in_memory <= 32);
}

TEST_CASE("base segments come back as they were") {
    std::mt19937_64 random(2);
    for (int round = 0; round < 300; ++round) {
        CAPTURE(round);
        const auto segment = round % 5 == 0 ? segments_at_most - 1 : static_cast<std::uint32_t>(random() % 1000);
        const auto messages = round == 1 ? typical(random) : wild(random, round == 1 ? 0 : segment);
        const auto number = round == 1 ? 0 : segment;
        const auto made = BaseSegment::make(number, messages);
        CHECK(made->messages() == messages);
        const auto back = BaseSegment::decode(made->encode());
        REQUIRE(back);
        CHECK((*back)->segment() == number);
        CHECK((*back)->messages() == messages);
        for (std::size_t i = 0; i < messages.size(); ++i) CHECK(made->find(messages[i].uid) == i);
        CHECK(!made->find(Uid{0}));
        CHECK(made->lower_bound(Uid{UINT32_MAX}) >= (messages.empty() ? 0 : messages.size() - 1));
        if (!messages.empty()) {
            const auto row = describe(*made);
            CHECK(row.count == messages.size());
            CHECK(row.first == messages.front().uid);
            CHECK(row.last == messages.back().uid);
            for (const auto& m : messages) {
                CHECK(row.least_date <= m.date);
                CHECK(row.greatest_date >= m.date);
                CHECK(row.max_modseq >= m.added);
            }
        }
    }
}

TEST_CASE("overlay and tombstone segments come back as they were") {
    std::mt19937_64 random(3);
    for (int round = 0; round < 200; ++round) {
        const auto segment = static_cast<std::uint32_t>(random() % segments_at_most);
        std::vector<OverlayEntry> entries;
        std::vector<Tombstone> tombstones;
        for (const auto& m : wild(random, segment)) {
            entries.push_back({m.uid, {m.seed, random() % 2 ? random() : 0}, m.added});
            tombstones.push_back({m.uid, m.id, m.added});
        }
        const auto overlay = OverlaySegment::make(segment, entries);
        const auto overlay_back = OverlaySegment::decode(overlay->encode());
        REQUIRE(overlay_back);
        CHECK((*overlay_back)->entries() == entries);
        CHECK((*overlay_back)->segment() == segment);
        for (const auto& entry : entries) CHECK(*overlay->find(entry.uid) == entry);
        CHECK(!overlay->find(Uid{0}));
        const auto graves = TombstoneSegment::make(segment, tombstones);
        const auto graves_back = TombstoneSegment::decode(graves->encode());
        REQUIRE(graves_back);
        CHECK((*graves_back)->tombstones() == tombstones);
    }
}

TEST_CASE("marking a whole segment read takes few bytes") {
    std::vector<OverlayEntry> entries;
    for (std::uint32_t uid = 1; uid <= segment_span; ++uid) entries.push_back({Uid{uid}, {flag::seen, 0}, ModSeq{77}});
    CHECK(OverlaySegment::make(0, entries)->encode().size() < 40);
}

TEST_CASE("what must not go in") {
    std::vector<StoredMessage> two(2);
    two[0].uid = Uid{5};
    two[1].uid = Uid{5};
    CHECK_THROWS_AS(BaseSegment::make(0, two), std::logic_error);
    two[1].uid = Uid{4};
    CHECK_THROWS_AS(BaseSegment::make(0, two), std::logic_error);
    two[1].uid = Uid{4097};
    CHECK_THROWS_AS(BaseSegment::make(0, two), std::logic_error);
    two[0].uid = Uid{0};
    CHECK_THROWS_AS(BaseSegment::make(0, two), std::logic_error);
}

TEST_CASE("every flipped bit and every truncation is noticed") {
    std::mt19937_64 random(4);
    std::vector<StoredMessage> few = wild(random, 3);
    few.resize(std::min<std::size_t>(few.size(), 5));
    const auto bytes = BaseSegment::make(3, few)->encode();
    REQUIRE(BaseSegment::decode(bytes));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            auto bad = bytes;
            bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
            const auto result = BaseSegment::decode(bad);
            REQUIRE(!result);
            CHECK(result.error().kind == ErrorKind::damaged);
        }
        CHECK(!BaseSegment::decode(std::string_view(bytes).substr(0, i)));
    }
    CHECK(!OverlaySegment::decode(bytes));
    CHECK(!TombstoneSegment::decode(bytes));
}

TEST_CASE("hostile contents under a right checksum: an answer, no more") {
    std::mt19937_64 random(5);
    const auto seal = [](std::string bytes) {
        Writer(bytes).u32(crc32c(bytes));
        return bytes;
    };
    for (int round = 0; round < 20000; ++round) {
        auto bytes = BaseSegment::make(3, round % 2 ? wild(random, 3) : std::vector<StoredMessage>{})->encode();
        if (round % 7 == 0) bytes[1] = "OT"[random() % 2];
        bytes.resize(bytes.size() - 4);
        const auto changes = 1 + random() % 4;
        for (std::size_t i = 0; i < changes; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
        bytes = seal(std::move(bytes));
        if (const auto made = BaseSegment::decode(bytes)) CHECK((*made)->size() <= segment_span);
        if (const auto made = OverlaySegment::decode(bytes)) CHECK((*made)->entries().size() <= segment_span);
        if (const auto made = TombstoneSegment::decode(bytes)) CHECK((*made)->tombstones().size() <= segment_span);
    }
    // UID 2^32 does not exist.
    std::string last;
    Writer out(last);
    out.u8(1);
    out.u8('O');
    out.varint(segments_at_most - 1);
    out.varint(1);
    out.varint(1);
    out.varint(segment_span);
    out.varint(1);
    out.u8(0);
    out.varint(0);
    out.varint(1);
    out.zigzag(5);
    CHECK(!OverlaySegment::decode(seal(last)));
}
