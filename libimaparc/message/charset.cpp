#include "message/charset.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/text.h"

namespace imaparc::message {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

void append_utf8(std::string& out, std::uint32_t c) {  // below U+10000
    if (c < 0x80) {
        out.push_back(static_cast<char>(c));
    } else if (c < 0x800) {
        out.push_back(static_cast<char>(0xC0 | (c >> 6)));
        out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    } else {
        out.push_back(static_cast<char>(0xE0 | (c >> 12)));
        out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
        out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    }
}

// Windows-1252 of one byte; the five it leaves open are the control characters of ISO 8859-1.
void append_windows_1252(std::string& out, char byte) {
    static constexpr std::array<std::uint16_t, 32> high = {
        0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};
    const auto b = static_cast<std::uint8_t>(byte);
    append_utf8(out, b >= 0x80 && b < 0xA0 ? high[b - 0x80U] : b);
}

struct Alias {
    std::string_view name, meant;
};

// Names that mail uses and iconv does not know, or knows as a smaller set than mail means by them.
constexpr Alias aliases[] = {
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"x-gbk", "GB18030"},
    {"gb_2312-80", "GB18030"},
    {"hz-gb-2312", "HZ"},
    {"ks_c_5601-1987", "CP949"},
    {"euc-kr", "CP949"},
    {"ks_c_5601", "CP949"},
    {"korean", "CP949"},
    {"shift_jis", "CP932"},
    {"shift-jis", "CP932"},
    {"x-sjis", "CP932"},
    {"sjis", "CP932"},
    {"windows-31j", "CP932"},
    {"x-euc-jp", "EUC-JP"},
    {"big5", "CP950"},
    {"x-big5", "CP950"},
    {"cn-big5", "CP950"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-8-e", "ISO-8859-8"},
    {"iso-8859-6-i", "ISO-8859-6"},
    {"x-mac-roman", "MACINTOSH"},
    {"mac", "MACINTOSH"},
    {"x-mac-cyrillic", "MAC-CYRILLIC"},
    {"unicode-1-1-utf-7", "UTF-7"},
    {"x-unicode-2-0-utf-7", "UTF-7"},
    {"unicode-1-1-utf-8", "UTF-8"},
    {"windows-874", "CP874"},
    {"iso-8859-11", "CP874"},
    {"cp-850", "CP850"},
    {"iso-8859-9", "CP1254"},
    {"windows-936", "GB18030"},
    {"windows-949", "CP949"},
    {"windows-950", "CP950"},
    {"windows-932", "CP932"},
};

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// iconv takes paths and options ("//IGNORE") in its names: only letters, digits and a few signs reach it.
bool harmless(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view("-_.:+()").find(c) != std::string_view::npos;
    });
}

}  // namespace

std::size_t ascii_run(std::string_view text) {
    std::size_t i = 0;
    std::uint64_t word;
    for (; i + sizeof word <= text.size(); i += sizeof word) {
        std::memcpy(&word, text.data() + i, sizeof word);
        if (word & 0x8080808080808080U) break;
    }
    while (i < text.size() && static_cast<std::uint8_t>(text[i]) < 0x80) ++i;
    return i;
}

std::size_t utf8_sequence(std::string_view text, bool* cut_short) {
    if (cut_short) *cut_short = false;
    if (text.empty()) return 0;
    const auto at = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = at(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if (i == text.size()) {
            if (cut_short) *cut_short = true;
            return 0;
        }
        std::uint8_t least = 0x80, most = 0xBF;
        if (i == 1) {
            if (lead == 0xE0) least = 0xA0;
            if (lead == 0xED) most = 0x9F;
            if (lead == 0xF0) least = 0x90;
            if (lead == 0xF4) most = 0x8F;
        }
        if (at(i) < least || at(i) > most) return 0;
    }
    return length;
}

struct Utf8Converter::Inside {
    enum class Way : std::uint8_t { utf8, mixed, windows_1252, iconv };

    Way way = Way::mixed;
    iconv_t descriptor = reinterpret_cast<iconv_t>(-1);
    std::size_t unit = 1;  // bytes to skip where nothing converts
    std::string waiting;   // the beginning of a character

    Inside() = default;
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside() {
        if (descriptor != reinterpret_cast<iconv_t>(-1)) iconv_close(descriptor);
    }

    void broken(std::string_view byte, std::string& out) const {
        if (way == Way::mixed)
            append_windows_1252(out, byte.front());
        else
            out += replacement;
    }
    std::size_t take_utf8(std::string_view bytes, std::string& out, bool last) const;
    std::size_t take_iconv(std::string_view bytes, std::string& out);
};

// Consumes all but an unfinished character at the end; with `last` that, too.
std::size_t Utf8Converter::Inside::take_utf8(std::string_view bytes, std::string& out, bool last) const {
    std::size_t i = 0;
    while (i < bytes.size()) {
        const std::size_t run = ascii_run(bytes.substr(i));
        out.append(bytes, i, run);
        i += run;
        while (i < bytes.size() && static_cast<std::uint8_t>(bytes[i]) >= 0x80) {
            bool cut_short = false;
            const std::size_t length = utf8_sequence(bytes.substr(i), &cut_short);
            if (cut_short && !last) return i;
            if (length == 0) {
                broken(bytes.substr(i, 1), out);
                ++i;
            } else {
                out.append(bytes, i, length);
                i += length;
            }
        }
    }
    return i;
}

