#include "archive/record.h"

#include <doctest/doctest.h>

#include <set>

#include "base/digest.h"

using namespace imaparc;
using namespace imaparc::archive;

namespace {

MessageId id_of(int i) { return message_id("s", "ann", "f", std::to_string(i)); }

}  // namespace

TEST_CASE("a record comes back, and no damaged one") {
    std::string bytes;
    append_record(bytes, RecordType::details, id_of(1), "payload");
    const auto whole = bytes;
    const auto followed = whole + "more";
    auto record = read_record(followed);
    REQUIRE(record);
    CHECK(record->type == RecordType::details);
    CHECK(record->id == id_of(1));
    CHECK(record->payload == "payload");
    CHECK(record->size() == whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) {
        CHECK_FALSE(read_record(std::string_view(whole).substr(0, i)));
        for (int bit = 0; bit < 8; ++bit) {
            auto damaged = whole;
            damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
            CHECK_FALSE(read_record(damaged + "more"));
        }
    }
}

TEST_CASE("a batch of keys comes back, and no damaged one") {
    std::string bytes;
    append_batch(bytes, {{RecordType::place, id_of(1), RecordPlace(16, 40)}, {RecordType::forget, id_of(2), {}}}, 56);
    const auto batch = read_batch(bytes + "more");
    REQUIRE(batch);
    CHECK(batch->size == bytes.size());
    CHECK(batch->data_end == 56);
    REQUIRE(batch->keys.size() == 2);
    CHECK(batch->keys[0].where == RecordPlace(16, 40));
    CHECK(batch->keys[1].type == RecordType::forget);
    CHECK(batch->keys[1].id == id_of(2));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        CHECK_FALSE(read_batch(std::string_view(bytes).substr(0, i)));
        auto damaged = bytes;
        damaged[i] = static_cast<char>(damaged[i] ^ 4);
        CHECK_FALSE(read_batch(damaged));
    }
}

TEST_CASE("payloads") {
    const MessagePlace place{id_of(1), "store", "location", std::string("na\0me", 5), ""};
    const auto bytes = encode_place(place);
    auto back = decode_place(place.id, bytes);
    REQUIRE(back);
    CHECK(back->name == place.name);
    CHECK(back->location == "location");
    CHECK_FALSE(decode_place(place.id, bytes.substr(0, bytes.size() - 2)));
    CHECK_FALSE(decode_place(place.id, bytes + "x"));
    const auto details = encode_details("print", "summary");
    CHECK(decode_details(details)->fingerprint == "print");
    CHECK(decode_details(details)->summary == "summary");
    CHECK_FALSE(decode_details("\xFFshort"));
    CHECK(generation_of_data(data_header(77)) == 77);
    CHECK_FALSE(generation_of_data(key_header(77)));
    CHECK_FALSE(generation_of_keys(key_header(77).substr(1)));
}

TEST_CASE("owners' files") {
    std::set<std::string> names;
    std::set<std::string> owners{"ann",
                                 "ann@example.org",
                                 "..",
                                 ".",
                                 "",
                                 "a/b",
                                 "%2E",
                                 "\xFF",
                                 std::string("a\0b", 3),
                                 std::string(300, 'x'),
                                 std::string(301, 'x'),
                                 "J\xC3\xB6rg"};
    for (const auto& owner : owners) {
        const auto name = file_name_of(owner);
        CHECK(names.insert(name).second);
        CHECK(name.size() <= 200);
        CHECK(name.find('/') == std::string::npos);
        CHECK(name[0] != '.');
    }
    CHECK(file_name_of("ann@example.org") == "ann@example.org");
}
