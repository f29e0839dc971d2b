#include "message/section.h"

#include <algorithm>

#include "base/text.h"
#include "message/header_block.h"

namespace imaparc::message {
namespace {

// The part a number names where `part` is what the numbers so far led to; `top` if none did yet: the numbers of a
// message are its root's.
const Part* step(const Part& part, std::uint32_t number, bool top) {
    const Part* inside = &part;
    if (!top && part.kind == Part::Kind::message) inside = &part.children.front();
    if (inside->kind == Part::Kind::multipart)
        return number >= 1 && number <= inside->children.size() ? &inside->children[number - 1] : nullptr;
    // "Every message has at least one part number": a non-multipart message's text is its part 1.
    if (number == 1 && (top || part.kind == Part::Kind::message)) return inside;
    return nullptr;
}

}  // namespace

const Part* find_part(const Summary& summary, const std::vector<std::uint32_t>& path) {
    const Part* part = &summary.root;
    bool top = true;
    for (const std::uint32_t number : path) {
        part = step(*part, number, top);
        if (!part) return nullptr;
        top = false;
    }
    return part;
}

// section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT"
// section-part    = nz-number *("." nz-number)
// section-spec    = section-msgtext / (section-part ["." section-text])
// section-text    = section-msgtext / "MIME"
std::optional<Range> locate(const Summary& summary, const Section& section) {
    const Part* part = find_part(summary, section.path);
    if (!part) return std::nullopt;
    const bool top = section.path.empty();
    switch (section.text) {
        case Section::Text::all:
            return Range{top ? part->header : part->body, part->end};
        case Section::Text::mime:
            if (top) return std::nullopt;
            return Range{part->header, part->body};
        case Section::Text::header:
        case Section::Text::header_fields:
        case Section::Text::header_fields_not:
        case Section::Text::text:
            break;
    }
    // These are of a message: the one itself, or the one that a message/rfc822 part encloses.
    if (!top) {
        if (part->kind != Part::Kind::message) return std::nullopt;
        part = &part->children.front();
    }
    if (section.text == Section::Text::text) return Range{part->body, part->end};
    return Range{part->header, part->body};
}

std::string filter_header(std::string_view header, const std::vector<std::string>& fields, bool keep_named) {
    std::string result;
    bool keep = !keep_named;  // a fold before any field belongs to none that could be named
    while (!header.empty()) {
        const std::size_t lf = header.find('\n');
        const std::string_view line = header.substr(0, lf == std::string_view::npos ? header.size() : lf + 1);
        header.remove_prefix(line.size());
        if (line == "\r\n" || line == "\n") {
            result += line;
            break;
        }
        if (line.front() != ' ' && line.front() != '\t') {
            const std::string_view name = field_name(line);
            const bool named = !name.empty() && std::any_of(fields.begin(), fields.end(), [name](const auto& field) {
                return ascii_iequals(field, name);
            });
            keep = named == keep_named;
        }
        if (keep) result += line;
    }
    return result;
}

}  // namespace imaparc::message
