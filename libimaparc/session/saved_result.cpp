#include "session/saved_result.h"

namespace imaparc::session {

search::Criteria with_saved_result(const State& state, search::Criteria criteria) {
    using Kind = search::Criteria::Kind;
    if (criteria.kind == Kind::saved_result) {
        criteria.kind = Kind::uid_set;
        criteria.set = state.saved_result;
    }
    for (auto& child : criteria.children) child = with_saved_result(state, std::move(child));
    return criteria;
}

}  // namespace imaparc::session
