#include "search/text_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>

namespace imaparc::search {

namespace {

constexpr std::size_t chunk = std::size_t{64} << 10;
constexpr unsigned length_bits = 10, place_bits = 16;
static_assert(TextTable::max_text < 1U << length_bits && chunk <= 1U << place_bits);

std::uint64_t eight_octets(const char* at, std::size_t count = 8) {
    std::uint64_t value = 0;
    std::memcpy(&value, at, count);
    return value;
}

void sip_round(std::uint64_t (&v)[4]) {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = std::rotl(v[1], 13) ^ v[0];
    v[3] = std::rotl(v[3], 16) ^ v[2];
    v[0] = std::rotl(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = std::rotl(v[1], 17) ^ v[2];
    v[3] = std::rotl(v[3], 21) ^ v[0];
    v[2] = std::rotl(v[2], 32);
}

}  // namespace

TextTable::TextTable() : slots_(16), used_(chunk) {
    std::random_device random;
    for (auto& half : key_) half = std::uint64_t{random()} << 32 | random();
}

std::uint64_t TextTable::hash(std::string_view text) const {
    std::uint64_t v[4] = {key_[0] ^ 0x736f6d6570736575, key_[1] ^ 0x646f72616e646f6d, key_[0] ^ 0x6c7967656e657261,
                          key_[1] ^ 0x7465646279746573};
    const auto take = [&v](std::uint64_t word) {
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    };
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) take(eight_octets(text.data() + at));
    take(std::uint64_t{text.size()} << 56 | eight_octets(text.data() + at, text.size() - at));
    v[2] ^= 0xff;
    for (int i = 0; i < 3; ++i) sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

std::uint32_t TextTable::number(std::string_view text) {
    text = text.substr(0, max_text);
    if ((places_.size() + 1) * 4 > slots_.size() * 3) grow();
    const auto hashed = static_cast<std::uint32_t>(hash(text));
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hashed & mask;
    for (; slots_[at].number != 0; at = (at + 1) & mask)
        if (slots_[at].hash == hashed && this->text(slots_[at].number - 1) == text) return slots_[at].number - 1;

    if (used_ + std::max<std::size_t>(text.size(), 1) > chunk) {
        chunks_.push_back(std::make_unique<char[]>(chunk));
        used_ = 0;
    }
    std::copy(text.begin(), text.end(), chunks_.back().get() + used_);
    places_.push_back(std::uint64_t{chunks_.size() - 1} << (place_bits + length_bits) |
                      std::uint64_t{used_} << length_bits | text.size());
    used_ += text.size();
    slots_[at] = {hashed, size()};
    return size() - 1;
}

std::string_view TextTable::text(std::uint32_t number) const {
    const std::uint64_t place = places_[number];
    const char* const begin = chunks_[place >> (place_bits + length_bits)].get();
    return {begin + (place >> length_bits & (chunk - 1)), place & ((1U << length_bits) - 1)};
}

void TextTable::grow() {
    std::vector<Slot> larger(slots_.size() * 2);
    const std::size_t mask = larger.size() - 1;
    for (const Slot& slot : slots_) {
        if (slot.number == 0) continue;
        std::size_t at = slot.hash & mask;
        while (larger[at].number != 0) at = (at + 1) & mask;
        larger[at] = slot;
    }
    slots_ = std::move(larger);
}

std::uint64_t TextTable::octets() const {
    return chunks_.size() * chunk + slots_.capacity() * sizeof(Slot) + places_.capacity() * sizeof(std::uint64_t);
}

}  // namespace imaparc::search
