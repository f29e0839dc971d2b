// Which bytes BODY[section] means (RFC 3501 6.4.5, section-spec), on the summary of a message.
//
// Any thread; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "message/summary.h"

namespace imaparc::message {

struct Section {
    enum class Text : std::uint8_t { all, header, header_fields, header_fields_not, text, mime };

    std::vector<std::uint32_t> path;  // part numbers, empty: the message itself
    Text text = Text::all;
    std::vector<std::string> fields;  // for header_fields(_not): as the client wrote them
    bool operator==(const Section&) const = default;
};

// A stretch of the message in both coordinates; [begin, end).
struct Range {
    Place begin, end;
};

// The stretch the section is (for header_fields: the header that is to be filtered). nullopt: there is no such part
// (BODY answers NIL or "", the caller decides). The walk is RFC 3501's: part 1 of a non-multipart is its text; numbers
// into message/rfc822 go through the enclosed message.
std::optional<Range> locate(const Summary& summary, const Section& section);

// The part that the path names, for BINARY and SEARCH; nullptr if none.
const Part* find_part(const Summary& summary, const std::vector<std::uint32_t>& path);

// From a whole header in wire form: the fields named (or all others), unchanged and in order, and the empty line
// (RFC 3501 6.4.5: always there but where the message has none).
std::string filter_header(std::string_view header, const std::vector<std::string>& fields, bool keep_named);

}  // namespace imaparc::message
