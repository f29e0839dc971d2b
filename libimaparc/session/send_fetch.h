// FETCH responses that nobody asked for in a FETCH: what they say, and sending them.
//
// The session's thread.
#pragma once

#include <vector>

#include "session/fetch_job.h"
#include "session/state.h"

namespace imaparc::session {

// How this client reads FETCH responses.
FetchJob::Manner manner(const State& state, FetchJob::Seen seen = FetchJob::Seen::keep);

// The items of a response about flags, in their order: the UID where it is wanted (a UIDFETCH response has it anyway),
// FLAGS, and MODSEQ for a client that keeps mod-sequences (RFC 7162 3.2.4). What a client that knows the flags needs is
// MODSEQ alone.
enum class WithUid { no, yes };
enum class WithFlags { no, yes };
std::vector<imap::FetchItem> change_items(const State& state, WithUid uid, WithFlags flags = WithFlags::yes);

// Sends these messages' items, which need no octets, and notes what was told.
async::Task<void> send_fetch(State& state, Walk walk, const std::vector<imap::FetchItem>& items);
// "* VANISHED ..." in lines of a bounded length.
async::Task<void> send_vanished(State& state, const NumberSet& uids, imap::Earlier earlier);

// "* VANISHED (EARLIER) ..." for those of `known`, a resolved set, that left since (RFC 7162 3.2.10.1).
async::Task<void> send_earlier_vanished(State& state, const NumberSet& known, ModSeq since);

}  // namespace imaparc::session
