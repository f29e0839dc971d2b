#include "message/preview.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "message/charset.h"
#include "message/html_text.h"
#include "message/lexer.h"
#include "message/parameters.h"
#include "message/transfer_decoder.h"

namespace imaparc::message {
namespace {

constexpr std::size_t line_octets = 4096;  // of a longer line the rest counts as another

std::uint32_t character_at(std::string_view sequence) {
    const auto at = [sequence](std::size_t i) { return static_cast<std::uint8_t>(sequence[i]); };
    if (sequence.size() == 1) return at(0);
    std::uint32_t c = at(0) & (0xFFU >> (sequence.size() + 1));
    for (std::size_t i = 1; i < sequence.size(); ++i) c = c << 6 | (at(i) & 0x3FU);
    return c;
}

bool is_white(std::uint32_t c) {
    return c <= ' ' || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x2800 || c == 0x3000;
}

// Controls, and what advertisers fill their first line with: joiners, marks and fillers that show nothing.
bool shows_nothing(std::uint32_t c) {
    return (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x34F || c == 0x61C || (c >= 0x17B4 && c <= 0x17B5) ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
           c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFC) || c == 0xFFFE || c == 0xFFFF;
}

// Text with its white space folded, as far as there is room.
class Folded {
  public:
    // White space in front of what comes next.
    void separate() { space_ = space_ || characters_ > 0; }
    void add(std::string_view utf8) {
        while (!utf8.empty() && !full()) {
            const std::size_t size = std::max<std::size_t>(utf8_sequence(utf8), 1);
            const std::string_view sequence = utf8.substr(0, size);
            utf8.remove_prefix(size);
            const std::uint32_t c = character_at(sequence);
            if (is_white(c)) {
                separate();
            } else if (!shows_nothing(c)) {
                if (space_ && characters_ + 2 > max_preview_characters) {
                    characters_ = max_preview_characters;
                    return;
                }
                if (space_) text_.push_back(' ');
                characters_ += space_ ? 2 : 1;
                space_ = false;
                text_.append(sequence);
            }
        }
    }
    bool empty() const { return text_.empty(); }
    bool full() const { return characters_ >= max_preview_characters; }
    std::string take() { return std::move(text_); }

  private:
    std::string text_;
    std::size_t characters_ = 0;
    bool space_ = false;
};

// "-----", "* * *", "====": drawn, not said.
bool is_decoration(std::string_view line) {
    std::size_t drawn = 0;
    for (const char c : line) {
        if (is_blank(c)) continue;
        if (std::string_view("-_=*~#+.|").find(c) == std::string_view::npos) return false;
        ++drawn;
    }
    return drawn >= 3;
}

}  // namespace

struct PreviewText::Inside {
    explicit Inside(const Part& part)
        : html(is_html(part)),
          decoder(transfer_encoding(part.encoding).value_or(TransferEncoding::identity)),
          converter(Utf8Converter::mixed()) {
        auto named = Utf8Converter::from(parameter_value(part.parameters, "charset").value_or("us-ascii"));
        if (named) converter = std::move(named).value();
    }

    bool full() const { return left == 0 || said.full() || (over && !said.empty()); }
    void text(std::string_view decoded);
    void characters(std::string_view utf8);
    void end_line();
    void whole_line(std::string_view shown, bool is_quoted);

    const bool html;
    TransferDecoder decoder;
    Utf8Converter converter;
    HtmlText html_text;
    std::size_t left = preview_octets;
    std::string utf8, plain;  // on the way; empty between calls

