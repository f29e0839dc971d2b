#include "store/mbox/scan.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <span>

#include "base/text.h"
#include "store/mbox/separator.h"

namespace imaparc::store {

namespace {

constexpr std::size_t read_octets = 256 * 1024;
constexpr std::size_t most_state_text = 64 * 1024;  // of the fields that hold flags
constexpr std::size_t most_keywords = 64;

// In lower case.
constexpr std::array<std::string_view, 10> mbox_fields = {
    "status",         "x-status",         "x-keywords",        "x-uid",         "x-imap", "x-imapbase",
    "content-length", "x-mozilla-status", "x-mozilla-status2", "x-mozilla-keys"};

// The name of the field that the line begins, in lower case; "" if it begins none.
std::string field_name(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon > 76) return {};
    std::string name = ascii_lower(line.substr(0, colon));
    while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.pop_back();
    return name;
}

bool is_mbox_field(std::string_view name) {
    return std::find(mbox_fields.begin(), mbox_fields.end(), name) != mbox_fields.end();
}

// What the header says of the message's state.
class StateFields {
  public:
    void note(std::string_view name, std::string_view value) {
        seen_octets_ += value.size();
        if (seen_octets_ > most_state_text) return;
        value = trimmed(value);
        if (name == "status") {
            if (value.find('R') != std::string_view::npos) flags_.system |= flag::seen;
        } else if (name == "x-status") {
            for (const char c : value) {
                if (c == 'A') flags_.system |= flag::answered;
                if (c == 'F') flags_.system |= flag::flagged;
                if (c == 'T') flags_.system |= flag::draft;
            }
        } else if (name == "x-keywords" || name == "x-mozilla-keys") {
            for (const auto word : split(value, ' '))
                if (!word.empty() && flags_.keywords.size() < most_keywords) flags_.keywords.emplace_back(word);
        } else if (name == "x-mozilla-status") {
            const unsigned bits = hexadecimal(value);
            if (bits & 0x1) flags_.system |= flag::seen;
            if (bits & 0x2) flags_.system |= flag::answered;
            if (bits & 0x4) flags_.system |= flag::flagged;
            hidden_ = hidden_ || (bits & 0x8) != 0;
        } else if (name == "x-imap") {
            hidden_ = true;  // the message in which c-client keeps the folder's UIDs
        } else if (name == "content-length") {
            length_ = parse_decimal(value);
        }
    }
    const FlagNames& flags() const { return flags_; }
    bool hidden() const { return hidden_; }
    const std::optional<std::uint64_t>& length() const { return length_; }

  private:
    static unsigned hexadecimal(std::string_view text) {
        unsigned value = 0;
        for (const char c : text.substr(0, 8)) {
            if (!std::isxdigit(static_cast<unsigned char>(c))) return 0;
            value = value * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
        }
        return value;
    }
    FlagNames flags_;
    bool hidden_ = false;
    std::optional<std::uint64_t> length_;
    std::size_t seen_octets_ = 0;
};

// Whether a separator, or nothing but empty lines, stands at that place.
Result<bool> ends_at(const File& file, std::uint64_t offset, std::uint64_t file_size) {
    if (offset > file_size) return false;
    Pieces pieces(file, offset, std::min(file_size, offset + 2 * Piece::longest));
    Piece piece;
    for (unsigned blanks = 0;; ++blanks) {
        const auto more = pieces.next(piece);
        if (!more) return more.error();
        if (!*more) return true;
        if (!piece.blank()) return separator_date(piece.text).has_value();
        if (blanks > 2) return false;
    }
}

}  // namespace

Pieces::Pieces(const File& file, std::uint64_t begin, std::uint64_t end) : file_(file), at_(begin), end_(end) {}

