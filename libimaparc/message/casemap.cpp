// i;unicode-casemap, RFC 5051 2: each character titlecased, then decomposed.
#include <glib.h>

#include <array>
#include <cstdint>
#include <memory>

#include "message/charset.h"
#include "message/text.h"

namespace imaparc::message {
namespace {

void append_mapped(std::string& out, gunichar c) {
    gunichar decomposed[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
    const gsize count =
        g_unichar_fully_decompose(g_unichar_totitle(c), TRUE, decomposed, G_UNICHAR_MAX_DECOMPOSITION_LENGTH);
    for (gsize i = 0; i < count; ++i) {
        char utf8[6];
        out.append(utf8, static_cast<std::size_t>(g_unichar_to_utf8(decomposed[i], utf8)));
    }
}

void append_upper(std::string& out, std::string_view ascii) {
    const std::size_t start = out.size();
    out.append(ascii);
    for (std::size_t i = start; i < out.size(); ++i) {
        const char c = out[i];
        out[i] = static_cast<char>(c - (c >= 'a' && c <= 'z' ? 'a' - 'A' : 0));
    }
}

// The mappings of U+0080 to U+07FF, made once: the letters of most of Europe and the Near East cost a look-up.
class TwoByteTable {
  public:
    TwoByteTable() {
        for (gunichar c = first; c < end; ++c) {
            starts_[c - first] = static_cast<std::uint32_t>(text_.size());
            append_mapped(text_, c);
        }
        starts_[end - first] = static_cast<std::uint32_t>(text_.size());
    }
    std::string_view of(gunichar c) const {
        const std::uint32_t start = starts_[c - first];
        return std::string_view(text_).substr(start, starts_[c - first + 1] - start);
    }
    static constexpr gunichar first = 0x80, end = 0x800;

  private:
    std::array<std::uint32_t, end - first + 1> starts_;
    std::string text_;
};

}  // namespace

std::string casemap(std::string_view utf8) {
    static const TwoByteTable two_byte;  // a constant that is too long to be written down
    std::string result;
    result.reserve(utf8.size() + utf8.size() / 8);
    for (std::size_t i = 0; i < utf8.size();) {
        if (const std::size_t run = ascii_run(utf8.substr(i))) {
            append_upper(result, utf8.substr(i, run));
            i += run;
            continue;
        }
        const char c = utf8[i];
        const std::size_t length = utf8_sequence(utf8.substr(i));
        if (length == 0) {
            result.push_back(c);
            ++i;
            continue;
        }
        const gunichar character = g_utf8_get_char(utf8.data() + i);
        if (length == 2)
            result += two_byte.of(character);
        else
            append_mapped(result, character);
        i += length;
    }
    return result;
}

}  // namespace imaparc::message
