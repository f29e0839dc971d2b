// FETCH responses (RFC 3501 7.4.2): everything but ENVELOPE and BODYSTRUCTURE, which are render_structure.cpp.
#include <algorithm>
#include <array>

#include "imap/grammar.h"
#include "imap/render.h"

namespace imaparc::imap {

namespace {

using Kind = FetchItem::Kind;
using Text = message::Section::Text;

struct FlagName {
    std::uint8_t bit;
    std::string_view name;
};
constexpr std::array flag_names = {FlagName{flag::answered, "\\Answered"}, FlagName{flag::flagged, "\\Flagged"},
                                   FlagName{flag::deleted, "\\Deleted"}, FlagName{flag::seen, "\\Seen"},
                                   FlagName{flag::draft, "\\Draft"}};
constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

char* put_two(char* at, unsigned number, char fill = '0') {
    *at++ = number < 10 ? fill : static_cast<char>('0' + number / 10 % 10);
    *at++ = static_cast<char>('0' + number % 10);
    return at;
}

std::string_view text_name(Text text) {
    switch (text) {
        case Text::all:
            return "";
        case Text::header:
            return "HEADER";
        case Text::header_fields:
            return "HEADER.FIELDS";
        case Text::header_fields_not:
            return "HEADER.FIELDS.NOT";
        case Text::text:
            return "TEXT";
        case Text::mime:
            return "MIME";
    }
    return "";
}

}  // namespace

// date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
void render_date_time(std::string& out, Seconds date, std::int32_t zone_minutes) {
    const Seconds local = date + Seconds{zone_minutes} * 60;
    std::int64_t days = local / 86400;
    if (local % 86400 < 0) --days;
    const auto second = static_cast<unsigned>(local - days * 86400);
    // The Gregorian calendar, years counted from March so that the odd day is the last.
    const std::int64_t shifted = days + 719468;
    const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    const auto day_of_era = static_cast<unsigned>(shifted - era * 146097);
    const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const unsigned month_from_march = (5 * day_of_year + 2) / 153;
    const unsigned day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    std::int64_t year = static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0);
    year = year < 0 ? 0 : year > 9999 ? 9999 : year;  // date-year = 4DIGIT

    char text[26];
    char* at = put_two(text, day, ' ');
    *at++ = '-';
    at = std::copy_n(months[month - 1].data(), 3, at);
    *at++ = '-';
    at = put_two(put_two(at, static_cast<unsigned>(year / 100)), static_cast<unsigned>(year % 100));
    *at++ = ' ';
    at = put_two(at, second / 3600);
    *at++ = ':';
    at = put_two(at, second / 60 % 60);
    *at++ = ':';
    at = put_two(at, second % 60);
    *at++ = ' ';
    *at++ = zone_minutes < 0 ? '-' : '+';
    const auto zone = static_cast<unsigned>(zone_minutes < 0 ? -zone_minutes : zone_minutes);
    put_two(put_two(at, zone / 60), zone % 60);
    out.append(text, sizeof text);
}

// "BODY" section ["<" number ">"]; the origin octet only, not the count
void render_item_name(std::string& out, const FetchItem& item) {
    switch (item.kind) {
        case Kind::uid:
            out += "UID";
            return;
        case Kind::flags:
            out += "FLAGS";
            return;
        case Kind::internal_date:
            out += "INTERNALDATE";
            return;
        case Kind::rfc822_size:
            out += "RFC822.SIZE";
            return;
        case Kind::envelope:
            out += "ENVELOPE";
            return;
        case Kind::body:
            out += "BODY";
            return;
        case Kind::body_structure:
            out += "BODYSTRUCTURE";
            return;
        case Kind::rfc822:
            out += "RFC822";
            return;
        case Kind::rfc822_header:
            out += "RFC822.HEADER";
            return;
        case Kind::rfc822_text:
            out += "RFC822.TEXT";
            return;
        case Kind::mod_seq:
            out += "MODSEQ";
            return;
        case Kind::email_id:
            out += "EMAILID";
            return;
        case Kind::thread_id:
            out += "THREADID";
            return;
        case Kind::save_date:
            out += "SAVEDATE";
            return;
        case Kind::preview:
            out += "PREVIEW";
            return;
        case Kind::section:
        case Kind::binary:
        case Kind::binary_size:
            break;
    }
    out += item.kind == Kind::section ? "BODY[" : item.kind == Kind::binary ? "BINARY[" : "BINARY.SIZE[";
    bool first = true;
    for (auto part : item.section.path) {
        if (!first) out += '.';
        render_number(out, part);
        first = false;
    }
    if (item.section.text != Text::all) {
        if (!first) out += '.';
        out += text_name(item.section.text);
    }
    if (item.section.text == Text::header_fields || item.section.text == Text::header_fields_not) {
        char before = '(';
        out += ' ';
        for (const auto& field : item.section.fields) {
            out += before;
            render_astring(out, field);
            before = ' ';
        }
        out += ')';
    }
    out += ']';
    if (item.partial) {
        out += '<';
        render_number(out, item.partial->offset);
        out += '>';
    }
}