    std::string line;
    bool line_goes_on = false;                // its beginning was longer than line_octets
    bool line_quoted = false;                 // so the beginning says
    bool in_quote = false;                    // HTML's
    bool in_armor_header = false;             // behind BEGIN PGP SIGNED MESSAGE
    bool over = false;                        // a signature came: nothing more is said
    bool sealed = false;                      // encrypted: nothing at all
    std::optional<std::string> introduction;  // "Ann wrote:", if a quotation follows
    Folded said, quoted;
};

void PreviewText::Inside::text(std::string_view decoded) {
    converter.convert(decoded, utf8);
    if (html) {
        html_text.feed(utf8, plain);
        characters(plain);
        plain.clear();
    } else {
        characters(utf8);
    }
    utf8.clear();
}

void PreviewText::Inside::characters(std::string_view all) {
    for (const char c : all) {
        if (html && (c == HtmlText::quote_begins || c == HtmlText::quote_ends)) {
            end_line();
            in_quote = c == HtmlText::quote_begins;
        } else if (c == '\n') {
            end_line();
        } else {
            // A sequence is never cut: its first octet begins the next piece.
            if (line.size() >= line_octets && (static_cast<std::uint8_t>(c) & 0xC0) != 0x80) {
                end_line();
                line_goes_on = true;
            }
            line.push_back(c);
        }
    }
}

void PreviewText::Inside::end_line() {
    const std::string whole = std::exchange(line, {});
    std::string_view shown = trimmed(whole);
    bool is_quoted = in_quote;
    if (std::exchange(line_goes_on, false)) {
        is_quoted = line_quoted;
    } else if (!html && shown.starts_with('>')) {
        is_quoted = true;
        while (!shown.empty() && (shown.front() == '>' || is_blank(shown.front()))) shown.remove_prefix(1);
    }
    line_quoted = is_quoted;
    whole_line(shown, is_quoted);
}

void PreviewText::Inside::whole_line(std::string_view shown, bool is_quoted) {
    if (in_armor_header) {
        in_armor_header = !shown.empty();
        return;
    }
    if (shown.empty() || sealed) return;
    if (!is_quoted && shown.starts_with("-----BEGIN PGP ")) {
        if (shown.starts_with("-----BEGIN PGP SIGNED MESSAGE"))
            in_armor_header = true;
        else if (shown.starts_with("-----BEGIN PGP MESSAGE"))
            sealed = true;
        else
            over = true;
        return;
    }
    if (introduction) {
        if (!is_quoted && !over) {
            said.add(*introduction);
            said.separate();
        }
        introduction.reset();
    }
    if (is_quoted) {
        quoted.add(shown);
        quoted.separate();
        return;
    }
    if (over) return;
    if (shown == "--") {  // RFC 3676 4.3
        over = true;
    } else if (shown.ends_with(':')) {
        introduction = std::string(shown);
    } else if (!is_decoration(shown)) {
        said.add(shown);
        said.separate();
    }
}

bool PreviewText::is_html(const Part& part) { return ascii_iequals(part.subtype, "html"); }

bool PreviewText::possible(const Part& part) {
    if (part.kind != Part::Kind::text) return false;
    if (part.disposition && ascii_iequals(*part.disposition, "attachment")) return false;
    return is_html(part) || ascii_iequals(part.subtype, "plain") || ascii_iequals(part.subtype, "markdown");
}

PreviewText::PreviewText(const Part& part) : inside_(std::make_unique<Inside>(part)) {}
PreviewText::~PreviewText() = default;
PreviewText::PreviewText(PreviewText&&) noexcept = default;
PreviewText& PreviewText::operator=(PreviewText&&) noexcept = default;

void PreviewText::feed(std::string_view raw) {
    Inside& in = *inside_;
    if (in.full()) return;
    raw = raw.substr(0, in.left);
    in.left -= raw.size();
    in.text(in.decoder.decode(raw));
}

bool PreviewText::full() const { return inside_->full(); }

std::string PreviewText::finish() {
    Inside& in = *inside_;
    in.text(in.decoder.flush());
    in.converter.finish(in.utf8);
    in.text({});
    if (in.html) {
        in.html_text.finish(in.plain);
        in.characters(in.plain);
    }
    in.end_line();
    if (in.introduction && !in.over) in.said.add(*in.introduction);
    if (in.sealed) return {};
    return in.said.empty() ? in.quoted.take() : in.said.take();
}

}  // namespace imaparc::message
