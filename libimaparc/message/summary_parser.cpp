// The scanner behind SummaryParser: one pass over the lines of a message, whatever pieces they come in.
//
// Each line is seen once. Of a body line only its beginning matters (is it a delimiter?), of a header line all of it up
// to max_header_bytes; so no more than that is ever kept of a line that arrives in pieces. Parts that are open form a
// stack from the root to the innermost; a delimiter line of one of them closes all inside it.
#include <algorithm>
#include <cstring>
#include <deque>
#include <optional>

#include "base/text.h"
#include "message/content.h"
#include "message/date.h"
#include "message/header_block.h"
#include "message/lexer.h"
#include "message/message_id.h"
#include "message/preview.h"
#include "message/summary.h"
#include "message/summary_texts.h"
#include "message/text_arena.h"

namespace imaparc::message {
namespace {

constexpr std::size_t kept_of_body_line = 256;               // longer than any delimiter that is looked for
constexpr unsigned most_preview_tries = 16;                  // parts that are asked for a preview and have none
constexpr std::size_t bytes_at_once = std::size_t{1} << 16;  // hashed and scanned while they are in the cache

struct OpenPart {
    Part* part;
    std::string delimiter;           // "--boundary" of a multipart whose end is still to come; else ""
    bool digest = false;             // a multipart/digest
    std::uint64_t lines_before = 0;  // line ends in front of the body
};

enum class LineEnd : std::uint8_t { none, lf, crlf };

std::uint64_t raw_length(LineEnd end) { return end == LineEnd::none ? 0 : end == LineEnd::lf ? 1 : 2; }
std::uint64_t wire_length(LineEnd end) { return end == LineEnd::none ? 0 : 2; }

// Of too many the first, which begins the thread, and the last, which are nearest to the message.
std::vector<std::string_view> references_of(const HeaderBlock& header, TextArena& arena) {
    std::optional<std::string> first;
    std::deque<std::string> rest;
    std::size_t octets = 0;
    header.each(Field::references, [&](std::string_view body) {
        each_message_id(body, [&](std::string&& id) {
            octets += id.size();
            if (!first) {
                first = std::move(id);
                return true;
            }
            rest.push_back(std::move(id));
            while (rest.size() + 1 > max_references || octets > max_reference_octets) {
                octets -= rest.front().size();
                rest.pop_front();
            }
            return true;
        });
    });
    std::vector<std::string_view> result;
    const auto keep = [&](std::string_view id) {
        if (const auto kept = arena.keep(id); !kept.empty()) result.push_back(kept);
    };
    if (!first) return result;
    result.reserve(1 + rest.size());
    keep(*first);
    for (const auto& id : rest) keep(id);
    return result;
}

// Finds the preview: that of the first text part that has one; of alternatives (RFC 2046 5.1.4) the plain one's, in
// whatever order they come.
class PreviewFinder {
  public:
    // A part's header is read; `parent` is the multipart it is in, if any.
    void begin(const Part& part, const Part* parent) {
        if (settled_ || tries_ == most_preview_tries || !PreviewText::possible(part)) return;
        const bool html = PreviewText::is_html(part);
        if (!text_.empty() && (html || !parent || parent->header.raw != alternatives_at_)) return;
        ++tries_;
        html_ = html;
        alternative_ = parent && ascii_iequals(parent->subtype, "alternative");
        if (alternative_) alternatives_at_ = parent->header.raw;
        current_.emplace(part);
    }
    // Whether octets of the part under way are wanted.
    bool wants() const { return current_ && !current_->full(); }
    void line(std::string_view content, bool ended) {
        current_->feed(content);
        if (ended) current_->feed("\n");
    }
    // The part under way is at its end, if one is.
    void end() {
        if (!current_) return;
        std::string text = current_->finish();
        current_.reset();
        if (text.empty()) return;
        text_ = std::move(text);
        settled_ = !(html_ && alternative_);
    }
    const std::string& text() const { return text_; }

