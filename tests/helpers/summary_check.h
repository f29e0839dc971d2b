// What must hold of every summary, whatever the message: parts lie inside each other and in order, places agree with
// the plain model of the wire form, counts with the bytes.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.h"
#include "helpers/wire_model.h"
#include "message/summary.h"

namespace imaparc::test {

inline std::uint64_t wire_at(std::string_view raw, std::uint64_t offset) {
    return wire_form(raw.substr(0, static_cast<std::size_t>(offset))).size();
}

inline void check_part(const message::Part& part, std::string_view raw, unsigned depth) {
    using Kind = message::Part::Kind;
    REQUIRE(depth <= message::max_depth + 1);
    REQUIRE(part.header.raw <= part.body.raw);
    REQUIRE(part.body.raw <= part.end.raw);
    REQUIRE(part.end.raw <= raw.size());
    for (const message::Place* place : {&part.header, &part.body, &part.end})
        REQUIRE(place->wire == wire_at(raw, place->raw));
    const auto body = raw.substr(part.body.raw, part.end.raw - part.body.raw);
    REQUIRE(part.lines == std::count(body.begin(), body.end(), '\n'));
    REQUIRE(!part.type.empty());
    REQUIRE(!part.subtype.empty());
    REQUIRE(!part.encoding.empty());
    const bool composite = part.kind == Kind::multipart || part.kind == Kind::message;
    REQUIRE(composite == !part.children.empty());
    REQUIRE((part.kind == Kind::message) == (part.envelope != nullptr));
    if (part.kind == Kind::message) REQUIRE(part.children.size() == 1);
    std::uint64_t from = part.body.raw;
    for (const message::Part& child : part.children) {
        REQUIRE(child.header.raw >= from);
        REQUIRE(child.end.raw <= part.end.raw);
        from = child.end.raw;
        check_part(child, raw, depth + 1);
    }
}

inline void check_summary(const message::Summary& summary, std::string_view raw) {
    REQUIRE(summary.raw_size == raw.size());
    REQUIRE(summary.wire_size == wire_form(raw).size());
    REQUIRE(summary.has_nul == (raw.find('\0') != std::string_view::npos));
    REQUIRE(summary.digest == sha256(raw));
    REQUIRE(summary.root.header.raw == 0);
    REQUIRE(summary.root.end.raw == raw.size());
    REQUIRE(valid_utf8(summary.preview));
    REQUIRE(std::count_if(summary.preview.begin(), summary.preview.end(), [](char c) { return (c & 0xC0) != 0x80; }) <=
            static_cast<std::ptrdiff_t>(message::max_preview_characters));
    REQUIRE(std::none_of(summary.preview.begin(), summary.preview.end(),
                         [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }));
    REQUIRE(summary.references.size() <= message::max_references);
    std::uint64_t last = 0;
    for (const message::Place& place : summary.checkpoints) {
        REQUIRE(place.wire > last);
        REQUIRE(place.wire / message::checkpoint_every == last / message::checkpoint_every + 1);
        REQUIRE(place.raw < raw.size());
        REQUIRE(place.wire == wire_at(raw, place.raw));
        REQUIRE(!(raw[place.raw] == '\n' && raw[place.raw - 1] == '\r'));
        last = place.wire;
    }
    check_part(summary.root, raw, 0);
}

}  // namespace imaparc::test
