// Sorts 32-bit items in steps, so that the order of a million of them costs nobody his turn: short runs first, then
// runs merged two and two.
//
// `less` is a strict total order: items that are equal by it may change places. One thread at a time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace imaparc::search {

using Deadline = std::chrono::steady_clock::time_point;
inline bool over(Deadline deadline) { return std::chrono::steady_clock::now() >= deadline; }

class StepSort {
  public:
    // Of the items 0 ... count-1.
    explicit StepSort(std::size_t count) : items_(count) { std::iota(items_.begin(), items_.end(), std::uint32_t{0}); }

    // true: done; false: the deadline is over, call again with the same order. Some work is done in any case.
    template <class Less>
    bool advance(Deadline deadline, Less less) {
        while (width_ == 0) {  // runs
            if (at_ >= items_.size()) {
                width_ = run;
                begin_pass();
                break;
            }
            const auto end = std::min(at_ + run, items_.size());
            std::sort(items_.begin() + static_cast<std::ptrdiff_t>(at_),
                      items_.begin() + static_cast<std::ptrdiff_t>(end), less);
            at_ = end;
            if (over(deadline)) return false;
        }
        while (width_ < items_.size()) {
            if (!merge_some(less)) {
                items_.swap(merged_);
                width_ *= 2;
                begin_pass();
            }
            if (over(deadline)) return width_ >= items_.size();
        }
        merged_ = {};
        return true;
    }

    // The items in order, once advance() says so; they are the caller's then.
    std::vector<std::uint32_t> take() { return std::move(items_); }

  private:
    static constexpr std::size_t run = 2048;

    void begin_pass() {
        at_ = 0;
        merged_.resize(width_ < items_.size() ? items_.size() : 0);
        begin_pair();
    }
    void begin_pair() {
        left_ = at_;
        left_end_ = right_ = std::min(at_ + width_, items_.size());
        right_end_ = std::min(right_ + width_, items_.size());
    }
    // About a run's worth; false: the pass is at its end.
    template <class Less>
    bool merge_some(Less less) {
        for (std::size_t budget = run; budget > 0 && at_ < items_.size(); --budget) {
            if (left_ == left_end_ && right_ == right_end_) begin_pair();
            const bool from_right = left_ == left_end_ || (right_ != right_end_ && less(items_[right_], items_[left_]));
            merged_[at_++] = items_[from_right ? right_++ : left_++];
        }
        return at_ < items_.size();
    }

    std::vector<std::uint32_t> items_, merged_;
    std::size_t width_ = 0;  // of the runs that are merged now; 0: runs are made
    std::size_t at_ = 0;     // how far the runs, or the pass, are
    std::size_t left_ = 0, left_end_ = 0, right_ = 0, right_end_ = 0;
};

}  // namespace imaparc::search
