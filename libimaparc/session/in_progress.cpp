#include "session/in_progress.h"

#include <algorithm>

namespace imaparc::session {

InProgress::InProgress(State& state, std::uint64_t goal)
    : state_(state), goal_(goal), told_(state.services.clock.steady()) {}

// inprogress-tag = quoted / nil; inprogress-state = nil SP nil / number SP nz-number, the goal above the number.
async::Task<void> InProgress::tell(std::uint64_t done) {
    const auto now = state_.services.clock.steady();
    if (now - told_ < interval) co_return;
    told_ = now;
    const bool plain_tag = state_.tag.find(']') == std::string::npos;  // it would end the response code
    std::string progress = plain_tag ? "(\"" + state_.tag + "\" " : std::string("(NIL ");
    progress += goal_ == 0 ? "NIL NIL)" : std::to_string(std::min(done, goal_ - 1)) + " " + std::to_string(goal_) + ")";
    state_.say(imap::Condition::ok, {imap::Code::in_progress, std::move(progress)}, "Still searching");
    co_await state_.out.flush();
}

}  // namespace imaparc::session
