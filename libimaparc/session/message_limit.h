// MESSAGELIMIT (RFC 9738): a command looks at a bounded number of messages, those with the highest UIDs; the client
// asks for the others by a command of its own.
#pragma once

#include <optional>

#include "base/ids.h"
#include "base/number_set.h"
#include "imap/command.h"
#include "imap/render.h"
#include "index/view.h"

namespace imaparc::session {

struct Limited {
    NumberSet numbers;  // message numbers: the newest of those that were named, as many as are allowed
    Uid lowest;         // the UID of the first of them
};

// What a command may look at of the messages that `set` names (UIDs or message numbers, '*' unresolved). nullopt: all
// of them; `limit` 0 is no limit. May wait.
std::optional<Limited> limited(const index::View& view, const NumberSet& set, imap::Numbering by, std::uint32_t limit);

// [MESSAGELIMIT n uid], for the tagged OK; in an untagged NO where that has another code (RFC 9738 3.1).
imap::StatusCode message_limit(std::uint32_t limit, Uid lowest);

}  // namespace imaparc::session
