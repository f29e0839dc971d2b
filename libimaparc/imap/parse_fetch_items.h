// The items of FETCH that other parsers read, too, or that have a file of their own.
//
// As parsers.h has it: what comes back counts only if the cursor has not failed.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "imap/command.h"
#include "imap/cursor.h"

namespace imaparc::imap {

// fetch-att, or "(" fetch-att *(SP fetch-att) ")" with as many as a command may have; each once. No macros.
std::vector<FetchItem> parse_fetch_items(Cursor& cursor);

// "<" number "." nz-number ">", if it is there (RFC 3501 6.4.5).
std::optional<Partial> parse_partial(Cursor& cursor);

// Behind the name of an item: BINARY[...], BINARY.PEEK[...], BINARY.SIZE[...] (RFC 3516), PREVIEW (RFC 8970). nullopt,
// and nothing read: the name is none of these.
std::optional<FetchItem> parse_content_item(Cursor& cursor, std::string_view name);

}  // namespace imaparc::imap
