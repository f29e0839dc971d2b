// What sets how the server speaks: LANGUAGE, COMPARATOR (RFC 5255), COMPRESS (RFC 4978).
#include "base/text.h"
#include "imap/parsers.h"

namespace imaparc::imap {

namespace {

constexpr std::size_t most = 100;  // ranges or comparators in one command

// *(SP argument), to the end of the command.
std::vector<std::string> arguments(Cursor& cursor, std::string (Cursor::*read)(std::string_view what),
                                   std::string_view what) {
    std::vector<std::string> all;
    while (cursor.consume_if(' ') && !cursor.at_end() && !cursor.next_is(' ')) {
        if (all.size() == most) cursor.fail("More than " + std::to_string(most) + " arguments");
        all.push_back((cursor.*read)(what));
    }
    cursor.end();
    return all;
}

}  // namespace

// language-cmd = "LANGUAGE" *(SP lang-range-quoted)   (RFC 5255 3.5)
Command parse_language(Cursor& cursor, const Verb&) {
    return Language{arguments(cursor, &Cursor::astring, "a language")};
}

// comparator-cmd = "COMPARATOR" *(SP comp-order-quoted)   (RFC 5255 4.10). With its wildcards it is no astring unless
// quoted; clients forget that.
Command parse_comparator(Cursor& cursor, const Verb&) {
    return Comparator{arguments(cursor, &Cursor::list_mailbox, "a comparator")};
}

// compress = "COMPRESS" SP algorithm   (RFC 4978 5)
Command parse_compress(Cursor& cursor, const Verb&) {
    Compress compress;
    cursor.space();
    compress.mechanism = ascii_upper(cursor.atom("a compression algorithm, DEFLATE,"));
    cursor.end();
    return compress;
}

}  // namespace imaparc::imap
