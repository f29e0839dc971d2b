// LOGIN and AUTHENTICATE (RFC 3501 6.2, RFC 4959).
#include "auth/sasl/sasl.h"
#include "auth/secret.h"
#include "imap/base64.h"
#include "session/run.h"

namespace imaparc::session {

namespace {

bool loopback(std::string_view address) {
    return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.") || address.empty();
}

Outcome welcome(const State& state) {
    std::string list;
    for (const auto capability : capabilities(state)) (list += list.empty() ? "" : " ") += capability;
    return ok("Logged in", imap::StatusCode(imap::Code::capability, list));
}

async::Task<Outcome> refuse(State& state, std::string_view user, auth::Outcome why) {
    ++state.services.metrics.logins_refused_total;
    state.services.log.warning("imap_login_refused",
                               {{"user", user},
                                {"remote", state.stream.remote_address()},
                                {"reason", why == auth::Outcome::unavailable ? "unavailable" : "credentials"}});
    if (why == auth::Outcome::unavailable)
        co_return no(imap::Code::unavailable, "Log-in is not possible at the moment. Please try again later");
    ++state.refusals;
    co_await state.out.flush();
    const auto penalty = state.services.failures.failed(state.stream.remote_address(), user);
    co_await state.bell->pause(penalty);
    // The same words whether the user exists or not.
    co_return no(imap::Code::authentication_failed, "User name or password is wrong");
}

async::Task<Outcome> check(State& state, std::string_view user, std::string_view password) {
    auto& services = state.services;
    const std::string address = state.stream.remote_address();
    const auto penalty = services.failures.before_attempt(address);
    co_await state.bell->pause(penalty);

    std::optional<auth::Identity> identity = services.authentication.remembered(user, password);
    if (!identity) {
        const auth::Answer answer = co_await state.on_worker(
            [&services, user, password] { return services.authentication.check(user, password); });
        if (answer.outcome != auth::Outcome::accepted) co_return co_await refuse(state, user, answer.outcome);
        identity = answer.identity;
    }

    Account account;
    account.identity = std::move(*identity);
    co_await state.on_worker([&services, &account] {
        account.owner = services.index.owner(account.identity.owner);
        account.user = account.owner->user(account.identity.user);
        account.owner->folders();  // so that LIST need not wait
        return true;
    });
    services.failures.succeeded(address, user);
    if (!state.log_in(std::move(account))) {
        ++services.metrics.logins_refused_total;
        services.log.warning("imap_login_refused", {{"user", user}, {"remote", address}, {"reason", "connections"}});
        co_return no(imap::Code::limit, "You have too many connections already");
    }
    ++services.metrics.logins_total;
    services.log.info("imap_login", {{"user", state.account()->identity.user},
                                     {"owner", state.account()->identity.owner},
                                     {"remote", address},
                                     {"tls", state.stream.secure() ? "yes" : "no"}});
    co_return welcome(state);
}

}  // namespace

std::optional<Outcome> password_refused(const State& state) {
    if (state.stream.secure()) return std::nullopt;
    const bool forced = state.options->tls == TlsPolicy::forced;
    if (!forced && (state.options->allow_plaintext || loopback(state.stream.remote_address()))) return std::nullopt;
    return no(imap::Code::privacy_required, "Log-in needs TLS");
}

async::Task<Outcome> run_login(State& state, const imap::Login& command) {
    if (auto refused = password_refused(state)) co_return std::move(*refused);
    co_return co_await check(state, command.user, command.password);
}

async::Task<Outcome> run_authenticate(State& state, const imap::Authenticate& command) {
    if (auto refused = password_refused(state)) co_return std::move(*refused);
    const auto exchange = auth::start_sasl(command.mechanism);
    if (!exchange) co_return no(imap::Code::cannot, "This mechanism is not supported");

    std::optional<std::string> initial;
    if (command.initial_response)
        initial = command.initial_response->empty() ? "=" : imap::encode_base64(*command.initial_response);
    auth::SaslStep step = exchange->start(initial);
    if (initial) auth::wipe(*initial);
    while (step.kind == auth::SaslStep::Kind::challenge) {
        imap::render_continuation(state.out.out(), step.challenge);
        state.input.lexer().expect(imap::Lexer::Expect::continuation);
        const InputEvent event = co_await state.input.next(state.patience());
        if (std::holds_alternative<TimedOut>(event)) state.bell->end("You took too long to log in");
        if (std::holds_alternative<TimedOut>(event) || std::holds_alternative<Interrupted>(event) ||
            std::holds_alternative<imap::OutOfSync>(event))
            co_return answered();  // the loop says BYE
        const auto* line = std::get_if<imap::Line>(&event);
        if (!line || line->text.size() > auth::sasl_line_limit) co_return bad("The response is too long");
        step = exchange->next(line->text);
    }
    switch (step.kind) {
        case auth::SaslStep::Kind::cancelled:
            co_return bad("AUTHENTICATE cancelled");
        case auth::SaslStep::Kind::failed:
            if (step.error.kind == ErrorKind::invalid) co_return bad(step.error.text);
            co_return no(imap::Code::authorization_failed, step.error.text);
        default:
            break;
    }
    co_return co_await check(state, step.credentials.user, step.credentials.password.view());
}

}  // namespace imaparc::session