Result<bool> Pieces::next(Piece& piece) {
    for (;;) {
        const std::string_view rest = std::string_view(buffer_).substr(begin_);
        const auto line_end = rest.substr(0, Piece::longest).find('\n');
        const bool whole = line_end != std::string_view::npos;
        if (whole || rest.size() >= Piece::longest || (at_ == end_ && !rest.empty())) {
            piece.text = rest.substr(0, whole ? line_end + 1 : std::min(rest.size(), Piece::longest));
            piece.offset = at_ - rest.size();
            piece.starts_line = line_starts_;
            line_starts_ = whole;
            begin_ += piece.text.size();
            return true;
        }
        if (at_ == end_) return false;
        buffer_.erase(0, begin_);
        begin_ = 0;
        const auto had = buffer_.size();
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(read_octets, end_ - at_));
        buffer_.resize(had + wanted);
        const auto n = file_.read_at(at_, std::span(buffer_).subspan(had));
        if (!n) return Error{ErrorKind::unavailable, n.error().text};
        if (*n < wanted) return Error{ErrorKind::unavailable, "the file became shorter while it was read"};
        at_ += wanted;
    }
}

std::string_view MessageFilter::pass(const Piece& piece) {
    if (!piece.starts_line) return dropping_ ? std::string_view{} : piece.text;
    if (in_header_) {
        const bool continues = piece.text[0] == ' ' || piece.text[0] == '\t';
        if (!continues) dropping_ = is_mbox_field(field_name(piece.text));
        if (piece.blank()) in_header_ = false;
        return dropping_ ? std::string_view{} : piece.text;
    }
    if (format_ == MboxFormat::mboxcl2 || piece.text[0] != '>') return piece.text;
    const auto quoted = format_ == MboxFormat::mboxo ? std::size_t{1} : piece.text.find_first_not_of('>');
    if (quoted != std::string_view::npos && piece.text.substr(quoted).starts_with("From ")) return piece.text.substr(1);
    return piece.text;
}

Result<void> scan_mbox(const File& file, MboxFormat format, std::uint64_t from, std::uint64_t file_size,
                       const std::function<bool(MboxMessage&&)>& visit) {
    Pieces pieces(file, from, file_size);
    Piece piece;
    Hasher hasher;
    // The message under way.
    std::optional<MboxMessage> message;
    std::optional<MessageFilter> filter;
    StateFields state;
    std::string field;          // whose lines these are
    std::string blank;          // the empty line that may belong to the next separator
    std::uint64_t certain = 0;  // no separator before that place: Content-Length says so

    const auto finish = [&]() -> bool {
        if (!message) return true;
        message->digest = hasher.finish();
        message->flags = state.flags();
        message->hidden = state.hidden();
        return visit(std::move(*message));
    };
    const auto add = [&](std::string_view text) {
        hasher.update(text);
        message->size += text.size();
    };

    for (;;) {
        const auto more = pieces.next(piece);
        if (!more) return more.error();
        if (!*more) break;
        if (piece.starts_line && piece.offset >= certain && piece.text.starts_with("From ")) {
            const auto date = separator_date(trimmed(piece.text));
            if (date || !message) {
                if (!finish()) return {};
                message.emplace();
                message->begin = message->end = piece.end();
                message->date = date.value_or(0);
                filter.emplace(format);
                state = {};
                field.clear();
                blank.clear();
                certain = 0;
                continue;
            }
        }
        if (!message) {
            if (piece.blank()) continue;
            return Error{ErrorKind::unavailable, "this is no mbox: it does not begin with a \"From \" line"};
        }
        if (!blank.empty()) {
            add(blank);
            message->end += blank.size();
            blank.clear();
        }
        const bool in_header = filter->in_header();
        if (in_header && piece.starts_line && !piece.blank()) {
            const bool continues = piece.text[0] == ' ' || piece.text[0] == '\t';
            if (!continues) field = field_name(piece.text);
            if (is_mbox_field(field))
                state.note(field, continues ? piece.text : piece.text.substr(piece.text.find(':') + 1));
        }
        const auto left = filter->pass(piece);
        if (!in_header && piece.blank() && piece.offset >= certain) {
            blank = std::string(piece.text);
            continue;
        }
        add(left);
        message->end = piece.end();
        if (in_header && !filter->in_header() && format == MboxFormat::mboxcl2 && state.length()) {
            const auto body_end = *state.length() <= file_size ? piece.end() + *state.length() : file_size + 1;
            const auto ends = ends_at(file, body_end, file_size);
            if (!ends) return ends.error();
            if (*ends) certain = body_end;
        }
    }
    finish();
    return {};
}

}  // namespace imaparc::store
