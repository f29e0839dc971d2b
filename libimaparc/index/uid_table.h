// Items of one segment while they are edited, found by UID in one step.
//
// One thread.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "index/segment.h"

namespace imaparc::index {

template <class Item>
class UidTable {
  public:
    explicit UidTable(std::uint32_t segment) : segment_(segment) { place_.fill(none); }

    Item* find(Uid uid) {
        const auto place = place_[offset(uid)];
        return place == none ? nullptr : &items_[place];
    }
    void put(const Item& item) {  // replaces
        auto& place = place_[offset(item.uid)];
        if (place != none) {
            items_[place] = item;
            return;
        }
        place = static_cast<std::uint16_t>(items_.size());
        items_.push_back(item);
    }
    bool erase(Uid uid) {
        auto& place = place_[offset(uid)];
        if (place == none) return false;
        if (place + 1U != items_.size()) {
            items_[place] = items_.back();
            place_[offset(items_.back().uid)] = place;
        }
        items_.pop_back();
        place = none;
        return true;
    }
    std::vector<Item> sorted() const {
        std::vector<Item> all;
        all.reserve(items_.size());
        for (const auto place : place_)
            if (place != none) all.push_back(items_[place]);
        return all;
    }
    bool empty() const { return items_.empty(); }

  private:
    static constexpr std::uint16_t none = 0xFFFF;
    std::size_t offset(Uid uid) const { return uid.value - first_uid_of(segment_).value; }
    std::uint32_t segment_;
    std::array<std::uint16_t, segment_span> place_;
    std::vector<Item> items_;
};

}  // namespace imaparc::index
