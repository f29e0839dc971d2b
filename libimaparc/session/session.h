// A client's session: one coroutine a connection, from the greeting to `* BYE`. It speaks IMAP4rev1 (RFC 3501) for
// reading, on what the rooms below give it.
//
// serve() runs on the stream's executor and touches nothing from another thread; several run on one io_context. What
// touches resident memory and takes under 1 ms runs inline; files, Firebird, cold catalog, passwords and long searches
// go to the workers.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "archive/archive.h"
#include "async/broadcast.h"
#include "async/workers.h"
#include "auth/chain.h"
#include "auth/failure_tracker.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/progress.h"
#include "index/index.h"
#include "net/stream.h"
#include "session/sessions.h"
#include "session/special_use.h"

namespace imaparc::session {

enum class FlagsMode { private_flags, readonly };  // imap.flags
enum class Literals { plus, minus };               // imap.literals: LITERAL+ or LITERAL- (RFC 7888)
enum class TlsPolicy { optional, forced };         // tls.force; whether TLS can be had is the stream's to say

// With LITERAL- a non-synchronising literal has at most so many octets (RFC 7888 5).
constexpr std::uint64_t literal_minus_octets = 4096;

// Settings of all sessions; a session keeps the ones it began with.
struct Options {
    std::string version;  // ID, with the name imaparc
    FlagsMode flags = FlagsMode::private_flags;
    Literals literals = Literals::plus;
    bool unauthenticate = true;  // imap.unauthenticate: whether the command is there (RFC 8437 8)
    TlsPolicy tls = TlsPolicy::optional;
    bool allow_plaintext = true;        // auth.allow_plaintext: passwords in the clear, from other than loopback
    bool hide_while_resyncing = false;  // sync.hide_while_resyncing
    std::string comment, admin;         // imap.comment, imap.admin: what METADATA says of the server; "": nothing
    SpecialUse special_use;             // imap.special_use

    std::chrono::milliseconds login_timeout{60'000};         // from greeting to log-in
    std::chrono::milliseconds command_timeout{30 * 60'000};  // autologout, at least 30 min (RFC 3501 5.4)
    std::chrono::milliseconds write_timeout{60'000};         // a client that takes nothing
    std::chrono::milliseconds idle_keepalive{2 * 60'000};    // `* OK` during IDLE, so that NAT keeps the connection

    std::size_t command_octets = std::size_t{2} << 20;  // one command with its literals, after log-in (imap/lexer.h)
    std::size_t literal_octets = std::size_t{1} << 20;  // one literal: names, search strings
    std::size_t discard_octets = std::size_t{1} << 20;  // of a refused APPEND's non-synchronising literal
    std::uint32_t message_limit = 0;                    // messages one command looks at (RFC 9738); 0: no bound
    unsigned commands_before_login = 100;               // in all
    unsigned rate_before_login = 10;                    // commands a second, after as many at once
    unsigned refusals_before_bye = 5;                   // log-ins refused on one connection
    unsigned mistakes_before_bye = 20;                  // BAD answers in a row
    std::size_t connections_per_address = 0;            // 0: no bound
    std::size_t connections_per_user = 0;               // log-in beyond is refused; 0: no bound
    std::size_t compressed = 0;                         // sessions that compress at a time; 0: no bound
    std::size_t write_octets = 64 * 1024;               // size of the pieces that replies are written in
};

// What sessions work with; all of it outlives them.
struct Services {
    index::Index& index;
    archive::Archive& archive;
    auth::Chain& authentication;
    auth::FailureTracker& failures;
    async::Broadcast& broadcast;  // hears what index::Index::on_change says
    async::Workers& workers;
    ProgressBoard& progress;
    Metrics& metrics;
    Log& log;
    const Clock& clock;
    Sessions& sessions;

    // A session has the folder selected, or not any more (calls pair up): the synchronisation watches it closely
    // meanwhile. Called from sessions' threads, must only post. Empty functions: nobody is interested.
    std::function<void(const std::string&owner, FolderNumber folder)> watch, unwatch;
    // The owner is being synchronised anew on an administrator's word. Any thread, no wait. Empty: never.
    std::function<bool(const std::string& owner)> resyncing;
};

// Serves the client until one of the two ends the connection; closes the stream. Throws nothing: what goes wrong is
// told to the client as far as it concerns it, and to the log.
async::Task<void> serve(std::unique_ptr<net::Stream> stream, Services& services,
                        std::shared_ptr<const Options> options);

}  // namespace imaparc::session