FetchResponse::FetchResponse(std::string& out, Number number) : out_(out) {
    out_ += "* ";
    render_number(out_, number.value);
    out_ += " FETCH (";
}

FetchResponse::FetchResponse(std::string& out, Uid uid) : out_(out) {
    out_ += "* ";
    render_number(out_, uid.value);
    out_ += " UIDFETCH (";
}

void FetchResponse::separate() {
    if (!first_) out_ += ' ';
    first_ = false;
}

void FetchResponse::uid(Uid uid) {
    separate();
    out_ += "UID ";
    render_number(out_, uid.value);
}

void FetchResponse::flags(const FlagBits& flags, const std::vector<std::string>& keywords) {
    separate();
    out_ += "FLAGS (";
    for (const auto& row : flag_names) {
        if (!(flags.system & row.bit)) continue;
        if (out_.back() != '(') out_ += ' ';
        out_ += row.name;
    }
    for (std::size_t i = 0; i < keywords.size() && i < 64; ++i) {
        if (!(flags.keywords >> i & 1) || !is_atom(keywords[i])) continue;
        if (out_.back() != '(') out_ += ' ';
        out_ += keywords[i];
    }
    out_ += ')';
}

void FetchResponse::internal_date(Seconds date, std::int32_t zone_minutes) {
    separate();
    out_ += "INTERNALDATE \"";
    render_date_time(out_, date, zone_minutes);
    out_ += '"';
}

void FetchResponse::rfc822_size(std::uint64_t octets) {
    separate();
    out_ += "RFC822.SIZE ";
    render_number(out_, octets);
}

void FetchResponse::mod_seq(ModSeq modseq) {
    separate();
    out_ += "MODSEQ (";
    render_number(out_, modseq.value);
    out_ += ')';
}

void FetchResponse::email_id(std::string_view id) {
    separate();
    ((out_ += "EMAILID (") += id) += ')';
}

void FetchResponse::thread_id_nil() {
    separate();
    out_ += "THREADID NIL";
}

// fetch-att-resp: "SAVEDATE" SP (date-time / nil)   (RFC 8514 4.2)
void FetchResponse::save_date(const std::optional<Seconds>& date, std::int32_t zone_minutes) {
    separate();
    out_ += "SAVEDATE ";
    if (!date) {
        out_ += "NIL";
        return;
    }
    out_ += '"';
    render_date_time(out_, *date, zone_minutes);
    out_ += '"';
}

void FetchResponse::envelope(const message::Envelope& envelope) {
    separate();
    out_ += "ENVELOPE ";
    render_envelope(out_, envelope);
}

void FetchResponse::body(const message::Part& root) {
    separate();
    out_ += "BODY ";
    render_part(out_, root, Extensions::no);
}

void FetchResponse::body_structure(const message::Part& root) {
    separate();
    out_ += "BODYSTRUCTURE ";
    render_part(out_, root, Extensions::yes);
}

void FetchResponse::section_literal(const FetchItem& item, std::uint64_t octets) {
    separate();
    render_item_name(out_, item);
    out_ += ' ';
    render_literal_header(out_, octets);
}

void FetchResponse::section_string(const FetchItem& item, std::string_view octets) {
    section_literal(item, octets.size());
    out_.append(octets);
}

void FetchResponse::section_nil(const FetchItem& item) {
    separate();
    render_item_name(out_, item);
    out_ += " NIL";
}

void FetchResponse::binary_literal8(const FetchItem& item, std::uint64_t octets) {
    separate();
    render_item_name(out_, item);
    out_ += " ~";
    render_literal_header(out_, octets);
}

void FetchResponse::binary_size(const FetchItem& item, std::uint64_t octets) {
    separate();
    render_item_name(out_, item);
    out_ += ' ';
    render_number(out_, octets);
}

void FetchResponse::preview(const message::Nstring& text) {
    separate();
    out_ += "PREVIEW ";
    render_nstring(out_, text);
}

void FetchResponse::end() { out_ += ")\r\n"; }

}  // namespace imaparc::imap
