#include "session/search_limit.h"

#include "session/partial.h"
#include "session/sets.h"

namespace imaparc::session {

namespace {

using Kind = search::Criteria::Kind;

constexpr unsigned most_sets = 64;  // further ones narrow nothing: each costs as much as the ranges that are left

// The messages, by number, that the sets at the top level of `plain` leave: all of those keys must be true. May wait.
NumberSet left_by(const index::View& view, const search::Criteria& plain) {
    NumberSet left;
    left.add(1, view.count());
    unsigned sets = 0;
    const auto narrow = [&](const search::Criteria& key) {
        if (key.kind != Kind::number_set && key.kind != Kind::uid_set) return;
        if (++sets > most_sets) return;
        if (key.kind == Kind::number_set) left = common(left, key.set.resolved(view.count()));
        if (key.kind == Kind::uid_set) left = common(left, numbers_of(view, key.set));
    };
    narrow(plain);
    if (plain.kind == Kind::all_of)
        for (const auto& key : plain.children) narrow(key);
    return left;
}

}  // namespace

async::Task<std::optional<Limited>> search_limit(State& state, const std::shared_ptr<const index::View>& view,
                                                 const search::Criteria& criteria) {
    const std::uint32_t most = state.options->message_limit;
    if (most == 0 || view->count() <= most) co_return std::nullopt;
    const search::Criteria plain = search::simplified(criteria);
    co_return co_await state.on_worker(
        [&] { return limited(*view, left_by(*view, plain), imap::Numbering::number, most); });
}

}  // namespace imaparc::session
