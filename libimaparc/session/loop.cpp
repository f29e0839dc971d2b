// serve(): the greeting, then command after command; tagged lines are made here and nowhere else.
#include <boost/asio/this_coro.hpp>

#include "auth/secret.h"
#include "imap/charset_named.h"
#include "imap/parse.h"
#include "session/notifier.h"
#include "session/run.h"

namespace imaparc::session {

namespace {

template <class... Functions>
struct overloaded : Functions... {
    using Functions::operator()...;
};
template <class... Functions>
overloaded(Functions...) -> overloaded<Functions...>;  // clang 14 does not deduce it

async::Task<Outcome> run(State& state, const imap::Command& command) {
    return std::visit(overloaded{
                          [&](const imap::Capability&) { return run_capability(state); },
                          [&](const imap::Noop&) { return run_noop(state); },
                          [&](const imap::Logout&) { return run_logout(state); },
                          [&](const imap::Id& c) { return run_id(state, c); },
                          [&](const imap::Language& c) { return run_language(state, c); },
                          [&](const imap::StartTls&) { return run_starttls(state); },
                          [&](const imap::Login& c) { return run_login(state, c); },
                          [&](const imap::Authenticate& c) { return run_authenticate(state, c); },
                          [&](const imap::Enable& c) { return run_enable(state, c); },
                          [&](const imap::Unauthenticate&) { return run_unauthenticate(state); },
                          [&](const imap::Compress& c) { return run_compress(state, c); },
                          [&](const imap::Comparator& c) { return run_comparator(state, c); },
                          [&](const imap::Select& c) { return run_select(state, c); },
                          [&](const imap::Subscribe& c) { return run_subscribe(state, c); },
                          [&](const imap::Unsubscribe& c) { return run_unsubscribe(state, c); },
                          [&](const imap::List& c) { return run_list(state, c); },
                          [&](const imap::Namespace&) { return run_namespace(state); },
                          [&](const imap::Status& c) { return run_status(state, c); },
                          [&](const imap::Idle&) { return run_idle(state); },
                          [&](const imap::GetMetadata& c) { return run_get_metadata(state, c); },
                          [&](const imap::GetQuota& c) { return run_get_quota(state, c); },
                          [&](const imap::GetQuotaRoot& c) { return run_get_quota_root(state, c); },
                          [&](const imap::MyRights& c) { return run_my_rights(state, c); },
                          [&](const imap::GetAcl& c) { return run_get_acl(state, c); },
                          [&](const imap::ListRights& c) { return run_list_rights(state, c); },
                          [&](const imap::Notify& c) { return run_notify(state, c); },
                          [&](const imap::Check&) { return run_check(state); },
                          [&](const imap::Close&) { return run_close(state); },
                          [&](const imap::Unselect&) { return run_unselect(state); },
                          [&](const imap::Expunge&) { return run_expunge(state); },
                          [&](const imap::Search& c) { return run_search(state, c); },
                          [&](const imap::Sort& c) { return run_sort(state, c); },
                          [&](const imap::Thread& c) { return run_thread(state, c); },
                          [&](const imap::MultiSearch& c) { return run_multi_search(state, c); },
                          [&](const imap::CancelUpdate& c) { return run_cancel_update(state, c); },
                          [&](const imap::UidBatches& c) { return run_uid_batches(state, c); },
                          [&](const imap::Fetch& c) { return run_fetch(state, c); },
                          [&](const imap::Store& c) { return run_store(state, c); },
                          [&](const imap::Refused& c) { return run_refused(state, c); },
                      },
                      command);
}

// Whether no message may leave while the command runs: it names messages by number, be it in a search key of a UID
// command (RFC 3501 7.4.1, RFC 7162 3.2.10.2).
bool uses_numbers(const imap::Request& request) {
    if (request.row->numbers == imap::MessageNumbers::used) return true;
    const auto in = [](const auto& command) {
        return command && search::has(command->criteria, search::Criteria::Kind::number_set);
    };
    return in(std::get_if<imap::Search>(&request.command)) || in(std::get_if<imap::Sort>(&request.command)) ||
           in(std::get_if<imap::Thread>(&request.command)) || in(std::get_if<imap::MultiSearch>(&request.command));
}

// One conversation: what the loop has to remember from command to command.
class Conversation {
  public:
    explicit Conversation(State& state) : state_(state) {}
    async::Task<void> hold();

