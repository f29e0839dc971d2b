#include "message/content.h"

#include <algorithm>

#include "base/text.h"
#include "message/address.h"
#include "message/lexer.h"
#include "message/parameters.h"

namespace imaparc::message {
namespace {

constexpr std::size_t longest_boundary = 200;  // RFC 2046 5.1.1 has 70; a longer one is compared as far as this

const Parameter us_ascii{"charset", "us-ascii"};

std::vector<Parameter> parameters(Lexer& in, TextArena& arena, Budget& budget) {
    const auto limit = std::min<std::size_t>(max_parameters, budget.parameters);
    auto result = parse_parameters(in.text().substr(std::min(in.position(), in.text().size())), arena, limit);
    budget.parameters -= std::min(budget.parameters, result.size());
    return result;
}

// content = type "/" subtype *(";" parameter), RFC 2045 5.1. False where type or subtype is missing; "text" alone is
// text/plain.
bool read_type(std::string_view body, Part& part, TextArena& arena, Budget& budget) {
    Lexer in(body);
    in.skip_cfws();
    const std::string_view type = in.token();
    in.skip_cfws();
    std::string_view subtype;
    if (in.take('/')) {
        in.skip_cfws();
        subtype = in.token();
    }
    if (ascii_iequals(type, "text") && subtype.empty()) subtype = "plain";
    if (type.empty() || subtype.empty()) return false;
    part.type = arena.keep(type);
    part.subtype = arena.keep(subtype);
    part.parameters = parameters(in, arena, budget);
    return !part.type.empty() && !part.subtype.empty();  // empty: the arena is full
}

// A boundary does not end in white space: delimiter lines lose theirs on the way (RFC 2046 5.1.1).
std::string boundary_of(const Part& part) {
    std::string value = parameter_value(part.parameters, "boundary").value_or("");
    if (value.size() > longest_boundary) value.resize(longest_boundary);
    while (!value.empty() && is_blank(value.back())) value.pop_back();
    return value;
}

Nstring optional_text(const HeaderBlock& header, Field field, TextArena& arena) {
    if (!header.has(field)) return std::nullopt;
    return arena.keep(header.first(field));
}

// A token, or a string where a token belongs.
std::string first_word(Lexer& in) {
    std::string word;
    in.skip_cfws();
    if (in.at('"') && in.quoted_string(word)) return std::string(trimmed(word));
    return std::string(in.token());
}

// encoding = mechanism, a token (RFC 2045 6.1). Text with more in it ("8 bit", "text/html") names none; the default is
// 7BIT.
std::string_view read_encoding(std::string_view body, TextArena& arena) {
    Lexer in(body);
    const std::string word = first_word(in);
    in.skip_cfws();
    if (word.empty() || !(in.at_end() || in.at(';'))) return "7BIT";
    const std::string_view kept = arena.keep(word);
    return kept.empty() ? "7BIT" : kept;
}

// Content-Language = tag *("," tag), RFC 3282 2
void read_languages(std::string_view body, Part& part, TextArena& arena) {
    Lexer in(body);
    while (!in.at_end() && part.languages.size() < max_parameters) {
        const std::string tag = first_word(in);
        if (!tag.empty()) part.languages.push_back(arena.keep(tag));
        in.skip_cfws();
        if (!in.take(',') && tag.empty() && !in.at_end()) in.advance();
    }
}

// disposition = type *(";" parameter), RFC 2183 2; without a type it counts as unrecognized, thus "attachment" (2.8).
void read_disposition(std::string_view body, Part& part, TextArena& arena, Budget& budget) {
    Lexer in(body);
    const std::string type = first_word(in);
    part.disposition_parameters = parameters(in, arena, budget);
    if (!type.empty())
        part.disposition = arena.keep(type);
    else if (!part.disposition_parameters.empty())
        part.disposition = "attachment";
}

}  // namespace

void make_opaque(Part& part) {
    part.kind = Part::Kind::text;
    part.type = "TEXT";
    part.subtype = "PLAIN";
    part.parameters.assign(1, us_ascii);
}

std::string fill_part(const HeaderBlock& header, DefaultType default_type, Part& part, TextArena& arena,
                      Budget& budget) {
    std::string boundary;
    if (!header.has(Field::content_type)) {
        make_opaque(part);
        if (default_type == DefaultType::message) {
            part.kind = Part::Kind::message;
            part.type = "MESSAGE";
            part.subtype = "RFC822";
            part.parameters.clear();
        }
    } else if (!read_type(header.first(Field::content_type), part, arena, budget)) {
        make_opaque(part);
    } else if (ascii_iequals(part.type, "text")) {
        part.kind = Part::Kind::text;
        if (!parameter_value(part.parameters, "charset")) part.parameters.push_back(us_ascii);
    } else if (ascii_iequals(part.type, "message") && ascii_iequals(part.subtype, "rfc822")) {
        // Whatever its encoding: RFC 2046 5.2.1 forbids one, and IMAP's grammar has no other form for this type. Under
        // base64 the enclosed header is then read from the encoded lines and is empty; Dovecot does the same.
        part.kind = Part::Kind::message;
    } else if (ascii_iequals(part.type, "multipart")) {
        part.kind = Part::Kind::multipart;
        boundary = boundary_of(part);
        if (boundary.empty()) make_opaque(part);
    } else {
        part.kind = Part::Kind::basic;
    }

    part.id = optional_text(header, Field::content_id, arena);
    part.description = optional_text(header, Field::content_description, arena);
    part.md5 = optional_text(header, Field::content_md5, arena);
    part.location = optional_text(header, Field::content_location, arena);
    part.encoding = read_encoding(header.first(Field::content_transfer_encoding), arena);
    if (header.has(Field::content_disposition))
        read_disposition(header.first(Field::content_disposition), part, arena, budget);
    read_languages(header.first(Field::content_language), part, arena);
    return boundary;
}

void fill_envelope(const HeaderBlock& header, Envelope& envelope, TextArena& arena, Budget& budget) {
    const auto text = [&](Field field) -> Nstring {
        if (!header.has(field)) return std::nullopt;
        return arena.keep(header.last(field));
    };
    const auto addresses = [&](Field field, std::vector<Address>& out) {
        const auto limit = std::min<std::size_t>(max_addresses, budget.addresses);
        header.each(field, [&](std::string_view body) { parse_addresses(body, arena, out, limit); });
        budget.addresses -= std::min(budget.addresses, out.size());
    };
    envelope.date = text(Field::date);
    envelope.subject = text(Field::subject);
    addresses(Field::from, envelope.from);
    addresses(Field::sender, envelope.sender);
    addresses(Field::reply_to, envelope.reply_to);
    addresses(Field::to, envelope.to);
    addresses(Field::cc, envelope.cc);
    addresses(Field::bcc, envelope.bcc);
    envelope.in_reply_to = text(Field::in_reply_to);
    envelope.message_id = text(Field::message_id);
}

}  // namespace imaparc::message
