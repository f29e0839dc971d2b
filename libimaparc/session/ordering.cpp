#include "session/ordering.h"

#include "session/run.h"
#include "session/saved_result.h"
#include "session/search_limit.h"
#include "session/uid_only.h"

namespace imaparc::session {

async::Task<std::optional<Outcome>> ordering_refused(State& state, const search::Criteria& criteria) {
    if (auto refused = numbers_refused(state, criteria)) co_return std::move(*refused);
    if (auto hidden = state.hidden()) co_return std::move(*hidden);
    if (auto refused = saved_result_refused(state, criteria)) co_return std::move(*refused);
    if (search::has(criteria, search::Criteria::Kind::modseq)) state.enable_condstore();
    co_await state.renew();
    // A part cannot stand for the whole here (RFC 9738 3.3).
    const search::Criteria known = with_saved_result(state, criteria);
    const auto view = state.mailbox()->view();
    if (co_await search_limit(state, view, known))
        co_return no({imap::Code::message_limit, state.options->message_limit},
                     "The messages are too many to be put in order");
    co_return std::nullopt;
}

std::unique_ptr<FactsJob> facts_job(State& state, const search::Criteria& criteria, search::Need need,
                                    FactsJob::Take take) {
    SearchJob::Settings settings;
    settings.now = state.services.clock.now();
    settings.collation = state.collation;
    return std::make_unique<FactsJob>(state.services.archive, state.account()->identity.owner, state.mailbox()->view(),
                                      with_saved_result(state, criteria), std::move(settings), need, std::move(take));
}

}  // namespace imaparc::session
