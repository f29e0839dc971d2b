// What SORT and THREAD have in common: may the command be run, let the job find and read, let the order come about.
//
// The session's thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "session/facts_job.h"
#include "session/in_progress.h"
#include "session/outcome.h"
#include "session/state.h"

namespace imaparc::session {

constexpr std::chrono::milliseconds ordering_slice{20};  // of a worker's time; then others have their turn
constexpr std::uint64_t max_ordering_octets = std::uint64_t{1} << 28;  // of memory for the keys of one command

// Why the selected mailbox cannot be sorted or threaded now; else the view is the latest and CONDSTORE enabled if
// MODSEQ is among the keys.
async::Task<std::optional<Outcome>> ordering_refused(State& state, const search::Criteria& criteria);

// A job on the selected mailbox, with "$" in its place.
std::unique_ptr<FactsJob> facts_job(State& state, const search::Criteria& criteria, search::Need need,
                                    FactsJob::Take take);

// Runs the job, and then puts `ordering` (search::Sorting, search::Threading), which its Take fills, in order. A
// result: it became too large. Disconnected.
template <class Ordering>
async::Task<std::optional<Outcome>> put_in_order(State& state, FactsJob& job, Ordering& ordering) {
    co_await state.out.flush();  // replies to earlier commands need not wait for this one
    InProgress progress(state, job.to_look_at());
    while (!co_await state.services.workers.run([&job] { return job.advance(ordering_slice); })) {
        if (ordering.octets() > max_ordering_octets)
            co_return no(imap::Code::limit, "The messages are too many to be put in order");
        co_await state.input.check_client();
        co_await progress.tell(job.looked_at());
    }
    const auto advance = [&ordering] { return ordering.advance(std::chrono::steady_clock::now() + ordering_slice); };
    while (!co_await state.services.workers.run(advance)) {
        co_await state.input.check_client();
        co_await progress.tell(job.looked_at());
    }
    co_return std::nullopt;
}

}  // namespace imaparc::session
