// How news of the selected mailbox become lines: in one place, whichever command they follow.
#include "session/contexts.h"
#include "session/news.h"
#include "session/notifier.h"
#include "session/send_fetch.h"
#include "session/sets.h"

namespace imaparc::session {

namespace {

async::Task<void> tell_removals(State& state, const Mailbox::News& news) {
    if (state.enabled.qresync || state.enabled.uid_only)  // RFC 7162 3.2.10, RFC 9586 3.4
        co_return co_await send_vanished(state, news.vanished, imap::Earlier::no);
    for (const Number number : news.expunged) {
        imap::render_expunge(state.out.out(), number);
        co_await state.out.room();
    }
}

async::Task<void> tell(State& state, const index::View& before, const Mailbox::News& news) {
    const Mailbox& box = *state.mailbox();
    if (news.keywords_changed) {
        state.render_flags_of(*box.view());
        state.render_permanent_flags_of(*box.view());
    }
    if (!state.saved_result.empty()) state.saved_result = without(state.saved_result, news.vanished);
    for (auto* listener : state.listeners) co_await listener->before_removals(state, before, news);
    co_await tell_removals(state, news);
    if (news.grown) {
        imap::render_exists(state.out.out(), box.view()->count());
        if (!state.enabled.imap4rev2) imap::render_recent(state.out.out(), 0);
    }
    for (auto* listener : state.listeners) co_await listener->after_arrivals(state, news);
    if (!news.flags.empty() && (!state.notifier || state.notifier->wants_flags())) {
        const auto items = change_items(state, WithUid::yes);
        Walk walk(box.view(), news.flags, Walk::By::uid);
        co_await send_fetch(state, std::move(walk), items);
    }
    for (auto* listener : state.listeners) co_await listener->after_flags(state, news);
}

}  // namespace

async::Task<void> State::announce(Mailbox::Numbers numbers) {
    co_await announce_news(numbers);
    if (contexts && !not_readable()) co_await contexts->catch_up(*this);
    if (mailbox_) correct_modseq();
}

async::Task<void> State::announce_news(Mailbox::Numbers numbers) {
    if (!mailbox_ || not_readable()) co_return;
    Mailbox& box = *mailbox_;
    const auto latest_view = co_await latest(box.folder().number);
    if (!latest_view) {
        if (latest_view.error().kind != ErrorKind::not_found) co_return;
        bell->end("[UNAVAILABLE] The selected mailbox is not there any more");
        co_return;
    }
    if (notifier && !notifier->wants_selected()) co_return;
    const auto before = box.view();
    Mailbox::News news;
    if (box.up_to_date(*latest_view, numbers))
        news = box.step(*latest_view, numbers);  // nothing to compare: what was left untold
    else
        news = co_await services.workers.run([&box, &view = *latest_view, numbers] { return box.step(view, numbers); });
    if (!news.empty()) co_await tell(*this, *before, news);
}

void State::enable_condstore() {
    if (enabled.condstore) return;
    enabled.condstore = true;
    if (mailbox_)
        say(imap::Condition::ok, {imap::Code::highest_modseq, mailbox_->view()->highest_modseq().value},
            "Highest mod-sequence");
}

void State::told_modseq(ModSeq highest) {
    if (highest == ModSeq{}) return;
    told_modseq_ = std::max(told_modseq_, highest);
    modseq_is_new_ = true;  // also if it was told before: the client takes the highest of each command (RFC 7162 6)
}

// A client takes the highest MODSEQ it saw for what it has heard of everything. While something older is still to be
// told (removals during FETCH, messages that came back but are seen at the next SELECT only), it must not: RFC
// 7162 3.2, 6.
void State::correct_modseq() {
    const ModSeq sure = mailbox_->view()->highest_modseq();
    const bool behind = told_modseq_ > sure;
    if (enabled.condstore && (behind ? modseq_is_new_ : corrected_))
        say(imap::Condition::ok, {imap::Code::highest_modseq, sure.value},
            behind ? "Some changes are still to be told" : "All changes are told");
    corrected_ = behind;
    modseq_is_new_ = false;
}

}  // namespace imaparc::session
