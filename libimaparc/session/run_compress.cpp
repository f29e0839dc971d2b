// COMPRESS (RFC 4978), and UNAUTHENTICATE (RFC 8437), which ends it.
#include "session/run.h"

namespace imaparc::session {

async::Task<Outcome> run_compress(State& state, const imap::Compress& command) {
    if (command.mechanism != "DEFLATE") co_return bad("Only DEFLATE is known");
    if (state.stream.compressing()) co_return no(imap::Code::compression_active, "DEFLATE is active already");
    if (!state.entry.begin_compressing(state.options->compressed))
        co_return no(imap::Code::limit, "Too many connections are compressed already");

    imap::render_status_response(state.out.out(), state.tag, imap::Condition::ok, {},
                                 in_language(state.language, "DEFLATE is active now"), text_form(state.language));
    co_await state.out.flush();
    // What a client sent behind the command, without waiting as it must, it has compressed.
    state.stream.start(state.input.lexer().take());
    co_return answered();
}

async::Task<Outcome> run_unauthenticate(State& state) {
    if (!state.options->unauthenticate) co_return bad("The command is not known");
    state.services.log.info("imap_logout",
                            {{"user", state.account()->identity.user}, {"remote", state.stream.remote_address()}});
    state.log_out();
    if (!state.stream.compressing()) co_return ok("UNAUTHENTICATE completed");

    co_await state.out.flush();
    std::string last;
    imap::render_status_response(last, state.tag, imap::Condition::ok, {}, "UNAUTHENTICATE completed");
    const Result<void> finished = co_await state.stream.finish(last, state.options->write_timeout);
    if (!finished) throw Disconnected{finished.error()};
    state.entry.end_compressing();
    co_return answered();
}

}  // namespace imaparc::session
