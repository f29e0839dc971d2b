// IDLE (RFC 2177): news as they come, a sign of life every two minutes, until DONE.
#include "base/text.h"
#include "imap/grammar.h"
#include "session/notifier.h"
#include "session/run.h"

namespace imaparc::session {

namespace {

// Listens to the bell while it is there.
class Listening {
  public:
    explicit Listening(Bell& bell) : bell_(bell), before_(bell.listening()) { bell_.listen(true); }
    ~Listening() { bell_.listen(before_); }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;

  private:
    Bell& bell_;
    const bool before_;  // NOTIFY listens all the time
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

// A tag and a verb: not an answer to our "+".
bool is_command(std::string_view line) {
    const auto words = split(line, ' ');
    if (words.size() < 2 || !imap::is_tag(words[0])) return false;
    const bool uid = words.size() > 2 && ascii_iequals(words[1], "UID");
    return imap::find_verb(uid ? "UID " + std::string(words[2]) : std::string(words[1])) != nullptr;
}

}  // namespace

async::Task<Outcome> run_idle(State& state) {
    const auto subscription = subscribe(state);
    const Listening listening(*state.bell);
    imap::render_continuation(state.out.out(), "idling");
    state.entry.change([](Who& who) { who.doing = "IDLE"; });
    // What came since the last command is told now; from here on the bell rings.
    co_await state.announce(Mailbox::Numbers::may_change);
    co_await state.out.flush();
    state.stream.rest();
    for (;;) {
        state.input.lexer().expect(imap::Lexer::Expect::continuation);
        const InputEvent event = co_await state.input.next(state.options->idle_keepalive);
        if (const auto* line = std::get_if<imap::Line>(&event)) {
            if (ascii_iequals(trimmed(line->text), "DONE")) co_return ok("IDLE completed");
            if (!is_command(line->text)) co_return bad("Expected DONE");
            // Clients on telephones wake up and send their next command, without DONE: it ends IDLE and is carried out.
            state.input.give_back(event);
            co_return ok("IDLE completed");
        }
        if (std::holds_alternative<TimedOut>(event)) {
            state.say(imap::Condition::ok, {}, "Still here");
        } else if (std::holds_alternative<Interrupted>(event)) {
            if (state.bell->ending()) co_return answered();  // the loop says BYE
            if (state.bell->take_news()) co_await tell_news(state, Mailbox::Numbers::may_change);
        } else if (std::holds_alternative<imap::OutOfSync>(event)) {
            state.input.give_back(event);
            co_return answered();  // the loop says BYE
        } else {
            co_return bad("Expected DONE");
        }
    }
}

}  // namespace imaparc::session
