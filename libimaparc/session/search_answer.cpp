#include "session/search_answer.h"

#include <algorithm>

#include "imap/render.h"

namespace imaparc::session {

namespace {

constexpr std::size_t many = 8192;  // ranges (64 kB of them), or results

// The bounds of a PARTIAL as positions from the end that it is counted from.
std::pair<std::uint64_t, std::uint64_t> bounds(const imap::ResultRange& range) {
    const auto position = [](std::int64_t p) { return static_cast<std::uint64_t>(p < 0 ? -p : p); };
    return std::minmax({position(range.first), position(range.last)});
}

}  // namespace

void SearchAnswer::Runs::add(std::uint32_t number) {
    if (!ranges_.empty() && ranges_.back().last != NumberRange::largest && ranges_.back().last + 1 == number)
        ranges_.back().last = number;
    else if (!ranges_.empty() && ranges_.back().first == number + 1)
        ranges_.back().first = number;
    else
        ranges_.push_back({number, number});
}

SearchAnswer::SearchAnswer(Responder& out, std::string tag, imap::Numbering by,
                           std::optional<imap::SearchReturn> returns, WithModSeq modseq)
    : out_(out), tag_(std::move(tag)), by_(by), returns_(returns), with_modseq_(modseq), response_(out.out()) {}

// Whether all results count, rather than the first, the last or some positions.
bool SearchAnswer::everything() const {
    if (!returns_) return true;
    return returns_->all || returns_->count || (returns_->relevancy && !returns_->partial) ||
           (!returns_->min && !returns_->max && !returns_->partial);
}

// SAVE alone suppresses the response (RFC 5182 1).
bool SearchAnswer::silent() const {
    return returns_ && returns_->save && !returns_->min && !returns_->max && !returns_->all && !returns_->count &&
           !returns_->partial && !returns_->relevancy && !returns_->update && !returns_->context;
}

SearchJob::Order SearchAnswer::order() const {
    if (!returns_) return SearchJob::Order::ascending;
    const bool from_the_end = returns_->partial ? returns_->partial->first < 0 : !everything() && !returns_->min;
    return from_the_end ? SearchJob::Order::descending : SearchJob::Order::ascending;
}

void SearchAnswer::take(const SearchJob::Found& found, SearchJob::Order order) {
    if (satisfied_) return;
    order_ = order;
    ++count_;
    const bool ascending = order == SearchJob::Order::ascending;
    if (count_ == 1) first_ = last_ = found;
    (ascending ? last_ : first_) = found;
    highest_ = std::max(highest_, found.modseq);

    if (!returns_ || returns_->all) list_.add(counted(found));
    if (returns_ && returns_->partial) {
        take_partial(found);
    } else if (returns_ && returns_->relevancy) {
        scores_.push_back(found.score);
    }
    if (returns_ && returns_->save && everything() && !too_many_) {
        saved_.add(found.uid.value);
        too_many_ = saved_.ranges().size() > most_saved_ranges;
    }
    note_satisfied(order);
}

void SearchAnswer::take_partial(const SearchJob::Found& found) {
    const auto [low, high] = bounds(*returns_->partial);
    if (count_ < low || count_ > high) return;
    list_.add(counted(found));
    highest_partial_ = std::max(highest_partial_, found.modseq);
    if (returns_->relevancy) scores_.push_back(found.score);
    if (!returns_->save || everything() || too_many_) return;
    saved_partial_.add(found.uid.value);
    too_many_ = saved_partial_.ranges().size() > most_saved_ranges;
}

void SearchAnswer::note_satisfied(SearchJob::Order order) {
    if (everything()) return;
    const bool ascending = order == SearchJob::Order::ascending;
    const bool other_end = ascending ? returns_->max : returns_->min;
    const std::uint64_t needed = returns_->partial ? bounds(*returns_->partial).second : 1;
    satisfied_ = !other_end && count_ >= needed;
}

void SearchAnswer::begin() {
    begun_ = true;
    if (of_)
        response_.begin(tag_, of_->path, of_->form, of_->uid_validity);
    else if (returns_)
        response_.begin(tag_, by_);
    else
        imap::render_search_begin(out_.out());
}

void SearchAnswer::write(const NumberRange& range) {
    if (returns_) return response_.range(range);
    const std::uint64_t count = std::uint64_t{range.last} - range.first + 1;
    for (std::uint32_t i = 0; i < count; ++i)
        imap::render_search_number(out_.out(),
                                   order_ == SearchJob::Order::ascending ? range.first + i : range.last - i);
}

void SearchAnswer::stream() {
    auto& ranges = list_.ranges();
    if (silent() || (returns_ && !returns_->all)) return;
    // "* SEARCH" grows with the results, the other with the ranges.
    if (!begun_ && (returns_ ? ranges.size() : count_) <= many) return;
    if (!begun_) {
        begin();
        if (returns_ && returns_->min && order_ == SearchJob::Order::ascending) response_.min(counted(first_));
        if (returns_) response_.all();
    }
    const std::size_t open = returns_ ? 1 : 0;  // the last range may still grow
    if (ranges.size() <= open) return;
    for (std::size_t i = 0; i + open < ranges.size(); ++i) write(ranges[i]);
    ranges.erase(ranges.begin(), ranges.end() - static_cast<std::ptrdiff_t>(open));
}

async::Task<void> SearchAnswer::end() {
    if (silent() || (of_ && count_ == 0)) co_return;
    const bool began_early = begun_;
    if (!begun_) begin();
    if (returns_) {
        co_await end_extended(began_early);
        response_.end();
    } else {
        co_await write_list();
        if (with_modseq_ == WithModSeq::yes && count_ > 0) imap::render_search_modseq(out_.out(), highest_);
        imap::render_search_end(out_.out());
    }
    begun_ = false;
}

// What is short comes first, unless the list had to begin before it was known.
async::Task<void> SearchAnswer::end_extended(bool began_early) {
    if (began_early) co_await write_list();
    const bool any = count_ > 0;
    const bool min_is_written = began_early && order_ == SearchJob::Order::ascending;
    if (any && returns_->min && !min_is_written) response_.min(counted(first_));
    if (any && returns_->max) response_.max(counted(last_));
    if (returns_->count) response_.count(count_);
    if (!began_early && any && returns_->all) {
        response_.all();
        co_await write_list();
    }
    if (returns_->partial) {
        if (returns_->partial->first < 0) {
            std::ranges::reverse(list_.ranges());
            std::ranges::reverse(scores_);
        }
        response_.partial(*returns_->partial);
        co_await write_list();
        response_.end_partial();
    }
    if (returns_->relevancy) co_await write_scores();
    if (with_modseq_ == WithModSeq::yes && highest_returned() > ModSeq()) response_.modseq(highest_returned());
}

async::Task<void> SearchAnswer::write_list() {
    for (const auto& range : list_.ranges()) {
        write(range);
        co_await out_.room();
    }
}

async::Task<void> SearchAnswer::write_scores() {
    response_.relevancy();
    for (const auto score : scores_) {
        response_.score(score);
        co_await out_.room();
    }
    response_.end_relevancy();
}

// RFC 4731 3.2: of the messages that the answer names, or counts.
ModSeq SearchAnswer::highest_returned() const {
    if (everything() || count_ == 0) return highest_;
    ModSeq highest = highest_partial_;
    if (returns_->min) highest = std::max(highest, first_.modseq);
    if (returns_->max) highest = std::max(highest, last_.modseq);
    return highest;
}

std::optional<NumberSet> SearchAnswer::saved() const {
    if (too_many_) return std::nullopt;
    std::vector<NumberRange> uids = everything() ? saved_.ranges() : saved_partial_.ranges();
    if (!everything() && count_ > 0) {
        if (returns_->min) uids.push_back({first_.uid.value, first_.uid.value});
        if (returns_->max) uids.push_back({last_.uid.value, last_.uid.value});
    }
    return NumberSet(std::move(uids)).resolved(0);
}

}  // namespace imaparc::session
