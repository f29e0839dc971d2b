// Puts messages in the order of SORT (RFC 5256 2, 3; RFC 5957, 6203).
//
// One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "message/summary.h"
#include "search/collation.h"
#include "search/criteria.h"
#include "search/sort.h"
#include "search/step_sort.h"
#include "search/text_table.h"

namespace imaparc::search {

// What is known of a message that is to be sorted.
struct SortFacts {
    std::uint32_t number = 0;  // what comes back in its place: a message number, a UID
    Seconds internal_date = 0;
    std::optional<std::uint64_t> size;  // RFC822.SIZE
    std::uint32_t relevancy = 0;        // RFC 6203's score
    const message::Summary* summary = nullptr;
};

// What decides the order. Need::index: internal date and relevancy; size; summary.
Need need_of(const std::vector<SortKey>& keys);

// The keys of many messages, and then their order. Of a message it keeps 4 octets, 8 a date or size, 4 a text or score,
// and each different text once; in between the order takes 16 more.
class Sorting {
  public:
    // Never empty; a key that was named before decides nothing and is left out.
    Sorting(const std::vector<SortKey>& keys, Collation collation);

    // In the order of message numbers, which is the last criterion (RFC 5256 3). With what need_of() says; of a size
    // that is not known the summary tells it.
    void add(const SortFacts& facts);
    std::size_t count() const { return numbers_.size(); }
    std::uint64_t octets() const;  // of memory, about

    // After the last add(): true once take() may be called, false when the deadline is over and there is more to do.
    bool advance(Deadline deadline);
    std::vector<std::uint32_t> take();  // what add() was given, in order; once, the keys are let go

  private:
    struct Column {
        SortKey key;
        std::vector<std::int64_t> wide;     // dates, sizes
        std::vector<std::uint32_t> narrow;  // texts by number, later by rank; scores, the best first
        std::unique_ptr<TextTable> texts;
    };
    void rank(Column& column, const std::vector<std::uint32_t>& order);
    bool less(std::uint32_t a, std::uint32_t b) const;

    Collation collation_;
    std::vector<Column> columns_;
    std::vector<std::uint32_t> numbers_;

    std::size_t ranked_ = 0;                 // columns whose texts are in order
    std::vector<std::uint64_t> beginnings_;  // of the texts that are put in order now: their first 8 octets
    std::optional<StepSort> texts_sort_, sort_;
};

// The value of a message by DISPLAYFROM or DISPLAYTO (RFC 5957 3): of the first address; "" if there is none.
std::string display_value(const std::vector<message::Address>& addresses);

}  // namespace imaparc::search
