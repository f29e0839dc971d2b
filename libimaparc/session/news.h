// Who adds lines of its own to what State::announce() tells of the selected mailbox: the contexts of RFC 5267, NOTIFY.
//
// The session's thread.
#pragma once

#include "async/workers.h"
#include "session/mailbox.h"

namespace imaparc::session {

class State;

class NewsListener {
  public:
    virtual ~NewsListener() = default;
    // Before EXPUNGE or VANISHED (RFC 5267 4.3: REMOVEFROM comes first). `before` is the view whose numbers the client
    // still uses; the mailbox's view() has the messages no more. Called also where nothing leaves.
    virtual async::Task<void> before_removals(State& state, const index::View& before, const Mailbox::News& news) = 0;
    // After EXISTS, before changed flags (ADDTO comes after).
    virtual async::Task<void> after_arrivals(State& state, const Mailbox::News& news) = 0;
    // After all that is told, flags included.
    virtual async::Task<void> after_flags(State& state, const Mailbox::News& news) = 0;
};

}  // namespace imaparc::session
