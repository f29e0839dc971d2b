#include "session/search_limit.h"

#include "session/search_job.h"

namespace imaparc::session {

async::Task<std::optional<Limited>> search_limit(State& state, const std::shared_ptr<const index::View>& view,
                                                 const search::Criteria& criteria) {
    const std::uint32_t most = state.options->message_limit;
    if (most == 0 || view->count() <= most) co_return std::nullopt;
    NumberSet everything;
    everything.add(1, NumberRange::star);
    const search::Criteria plain = search::simplified(criteria);
    const auto* only = SearchJob::restriction(plain);
    const bool by_uid = only && only->kind == search::Criteria::Kind::uid_set;
    const NumberSet& set = only ? only->set : everything;
    const auto by = by_uid ? imap::Numbering::uid : imap::Numbering::number;
    co_return co_await state.on_worker([&] { return limited(*view, set, by, most); });
}

}  // namespace imaparc::session