  private:
    std::optional<PreviewText> current_;
    std::string text_;
    bool settled_ = false, html_ = false, alternative_ = false;
    std::uint64_t alternatives_at_ = 0;  // which multipart/alternative text_ is of
    unsigned tries_ = 0;
};

}  // namespace

struct SummaryParser::Inside {
    Inside() { open_message(summary.root, summary.envelope); }

    void feed(std::string_view raw);
    Summary finish();

    // ---- lines
    void scan(const char* begin, const char* end);
    void fragment(const char* begin, const char* end);
    void whole_line(std::string_view content, LineEnd line_end);
    void checkpoints(const char* begin, const char* end);

    // ---- parts
    void open_message(Part& root, Envelope& envelope);
    void open_part(OpenPart& parent);
    void end_header();
    bool delimiter_line(std::string_view line, LineEnd line_end);
    void close_down_to(std::size_t keep, Place end, std::uint64_t lines);
    void finish_header(Place body);
    std::size_t open_delimiter(std::string_view line) const;

    std::size_t kept_of_line() const {
        return in_header ? max_header_bytes : preview.wants() ? preview_octets : kept_of_body_line;
    }

    Summary summary;
    TextArena arena{max_summary_text};
    Budget budget;
    Hasher hasher;
    PreviewFinder preview;

    std::vector<OpenPart> open;
    unsigned delimiters = 0;  // of `open`, those with one
    unsigned parts = 1;
    bool in_header = true;  // of the innermost part
    HeaderBlock header;
    Envelope* envelope = nullptr;  // to fill from this header; nullptr: a part of a multipart

