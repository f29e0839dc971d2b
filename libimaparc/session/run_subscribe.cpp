// SUBSCRIBE, UNSUBSCRIBE (RFC 3501 6.3.6, 6.3.7): the user's own. Every folder counts as subscribed until they say
// otherwise.
#include "session/notifier.h"
#include "session/run.h"

namespace imaparc::session {

namespace {

async::Task<Outcome> change_subscription(State& state, const imap::MailboxName& mailbox, bool subscribed) {
    const Account& account = *state.account();
    if (!mailbox.valid) co_return no(imap::Code::nonexistent, "There is no such mailbox");
    if (subscribed && !account.owner->find(mailbox.path))
        co_return no(imap::Code::nonexistent, "There is no such mailbox");

    const Result<void> changed = co_await state.on_worker(
        [&account, &mailbox, subscribed] { return account.owner->subscribe(account.user, mailbox.path, subscribed); });
    if (!changed) co_return outcome_of(changed.error());
    if (state.notifier) state.notifier->subscribed_itself(state);
    co_return ok(subscribed ? "SUBSCRIBE completed" : "UNSUBSCRIBE completed");
}

}  // namespace

async::Task<Outcome> run_subscribe(State& state, const imap::Subscribe& command) {
    return change_subscription(state, command.mailbox, true);
}

async::Task<Outcome> run_unsubscribe(State& state, const imap::Unsubscribe& command) {
    return change_subscription(state, command.mailbox, false);
}

}  // namespace imaparc::session
