#include "session/facts_job.h"

#include <algorithm>

namespace imaparc::session {

namespace {

constexpr std::size_t batch = 128;  // messages whose summaries are in memory at once

}  // namespace

FactsJob::FactsJob(archive::Archive& archive, const std::string& owner, std::shared_ptr<const index::View> view,
                   search::Criteria criteria, SearchJob::Settings settings, search::Need need, Take take)
    : archive_(archive),
      owner_(owner),
      view_(view),
      search_(archive, owner, std::move(view), std::move(criteria), std::move(settings)),
      need_(need),
      take_(std::move(take)) {}

bool FactsJob::advance(std::chrono::microseconds time) {
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + time;
    do {
        if (read_ < search_.found().size()) {
            read_some();
            continue;
        }
        search_.found().clear();
        read_ = 0;
        if (searched_) return true;
        const auto left = std::chrono::duration_cast<std::chrono::microseconds>(deadline - Clock::now());
        searched_ = search_.advance(left, Waiting::allowed) == SearchJob::Step::done;
    } while (Clock::now() < deadline);
    return false;
}

// The next messages that lie in one block.
void FactsJob::read_some() {
    const auto& found = search_.found();
    const auto block = view_->block_with(found[read_].number);
    if (block != block_) {
        rows_ = view_->rows(*block);
        block_ = block;
    }
    const index::Block& bounds = view_->blocks()[*block];
    std::size_t end = read_;
    while (end < found.size() && end - read_ < batch && found[end].number.value - bounds.first.value < bounds.count)
        ++end;

    struct Open {
        Facts facts;
        MessageId id;
        bool summary = false;  // is needed
    };
    std::vector<Open> batch_facts;
    batch_facts.reserve(end - read_);
    std::vector<MessageId> ids;
    for (std::size_t i = read_; i < end; ++i) {
        const std::size_t row = found[i].number.value - bounds.first.value;
        Open open;
        open.facts.found = found[i];
        open.facts.internal_date = rows_->date(row);
        open.facts.size = rows_->octets(row);
        open.summary = need_ == search::Need::summary || (need_ == search::Need::size && !open.facts.size);
        if (open.summary) ids.push_back(open.id = rows_->id(row));
        batch_facts.push_back(std::move(open));
    }
    read_ = end;

    const std::vector<std::optional<archive::Details>> cached = archive_.cached(owner_, ids);
    std::vector<MessageId> missing;
    for (std::size_t i = 0; i < ids.size(); ++i)
        if (!cached[i]) missing.push_back(ids[i]);
    const std::vector<Result<archive::Details>> details =
        missing.empty() ? std::vector<Result<archive::Details>>{} : archive_.details(owner_, missing);

    std::size_t asked = 0, computed = 0;
    for (Open& open : batch_facts) {
        if (open.summary) {
            const archive::Details* known = nullptr;
            if (const auto& kept = cached[asked++]) {
                known = &*kept;
            } else if (const auto& result = details[computed++]) {
                known = &*result;
            } else {
                ++failures_;
                if (!failure_) failure_ = result.error();
                continue;
            }
            open.facts.summary = &known->summary;
            open.facts.size = known->summary.wire_size;
        }
        take_(open.facts);
    }
}

}  // namespace imaparc::session
