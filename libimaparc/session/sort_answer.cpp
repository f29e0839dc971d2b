#include "session/sort_answer.h"

#include <algorithm>

#include "imap/render_search.h"
#include "session/search_answer.h"

namespace imaparc::session {

SortResult::SortResult(const imap::Sort& command)
    : command_(command),
      with_modseq_(search::has(command.criteria, search::Criteria::Kind::modseq)),
      with_scores_(command.returns && command.returns->relevancy) {}

void SortResult::add(const SearchJob::Found& found) {
    uids_.push_back(found.uid.value);
    if (command_.by == imap::Numbering::number) numbers_.push_back(found.number.value);
    if (with_modseq_) modseqs_.push_back(found.modseq);
    if (with_scores_) scores_.push_back(found.score);
}

std::uint32_t SortResult::number_at(std::size_t position) const {
    return (command_.by == imap::Numbering::uid ? uids_ : numbers_)[order_[position]];
}

std::pair<std::size_t, std::size_t> SortResult::partial() const {
    const auto& range = *command_.returns->partial;
    const auto position = [](std::int64_t p) { return static_cast<std::uint64_t>(p < 0 ? -p : p); };
    const auto [low, high] = std::minmax({position(range.first), position(range.last)});
    const std::uint64_t count = order_.size(), first = std::min(low - 1, count), last = std::min(high, count);
    if (range.first > 0) return {first, last};
    return {count - last, count - first};  // counted from the end, -1 being the last (RFC 9394 3.1)
}

// Whether all that was found is named or counted, rather than the first, the last or some positions.
bool SortResult::everything() const {
    const auto& returns = *command_.returns;
    return returns.all || returns.count || (returns.relevancy && !returns.partial) ||
           (!returns.min && !returns.max && !returns.partial);
}

// SAVE alone suppresses the response (RFC 5182 1).
bool SortResult::silent() const {
    const auto& returns = *command_.returns;
    return returns.save && !returns.min && !returns.max && !returns.all && !returns.count && !returns.partial &&
           !returns.relevancy && !returns.update && !returns.context;
}

std::vector<std::uint32_t> SortResult::uids_in_order() const {
    std::vector<std::uint32_t> uids;
    uids.reserve(order_.size());
    for (const std::uint32_t place : order_) uids.push_back(uids_[place]);
    return uids;
}

// RFC 4731 3.2, RFC 7162 3.1.10: of the messages that the answer names, or counts.
ModSeq SortResult::highest_returned() const {
    if (!command_.returns || everything())
        return modseqs_.empty() ? ModSeq() : *std::max_element(modseqs_.begin(), modseqs_.end());
    ModSeq highest;
    const auto look_at = [&](std::size_t position) { highest = std::max(highest, modseqs_[order_[position]]); };
    if (order_.empty()) return highest;
    if (command_.returns->min) look_at(0);
    if (command_.returns->max) look_at(order_.size() - 1);
    if (command_.returns->partial)
        for (auto [position, last] = partial(); position < last; ++position) look_at(position);
    return highest;
}

async::Task<void> SortResult::answer(State& state) const { return command_.returns ? extended(state) : plain(state); }

// sort-data = "SORT" [1*(SP nz-number) SP search-sort-mod-seq]                         (RFC 7162 7)
async::Task<void> SortResult::plain(State& state) const {
    state.out.out() += "* SORT";
    for (std::size_t i = 0; i < order_.size(); ++i) {
        imap::render_search_number(state.out.out(), number_at(i));
        co_await state.out.room();
    }
    if (with_modseq_ && !order_.empty()) imap::render_search_modseq(state.out.out(), highest_returned());
    imap::render_search_end(state.out.out());
}

async::Task<void> SortResult::extended(State& state) const {
    if (silent()) co_return;
    const auto& returns = *command_.returns;
    imap::EsearchResponse response(state.out.out());
    response.begin(state.tag, command_.by);
    const bool any = !order_.empty();
    if (any && returns.min) response.min(number_at(0));
    if (any && returns.max) response.max(number_at(order_.size() - 1));
    if (returns.count) response.count(order_.size());

    std::size_t first = 0, last = order_.size();
    if (returns.partial) {
        std::tie(first, last) = partial();
        response.partial(*returns.partial);
    } else if (any && returns.all) {
        response.all();
    }
    if (returns.partial || returns.all) {
        // A range only where the numbers ascend (RFC 5267 3.2).
        for (std::size_t at = first; at < last;) {
            NumberRange range{number_at(at), number_at(at)};
            while (++at < last && number_at(at) == range.last + 1) ++range.last;
            response.range(range);
            co_await state.out.room();
        }
    }
    if (returns.partial) response.end_partial();
    if (returns.relevancy) {
        response.relevancy();
        for (std::size_t at = first; at < last; ++at) {
            response.score(scores_[order_[at]]);
            co_await state.out.room();
        }
        response.end_relevancy();
    }
    if (with_modseq_ && any && highest_returned() > ModSeq()) response.modseq(highest_returned());
    response.end();
}

std::optional<NumberSet> SortResult::saved() const {
    NumberSet found;
    if (everything()) {
        for (const auto uid : uids_) found.add(uid);
    } else if (!order_.empty()) {
        const auto uid_at = [&](std::size_t position) { return uids_[order_[position]]; };
        std::vector<std::uint32_t> uids;
        if (command_.returns->min) uids.push_back(uid_at(0));
        if (command_.returns->max) uids.push_back(uid_at(order_.size() - 1));
        if (command_.returns->partial)
            for (auto [position, last] = partial(); position < last; ++position) uids.push_back(uid_at(position));
        std::ranges::sort(uids);
        uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
        for (const auto uid : uids) found.add(uid);
    }
    if (found.ranges().size() > SearchAnswer::most_saved_ranges) return std::nullopt;
    return found;
}

}  // namespace imaparc::session
