#include "search/threading.h"

#include <algorithm>

#include "message/message_id.h"
#include "message/subject.h"

namespace imaparc::search {

namespace {

constexpr std::uint32_t empty_subject = 0;  // its number

}  // namespace

Threading::Threading(ThreadAlgorithm algorithm, Collation collation)
    : algorithm_(algorithm),
      collation_(collation),
      ids_(std::make_unique<TextTable>()),
      subject_texts_(std::make_unique<TextTable>()) {
    static_cast<void>(subject_texts_->number(""));  // empty_subject
}

void Threading::add(std::uint32_t number, Seconds received, const message::Summary& summary) {
    ThreadFacts facts;
    facts.number = number;
    facts.received = received;
    facts.sent = summary.sent.value_or(received);  // RFC 5256 2.2
    std::string id, parent, subject;
    std::string_view only_reference;
    if (by_references()) {
        id = message::first_message_id(summary.envelope.message_id.value_or(std::string_view{})).value_or("");
        facts.message_id = id;
        facts.references = summary.references;
        if (summary.references.empty()) {
            parent = message::first_message_id(summary.envelope.in_reply_to.value_or(std::string_view{})).value_or("");
            only_reference = parent;
            if (!parent.empty()) facts.references = {&only_reference, 1};
        }
    }
    if (by_subject()) {
        const auto base = message::base_subject(summary.envelope.subject.value_or(std::string_view{}));
        subject = folded(base.text, collation_);
        facts.subject = subject;
        facts.reply_or_forward = base.reply_or_forward;
    }
    add(facts);
}

void Threading::add(const ThreadFacts& facts) {
    const std::uint32_t message = count32();
    numbers_.push_back(facts.number);
    sent_.push_back(facts.sent);
    if (algorithm_ == ThreadAlgorithm::refs) received_.push_back(facts.received);
    if (by_subject()) subjects_.push_back(subject_texts_->number(facts.subject) * 2 + (facts.reply_or_forward ? 1 : 0));
    if (!by_references()) return;

    const auto id_number = [this](std::string_view text) {
        const auto id = ids_->number(text);
        if (id == owners_.size()) owners_.push_back(none);
        return id;
    };
    std::uint32_t own = none;
    if (!facts.message_id.empty()) {
        own = id_number(facts.message_id);
        // "only use that Message ID in the first message, and assign a unique Message ID to each of the subsequent"
        if (owners_[own] == none)
            owners_[own] = message;
        else
            own = none;
    }
    own_ids_.push_back(own);
    reference_begins_.push_back(static_cast<std::uint32_t>(references_.size()));
    for (const auto reference : facts.references) references_.push_back(id_number(reference));
}

std::uint64_t Threading::octets() const {
    const auto narrow = numbers_.capacity() + subjects_.capacity() + own_ids_.capacity() +
                        reference_begins_.capacity() + references_.capacity() + owners_.capacity();
    return narrow * sizeof(std::uint32_t) + (sent_.capacity() + received_.capacity()) * sizeof(std::int64_t) +
           ids_->octets() + subject_texts_->octets();
}

bool Threading::advance(Deadline deadline) {
    if (stage_ == Stage::begin) {
        different_subjects_ = subject_texts_->size();
        subject_texts_.reset();  // the numbers are enough from here on
        ids_.reset();
        sort_.emplace(numbers_.size());
        stage_ = Stage::sort;
    }
    if (stage_ == Stage::sort) {
        // "the order in which the two messages appear in the mailbox is used as a tie-breaker" (RFC 5256 2.2)
        const bool sorted = sort_->advance(deadline, [this](std::uint32_t a, std::uint32_t b) {
            return sent_[a] != sent_[b] ? sent_[a] < sent_[b] : a < b;
        });
        if (!sorted) return false;
        order_ = sort_->take();
        sent_ = {};
        if (by_references()) begin_linking();
        stage_ = by_references() ? Stage::link : Stage::shape;
    }
    if (stage_ == Stage::link) {
        if (!link_some(deadline)) return false;
        prune();
        stage_ = Stage::shape;
    }
    if (stage_ == Stage::shape) {
        if (algorithm_ == ThreadAlgorithm::ordered_subject) gather_under_first();
        if (algorithm_ == ThreadAlgorithm::references) gather_by_subject();
        build();
        if (algorithm_ == ThreadAlgorithm::refs) find_latest();
        sort_.emplace(latest_.size());
        stage_ = Stage::sort_roots;
    }
    if (stage_ == Stage::sort_roots) {
        const bool sorted = sort_->advance(deadline, [this](std::uint32_t a, std::uint32_t b) {
            const auto x = latest_[a], y = latest_[b];
            return received_[x] != received_[y] ? received_[x] < received_[y] : x < y;
        });
        if (!sorted) return false;
        if (algorithm_ == ThreadAlgorithm::refs) {
            auto roots = sort_->take();
            for (auto& root : roots) root = threads_.roots[root];
            threads_.roots = std::move(roots);
        }
        stage_ = Stage::done;
    }
    return true;
}

Threads Threading::take() {
    threads_.numbers = std::move(numbers_);
    return std::move(threads_);
}

// Ids that no message has get a dummy each.
void Threading::begin_linking() {
    nodes_ = std::move(owners_);
    std::uint32_t nodes = count32();
    for (auto& node : nodes_)
        if (node == none) node = nodes++;
    forest_.emplace(nodes);
    own_ids_ = {};
    reference_begins_.push_back(static_cast<std::uint32_t>(references_.size()));
}

// Step (1), message by message.
bool Threading::link_some(Deadline deadline) {
    constexpr std::uint32_t between_looks = 256;
    while (linked_ < count32()) {
        link(linked_++);
        if (linked_ % between_looks == 0 && over(deadline)) break;
    }
    return linked_ == count32();
}

void Threading::link(std::uint32_t message) {
    Forest& forest = *forest_;
    // A link that is refused would have made a loop: "do not create".
    std::uint32_t before = none;
    for (auto i = reference_begins_[message]; i < reference_begins_[message + 1]; ++i) {  // (A)
        const auto node = nodes_[references_[i]];
        if (before != none && forest.parent(node) == none) static_cast<void>(forest.link(before, node));
        before = node;
    }
    if (before != none && forest.parent(message) == before) return;
    forest.cut(message);  // (B)
    if (before != none) static_cast<void>(forest.link(before, message));
}

// Steps (2) and (3). A dummy below the top gives its children to its parent, so a message comes to hang under the
// nearest message above it. Where there is none, the messages under one dummy at the top stay together under it, unless
// there is only one.
void Threading::prune() {
    const std::uint32_t messages = count32();
    const auto& parents = forest_->parents();
    std::vector<std::uint32_t> above(parents.size() - messages, none);  // dummy -> message, or dummy at the top
    std::vector<std::uint32_t> members(above.size());                   // of a dummy at the top
    std::vector<std::uint32_t> way;
    parents_.assign(messages, none);
    for (std::uint32_t message = 0; message < messages; ++message) {
        auto at = parents[message];
        way.clear();
        while (at != none && at >= messages) {
            if (above[at - messages] != none) {
                at = above[at - messages];
                break;
            }
            way.push_back(at);
            if (parents[at] == none) break;
            at = parents[at];
        }
        for (const auto dummy : way) above[dummy - messages] = at;
        parents_[message] = at;
        if (at != none && at >= messages) ++members[at - messages];
    }
    std::vector<std::uint32_t> numbers(above.size(), none);  // of the dummies that stay
    for (auto& parent : parents_) {
        if (parent == none || parent < messages) continue;
        const auto dummy = parent - messages;
        if (members[dummy] == 1) {
            parent = none;
            continue;
        }
        if (numbers[dummy] == none) numbers[dummy] = messages + dummies_++;
        parent = numbers[dummy];
    }
    forest_.reset();
    nodes_ = {};
    references_ = {};
    reference_begins_ = {};
}

// Step (5) of REFERENCES.
void Threading::gather_by_subject() {
    const std::uint32_t messages = count32();
    std::vector<std::uint32_t> first_children(dummies_, none), merged_into(dummies_, none);
    const auto is_dummy = [&](std::uint32_t node) { return node >= messages; };
    const auto is_reply = [&](std::uint32_t message) { return (subjects_[message] & 1) != 0; };
    const auto subject_of = [&](std::uint32_t node) {
        return subjects_[is_dummy(node) ? first_children[node - messages] : node] / 2;
    };

    std::vector<std::uint32_t> top;  // the children of the root in the order of step (4)
    for (const auto message : order_) {
        const auto parent = parents_[message];
        if (parent == none) {
            top.push_back(message);
        } else if (is_dummy(parent) && first_children[parent - messages] == none) {
            first_children[parent - messages] = message;
            top.push_back(parent);
        }
    }

    std::vector<std::uint32_t> table(different_subjects_, none);  // (A)
    for (const auto current : top) {                              // (B)
        const auto subject = subject_of(current);
        if (subject == empty_subject) continue;
        auto& found = table[subject];
        if (found == none || (!is_dummy(found) && (is_dummy(current) || (is_reply(found) && !is_reply(current)))))
            found = current;
    }
    for (const auto current : top) {  // (C)
        const auto subject = subject_of(current);
        if (subject == empty_subject) continue;
        auto& found = table[subject];
        if (found == current) continue;
        if (!is_dummy(current) && parents_[current] != none) continue;  // under the root no more
        if (is_dummy(current)) {  // then, by (B), the one in the table is one, too
            merged_into[current - messages] = found;
        } else if (is_dummy(found) || (is_reply(current) && !is_reply(found))) {
            parents_[current] = found;
        } else {
            const auto dummy = messages + dummies_++;
            first_children.push_back(found);
            merged_into.push_back(none);
            parents_[current] = parents_[found] = dummy;
            found = dummy;
        }
    }
    for (auto& parent : parents_)
        if (parent != none && is_dummy(parent) && merged_into[parent - messages] != none)
            parent = merged_into[parent - messages];
}

// ORDEREDSUBJECT: the first of a subject is the thread, the others are its children.
void Threading::gather_under_first() {
    parents_.assign(numbers_.size(), none);
    std::vector<std::uint32_t> firsts(different_subjects_, none);
    for (const auto message : order_) {
        auto& first = firsts[subjects_[message] / 2];
        if (first == none)
            first = message;
        else
            parents_[message] = first;
    }
}

// Steps (4) and (6): messages taken in the order of their sent dates make lists of siblings in that order, and a dummy
// comes where its first child does.
void Threading::build() {
    const std::uint32_t messages = count32();
    auto& begins = threads_.begins;
    begins.assign(std::size_t{messages} + dummies_ + 1, 0);
    for (const auto parent : parents_)
        if (parent != none) ++begins[parent + 1];
    for (std::size_t i = 1; i < begins.size(); ++i) begins[i] += begins[i - 1];
    threads_.children.resize(begins.back());
    std::vector<std::uint32_t> next(begins.begin(), begins.end() - 1);
    for (const auto message : order_) {
        const auto parent = parents_[message];
        if (parent == none) {
            threads_.roots.push_back(message);
            continue;
        }
        if (parent >= messages && next[parent] == begins[parent]) threads_.roots.push_back(parent);
        threads_.children[next[parent]++] = message;
    }
    order_ = {};
    subjects_ = {};
}

// Of each thread the message that arrived last.
void Threading::find_latest() {
    const std::uint32_t messages = count32();
    std::vector<std::uint32_t> tops(messages, none), way;
    std::vector<std::uint32_t> latest(std::size_t{messages} + dummies_, none);  // by root
    for (std::uint32_t message = 0; message < messages; ++message) {
        auto at = message;
        way.clear();
        while (at < messages && tops[at] == none) {
            way.push_back(at);
            if (parents_[at] == none) break;
            at = parents_[at];
        }
        const auto top = at < messages && tops[at] != none ? tops[at] : at;
        for (const auto passed : way) tops[passed] = top;
        auto& last = latest[top];
        if (last == none || received_[message] >= received_[last]) last = message;
    }
    latest_.reserve(threads_.roots.size());
    for (const auto root : threads_.roots) latest_.push_back(latest[root]);
    parents_ = {};
}

}  // namespace imaparc::search
