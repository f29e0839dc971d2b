#include "imap/charset_named.h"

#include "imap/cursor.h"

namespace imaparc::imap {

// tag SP ["UID" SP] "SEARCH" [SP "RETURN" SP "(" ... ")"] [SP "CHARSET" SP astring] 1*(SP search-key)   (RFC
// 4466 2.6.1)
bool charset_named(std::string_view text) {
    Cursor cursor(text);
    cursor.take_while([](char c) { return c != ' ' && c != '\r' && c != '\n'; });
    cursor.space();
    if (cursor.consume_if_word("UID")) cursor.space();
    if (!cursor.consume_if_word("SEARCH")) return false;
    cursor.space();
    if (cursor.consume_if_word("RETURN")) {
        cursor.space();
        cursor.skip_value();
        cursor.space();
    }
    return cursor.consume_if_word("CHARSET");
}

}  // namespace imaparc::imap
