// A set of message numbers or UIDs as clients write it (RFC 3501 sequence-set): ranges, '*' for the largest in use; or
// '$', what the last SEARCH saved (RFC 5182). Also the plain sorted set that answers are made of.
//
// Any thread; values only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace imaparc {

struct NumberRange {
    static constexpr std::uint32_t star = 0;  // '*', in either place
    static constexpr std::uint32_t largest = 0xFFFFFFFF;
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    bool operator==(const NumberRange&) const = default;
};

class NumberSet {
  public:
    NumberSet() = default;
    explicit NumberSet(std::vector<NumberRange> ranges) : ranges_(std::move(ranges)) {}
    // '$': stands for another set, which whoever knows it has to put in its place. Until then it names nothing.
    static NumberSet saved_result() {
        NumberSet set;
        set.saved_result_ = true;
        return set;
    }
    bool is_saved_result() const { return saved_result_; }

    void add(std::uint32_t number);                     // cheap if ascending
    void add(std::uint32_t first, std::uint32_t last);  // star allowed
    bool empty() const { return ranges_.empty(); }
    const std::vector<NumberRange>& ranges() const { return ranges_; }

    // Stars replaced by `largest`, each range in order, sorted, overlaps and neighbours united. With largest == 0
    // (nothing there) ranges that need a star vanish.
    NumberSet resolved(std::uint32_t largest) const;

    // Both only on a resolved set (or one built by ascending add).
    bool contains(std::uint32_t number) const;
    std::uint64_t count() const;

    // "1:3,7,9:*"; "$"; "" for the empty set.
    std::string text() const;
    bool operator==(const NumberSet&) const = default;

  private:
    std::vector<NumberRange> ranges_;
    bool saved_result_ = false;
};

}  // namespace imaparc
