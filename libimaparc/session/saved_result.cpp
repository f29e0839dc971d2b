#include "session/saved_result.h"

namespace imaparc::session {

namespace {

constexpr std::uint64_t most_ranges = 1'000'000;  // in one search: 8 MB, some copies of which are needed

std::uint64_t times_named(const search::Criteria& criteria) {
    std::uint64_t times = criteria.kind == search::Criteria::Kind::saved_result ? 1 : 0;
    for (const auto& child : criteria.children) times += times_named(child);
    return times;
}

}  // namespace

search::Criteria with_saved_result(const State& state, search::Criteria criteria) {
    using Kind = search::Criteria::Kind;
    if (criteria.kind == Kind::saved_result) {
        criteria.kind = Kind::uid_set;
        criteria.set = state.saved_result;
    }
    for (auto& child : criteria.children) child = with_saved_result(state, std::move(child));
    return criteria;
}

std::optional<Outcome> saved_result_refused(const State& state, const search::Criteria& criteria) {
    if (state.saved_result.ranges().size() * times_named(criteria) <= most_ranges) return std::nullopt;
    return no(imap::Code::limit, "\"$\" is named too often for what it holds");
}

}  // namespace imaparc::session
