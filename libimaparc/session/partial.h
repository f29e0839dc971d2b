// Positions in what a set of UIDs names (RFC 9394 3.3).
//
// Any thread; may wait for segments of the view.
#pragma once

#include "base/number_set.h"
#include "imap/command.h"
#include "index/view.h"

namespace imaparc::session {

// The message numbers of those that `uids` names, '*' being the last; cost grows with the ranges of the set.
NumberSet numbers_of(const index::View& view, const NumberSet& uids);

// Of a resolved set the numbers at these positions: from its beginning, or counted from its end.
NumberSet at_positions(const NumberSet& numbers, const imap::ResultRange& range);

}  // namespace imaparc::session
