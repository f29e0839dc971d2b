// GETMETADATA (RFC 5464 4.2), and the names of entries.
#include <algorithm>

#include "base/text.h"
#include "imap/grammar.h"
#include "imap/parse_parts.h"
#include "imap/parsers.h"

namespace imaparc::imap {

namespace {

// "" or what is wrong with it (RFC 5464 3.2).
std::string_view problem_with(std::string_view entry, EntryDepth depth) {
    if (entry.empty() || entry[0] != '/') return "starts with /";
    if (entry.back() == '/' || entry.find("//") != std::string_view::npos) return "has a name between its slashes";
    for (const char c : entry)
        if (is_8bit(c) || static_cast<unsigned char>(c) <= 0x19 || c == '*' || c == '%')
            return "is US-ASCII without control characters, * and %";
    if (entry.size() > max_mailbox_name) return "is shorter";
    const auto parts = split(entry.substr(1), '/');
    if (!ascii_iequals(parts[0], "private") && !ascii_iequals(parts[0], "shared"))
        return "starts with /private or /shared";
    if (depth == EntryDepth::above) return "";
    if (parts.size() < 2) return "has two parts at least";
    if (ascii_iequals(parts[1], "vendor") && parts.size() < 4) return "has four parts at least below vendor";
    return "";
}

void add_entry(Cursor& cursor, std::vector<std::string>& entries, EntryDepth depth) {
    auto entry = metadata_entry(cursor, depth);
    const auto same = [&](const std::string& other) { return ascii_iequals(entry, other); };
    if (std::any_of(entries.begin(), entries.end(), same)) return;
    if (entries.size() == max_metadata_entries)
        return cursor.fail("More than " + std::to_string(max_metadata_entries) + " entries");
    entries.push_back(std::move(entry));
}

// getmetadata-options = "(" getmetadata-option *(SP getmetadata-option) ")"
// maxsize-opt = "MAXSIZE" SP number; scope-opt = "DEPTH" SP ("0" / "1" / "infinity")
void metadata_options(Cursor& cursor, GetMetadata& get) {
    cursor.expect('(');
    do {
        if (cursor.consume_if_word("MAXSIZE")) {
            cursor.space();
            get.max_size = cursor.number("a number of octets");
        } else if (cursor.consume_if_word("DEPTH")) {
            cursor.space();
            if (cursor.consume_if_word("0"))
                get.depth = GetMetadata::Depth::zero;
            else if (cursor.consume_if_word("1"))
                get.depth = GetMetadata::Depth::one;
            else if (cursor.consume_if_word("INFINITY"))
                get.depth = GetMetadata::Depth::infinity;
            else
                cursor.expected("0, 1 or infinity");
        } else {
            cursor.expected("MAXSIZE or DEPTH");
        }
    } while (cursor.consume_if(' '));
    cursor.expect(')');
}

// An option is a word, an entry starts with "/".
bool options_ahead(const Cursor& cursor) {
    Cursor ahead = cursor;
    return ahead.consume_if('(') && ((ahead.peek() | 0x20) == 'm' || (ahead.peek() | 0x20) == 'd');
}

}  // namespace

std::string metadata_entry(Cursor& cursor, EntryDepth depth) {
    auto entry = cursor.astring("the name of an entry");
    if (cursor.failed()) return entry;
    if (const auto problem = problem_with(entry, depth); !problem.empty())
        cursor.fail("The name of an entry " + std::string(problem));
    return entry;
}

std::vector<std::string> metadata_entries(Cursor& cursor, EntryDepth depth) {
    std::vector<std::string> entries;
    if (!cursor.consume_if('(')) {
        add_entry(cursor, entries, depth);
        return entries;
    }
    do {
        add_entry(cursor, entries, depth);
    } while (cursor.consume_if(' '));
    cursor.expect(')');
    return entries;
}

// getmetadata = "GETMETADATA" [SP getmetadata-options] SP mailbox SP entries
// The RFC's examples have the options behind the mailbox, and two entries without parentheses (4.4.1): taken as well.
Command parse_get_metadata(Cursor& cursor, const Verb&) {
    GetMetadata get;
    cursor.space();
    if (cursor.next_is('(')) {
        metadata_options(cursor, get);
        cursor.space();
    }
    get.mailbox = cursor.mailbox();
    cursor.space();
    if (options_ahead(cursor)) {
        metadata_options(cursor, get);
        cursor.space();
    }
    const auto depth = get.depth == GetMetadata::Depth::zero ? EntryDepth::exact : EntryDepth::above;
    if (cursor.next_is('(')) {
        get.entries = metadata_entries(cursor, depth);
    } else {
        add_entry(cursor, get.entries, depth);
        for (Cursor ahead = cursor; ahead.consume_if(' ') && ahead.next_is('/'); ahead = cursor) {
            cursor.space();
            add_entry(cursor, get.entries, depth);
        }
    }
    cursor.end();
    return get;
}

}  // namespace imaparc::imap
