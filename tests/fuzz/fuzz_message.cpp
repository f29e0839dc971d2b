// Messages: the summary parser, the catalog's form of a summary, sections, and ENVELOPE and BODYSTRUCTURE made of it.
// The first octet is the size of the pieces that the parser is fed; whatever it is, the summary must be the same. The
// input is also taken for a record of the catalog.
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "imap/render.h"
#include "message/section.h"
#include "message/summary.h"

using namespace imaparc;
using fuzz::require;

namespace {

void check_range(const message::Summary& summary, const message::Section& section) {
    const auto range = message::locate(summary, section);
    if (!range) return;
    require(range->begin.raw <= range->end.raw && range->end.raw <= summary.raw_size, "a section lies in the message");
    require(range->begin.wire <= range->end.wire && range->end.wire <= summary.wire_size,
            "a section lies in the message");
}

void check_part(const message::Summary& summary, const message::Part& part, std::vector<std::uint32_t>& path,
                unsigned& left) {
    if (left == 0) return;
    --left;
    require(part.header.wire <= part.body.wire && part.body.wire <= part.end.wire, "a part is in order");
    require(part.end.raw <= summary.raw_size && part.end.wire <= summary.wire_size, "a part lies in the message");
    using Text = message::Section::Text;
    for (auto text : {Text::all, Text::header, Text::header_fields, Text::header_fields_not, Text::text, Text::mime})
        check_range(summary, {path, text, {"Subject"}});
    message::find_part(summary, path);
    for (std::uint32_t i = 0; i < part.children.size(); ++i) {
        path.push_back(i + 1);
        check_part(summary, part.children[i], path, left);
        path.pop_back();
    }
}

// No answer may have a line end outside a literal.
void check_lines(std::string_view text) {
    while (!text.empty()) {
        const auto special = text.find_first_of("\"{\r\n");
        if (special == std::string_view::npos) return;
        const char c = text[special];
        text.remove_prefix(special + 1);
        if (c == '"') {
            while (!text.empty() && text[0] != '"') {
                require(text[0] != '\r' && text[0] != '\n' && text[0] != '\0', "a quoted string is one line");
                text.remove_prefix(text[0] == '\\' ? 2 : 1);
            }
            require(!text.empty(), "a quoted string ends");
            text.remove_prefix(1);
        } else {
            require(c == '{', "no line end outside a literal");
            const auto end = text.find("}\r\n");
            require(end != std::string_view::npos, "a literal's announcement ends");
            const auto octets = std::stoull(std::string(text.substr(0, end)));
            require(octets <= text.size() - end - 3, "a literal is complete");
            require(text.substr(end + 3, octets).find('\0') == std::string_view::npos, "a literal has no NUL");
            text.remove_prefix(end + 3 + octets);
        }
    }
}

void check(const message::Summary& summary) {
    std::vector<std::uint32_t> path;
    unsigned left = 200;
    check_part(summary, summary.root, path, left);
    std::string out;
    imap::render_envelope(out, summary.envelope);
    out += ' ';
    imap::render_part(out, summary.root, imap::Extensions::yes);
    out += ' ';
    imap::render_part(out, summary.root, imap::Extensions::no);
    check_lines(out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto summary = message::parse_summary(bytes);
    require(summary.raw_size == bytes.size(), "raw_size is the size");
    check(summary);

    const std::size_t piece = data[0] % 64 + 1;
    message::SummaryParser parser;
    for (std::size_t at = 0; at < bytes.size(); at += piece) parser.feed(bytes.substr(at, piece));
    const auto record = message::encode_summary(summary);
    require(message::encode_summary(parser.finish()) == record, "pieces do not matter");

    const auto decoded = message::decode_summary(record);
    require(decoded.ok(), "what was encoded decodes");
    require(message::encode_summary(*decoded) == record, "a summary goes there and back");
    check(*decoded);

    if (const auto other = message::decode_summary(bytes); other.ok()) check(*other);

    const auto kept = message::filter_header(bytes, {"Subject", "X"}, true);
    const auto rest = message::filter_header(bytes, {"Subject", "X"}, false);
    require(kept.size() <= bytes.size() + 2 && rest.size() <= bytes.size() + 2, "a filtered header is not longer");
    return 0;
}
