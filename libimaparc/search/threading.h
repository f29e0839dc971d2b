// Puts messages into threads (RFC 5256 3, ORDEREDSUBJECT and REFERENCES; REFS of draft-ietf-morg-inthread). Nothing
// here recurses, and the time is near linear, whatever the messages refer to.
//
// One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "message/summary.h"
#include "search/collation.h"
#include "search/forest.h"
#include "search/step_sort.h"
#include "search/text_table.h"
#include "search/thread.h"

namespace imaparc::search {

// What is known of a message that is to be put into a thread.
struct ThreadFacts {
    std::uint32_t number = 0;                           // what comes back in its place: a message number, a UID
    Seconds sent = 0;                                   // with RFC 5256 2.2's fallback
    Seconds received = 0;                               // the internal date
    std::string_view message_id = {};                   // normalised; "": there is no valid one
    std::span<const std::string_view> references = {};  // normalised
    std::string_view subject = {};                      // the base subject, folded
    bool reply_or_forward = false;
};

// The threads: a forest of nodes. The first numbers.size() nodes are messages, those behind them dummies: one that is a
// root has two children at least, one that is not is of no account.
struct Threads {
    std::vector<std::uint32_t> numbers;   // of the messages
    std::vector<std::uint32_t> roots;     // in order
    std::vector<std::uint32_t> begins;    // begins[n] to begins[n + 1]: where node n's children lie in `children`
    std::vector<std::uint32_t> children;  // in order

    bool dummy(std::uint32_t node) const { return node >= numbers.size(); }
    std::span<const std::uint32_t> children_of(std::uint32_t node) const {
        return std::span(children).subspan(begins[node], begins[node + 1] - begins[node]);
    }
};

class Threading {
  public:
    Threading(ThreadAlgorithm algorithm, Collation collation);

    // In the order of message numbers.
    void add(const ThreadFacts& facts);
    void add(std::uint32_t number, Seconds received, const message::Summary& summary);
    std::size_t count() const { return numbers_.size(); }
    std::uint64_t octets() const;  // of memory, about

    // After the last add(): true once take() may be called, false when the deadline is over and there is more to do.
    bool advance(Deadline deadline);
    Threads take();  // once

  private:
    static constexpr std::uint32_t none = Forest::none;
    bool by_references() const { return algorithm_ != ThreadAlgorithm::ordered_subject; }
    bool by_subject() const { return algorithm_ != ThreadAlgorithm::refs; }
    std::uint32_t count32() const { return static_cast<std::uint32_t>(numbers_.size()); }

    void begin_linking();
    bool link_some(Deadline deadline);
    void link(std::uint32_t message);
    void prune();
    void gather_by_subject();
    void gather_under_first();
    void build();
    void find_latest();

    ThreadAlgorithm algorithm_;
    Collation collation_;

    // Of the messages, in the order of their numbers:
    std::vector<std::uint32_t> numbers_;
    std::vector<std::int64_t> sent_, received_;
    std::vector<std::uint32_t> subjects_;  // number in subject_texts_, doubled; the low bit: a reply or forward
    std::vector<std::uint32_t> own_ids_;   // of the message; none: it has none, or another message had it before
    std::vector<std::uint32_t> reference_begins_, references_;  // numbers in ids_
    std::unique_ptr<TextTable> ids_, subject_texts_;
    std::vector<std::uint32_t> owners_;  // id -> the first message that has it; none

    enum class Stage : std::uint8_t { begin, sort, link, shape, sort_roots, done };
    Stage stage_ = Stage::begin;
    std::optional<StepSort> sort_;
    std::vector<std::uint32_t> order_;  // messages by sent date
    std::uint32_t different_subjects_ = 0;
    std::optional<Forest> forest_;      // messages, then the dummies of ids that no message has
    std::vector<std::uint32_t> nodes_;  // id -> node
    std::uint32_t linked_ = 0;

    // After pruning: each message's parent, a message, a dummy (numbered behind the messages), or none.
    std::vector<std::uint32_t> parents_;
    std::uint32_t dummies_ = 0;
    std::vector<std::uint32_t> latest_;  // REFS: of each root, the message that arrived last
    Threads threads_;
};

}  // namespace imaparc::search
