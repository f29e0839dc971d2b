// FETCH and UID FETCH (RFC 3501 6.4.5).
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "session/fetch_job.h"
#include "session/run.h"

namespace imaparc::session {

namespace {

// \Seen for messages whose bodies went out; the client has been told, so only the index has to hear of it.
async::Task<void> mark_seen(State& state, FetchJob& job) {
    const OwnChange change{job.take_seen(), index::FlagAction::add, {flag::seen, {}}};
    if (change.uids.empty()) co_return;
    Mailbox& box = *state.mailbox();
    const Result<bool> stored = co_await state.services.workers.run([&box, &change]() -> Result<bool> {
        const auto outcome = box.owner().store_flags(box.folder().number, box.user(), change.uids, change.action,
                                                     change.flags, std::nullopt, index::Durability::soon);
        if (!outcome) return outcome.error();
        if (const auto latest = box.latest()) box.renew(*latest, &change);
        return true;
    });
    if (!stored)
        state.services.log.warning("imap_seen_not_stored",
                                   {{"folder", box.folder().path}, {"reason", stored.error().text}});
}

// Runs the job to its end; what a worker makes next is made while the client takes what is there.
async::Task<FetchJob::Step> deliver(State& state, FetchJob& job) {
    using namespace boost::asio::experimental::awaitable_operators;
    constexpr std::uint64_t seen_at_once = 500;  // each time costs a new view
    const std::size_t piece = state.out.piece();
    auto fill_on_worker = [&state, &job, piece] {
        return state.services.workers.run([&job, piece] { return job.fill(piece, Waiting::allowed); });
    };
    std::string ready;
    bool waits = job.reads_octets();
    auto step = waits ? co_await fill_on_worker() : job.fill(piece, Waiting::forbidden);
    while (step == FetchJob::Step::full || step == FetchJob::Step::would_wait) {
        if (step == FetchJob::Step::would_wait) {
            waits = true;
            step = co_await fill_on_worker();
            continue;
        }
        ready.clear();
        std::swap(ready, job.buffer());
        if (job.seen().count() >= seen_at_once) co_await mark_seen(state, job);
        if (waits) {
            step = co_await (state.out.write(ready) && fill_on_worker());
        } else {
            co_await state.out.write(ready);
            step = job.fill(piece, Waiting::forbidden);
        }
    }
    if (step == FetchJob::Step::done) state.out.out() += job.buffer();
    co_return step;
}

// The same, and \Seen for what was delivered, also if the client went away meanwhile.
async::Task<FetchJob::Step> deliver_and_mark(State& state, FetchJob& job) {
    auto step = FetchJob::Step::broken;
    std::exception_ptr trouble;
    try {
        step = co_await deliver(state, job);
    } catch (const boost::asio::multiple_exceptions& both) {
        trouble = both.first_exception();
    } catch (...) {
        trouble = std::current_exception();
    }
    co_await mark_seen(state, job);
    if (trouble) std::rethrow_exception(trouble);
    co_return step;
}

}  // namespace

std::optional<Outcome> beyond_mailbox(const NumberSet& set, imap::Numbering by, const index::View& view) {
    if (by == imap::Numbering::uid) return std::nullopt;
    for (const auto& range : set.ranges()) {
        const bool star = range.first == NumberRange::star || range.last == NumberRange::star;
        if (std::max(range.first, range.last) > view.count() || (star && view.count() == 0))
            return bad("The mailbox has no message with that number");
    }
    return std::nullopt;
}

async::Task<Outcome> unreadable(State& state, const Error& first, std::size_t count, std::optional<Uid> uid) {
    Mailbox& box = *state.mailbox();
    state.services.log.warning("imap_message_unreadable", {{"owner", box.owner().name()},
                                                           {"folder", box.folder().path},
                                                           {"uid", uid ? uid->value : 0},
                                                           {"count", count},
                                                           {"reason", first.text}});
    if (uid && first.kind == ErrorKind::not_found) {
        const Uid asked = *uid;
        const bool removed = co_await state.on_worker([&box, asked] {
            const auto latest = box.latest();
            return latest ? !(*latest)->number_of(asked) : latest.error().kind == ErrorKind::not_found;
        });
        if (removed) co_return no(imap::Code::expunge_issued, "Some messages are not there any more");
    }
    co_return no(imap::Code::unavailable,
                 std::to_string(count) +
                     (count == 1 ? " message cannot be read at the moment" : " messages cannot be read at the moment"));
}

async::Task<Outcome> run_fetch(State& state, const imap::Fetch& command) {
    if (auto hidden = state.hidden()) co_return std::move(*hidden);
    co_await state.renew();
    const auto view = state.mailbox()->view();
    if (auto beyond = beyond_mailbox(command.set, command.by, *view)) co_return std::move(*beyond);
    state.tell_keywords();

    FetchJob job(state.services.archive, state.account()->identity.owner,
                 Walk(view, command.set, command.by == imap::Numbering::uid ? Walk::By::uid : Walk::By::number),
                 command.items, state.flags_can_change() ? FetchJob::Seen::set : FetchJob::Seen::keep);
    const FetchJob::Step step = co_await deliver_and_mark(state, job);
    state.mailbox()->told(job.told());
    if (step == FetchJob::Step::broken)
        throw Disconnected{{job.failure()->error.kind, "in the middle of a message: " + job.failure()->error.text}};
    if (const auto& failure = job.failure())
        co_return co_await unreadable(state, failure->error, job.failures(), failure->uid);
    co_return ok("FETCH completed");
}

}  // namespace imaparc::session
