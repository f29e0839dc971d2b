// What several parsers read: parts of one command's grammar that another's takes over.
//
// Each reads at the cursor and leaves it behind what it read; what it returns counts only if the cursor has not failed.
#pragma once

#include <string>
#include <vector>

#include "imap/command.h"
#include "imap/cursor.h"

namespace imaparc::imap {

// "(" status-att *(SP status-att) ")", each once: STATUS (RFC 3501 9), LIST ... RETURN (STATUS (...)) (RFC 5819 4).
std::vector<StatusItem> status_items(Cursor& cursor);

enum class EntryDepth : std::uint8_t {
    exact,  // names an entry: two levels at least, below "vendor" four (RFC 5464 3.2)
    above,  // stands above entries that are asked for with DEPTH
};
// entry = astring: a name below /private or /shared (RFC 5464 3.2, 5), as sent.
std::string metadata_entry(Cursor& cursor, EntryDepth depth);
// entries = entry / "(" entry *(SP entry) ")", each once in any case of its letters (RFC 5464 5).
std::vector<std::string> metadata_entries(Cursor& cursor, EntryDepth depth);

constexpr std::size_t max_metadata_entries = 100;  // in one command; each may be answered for every mailbox

}  // namespace imaparc::imap
