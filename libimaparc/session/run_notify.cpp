// NOTIFY (RFC 5465).
#include "session/notifier.h"
#include "session/run.h"

namespace imaparc::session {

namespace {

constexpr std::string_view known_events =
    "(MessageNew MessageExpunge FlagChange AnnotationChange MailboxName SubscriptionChange MailboxMetadataChange "
    "ServerMetadataChange)";

void install(State& state, std::shared_ptr<Notifier> notifier) {
    if (state.notifier) std::erase(state.listeners, state.notifier.get());
    state.notifier = std::move(notifier);
    if (state.notifier) state.listeners.push_back(state.notifier.get());
    state.bell->listen(state.notifier != nullptr);
}

}  // namespace

async::Task<Outcome> run_notify(State& state, const imap::Notify& command) {
    if (command.unsupported)
        co_return no({imap::Code::bad_event, std::string(known_events)},
                     "There is an event among them that is not known");
    if (command.none) {
        install(state, std::make_shared<Notifier>(state, std::vector<imap::Notify::Group>{}));
        co_return ok("NOTIFY completed");
    }
    if (auto hidden = state.not_readable()) co_return std::move(*hidden);
    // "Any accumulated changes to the currently selected mailbox", whatever was asked for before.
    install(state, nullptr);
    co_await state.announce(Mailbox::Numbers::may_change);
    const auto notifier = std::make_shared<Notifier>(state, command.groups);
    install(state, notifier);
    if (command.status) co_await notifier->tell_status(state);
    co_return ok("NOTIFY completed");
}

}  // namespace imaparc::session
