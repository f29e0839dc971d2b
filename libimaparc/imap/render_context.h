// What a context of RFC 5267 tells when its result changes.
//
//   * ESEARCH (TAG "B01") UID ADDTO (0 32768:32769)
//
// Any thread; the buffer is the caller's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/number_set.h"
#include "imap/command.h"

namespace imaparc::imap {

enum class ContextUpdate : std::uint8_t { add_to, remove_from };

// A set to be put in, or taken out, at a position of the result (from 1 on; 0: in the mailbox's order).
struct ContextPiece {
    std::uint32_t position = 0;
    NumberRange range;
};

// Pieces of the same position make one sequence set; in lines of a bounded length. Nothing for no pieces.
void render_context_update(std::string& out, std::string_view tag, Numbering by, ContextUpdate update,
                           std::span<const ContextPiece> pieces);

}  // namespace imaparc::imap
