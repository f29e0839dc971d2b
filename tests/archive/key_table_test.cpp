#include "archive/key_table.h"

#include <doctest/doctest.h>

#include <map>
#include <random>

using namespace imaparc;
using namespace imaparc::archive;

TEST_CASE("a table does what a map does") {
    const auto seed = std::random_device()();
    CAPTURE(seed);
    std::mt19937 random(seed);
    KeyTable table;
    std::map<MessageId, std::pair<RecordPlace, RecordPlace>> model;
    std::vector<MessageId> ids(600);
    for (std::size_t i = 0; i < ids.size(); ++i)
        for (std::size_t b = 0; b < 16; ++b)
            // some share their first eight bytes, and some lie at the table's end
            ids[i].bytes[b] = static_cast<std::uint8_t>(b < 8 ? (i % 3 == 0 ? 255 : i / 8 * 37) : random());
    for (int step = 0; step < 50000; ++step) {
        const auto& id = ids[random() % (step < 25000 ? ids.size() : 50)];
        const RecordPlace where(random() % 1000000, random() % 3 == 0 ? 0 : 1 + random() % 1000);
        auto& known = model[id];
        switch (random() % 5) {
            case 0:
            case 1:
                table.set_place(id, where.there() ? where : RecordPlace());
                known.first = where.there() ? where : RecordPlace();
                break;
            case 2:
            case 3:
                table.set_details(id, where.there() ? where : RecordPlace());
                known.second = where.there() ? where : RecordPlace();
                break;
            default:
                table.erase(id);
                known = {};
        }
        if (!known.first.there() && !known.second.there()) model.erase(id);
        if (step % 500 != 0) continue;
        REQUIRE(table.size() == model.size());
        for (const auto& one : ids) {
            const auto* entry = table.find(one);
            const auto wanted = model.find(one);
            REQUIRE((entry != nullptr) == (wanted != model.end()));
            if (!entry) continue;
            CHECK(entry->place == wanted->second.first);
            CHECK(entry->details == wanted->second.second);
        }
        std::size_t seen = 0;
        table.for_each([&](const KeyTable::Entry& entry) { seen += model.count(entry.id); });
        CHECK(seen == model.size());
    }
}

TEST_CASE("32 bytes a message, and little more") {
    KeyTable table;
    std::mt19937_64 random(7);
    for (int i = 0; i < 100000; ++i) {
        MessageId id;
        for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random());
        table.set_place(id, RecordPlace(static_cast<std::uint64_t>(i), 1));
    }
    CHECK(table.size() == 100000);
    CHECK(table.bytes() < 100000 * 32 * 5 / 3);
}

TEST_CASE("large files and records have room") {
    const RecordPlace place(RecordPlace::most_offset, RecordPlace::most_size);
    CHECK(place.offset() == RecordPlace::most_offset);
    CHECK(place.size() == RecordPlace::most_size);
    CHECK_FALSE(RecordPlace().there());
}
