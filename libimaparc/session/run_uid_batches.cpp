// UIDBATCHES (RFC 10022): ranges of UIDs that hold so many messages each, from the newest down.
#include <algorithm>

#include "imap/render_search.h"
#include "session/run.h"

namespace imaparc::session {

namespace {

// Any size from 500 on must be taken (3.1.3), and batches over 100,000 messages (3.1.5); less makes long answers.
constexpr std::uint32_t least_size = 10;
constexpr std::uint64_t most_batches = 100'000;
constexpr std::uint64_t batches_at_once = 256;  // each looks into two segments

struct Batch {
    std::uint32_t high = 0, low = 0;  // UIDs
};

// Number 1 is the batch with the highest UIDs; the last one ends in UID 1, whether there is one or not (3.1.4).
Batch batch_at(const index::View& view, std::uint64_t number, std::uint64_t size) {
    const std::uint64_t newest = view.count() - (number - 1) * size;
    const std::uint64_t oldest = newest > size ? newest - size + 1 : 1;
    const auto uid = [&view](std::uint64_t n) {
        return view.uid_at(Number(static_cast<std::uint32_t>(n))).value_or(Uid(1)).value;
    };
    return {uid(newest), oldest == 1 ? 1 : uid(oldest)};
}

}  // namespace

async::Task<Outcome> run_uid_batches(State& state, const imap::UidBatches& command) {
    if (command.batches && command.batches->first > command.batches->last)
        co_return bad("The range of batches is reversed", imap::Code::client_bug);
    if (command.size < least_size)
        co_return no(imap::Code::too_few, "A batch has at least " + std::to_string(least_size) + " messages");
    if (auto hidden = state.hidden()) co_return std::move(*hidden);
    const auto view = state.mailbox()->view();
    const std::uint64_t batches = (std::uint64_t{view->count()} + command.size - 1) / command.size;
    const std::uint64_t first = command.batches ? command.batches->first : 1;
    const std::uint64_t last = std::min<std::uint64_t>(command.batches ? command.batches->last : batches, batches);
    if (last >= first && last - first >= most_batches)
        co_return no(imap::Code::too_many, "At most " + std::to_string(most_batches) + " batches are told at once");

    imap::render_uid_batches_begin(state.out.out(), state.tag);
    for (std::uint64_t next = first; next <= last;) {
        const std::uint64_t end = std::min(last + 1, next + batches_at_once);
        std::vector<Batch> found;
        std::exception_ptr fault;
        try {
            found = co_await state.services.workers.run([&view, &command, next, end] {
                std::vector<Batch> some;
                for (auto number = next; number < end; ++number) some.push_back(batch_at(*view, number, command.size));
                return some;
            });
        } catch (const Fault&) {
            fault = std::current_exception();
        }
        if (fault) {  // the line must end
            imap::render_uid_batches_end(state.out.out());
            std::rethrow_exception(fault);
        }
        for (const auto& batch : found) imap::render_uid_batch(state.out.out(), batch.high, batch.low, next++ == first);
        co_await state.out.room();
    }
    imap::render_uid_batches_end(state.out.out());
    co_return ok("UIDBATCHES completed");
}

}  // namespace imaparc::session
