// The MIME fields of a part (RFC 2045, 2183, 2231, 3282) and the envelope of a message (RFC 3501 7.4.2) from a header.
//
// Any thread; pure functions but for the arena.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "message/header_block.h"
#include "message/summary.h"
#include "message/text_arena.h"

namespace imaparc::message {

// What may still be taken from the message; shared by all its parts.
struct Budget {
    std::size_t addresses = 100000;
    std::size_t parameters = 100000;
};

enum class DefaultType : std::uint8_t { text, message };  // RFC 2045 5.2; in a multipart/digest RFC 2046 5.1.5

// Fills type, subtype, kind, parameters and the other MIME fields. A Content-Type that cannot be read (no subtype, a
// multipart without boundary) counts as text/plain in US-ASCII, as RFC 2045 5.2 suggests; text without charset gets
// ("charset" "us-ascii"), as Dovecot shows it.
//
// Returns the boundary of a multipart as it is to be looked for; "" for everything else.
std::string fill_part(const HeaderBlock& header, DefaultType default_type, Part& part, TextArena& arena,
                      Budget& budget);

// Makes the part one of unstructured text: where nesting ends.
void make_opaque(Part& part);

void fill_envelope(const HeaderBlock& header, Envelope& envelope, TextArena& arena, Budget& budget);

}  // namespace imaparc::message
