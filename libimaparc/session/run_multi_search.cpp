// ESEARCH: a search of several mailboxes, one after the other (RFC 7377).
#include <algorithm>

#include "session/contexts.h"
#include "session/in_progress.h"
#include "session/mailbox_filter.h"
#include "session/run.h"
#include "session/saved_result.h"
#include "session/search_answer.h"
#include "session/search_limit.h"
#include "session/uid_only.h"

namespace imaparc::session {

namespace {

using Kind = imap::MailboxFilter::Kind;

constexpr std::chrono::milliseconds slice{20};  // of a worker's time; then others have their turn

// Without RETURN it is ALL: the answer is ESEARCH in any case (RFC 7377 2.1).
imap::SearchReturn returns_of(const imap::MultiSearch& command) {
    if (command.returns) return *command.returns;
    imap::SearchReturn all;
    all.all = true;
    return all;
}

// "$" is of the selected mailbox; of any other it names no message.
search::Criteria without_saved_result(search::Criteria criteria) {
    if (criteria.kind == search::Criteria::Kind::saved_result) {
        criteria.kind = search::Criteria::Kind::uid_set;
        criteria.set = {};
    }
    for (auto& child : criteria.children) child = without_saved_result(std::move(child));
    return criteria;
}

class MultiSearchRun {
  public:
    MultiSearchRun(State& state, const imap::MultiSearch& command)
        : state_(state), command_(command), progress_(state, 0) {}

    async::Task<Outcome> run();

  private:
    async::Task<void> search(const index::Folder& folder, const std::shared_ptr<const index::View>& view);
    async::Task<void> deliver(SearchJob& job, SearchAnswer& answer, SearchJob::Order order, UidCollector* everything);
    void note_failure(const index::Folder& folder, const Error& error, std::size_t count);

