// ENABLE (RFC 5161, RFC 9051 6.3.1).
#include <algorithm>

#include "session/run.h"

namespace imaparc::session {

namespace {

// Whether it was off.
bool switch_on(bool& enabled) { return !std::exchange(enabled, true); }

bool enable(State& state, std::string_view capability) {
    Enabled& enabled = state.enabled;
    if (capability == "CONDSTORE") {
        const bool was_off = !enabled.condstore;
        state.enable_condstore();
        return was_off;
    }
    if (capability == "QRESYNC") {  // which is CONDSTORE as well (RFC 7162 3.2.3)
        state.enable_condstore();
        return switch_on(enabled.qresync);
    }
    if (capability == "UTF8=ACCEPT") return switch_on(enabled.utf8);
    if (capability == "IMAP4REV2") return switch_on(enabled.imap4rev2);
    if (capability == "UIDONLY") return switch_on(enabled.uid_only);
    return false;  // nothing to switch on
}

std::string_view spelled(std::string_view capability) { return capability == "IMAP4REV2" ? "IMAP4rev2" : capability; }

}  // namespace

// What is not announced is ignored, as what nobody knows; ENABLED names what is on now and was not before (RFC 5161
// 3.1). CONDSTORE beside QRESYNC is named in either order (RFC 7162 3.2.3).
async::Task<Outcome> run_enable(State& state, const imap::Enable& command) {
    const bool had_condstore = state.enabled.condstore;
    std::vector<std::string> switched_on;
    for (const auto& capability : command.capabilities) {
        const auto announced = capabilities(state);
        if (std::ranges::find(announced, spelled(capability)) == announced.end()) continue;
        bool now = enable(state, capability);
        if (capability == "CONDSTORE" && !had_condstore) now = true;
        const std::string name(spelled(capability));
        if (now && std::ranges::find(switched_on, name) == switched_on.end()) switched_on.push_back(name);
    }
    imap::render_enabled(state.out.out(), switched_on);
    co_return ok("ENABLE completed");
}

}  // namespace imaparc::session
