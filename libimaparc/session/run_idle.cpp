// IDLE (RFC 2177): news as they come, a sign of life every two minutes, until DONE.
#include "base/text.h"
#include "session/run.h"

namespace imaparc::session {

namespace {

// Listens to the bell while it is there.
class Listening {
  public:
    explicit Listening(Bell& bell) : bell_(bell) { bell_.listen(true); }
    ~Listening() { bell_.listen(false); }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;

  private:
    Bell& bell_;
};

async::Broadcast::Subscription subscribe(State& state) {
    if (!state.mailbox()) return {};
    const Mailbox& box = *state.mailbox();
    return state.services.broadcast.subscribe(
        box.owner().name(),
        [bell = state.bell, folder = box.folder().number, user = box.user()](const async::Happening& happening) {
            if (happening.folder == folder && (!happening.user || *happening.user == user)) bell->news();
        });
}

}  // namespace

async::Task<Outcome> run_idle(State& state) {
    const auto subscription = subscribe(state);
    const Listening listening(*state.bell);
    imap::render_continuation(state.out.out(), "idling");
    state.entry.change([](Who& who) { who.doing = "IDLE"; });
    // What came since the last command is told now; from here on the bell rings.
    co_await state.announce(Mailbox::Numbers::may_change);
    for (;;) {
        state.input.lexer().expect(imap::Lexer::Expect::continuation);
        const InputEvent event = co_await state.input.next(state.options->idle_keepalive);
        if (const auto* line = std::get_if<imap::Line>(&event)) {
            if (ascii_iequals(trimmed(line->text), "DONE")) co_return ok("IDLE completed");
            co_return bad("Expected DONE");
        }
        if (std::holds_alternative<TimedOut>(event)) {
            imap::render_untagged(state.out.out(), imap::Condition::ok, {}, "Still here");
        } else if (std::holds_alternative<Interrupted>(event)) {
            if (state.bell->ending()) co_return answered();  // the loop says BYE
            if (state.bell->take_news()) co_await state.announce(Mailbox::Numbers::may_change);
        } else {
            co_return bad("Expected DONE");
        }
    }
}

}  // namespace imaparc::session
