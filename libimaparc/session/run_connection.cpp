// CAPABILITY, NOOP, LOGOUT, ID, STARTTLS, and what an archive refuses.
#include <sys/utsname.h>

#include "base/text.h"
#include "session/run.h"

namespace imaparc::session {

async::Task<Outcome> run_capability(State& state) {
    imap::render_capability(state.out.out(), capabilities(state));
    co_return ok("CAPABILITY completed");
}

async::Task<Outcome> run_noop(State&) { co_return ok("NOOP completed"); }

async::Task<Outcome> run_logout(State& state) {
    state.deselect();
    state.logging_out = true;
    state.say(imap::Condition::bye, {}, "Logging out");
    co_return ok("LOGOUT completed");
}

// RFC 2971. What the client is goes to the log and decides nothing (3). Strangers are told our name and version; who
// has an account, the system as well, for a question to whoever helps them.
async::Task<Outcome> run_id(State& state, const imap::Id& command) {
    constexpr std::string_view logged[] = {"name", "version", "vendor", "os", "os-version"};
    constexpr std::size_t longest = 200;  // of all of them
    std::string client;
    for (const auto field : logged)
        for (const auto& [name, value] : command.fields)
            if (ascii_iequals(field, name) && value) (client += client.empty() ? "" : " ") += *value;
    state.services.log.info("imap_client_named", {{"client", printable(client, longest)},
                                                  {"user", state.account() ? state.account()->identity.user : ""},
                                                  {"remote", state.stream.remote_address()}});

    std::vector<std::pair<std::string_view, std::string_view>> fields{{"name", "imaparc"},
                                                                      {"version", state.options->version}};
    utsname system{};
    if (state.account() && uname(&system) == 0) {
        fields.emplace_back("os", system.sysname);
        fields.emplace_back("os-version", system.release);
    }
    imap::render_id(state.out.out(), fields);
    co_return ok("ID completed");
}

async::Task<Outcome> run_starttls(State& state) {
    if (state.stream.secure()) co_return bad("TLS is active already");
    if (!state.stream.can_start_tls()) co_return bad("TLS is not available");

    // What was sent behind the command in the clear must not count as sent through TLS (CVE-2011-0411). Whoever sends
    // it is no honest client, or somebody stands between us: no TLS for them.
    if (state.input.lexer().clear() > 0) {
        state.services.log.warning("imap_starttls_injection", {{"remote", state.stream.remote_address()}});
        state.say(imap::Condition::bye, {}, "Nothing may be sent behind STARTTLS before TLS is up");
        state.logging_out = true;
        co_return bad("Nothing may be sent behind STARTTLS before TLS is up");
    }
    imap::render_status_response(state.out.out(), state.tag, imap::Condition::ok, {},
                                 in_language(state.language, "Begin TLS negotiation now"), text_form(state.language));
    co_await state.out.flush();
    constexpr auto handshake_limit = std::chrono::milliseconds(30'000);
    const Result<void> started = co_await state.stream.start_tls(handshake_limit);
    if (!started) throw Disconnected{started.error()};
    state.entry.change([](Who& who) { who.secure = true; });
    co_return answered();
}

async::Task<Outcome> run_refused(State&, const imap::Refused& command) {
    co_return no(imap::Code::no_perm, command.verb + ": this is a read-only archive");
}

}  // namespace imaparc::session