    State& state_;
    const imap::MultiSearch& command_;
    InProgress progress_;
    std::uint64_t looked_at_ = 0;
    std::optional<Limited> limited_;  // MESSAGELIMIT kept some messages from being looked at: of the last such mailbox
    std::size_t failures_ = 0;        // messages that could not be read; a mailbox counts as one
    bool too_scattered_ = false;
    // With UPDATE, which is about the selected mailbox alone (RFC 7377 2.1); not whole: it cannot be kept.
    Context context_;
    bool context_whole_ = false;
};

async::Task<Outcome> MultiSearchRun::run() {
    std::vector<imap::MailboxFilter> scopes = command_.scopes;
    if (scopes.empty()) scopes.emplace_back();  // "the value "selected" is assumed"
    const bool selected = std::ranges::any_of(scopes, [](const auto& s) { return s.kind == Kind::selected; });
    Mailbox* const box = state_.mailbox();
    if (!box && selected) co_return bad("No mailbox is selected");
    if (!box && command_.returns && command_.returns->update) co_return bad("No mailbox is selected");
    if (auto refused = numbers_refused(state_, command_.criteria)) co_return std::move(*refused);
    if (auto refused = update_refused(state_, command_.returns)) co_return std::move(*refused);
    if (auto refused = saved_result_refused(state_, command_.criteria)) co_return std::move(*refused);
    if (auto hidden = state_.not_readable()) co_return std::move(*hidden);

    if (box) {
        if (search::has(command_.criteria, search::Criteria::Kind::modseq)) state_.enable_condstore();
        co_await state_.renew();
    }
    const auto folders = folders_of(scopes, state_);
    for (const index::Folder& folder : folders) {
        if (box && box->folder().number == folder.number) {
            const auto view = box->view();  // with the numbers that the client knows
            co_await search(folder, view);
            continue;
        }
        const auto view = co_await state_.latest(folder.number);
        if (view)
            co_await search(folder, *view);
        else if (view.error().kind != ErrorKind::not_found)  // gone meanwhile: there is nothing to search
            note_failure(folder, view.error(), 1);
    }

    if (command_.returns && command_.returns->update) {
        context_.tag = state_.tag;
        co_await keep_updated(state_, std::move(context_), context_whole_);
    }
    if (failures_ > 0)
        co_return no(imap::Code::unavailable,
                     std::to_string(failures_) + (failures_ == 1 ? " message cannot be read at the moment"
                                                                 : " messages cannot be read at the moment"));
    if (too_scattered_) co_return no(imap::Code::not_saved, "The result is too scattered to be saved");
    if (limited_ && folders.size() == 1)
        co_return ok("ESEARCH completed for the newest messages",
                     message_limit(state_.options->message_limit, limited_->lowest));
    if (limited_) co_return ok("ESEARCH completed for the newest messages of each mailbox", imap::Code::limit);
    co_return ok("ESEARCH completed");
}

async::Task<void> MultiSearchRun::search(const index::Folder& folder, const std::shared_ptr<const index::View>& view) {
    const bool is_selected = state_.mailbox() && state_.mailbox()->folder().number == folder.number;
    search::Criteria criteria =
        is_selected ? with_saved_result(state_, command_.criteria) : without_saved_result(command_.criteria);
    const auto with_modseq = search::has(criteria, search::Criteria::Kind::modseq) ? SearchAnswer::WithModSeq::yes
                                                                                   : SearchAnswer::WithModSeq::no;
    SearchAnswer answer(state_.out, state_.tag, imap::Numbering::uid, returns_of(command_), with_modseq);
    answer.of({folder.path, state_.names(), view->uid_validity()});

    SearchJob::Settings settings;
    settings.now = state_.services.clock.now();
    settings.collation = state_.collation;
    settings.order = answer.order();
    const auto order = settings.order;
    const auto limit = co_await search_limit(state_, view, criteria);
    if (limit) {
        settings.numbers = limit->numbers;
        limited_ = limit;
    }
    SearchJob job(state_.services.archive, state_.account()->identity.owner, view, std::move(criteria),
                  std::move(settings));
    const bool update = is_selected && command_.returns && command_.returns->update;
    UidCollector everything;
    std::exception_ptr fault;
    try {
        co_await deliver(job, answer, order, update ? &everything : nullptr);
    } catch (const Disconnected&) {
        throw;
    } catch (...) {
        fault = std::current_exception();
    }
    co_await answer.end();  // the line must end, whatever happened
    if (fault) std::rethrow_exception(fault);
    looked_at_ += job.looked_at();
    if (update) {
        context_.by = imap::Numbering::uid;
        context_.criteria = with_saved_result(state_, command_.criteria);
        context_.collation = state_.collation;
        context_.items = command_.returns->update_items;
        context_whole_ = !everything.too_many() && !limit && !job.failure();
        context_.result = everything.take();
    }
    if (const auto& failure = job.failure()) note_failure(folder, *failure, job.failures());
    if (!command_.returns || !command_.returns->save) co_return;
    auto saved = answer.saved();
    too_scattered_ = !saved;
    if (saved) state_.saved_result = std::move(*saved);
}

// Lets the job find what the answer needs; all there is, if there is somebody to collect it.
async::Task<void> MultiSearchRun::deliver(SearchJob& job, SearchAnswer& answer, SearchJob::Order order,
                                          UidCollector* everything) {
    for (auto step = SearchJob::Step::more; step != SearchJob::Step::done && (everything || !answer.satisfied());) {
        step = co_await state_.services.workers.run([&job] { return job.advance(slice, Waiting::allowed); });
        for (const auto& found : job.found()) {
            answer.take(found, order);
            if (everything) everything->add(found.uid);
        }
        job.found().clear();
        answer.stream();
        co_await state_.out.room();
        co_await state_.input.check_client();
        if (!answer.begun()) co_await progress_.tell(looked_at_ + job.looked_at());
    }
}

void MultiSearchRun::note_failure(const index::Folder& folder, const Error& error, std::size_t count) {
    failures_ += count;
    state_.services.log.warning("imap_message_unreadable", {{"owner", state_.account()->identity.owner},
                                                            {"folder", folder.path},
                                                            {"count", count},
                                                            {"reason", error.text}});
}

}  // namespace

async::Task<Outcome> run_multi_search(State& state, const imap::MultiSearch& command) {
    std::exception_ptr fault;
    Outcome outcome;
    try {
        MultiSearchRun run(state, command);
        outcome = co_await run.run();
    } catch (...) {
        fault = std::current_exception();
    }
    // A search that was to be saved and failed leaves nothing saved (RFC 5182 2.1).
    if (command.returns && command.returns->save && (fault || outcome.condition == imap::Condition::no))
        state.saved_result = {};
    if (fault) std::rethrow_exception(fault);
    co_return outcome;
}

}  // namespace imaparc::session