  private:
    async::Task<void> obey(std::string_view text);
    async::Task<void> tell_unasked();
    async::Task<void> carry_out(const imap::Request& request);
    void take_literal(const imap::NeedLiteral& literal);
    void answer_dropped(const imap::Dropped& dropped);
    void answer(std::string_view tag, const Outcome& outcome);
    std::optional<Outcome> may_not(const imap::Verb* verb) const;
    async::Task<void> slow_strangers();
    async::Task<void> bye(std::string_view text, imap::Code code = imap::Code::none);

    State& state_;
    unsigned mistakes_ = 0;  // BAD answers in a row
    unsigned commands_before_login_ = 0;
    double tokens_ = 0;
    std::chrono::steady_clock::time_point counted_;
};

async::Task<void> Conversation::hold() {
    const auto list = [&] {
        std::string text;
        for (const auto capability : capabilities(state_)) (text += text.empty() ? "" : " ") += capability;
        return text;
    }();
    imap::render_untagged(state_.out.out(), imap::Condition::ok, {imap::Code::capability, list}, "imaparc ready");
    tokens_ = state_.options->rate_before_login;
    counted_ = state_.services.clock.steady();

    for (;;) {
        if (const auto& ending = state_.bell->ending()) co_return co_await bye(*ending);
        state_.input.lexer().expect(imap::Lexer::Expect::command);  // whatever a command that failed waited for
        const InputEvent event = co_await state_.input.next(state_.patience());
        if (const auto* line = std::get_if<imap::Line>(&event)) {
            co_await obey(line->text);
        } else if (const auto* literal = std::get_if<imap::NeedLiteral>(&event)) {
            take_literal(*literal);
        } else if (const auto* dropped = std::get_if<imap::Dropped>(&event)) {
            answer_dropped(*dropped);
        } else if (const auto* lost = std::get_if<imap::OutOfSync>(&event)) {
            co_return co_await bye(lost->text, lost->why == imap::Dropped::Why::literal_too_large ? imap::Code::too_big
                                                                                                  : imap::Code::none);
        } else if (std::holds_alternative<Interrupted>(event)) {
            co_await tell_unasked();
        } else if (std::holds_alternative<TimedOut>(event)) {
            co_return co_await bye(state_.account() ? "You were idle too long" : "You took too long to log in");
        }
        if (state_.logging_out) co_return co_await state_.out.flush();
        if (state_.refusals >= state_.options->refusals_before_bye)
            co_return co_await bye("Too many log-ins were refused");
        if (mistakes_ >= state_.options->mistakes_before_bye) co_return co_await bye("Too many bad commands");
        if (!state_.account() && commands_before_login_ > state_.options->commands_before_login)
            co_return co_await bye("Too many commands before log-in");
    }
}

// What NOTIFY asked for comes while no command is under way (RFC 5465 3.1).
async::Task<void> Conversation::tell_unasked() {
    if (!state_.notifier || state_.bell->ending() || !state_.bell->take_news()) co_return;
    try {
        co_await tell_news(state_, state_.notifier->numbers_between_commands());
    } catch (const Fault& fault) {
        state_.services.log.error("imap_notification_failed", {{"reason", fault.what()}});
    }
}

async::Task<void> Conversation::obey(std::string_view text) {
    imap::Parsed parsed = imap::parse_request(text, state_.names());
    co_await slow_strangers();
    if (const auto* malformed = std::get_if<imap::BadRequest>(&parsed)) {
        answer(malformed->tag, bad(malformed->text));
    } else if (const auto* charset = std::get_if<imap::BadCharset>(&parsed)) {
        if (auto refused = may_not(charset->row)) {
            answer(charset->tag, *refused);
        } else if (state_.enabled.utf8 && imap::charset_named(text)) {
            answer(charset->tag, bad("With UTF8=ACCEPT a search names no charset"));
        } else {
            if (charset->saving) state_.saved_result = {};
            answer(charset->tag, no(imap::bad_charset(), "The charset is not known"));
        }
    } else {
        auto& request = std::get<imap::Request>(parsed);
        if (auto refused = may_not(request.row))
            answer(request.tag, *refused);
        else if (state_.enabled.utf8 && imap::charset_named(text))
            answer(request.tag, bad("With UTF8=ACCEPT a search names no charset"));
        else
            co_await carry_out(request);
        if (auto* login = std::get_if<imap::Login>(&request.command)) auth::wipe(login->password);
        if (state_.account()) {  // UNAUTHENTICATE makes a stranger of it again, who counts anew
            commands_before_login_ = 0;
            tokens_ = state_.options->rate_before_login;
        }
    }
}

async::Task<void> Conversation::carry_out(const imap::Request& request) {
    const auto began = state_.services.clock.steady();
    state_.tag = request.tag;
    state_.entry.change([&](Who& who) { who.doing = request.row->name; });
    Outcome outcome;
    try {
        outcome = co_await run(state_, request.command);
        co_await state_.announce(uses_numbers(request) ? Mailbox::Numbers::stay : Mailbox::Numbers::may_change);
    } catch (const Fault& fault) {
        state_.services.log.error("imap_command_failed", {{"verb", request.row->name}, {"reason", fault.what()}});
        outcome = outcome_of(fault);
    } catch (const std::bad_alloc&) {
        state_.services.log.error("imap_command_failed", {{"verb", request.row->name}, {"reason", "out of memory"}});
        outcome = no(imap::Code::limit, "The command needs too much memory");
    }
    if (!outcome.answered) answer(request.tag, outcome);
    if (state_.notifier && uses_numbers(request)) state_.bell->news();  // what had to wait for the command's end

    state_.entry.change([](Who& who) { who.doing.clear(); });
    ++state_.services.metrics.commands_total;
    if (state_.services.log.wants(LogLevel::debug)) {
        const std::chrono::duration<double, std::milli> took = state_.services.clock.steady() - began;
        state_.services.log.debug("imap_command_finished",
                                  {{"verb", request.row->name},
                                   {"user", state_.account() ? state_.account()->identity.user : std::string()},
                                   {"result", outcome.condition == imap::Condition::ok   ? "ok"
                                              : outcome.condition == imap::Condition::no ? "no"
                                                                                         : "bad"},
                                   {"milliseconds", took.count()}});
    }
}

// Decided before the client sends the octets: what is refused anyway is refused in place of the "+".
void Conversation::take_literal(const imap::NeedLiteral& literal) {
    imap::Lexer& lexer = state_.input.lexer();
    const imap::Verb* verb = imap::find_verb(lexer.verb());
    if (!verb || verb->writes() || may_not(verb) || literal.fit != imap::LiteralFit::fits) {
        lexer.refuse_literal();
        return;
    }
    lexer.accept_literal();
    if (literal.synchronising == imap::Synchronising::yes) imap::render_continuation(state_.out.out(), "OK");
}

void Conversation::answer_dropped(const imap::Dropped& dropped) {
    const imap::Verb* verb = imap::find_verb(dropped.verb);
    if (!state_.account()) ++commands_before_login_;
    if (!verb)
        answer(dropped.tag, bad("The command is not known"));
    else if (auto refused = may_not(verb))
        answer(dropped.tag, *refused);
    else if (dropped.why == imap::Dropped::Why::literal_too_large)  // for APPEND with a code (RFC 7888 5)
        answer(dropped.tag, bad("A literal of that size waits for our word: LITERAL- allows 4096 octets",
                                verb->writes() ? imap::Code::too_big : imap::Code::none));
    else if (verb->writes())
        answer(dropped.tag, no(imap::Code::no_perm, std::string(verb->name) + ": this is a read-only archive"));
    else if (dropped.why == imap::Dropped::Why::too_long)
        answer(dropped.tag, bad("The command is too long"));
    else
        answer(dropped.tag, no(imap::Code::limit, "The literal is too long"));
}

void Conversation::answer(std::string_view tag, const Outcome& outcome) {
    if (outcome.condition == imap::Condition::bad)
        ++mistakes_;
    else
        mistakes_ = 0;
    if (outcome.condition != imap::Condition::ok) ++state_.services.metrics.commands_refused_total;
    imap::render_status_response(state_.out.out(), tag, outcome.condition, outcome.code,
                                 in_language(state_.language, outcome.text), text_form(state_.language));
}

std::optional<Outcome> Conversation::may_not(const imap::Verb* verb) const {
    const auto phase = state_.phase();
    const bool in_the_clear = state_.options->tls == TlsPolicy::forced && !state_.stream.secure();
    const bool always = verb->allowed_in(imap::States::not_authenticated) && verb->allowed_in(imap::States::selected);
    if (in_the_clear && !always && verb->name != "STARTTLS")
        return no(imap::Code::privacy_required, "TLS is needed first");
    if (verb->allowed_in(phase)) {
        if (state_.enabled.uid_only && verb->numbers == imap::MessageNumbers::used)  // RFC 9586 3
            return bad("Message numbers may not be used, only UIDs", imap::Code::uid_required);
        return std::nullopt;
    }
    const std::string name(verb->name);
    if (phase == imap::States::not_authenticated) return bad(name + " needs a log-in first");
    if (verb->allowed == imap::States::not_authenticated) return bad(name + ": you are logged in already");
    return bad(name + " needs a selected mailbox");
}

// A stranger's commands are answered at a bounded rate.
async::Task<void> Conversation::slow_strangers() {
    if (state_.account()) co_return;
    ++commands_before_login_;
    const double rate = state_.options->rate_before_login;
    const auto now = state_.services.clock.steady();
    tokens_ = std::min(rate, tokens_ + rate * std::chrono::duration<double>(now - counted_).count());
    counted_ = now;
    tokens_ -= 1;
    if (tokens_ >= 0) co_return;
    co_await state_.out.flush();
    co_await state_.bell->pause(std::chrono::milliseconds(static_cast<long>(-tokens_ * 1000 / rate)));
}

async::Task<void> Conversation::bye(std::string_view text, imap::Code code) {
    constexpr std::string_view unavailable = "[UNAVAILABLE] ";  // of whoever ended the session by the bell
    if (text.starts_with(unavailable)) {
        text.remove_prefix(unavailable.size());
        code = imap::Code::unavailable;
    }
    state_.say(imap::Condition::bye, code, text);
    co_await state_.out.flush();
}

// A counter that is one higher while this is there.
class Counted {
  public:
    explicit Counted(std::atomic<std::uint64_t>& counter) : counter_(counter) { ++counter_; }
    ~Counted() { --counter_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

  private:
    std::atomic<std::uint64_t>& counter_;
};

async::Task<void> turn_away(net::Stream& stream, const Options& options) {
    std::string text;
    imap::render_untagged(text, imap::Condition::bye, imap::Code::unavailable,
                          "Too many connections, or shutting down");
    // Whether that stranger reads it makes no difference to us.
    static_cast<void>(co_await stream.write(text, options.write_timeout));
}

}  // namespace

async::Task<void> serve(std::unique_ptr<net::Stream> connection, Services& services,
                        std::shared_ptr<const Options> options) {
    const auto stream = std::make_unique<net::DeflateStream>(std::move(connection));
    const auto bell = std::make_shared<Bell>(*stream);
    Who who;
    who.address = stream->remote_address();
    who.secure = stream->secure();
    who.since = services.clock.now();
    auto entry = services.sessions.enter(
        who, {[bell](std::string text) { bell->end(std::move(text)); }, [bell] { bell->abort(); }},
        options->connections_per_address);
    if (!entry) {
        co_await turn_away(*stream, *options);
        stream->close();
        co_return;
    }
    const Counted counted(services.metrics.sessions_now);
    services.log.debug("imap_session_began", {{"connection", stream->describe()}});
    std::string user, reason = "said goodbye";
    try {
        State state(*stream, services, options, bell, *entry);
        try {
            co_await Conversation(state).hold();
        } catch (const Disconnected& disconnected) {
            reason = disconnected.why.text;
        }
        if (state.account()) user = state.account()->identity.user;
    } catch (const std::exception& unexpected) {
        reason = unexpected.what();
        services.log.error("imap_session_failed", {{"connection", stream->describe()}, {"reason", reason}});
    }
    bell->silence();
    stream->close();
    services.log.info("imap_session_finished",
                      {{"user", user}, {"connection", stream->describe()}, {"reason", reason}});
}

}  // namespace imaparc::session
