#include "session/search_job.h"

#include <algorithm>
#include <array>

namespace imaparc::session {

namespace {

constexpr std::size_t slice = 128;  // messages whose summaries are in memory at once

// The messages worth looking at: where the whole search is restricted to a set, those.
Walk walk_for(const std::shared_ptr<const index::View>& view, const search::Criteria& criteria,
              const SearchJob::Settings& settings) {
    using Kind = search::Criteria::Kind;
    if (settings.numbers) return {view, *settings.numbers, Walk::By::number};
    if (const auto* set = SearchJob::restriction(criteria))
        return {view, set->set, set->kind == Kind::uid_set ? Walk::By::uid : Walk::By::number};
    return Walk::everything(view);
}

}  // namespace

const search::Criteria* SearchJob::restriction(const search::Criteria& criteria) {
    using Kind = search::Criteria::Kind;
    const auto restricts = [](const search::Criteria& c) {
        return c.kind == Kind::number_set || c.kind == Kind::uid_set;
    };
    if (restricts(criteria)) return &criteria;
    if (criteria.kind == Kind::all_of)
        for (const auto& child : criteria.children)
            if (restricts(child)) return &child;
    return nullptr;
}

SearchJob::SearchJob(archive::Archive& archive, const std::string& owner, std::shared_ptr<const index::View> view,
                     search::Criteria criteria, Settings settings)
    : archive_(archive),
      owner_(owner),
      criteria_(search::simplified(std::move(criteria))),
      walk_(walk_for(view, criteria_, settings)),
      to_look_at_(settings.numbers ? settings.numbers->count() : view->count()),
      matcher_(criteria_, Number(view->count()), view->last_uid(), settings.now, search::Fields::envelope,
               settings.collation) {
    if (settings.order == Order::descending) walk_.backwards();
    if (const auto* set = restriction(criteria_)) {
        const bool by_uid = set->kind == search::Criteria::Kind::uid_set;
        const auto named = set->set.resolved(by_uid ? view->last_uid().value : view->count()).count();
        to_look_at_ = std::min(to_look_at_, named);
    }
}

SearchJob::Step SearchJob::advance(std::chrono::microseconds time, Waiting waiting) {
    const auto deadline = std::chrono::steady_clock::now() + time;
    for (;;) {
        for (; opened_ < to_open_.size(); ++opened_) {
            if (std::chrono::steady_clock::now() >= deadline) return Step::more;
            decide_by_octets(to_open_[opened_]);
        }
        finish_slice();
        if (found_.size() >= most_found || std::chrono::steady_clock::now() >= deadline) return Step::more;
        Step why_not = Step::done;
        if (!begin_slice(waiting, why_not)) return why_not;
    }
}

// Takes the next messages and decides those that the index or their summaries decide.
bool SearchJob::begin_slice(Waiting waiting, Step& why_not) {
    if (!walking_ || slice_end_ >= walk_.picked().size()) {
        walking_ = false;
        const Walk::Step step = walk_.next(waiting);
        if (step != Walk::Step::block) {
            why_not = step == Walk::Step::end ? Step::done : Step::would_wait;
            return false;
        }
        walking_ = true;
        slice_end_ = 0;
    }
    slice_begin_ = slice_end_;
    slice_end_ = std::min(slice_begin_ + slice, walk_.picked().size());
    scores_.assign(slice_end_ - slice_begin_, 0);
    std::vector<std::size_t> undecided;
    for (std::size_t i = slice_begin_; i < slice_end_; ++i) {
        const auto scored = matcher_.match_scored(facts_of(i));
        if (scored && scored->verdict == search::Verdict::unknown)
            undecided.push_back(i);
        else
            settle(i, scored);
    }
    if (!undecided.empty()) decide_by_details(undecided);
    return true;
}

void SearchJob::decide_by_details(const std::vector<std::size_t>& undecided) {
    std::vector<MessageId> missing;
    std::vector<std::size_t> missing_places;
    const auto decide = [this](std::size_t picked, const archive::Details& details) {
        search::Facts facts = facts_of(picked);
        facts.summary = &details.summary;
        facts.size = details.summary.wire_size;
        const auto scored = matcher_.match_scored(facts);
        if (scored && scored->verdict == search::Verdict::unknown)
            to_open_.push_back(picked);
        else
            settle(picked, scored);
    };
    std::vector<MessageId> ids;
    ids.reserve(undecided.size());
    for (const auto picked : undecided) ids.push_back(walk_.rows().id(walk_.picked()[picked].row));
    {
        const std::vector<std::optional<archive::Details>> cached = archive_.cached(owner_, ids);
        for (std::size_t i = 0; i < undecided.size(); ++i) {
            if (cached[i]) {
                decide(undecided[i], *cached[i]);
            } else {
                missing.push_back(ids[i]);
                missing_places.push_back(undecided[i]);
            }
        }
    }
    if (missing.empty()) return;
    const std::vector<Result<archive::Details>> found = archive_.details(owner_, missing);
    for (std::size_t i = 0; i < missing.size(); ++i) {
        if (found[i])
            decide(missing_places[i], *found[i]);
        else
            settle(missing_places[i], found[i].error());
    }
    std::ranges::sort(to_open_);
}

void SearchJob::decide_by_octets(std::size_t picked) {
    auto opened = archive_.open(owner_, walk_.rows().id(walk_.picked()[picked].row));
    if (!opened) return settle(picked, opened.error());
    archive::WireReader& reader = **opened;
    const message::Summary& summary = reader.summary();
    search::Facts facts = facts_of(picked);
    facts.summary = &summary;
    facts.size = summary.wire_size;
    facts.header = [&]() -> Result<std::string> {
        std::string header(std::min<std::uint64_t>(summary.root.body.raw, message::max_header_bytes), '\0');
        const auto got = reader.read_raw(0, header);
        if (!got) return got.error();
        header.resize(*got);
        return header;
    };
    facts.raw = [&](std::uint64_t offset, char* buffer, std::size_t size) {
        return reader.read_raw(offset, std::span(buffer, size));
    };
    settle(picked, matcher_.match_scored(facts));
}

void SearchJob::settle(std::size_t picked, const Result<search::Scored>& scored) {
    if (scored) {
        scores_[picked - slice_begin_] = scored->verdict == search::Verdict::yes ? scored->score : std::uint8_t{0};
    } else {
        ++failures_;
        if (!failure_) failure_ = scored.error();
    }
}

void SearchJob::finish_slice() {
    for (std::size_t i = slice_begin_; i < slice_end_; ++i) {
        const std::uint8_t score = scores_[i - slice_begin_];
        if (score == 0) continue;
        const auto& picked = walk_.picked()[i];
        found_.push_back({picked.number, walk_.rows().uid(picked.row), walk_.rows().modseq(picked.row), score});
    }
    looked_at_ += slice_end_ - slice_begin_;
    slice_begin_ = slice_end_;
    to_open_.clear();
    opened_ = 0;
}

search::Facts SearchJob::facts_of(std::size_t picked) {
    const auto& [number, row] = walk_.picked()[picked];
    const index::Rows& rows = walk_.rows();
    const FlagBits flags = rows.flags(row);
    search::Facts facts;
    facts.number = number;
    facts.uid = rows.uid(row);
    facts.system_flags = flags.system;
    facts.keywords = keywords_of(flags.keywords);
    facts.internal_date = rows.date(row);
    facts.modseq = rows.modseq(row);
    facts.size = rows.octets(row);
    facts.save_dates = search::SaveDates::supported;
    facts.saved = rows.saved(row);
    return facts;
}

// Few different sets occur, so each is written out once.
const std::vector<std::string>* SearchJob::keywords_of(std::uint64_t bits) {
    if (bits == 0) return nullptr;
    constexpr std::size_t most_sets = 1024;
    auto found = keyword_sets_.find(bits);
    if (found == keyword_sets_.end()) {
        if (keyword_sets_.size() >= most_sets) keyword_sets_.clear();
        std::vector<std::string> names;
        const auto& table = walk_.view().keywords();
        for (std::size_t bit = 0; bit < table.size() && bit < 64; ++bit)
            if (bits >> bit & 1) names.push_back(table[bit]);
        found = keyword_sets_.emplace(bits, std::move(names)).first;
    }
    return &found->second;
}

}  // namespace imaparc::session