std::size_t Utf8Converter::Inside::take_iconv(std::string_view bytes, std::string& out) {
    char buffer[4096];
    // iconv's signature lacks a const it keeps to.
    char* in = const_cast<char*>(bytes.data());
    std::size_t in_left = bytes.size();
    while (in_left > 0) {
        char* to = buffer;
        std::size_t room = sizeof buffer;
        const std::size_t result = iconv(descriptor, &in, &in_left, &to, &room);
        const int error = errno;
        out.append(buffer, sizeof buffer - room);
        if (result != static_cast<std::size_t>(-1)) break;
        if (error == EINVAL) break;  // unfinished
        if (error == E2BIG) continue;
        out += replacement;
        const std::size_t skip = std::min(unit, in_left);
        in += skip;
        in_left -= skip;
    }
    return bytes.size() - in_left;
}

Utf8Converter::Utf8Converter(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Utf8Converter::Utf8Converter(Utf8Converter&&) noexcept = default;
Utf8Converter& Utf8Converter::operator=(Utf8Converter&&) noexcept = default;
Utf8Converter::~Utf8Converter() = default;

Utf8Converter Utf8Converter::mixed() { return Utf8Converter(std::make_unique<Inside>()); }

Result<Utf8Converter> Utf8Converter::from(std::string_view charset) {
    const std::string name = ascii_lower(trimmed(charset));
    auto inside = std::make_unique<Inside>();
    if (one_of(name, {"us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us", "7bit", "8bit", "unknown-8bit"})) {
        inside->way = Inside::Way::mixed;
    } else if (one_of(name, {"utf-8", "utf8"})) {
        inside->way = Inside::Way::utf8;
    } else if (one_of(name, {"iso-8859-1", "iso8859-1", "iso_8859-1", "iso-8859-1:1987", "latin1", "latin-1", "l1",
                             "windows-1252", "cp1252", "cp-1252", "x-windows-1252", "ansi"})) {
        // Who labels with ISO 8859-1 and uses its C1 range means Windows-1252.
        inside->way = Inside::Way::windows_1252;
    } else {
        if (!harmless(name)) return Error{ErrorKind::invalid, "charset " + printable(charset, 40) + " is unknown"};
        std::string meant = name;
        for (const Alias& alias : aliases)
            if (alias.name == name) meant = alias.meant;
        inside->way = Inside::Way::iconv;
        inside->descriptor = iconv_open("UTF-8", meant.c_str());
        if (inside->descriptor == reinterpret_cast<iconv_t>(-1))
            return Error{ErrorKind::invalid, "charset " + printable(charset, 40) + " is unknown"};
        if (name.starts_with("utf-16") || name.starts_with("ucs-2") || name.starts_with("iso-10646-ucs-2"))
            inside->unit = 2;
        if (name.starts_with("utf-32") || name.starts_with("ucs-4")) inside->unit = 4;
    }
    return Utf8Converter(std::move(inside));
}

void Utf8Converter::convert(std::string_view bytes, std::string& out) {
    Inside& in = *inside_;
    if (in.way == Inside::Way::windows_1252) {
        while (!bytes.empty()) {
            const std::size_t run = ascii_run(bytes);
            out.append(bytes, 0, run);
            bytes.remove_prefix(run);
            if (bytes.empty()) break;
            append_windows_1252(out, bytes.front());
            bytes.remove_prefix(1);
        }
        return;
    }
    const auto take = [&in, &out](std::string_view some) {
        return in.way == Inside::Way::iconv ? in.take_iconv(some, out) : in.take_utf8(some, out, false);
    };
    // An unfinished character is completed byte by byte, so that the bulk is not copied.
    while (!in.waiting.empty() && !bytes.empty()) {
        in.waiting.push_back(bytes.front());
        bytes.remove_prefix(1);
        in.waiting.erase(0, take(in.waiting));
    }
    if (bytes.empty()) return;
    const std::size_t taken = take(bytes);
    in.waiting.assign(bytes.substr(taken));
}

void Utf8Converter::finish(std::string& out) {
    Inside& in = *inside_;
    if (in.way == Inside::Way::iconv) {
        char buffer[64];
        char* to = buffer;
        std::size_t room = sizeof buffer;
        iconv(in.descriptor, nullptr, nullptr, &to, &room);
        out.append(buffer, sizeof buffer - room);
        if (!in.waiting.empty()) out += replacement;
    } else if (in.way == Inside::Way::mixed) {
        in.take_utf8(in.waiting, out, true);
    } else if (!in.waiting.empty()) {
        out += replacement;
    }
    in.waiting.clear();
}

}  // namespace imaparc::message
