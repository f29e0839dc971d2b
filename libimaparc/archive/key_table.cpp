#include "archive/key_table.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace imaparc::archive {

namespace {
constexpr std::size_t fewest_slots = 16;
}

// The ID is a hash; its first 64 bits scaled to the table's size, which therefore need not be a power of two.
std::size_t KeyTable::home(const MessageId& id) const {
    std::uint64_t hash = 0;
    std::memcpy(&hash, id.bytes.data(), sizeof hash);
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::size_t>(static_cast<Wide>(hash) * slots_.size() >> 64);
}

const KeyTable::Entry* KeyTable::find(const MessageId& id) const {
    if (slots_.empty()) return nullptr;
    for (auto at = home(id); slots_[at].used(); at = at + 1 == slots_.size() ? 0 : at + 1)
        if (slots_[at].id == id) return &slots_[at];
    return nullptr;
}

void KeyTable::set_place(const MessageId& id, RecordPlace place) { set(id, &Entry::place, place); }

void KeyTable::set_details(const MessageId& id, RecordPlace details) { set(id, &Entry::details, details); }

void KeyTable::set(const MessageId& id, RecordPlace Entry::*which, RecordPlace value) {
    if (const auto* found = find(id)) {
        auto& entry = slots_[static_cast<std::size_t>(found - slots_.data())];
        const auto& other = which == &Entry::place ? entry.details : entry.place;
        if (!value.there() && !other.there())
            erase(id);
        else
            entry.*which = value;
        return;
    }
    if (!value.there()) return;
    if ((size_ + 1) * 10 > slots_.size() * 9) grow(std::max(fewest_slots, slots_.size() + slots_.size() / 2));
    auto at = home(id);
    while (slots_[at].used()) at = at + 1 == slots_.size() ? 0 : at + 1;
    slots_[at].id = id;
    slots_[at].*which = value;
    ++size_;
}

void KeyTable::erase(const MessageId& id) {
    const auto* found = find(id);
    if (!found) return;
    // What follows moves up, so that no search ends early at the hole (linear probing).
    auto hole = static_cast<std::size_t>(found - slots_.data());
    for (auto at = hole;;) {
        at = at + 1 == slots_.size() ? 0 : at + 1;
        if (!slots_[at].used()) break;
        const auto wanted = home(slots_[at].id);
        const bool stays = hole <= at ? (hole < wanted && wanted <= at) : (hole < wanted || wanted <= at);
        if (stays) continue;
        slots_[hole] = slots_[at];
        hole = at;
    }
    slots_[hole] = Entry{};
    --size_;
}

void KeyTable::grow(std::size_t slots) {
    const auto old = std::exchange(slots_, std::vector<Entry>(slots));
    for (const auto& entry : old) {
        if (!entry.used()) continue;
        auto at = home(entry.id);
        while (slots_[at].used()) at = at + 1 == slots_.size() ? 0 : at + 1;
        slots_[at] = entry;
    }
}

}  // namespace imaparc::archive
