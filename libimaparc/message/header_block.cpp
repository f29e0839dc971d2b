#include "message/header_block.h"

#include <cstring>
#include <optional>

#include "base/text.h"
#include "message/lexer.h"
#include "message/summary.h"

namespace imaparc::message {
namespace {

struct Known {
    std::string_view name;
    Field field;
    bool envelope;
};

constexpr Known known_fields[] = {
    {"date", Field::date, true},
    {"subject", Field::subject, true},
    {"from", Field::from, true},
    {"sender", Field::sender, true},
    {"reply-to", Field::reply_to, true},
    {"to", Field::to, true},
    {"cc", Field::cc, true},
    {"bcc", Field::bcc, true},
    {"in-reply-to", Field::in_reply_to, true},
    {"references", Field::references, true},
    {"message-id", Field::message_id, true},
    {"content-type", Field::content_type, false},
    {"content-transfer-encoding", Field::content_transfer_encoding, false},
    {"content-id", Field::content_id, false},
    {"content-description", Field::content_description, false},
    {"content-md5", Field::content_md5, false},
    {"content-disposition", Field::content_disposition, false},
    {"content-language", Field::content_language, false},
    {"content-location", Field::content_location, false},
};

const Known* known(std::string_view name) {
    for (const Known& candidate : known_fields)
        if (candidate.name.size() == name.size() && ascii_iequals(candidate.name, name)) return &candidate;
    return nullptr;
}

}  // namespace

std::string_view field_name(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || is_blank(line.front())) return {};
    std::string_view name = line.substr(0, colon);
    while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);  // obs-optional, RFC 5322 4.5.8
    return name;
}

void HeaderBlock::begin(Kind kind) {
    kind_ = kind;
    seen_ = 0;
    inside_ = false;
    text_.clear();
    entries_.clear();
}

void HeaderBlock::add_line(std::string_view line) {
    if (seen_ >= max_header_bytes) return;
    line = line.substr(0, max_header_bytes - seen_);
    seen_ += line.size() + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);

    if (!line.empty() && is_blank(line.front())) {
        if (!inside_) return;
        append(line);
        entries_.back().end = text_.size();
        return;
    }
    inside_ = false;
    // Our fields' names are short: a colon beyond them is not searched for.
    const std::string_view name = field_name(line.substr(0, 64));
    if (name.empty()) return;
    const Known* const match = known(name);
    if (!match || (match->envelope && kind_ == Kind::part)) return;
    inside_ = true;
    const std::size_t begin = text_.size();
    append(line.substr(line.find(':') + 1));
    entries_.push_back({match->field, begin, text_.size()});
}

void HeaderBlock::append(std::string_view piece) {
    const std::size_t start = text_.size();
    text_.append(piece);
    for (const char broken : {'\0', '\r'}) {
        char* at = text_.data() + start;
        char* const end = text_.data() + text_.size();
        while (at < end && (at = static_cast<char*>(std::memchr(at, broken, static_cast<std::size_t>(end - at)))))
            *at++ = broken ? ' ' : '\x80';
    }
}

std::string_view HeaderBlock::body(const Entry& entry) const {
    return trimmed(std::string_view(text_).substr(entry.begin, entry.end - entry.begin));
}

bool HeaderBlock::has(Field field) const {
    for (const Entry& entry : entries_)
        if (entry.field == field) return true;
    return false;
}

std::string_view HeaderBlock::first(Field field) const {
    for (const Entry& entry : entries_)
        if (entry.field == field) return body(entry);
    return {};
}

std::string_view HeaderBlock::last(Field field) const {
    std::string_view result;
    each(field, [&result](std::string_view text) { result = text; });
    return result;
}

}  // namespace imaparc::message
