// Where the catalog has what it knows of a message: a flat hash table, 32 bytes a message, two thirds to nine tenths
// full.
//
// One thread at a time; its owner locks.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace imaparc::archive {

// A record in the data file. Offset and size in one word: a terabyte, and 16 MiB a record.
class RecordPlace {
  public:
    static constexpr std::uint64_t most_offset = (1ULL << 40) - 1;
    static constexpr std::uint64_t most_size = (1ULL << 24) - 1;

    RecordPlace() = default;
    RecordPlace(std::uint64_t offset, std::uint64_t size) : word_(offset << 24 | size) {}
    bool there() const { return word_ != 0; }  // a record has a size
    std::uint64_t offset() const { return word_ >> 24; }
    std::uint64_t size() const { return word_ & most_size; }
    bool operator==(const RecordPlace&) const = default;

  private:
    std::uint64_t word_ = 0;
};

class KeyTable {
  public:
    struct Entry {
        MessageId id;
        RecordPlace place, details;
        bool used() const { return place.there() || details.there(); }
    };

    const Entry* find(const MessageId& id) const;
    // An empty one takes it away; without either the message is not there any more.
    void set_place(const MessageId& id, RecordPlace place);
    void set_details(const MessageId& id, RecordPlace details);
    void erase(const MessageId& id);
    std::size_t size() const { return size_; }
    std::size_t bytes() const { return slots_.size() * sizeof(Entry); }
    template <class F>
    void for_each(F f) const {
        for (const auto& entry : slots_)
            if (entry.used()) f(entry);
    }

  private:
    void set(const MessageId& id, RecordPlace Entry::*which, RecordPlace value);
    std::size_t home(const MessageId& id) const;
    void grow(std::size_t slots);

    std::vector<Entry> slots_;
    std::size_t size_ = 0;
};

static_assert(sizeof(KeyTable::Entry) == 32);

}  // namespace imaparc::archive
