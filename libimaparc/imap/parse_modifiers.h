// What the parameters of SELECT and the modifiers of FETCH and STORE have in common (RFC 4466 2, RFC 7162 7).
//
// Belongs to one call of parse_request().
#pragma once

#include <cstdint>
#include <string_view>

#include "base/ids.h"
#include "imap/cursor.h"

namespace imaparc::imap {

enum class Zero : std::uint8_t { refused, allowed };

// number64, or nz-number64 (RFC 9051 9): below 2^63. `what` as Cursor has it.
std::uint64_t parse_number63(Cursor& cursor, Zero zero, std::string_view what);

// mod-sequence-value = 1*DIGIT; 1 <= n < 2^63. mod-sequence-valzer may be 0.
ModSeq parse_modseq(Cursor& cursor, Zero zero);

// sequence-set without "*" and "$"; as sent.
NumberSet parse_plain_set(Cursor& cursor);

// "(" one *(SP one) ")", where one() reads a parameter or fails.
template <class One>
void parse_parenthesised(Cursor& cursor, const One& one) {
    cursor.expect('(');
    do {
        if (cursor.failed()) return;
        one();
    } while (cursor.consume_if(' '));
    cursor.expect(')');
}

}  // namespace imaparc::imap