    Place at;  // how far the bytes have been seen
    Place line_start;
    LineEnd last_end = LineEnd::none;  // of the line before this one
    std::uint64_t lines = 0;           // line ends before line_start
    std::string kept;                  // of this line, what came in earlier pieces
    std::uint64_t line_length = 0;     // of this line, bytes in earlier pieces
    char last_byte = '\0';             // before `at`
    std::uint64_t next_checkpoint = checkpoint_every;
};

void SummaryParser::Inside::feed(std::string_view raw) {
    while (!raw.empty()) {
        const std::string_view piece = raw.substr(0, bytes_at_once);
        raw.remove_prefix(piece.size());
        hasher.update(piece);
        if (!summary.has_nul) summary.has_nul = std::memchr(piece.data(), '\0', piece.size()) != nullptr;
        scan(piece.data(), piece.data() + piece.size());
    }
}

void SummaryParser::Inside::scan(const char* begin, const char* end) {
    while (begin < end) {
        const auto* const lf =
            static_cast<const char*>(std::memchr(begin, '\n', static_cast<std::size_t>(end - begin)));
        if (!lf) {
            fragment(begin, end);
            return;
        }
        const char before = lf > begin ? lf[-1] : last_byte;
        const bool has_cr = before == '\r';
        const auto length = static_cast<std::uint64_t>(lf + 1 - begin);
        if (at.wire + length >= next_checkpoint) checkpoints(begin, lf + 1);
        at.raw += length;
        at.wire += length + (has_cr ? 0 : 1);
        if (line_length == 0) {
            whole_line({begin, static_cast<std::size_t>(lf - begin)}, has_cr ? LineEnd::crlf : LineEnd::lf);
        } else {
            const std::size_t limit = kept_of_line();
            const auto size = static_cast<std::size_t>(lf - begin);
            kept.append(begin, std::min(size, limit - std::min(limit, kept.size())));
            whole_line(kept, has_cr ? LineEnd::crlf : LineEnd::lf);
            kept.clear();
            line_length = 0;
        }
        last_byte = '\n';
        begin = lf + 1;
    }
}

// The line goes on in the next piece.
void SummaryParser::Inside::fragment(const char* begin, const char* end) {
    const auto size = static_cast<std::size_t>(end - begin);
    if (at.wire + size >= next_checkpoint) checkpoints(begin, end);
    const std::size_t limit = kept_of_line();
    kept.append(begin, std::min(size, limit - std::min(limit, kept.size())));
    line_length += size;
    at.raw += size;
    at.wire += size;
    last_byte = end[-1];
}

// Places at or soon after each multiple of checkpoint_every wire bytes, never between a CR and its LF: a reader that
// starts there must not have to know the byte before.
void SummaryParser::Inside::checkpoints(const char* begin, const char* end) {
    for (;;) {
        const std::uint64_t ahead = next_checkpoint > at.wire ? next_checkpoint - at.wire : 0;
        if (ahead >= static_cast<std::uint64_t>(end - begin)) return;
        const char* const place = begin + ahead;
        if (*place == '\n' && (place > begin ? place[-1] : last_byte) == '\r') return;  // next piece, after the LF
        summary.checkpoints.push_back({at.raw + ahead, at.wire + ahead});
        next_checkpoint = (at.wire + ahead) / checkpoint_every * checkpoint_every + checkpoint_every;
    }
}

// A line without its LF (the CR, if any, still there); of a long one the beginning. `at` is behind it, line_start at
// it.
void SummaryParser::Inside::whole_line(std::string_view content, LineEnd line_end) {
    const bool may_delimit = delimiters > 0 && content.size() >= 2 && content[0] == '-' && content[1] == '-';
    if (!may_delimit || !delimiter_line(content.substr(0, kept_of_body_line), line_end)) {
        if (in_header) {
            const bool empty = line_end == LineEnd::crlf ? content == "\r" : content.empty() && line_end == LineEnd::lf;
            if (empty)
                end_header();
            else
                header.add_line(content);
        } else if (preview.wants()) {
            preview.line(content, line_end != LineEnd::none);
        }
    }
    if (line_end != LineEnd::none) ++lines;
    last_end = line_end;
    line_start = at;
}

void SummaryParser::Inside::open_message(Part& root, Envelope& its_envelope) {
    envelope = &its_envelope;
    in_header = true;
    header.begin(HeaderBlock::Kind::message);
    open.push_back({&root, {}, false, 0});
}

// After a delimiter line: a new part of the multipart begins behind it.
void SummaryParser::Inside::open_part(OpenPart& parent) {
    ++parts;
    Part& part = parent.part->children.emplace_back();
    part.header = at;
    envelope = nullptr;
    in_header = true;
    header.begin(HeaderBlock::Kind::part);
    open.push_back({&part, {}, false, 0});
}

// The innermost part's header is complete and its body starts at `body`.
void SummaryParser::Inside::finish_header(Place body) {
    OpenPart& inner = open.back();
    Part& part = *inner.part;
    const bool in_digest = open.size() >= 2 && open[open.size() - 2].digest;
    const std::string boundary =
        fill_part(header, in_digest ? DefaultType::message : DefaultType::text, part, arena, budget);
    if (envelope) fill_envelope(header, *envelope, arena, budget);
    if (envelope == &summary.envelope) summary.references = references_of(header, arena);
    envelope = nullptr;
    in_header = false;
    part.body = body;
    if (!boundary.empty()) {
        inner.delimiter = "--" + boundary;
        inner.digest = ascii_iequals(part.subtype, "digest");
        ++delimiters;
    }
}

// At the empty line. An enclosed message begins at once behind it.
void SummaryParser::Inside::end_header() {
    finish_header(at);
    OpenPart& inner = open.back();
    Part& part = *inner.part;
    inner.lines_before = lines + 1;
    preview.begin(part, open.size() >= 2 ? open[open.size() - 2].part : nullptr);
    if (part.kind != Part::Kind::message && part.kind != Part::Kind::multipart) return;
    if (open.size() >= max_depth || parts >= max_parts) {
        if (!inner.delimiter.empty()) --delimiters;
        inner.delimiter.clear();
        make_opaque(part);
        return;
    }
    if (part.kind != Part::Kind::message) return;
    ++parts;
    part.envelope = std::make_unique<Envelope>();
    Part& root = part.children.emplace_back();
    root.header = at;
    open_message(root, *part.envelope);
}

// Which of the open multiparts the line delimits; open.size() if none. RFC 2046 5.1.1: it is enough that the line
// begins with the delimiter. If several do, the one that is the whole line, else the longest, else the innermost is
// meant (a boundary may be another's beginning).
std::size_t SummaryParser::Inside::open_delimiter(std::string_view line) const {
    while (!line.empty() && (is_blank(line.back()) || line.back() == '\r')) line.remove_suffix(1);
    const std::string_view without_dashes = line.ends_with("--") ? line.substr(0, line.size() - 2) : line;
    std::size_t best = open.size(), best_size = 0;
    for (std::size_t i = open.size(); i-- > 0;) {
        const std::string_view delimiter = open[i].delimiter;
        if (delimiter.empty() || delimiter.size() <= best_size || !line.starts_with(delimiter)) continue;
        best = i;
        best_size = delimiter.size();
        if (delimiter == line || delimiter == without_dashes) break;
    }
    return best;
}

bool SummaryParser::Inside::delimiter_line(std::string_view line, LineEnd line_end) {
    const std::size_t index = open_delimiter(line);
    if (index == open.size()) return false;
    const bool closing = line.substr(open[index].delimiter.size()).starts_with("--");
    if (!closing && parts >= max_parts) return false;

    // The line end before the delimiter is the delimiter's (RFC 2046 5.1.1), unless it ends a header.
    Place end = line_start;
    std::uint64_t lines_at_end = lines;
    if (in_header) {
        finish_header(line_start);
        open.back().lines_before = lines;
    } else if (line_start.raw > open.back().part->body.raw) {
        end = {line_start.raw - raw_length(last_end), line_start.wire - wire_length(last_end)};
        --lines_at_end;
    }
    close_down_to(index + 1, end, lines_at_end);
    if (closing) {
        open[index].delimiter.clear();
        --delimiters;
    } else if (line_end != LineEnd::none) {
        open_part(open[index]);
    }
    return true;
}

// Closes the innermost parts until `keep` are left open.
void SummaryParser::Inside::close_down_to(std::size_t keep, Place end, std::uint64_t lines_at_end) {
    preview.end();  // if a text is open, it is the innermost and closes
    while (open.size() > keep) {
        OpenPart& inner = open.back();
        Part& part = *inner.part;
        part.end = end;
        part.lines = static_cast<std::uint32_t>(std::min<std::uint64_t>(lines_at_end - inner.lines_before, UINT32_MAX));
        const bool composite = part.kind == Part::Kind::multipart || part.kind == Part::Kind::message;
        if (composite && part.children.empty()) {
            // RFC 2046 5.1 wants at least one part, IMAP's grammar that or an enclosed message: an empty text it is,
            // where parts would end.
            if (part.kind == Part::Kind::message) part.envelope = std::make_unique<Envelope>();
            Part& nothing = part.children.emplace_back();
            make_opaque(nothing);
            nothing.encoding = "7BIT";
            nothing.header = nothing.body = nothing.end = end;
        }
        if (!inner.delimiter.empty()) --delimiters;
        open.pop_back();
    }
}

Summary SummaryParser::Inside::finish() {
    if (line_length > 0) whole_line(kept, LineEnd::none);
    if (in_header) {
        finish_header(at);
        open.back().lines_before = lines;
    }
    close_down_to(0, at, lines);
    summary.raw_size = at.raw;
    summary.wire_size = at.wire;
    summary.digest = hasher.finish();
    if (summary.envelope.date) {
        if (const auto sent = parse_date(*summary.envelope.date)) {
            summary.sent = sent->utc;
            summary.sent_zone_minutes = sent->zone_minutes;
        }
    }
    summary.preview = preview.text();
    gather_texts(summary);
    return std::move(summary);
}

SummaryParser::SummaryParser() : inside_(std::make_unique<Inside>()) {}
SummaryParser::~SummaryParser() = default;
SummaryParser::SummaryParser(SummaryParser&&) noexcept = default;

void SummaryParser::feed(std::string_view raw) { inside_->feed(raw); }

Summary SummaryParser::finish() { return inside_->finish(); }

Summary parse_summary(std::string_view raw) {
    SummaryParser parser;
    parser.feed(raw);
    return parser.finish();
}

}  // namespace imaparc::message
