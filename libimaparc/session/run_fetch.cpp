// FETCH and UID FETCH (RFC 3501 6.4.5).
#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "session/message_limit.h"
#include "session/partial.h"
#include "session/run.h"
#include "session/saved_result.h"
#include "session/send_fetch.h"

namespace imaparc::session {

namespace {

// What was answered shows the view that the job walks. A newer one brings changes that the client must still be told.
void note_told(State& state, FetchJob& job) {
    Mailbox& box = *state.mailbox();
    state.told_modseq(job.highest_modseq());
    const NumberSet told = job.take_told();
    if (box.view() == job.view()) box.told(told);
}

// \Seen for messages whose bodies went out. The client has been told, so only the index has to hear of it; one that
// keeps mod-sequences has not, for the new one is known only now: announce() tells it.
async::Task<void> mark_seen(State& state, FetchJob& job) {
    note_told(state, job);
    const OwnChange change{job.take_seen(), index::FlagAction::add, {flag::seen, {}}};
    if (change.uids.empty()) co_return;
    Mailbox& box = *state.mailbox();
    const OwnChange* const told = state.enabled.condstore ? nullptr : &change;
    // A mod-sequence that was told must not be lost with the power: the client would never ask again.
    const auto durability = state.enabled.condstore ? index::Durability::before_return : index::Durability::soon;
    const Result<bool> stored =
        co_await state.services.workers.run([&box, &change, told, durability]() -> Result<bool> {
            try {
                const auto outcome = box.owner().store_flags(box.folder().number, box.user(), change.uids,
                                                             change.action, change.flags, std::nullopt, durability);
                if (!outcome) return outcome.error();
                if (const auto latest = box.latest()) box.renew(*latest, told);
                return true;
            } catch (const Fault& fault) {
                return fault.error();  // no reason to keep the messages from the client
            }
        });
    if (!stored)
        state.services.log.warning("imap_seen_not_stored",
                                   {{"folder", box.folder().path}, {"reason", stored.error().text}});
}

// Runs the job to its end; what a worker makes next is made while the client takes what is there. What it throws is
// thrown once the client has that: a write that is given up half way would leave nothing to be said in its place.
async::Task<void> deliver(State& state, FetchJob& job) {
    using namespace boost::asio::experimental::awaitable_operators;
    constexpr std::uint64_t seen_at_once = 500;  // each time costs a new view
    const std::size_t piece = state.out.piece();
    std::exception_ptr thrown;
    auto fill_on_worker = [&state, &job, &thrown, piece] {
        return state.services.workers.run([&job, &thrown, piece] {
            try {
                return job.fill(piece, Waiting::allowed);
            } catch (...) {
                thrown = std::current_exception();
                return FetchJob::Step::broken;
            }
        });
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
    if (thrown) std::rethrow_exception(thrown);
    if (step == FetchJob::Step::done) state.out.out() += job.buffer();
}

std::string reason_of(const std::exception_ptr& trouble) {
    try {
        std::rethrow_exception(trouble);
    } catch (const Disconnected& disconnected) {
        return disconnected.why.text;
    } catch (const std::exception& unexpected) {
        return unexpected.what();
    }
}

// The same, and \Seen for what was delivered, also if the client went away meanwhile.
async::Task<void> deliver_and_mark(State& state, FetchJob& job) {
    std::exception_ptr trouble;
    try {
        co_await deliver(state, job);
    } catch (const boost::asio::multiple_exceptions& both) {
        trouble = both.first_exception();
    } catch (...) {
        trouble = std::current_exception();
    }
    co_await mark_seen(state, job);
    // In the middle of a literal there is no place for a tagged line.
    if (job.cut_short())
        throw Disconnected{{ErrorKind::unavailable, "in the middle of a message: " +
                                                        (trouble ? reason_of(trouble) : job.failure()->error.text)}};
    if (!trouble) co_return;
    state.out.out() += job.buffer();
    std::rethrow_exception(trouble);
}

// What was asked, and what is answered without being asked: the UID to UID FETCH (RFC 3501 6.4.8; a UIDFETCH response
// has it anyway), MODSEQ to CHANGEDSINCE (RFC 7162 3.1.4.1).
std::vector<imap::FetchItem> items_to_answer(State& state, const imap::Fetch& command) {
    using Kind = imap::FetchItem::Kind;
    std::vector<imap::FetchItem> items = command.items;
    const auto asked = [&](Kind kind) { return std::ranges::find(items, kind, &imap::FetchItem::kind) != items.end(); };
    const auto item = [](Kind kind) {
        imap::FetchItem made;
        made.kind = kind;
        return made;
    };
    if (command.by == imap::Numbering::uid && !state.enabled.uid_only && !asked(Kind::uid))
        items.insert(items.begin(), item(Kind::uid));
    if (command.changed_since && !asked(Kind::mod_seq)) items.push_back(item(Kind::mod_seq));
    if (asked(Kind::mod_seq)) state.enable_condstore();
    return items;
}

// The messages that are asked for: first the positions or the newest ones, then those of them that changed (RFC 9394
// 3.4).
async::Task<Walk> walk_of(State& state, std::shared_ptr<const index::View> view, const Named& messages,
                          const std::optional<Limited>& limit, const imap::Fetch& command) {
    NumberSet numbers;
    if (command.partial) {
        numbers = co_await state.on_worker([&view, &messages] { return numbers_of(*view, messages.set); });
        numbers = at_positions(numbers, *command.partial);
    } else if (limit) {
        numbers = limit->numbers;
    }
    const bool chosen = command.partial || limit;
    const bool by_uid = messages.by == imap::Numbering::uid && !chosen;
    Walk walk(view, chosen ? numbers : messages.set, by_uid ? Walk::By::uid : Walk::By::number);
    if (command.changed_since) walk.changed_since(*command.changed_since);
    if (limit) walk.backwards();
    co_return walk;
}

// A range of positions that is wider than one command may look at (RFC 9738 3.1).
bool wider(const imap::ResultRange& range, std::uint32_t limit) {
    const auto distance = range.first > range.last ? range.first - range.last : range.last - range.first;
    return limit != 0 && distance >= std::int64_t{limit};
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
    if (command.vanished && !state.enabled.qresync) co_return bad("VANISHED needs ENABLE QRESYNC first");
    if (auto hidden = state.hidden()) co_return std::move(*hidden);
    const std::uint32_t most = state.options->message_limit;
    if (command.partial && wider(*command.partial, most))
        co_return no({imap::Code::message_limit, most}, "The range is too wide");
    co_await state.renew();
    const auto view = state.mailbox()->view();
    const Named messages = named(state, command.set, command.by);
    if (auto beyond = beyond_mailbox(messages.set, messages.by, *view)) co_return std::move(*beyond);
    const auto items = items_to_answer(state, command);
    state.tell_keywords();
    if (command.vanished) {
        const NumberSet asked = messages.set.resolved(view->uid_next().value - 1);
        co_await send_earlier_vanished(state, asked, *command.changed_since);
    }

    std::optional<Limited> limit;
    if (most != 0 && !command.partial)
        limit = co_await state.on_worker([&] { return limited(*view, messages.set, messages.by, most); });
    Walk walk = co_await walk_of(state, view, messages, limit, command);
    FetchJob job(state.services.archive, state.account()->identity.owner, std::move(walk), items,
                 manner(state, state.flags_can_change() ? FetchJob::Seen::set : FetchJob::Seen::keep));
    job.resume_binary(state.binary_bookmark);
    co_await deliver_and_mark(state, job);
    if (job.unknown_encoding())
        co_return no(imap::Code::unknown_cte, "A part is encoded in a way that is not known here: ask for its BODY");
    const auto& failure = job.failure();
    if (!failure && limit) co_return ok("FETCH completed for the newest messages", message_limit(most, limit->lowest));
    if (!failure) co_return ok("FETCH completed");
    if (limit)
        state.say(imap::Condition::no, message_limit(most, limit->lowest), "Only the newest messages were fetched");
    co_return co_await unreadable(state, failure->error, job.failures(), failure->uid);
}

}  // namespace imaparc::session
