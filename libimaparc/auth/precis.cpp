#include "auth/precis.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "base/text.h"

namespace imaparc::auth {
namespace {

using Points = std::vector<UChar32>;

void must(UErrorCode code) {
    if (U_FAILURE(code)) throw Fault(ErrorKind::io, std::string("ICU: ") + u_errorName(code));
}

std::int32_t length_of(std::u16string_view text) { return static_cast<std::int32_t>(text.size()); }

const UNormalizer2* nfc_form() {
    UErrorCode code = U_ZERO_ERROR;
    const auto* form = unorm2_getNFCInstance(&code);
    must(code);
    return form;
}

const UNormalizer2* nfkc_form() {
    UErrorCode code = U_ZERO_ERROR;
    const auto* form = unorm2_getNFKCInstance(&code);
    must(code);
    return form;
}

void append(std::u16string& text, UChar32 c) {
    if (U_IS_BMP(c)) {
        text.push_back(static_cast<char16_t>(c));
    } else {
        text.push_back(U16_LEAD(c));
        text.push_back(U16_TRAIL(c));
    }
}

Points points_of(std::u16string_view text) {
    Points points;
    for (std::int32_t i = 0; i < length_of(text);) {
        UChar32 c;
        U16_NEXT(text.data(), i, length_of(text), c);
        points.push_back(c);
    }
    return points;
}

bool has_script(UChar32 c, UScriptCode script) { return u_getIntPropertyValue(c, UCHAR_SCRIPT) == script; }
bool is_virama(UChar32 c) { return u_getCombiningClass(c) == 9; }
bool arabic_digit(UChar32 c) { return c >= 0x0660 && c <= 0x0669; }
bool extended_arabic_digit(UChar32 c) { return c >= 0x06F0 && c <= 0x06F9; }

// RFC 5892 A.1:  (Joining_Type:{L,D})(Joining_Type:T)* ZWNJ (Joining_Type:T)*(Joining_Type:{R,D})
bool joins_around(const Points& text, std::size_t at) {
    const auto type = [&](std::size_t i) { return u_getIntPropertyValue(text[i], UCHAR_JOINING_TYPE); };
    std::size_t before = at;
    while (before > 0 && type(before - 1) == U_JT_TRANSPARENT) --before;
    if (before == 0) return false;
    const auto left = type(before - 1);
    if (left != U_JT_LEFT_JOINING && left != U_JT_DUAL_JOINING) return false;
    std::size_t after = at + 1;
    while (after < text.size() && type(after) == U_JT_TRANSPARENT) ++after;
    if (after == text.size()) return false;
    const auto right = type(after);
    return right == U_JT_RIGHT_JOINING || right == U_JT_DUAL_JOINING;
}

// RFC 5892 appendix A; nullopt: the code point has no contextual rule.
std::optional<bool> context_allows(const Points& text, std::size_t at) {
    const UChar32 c = text[at];
    const UChar32 before = at > 0 ? text[at - 1] : 0;
    const UChar32 after = at + 1 < text.size() ? text[at + 1] : 0;
    switch (c) {
        case 0x200C:
            return is_virama(before) || joins_around(text, at);  // A.1 ZERO WIDTH NON-JOINER
        case 0x200D:
            return is_virama(before);  // A.2 ZERO WIDTH JOINER
        case 0x00B7:
            return before == 'l' && after == 'l';  // A.3 MIDDLE DOT
        case 0x0375:
            return after != 0 && has_script(after, USCRIPT_GREEK);  // A.4 GREEK KERAIA
        case 0x05F3:                                                // A.5 HEBREW GERESH
        case 0x05F4:
            return before != 0 && has_script(before, USCRIPT_HEBREW);  // A.6 HEBREW GERSHAYIM
        case 0x30FB:                                                   // A.7 KATAKANA MIDDLE DOT
            return std::any_of(text.begin(), text.end(), [](UChar32 other) {
                return has_script(other, USCRIPT_HIRAGANA) || has_script(other, USCRIPT_KATAKANA) ||
                       has_script(other, USCRIPT_HAN);
            });
        default:
            break;
    }
    if (arabic_digit(c)) return std::none_of(text.begin(), text.end(), extended_arabic_digit);  // A.8
    if (extended_arabic_digit(c)) return std::none_of(text.begin(), text.end(), arabic_digit);  // A.9
    return std::nullopt;
}

// RFC 5892 2.6; nullopt: no exception.
std::optional<bool> exception_allows(UChar32 c) {
    static constexpr std::array<UChar32, 6> valid{0x00DF, 0x03C2, 0x06FD, 0x06FE, 0x0F0B, 0x3007};
    static constexpr std::array<UChar32, 10> not_valid{0x0640, 0x07FA, 0x302E, 0x302F, 0x3031,
                                                       0x3032, 0x3033, 0x3034, 0x3035, 0x303B};
    if (std::find(valid.begin(), valid.end(), c) != valid.end()) return true;
    if (std::find(not_valid.begin(), not_valid.end(), c) != not_valid.end()) return false;
    return std::nullopt;
}

bool has_compatibility_form(UChar32 c) {
    std::u16string text;
    append(text, c);
    UErrorCode code = U_ZERO_ERROR;
    const bool normal = unorm2_isNormalized(nfkc_form(), text.data(), length_of(text), &code);
    must(code);
    return !normal;
}

// The order of RFC 8264 8.
bool allowed(const Points& text, std::size_t at, PrecisClass string_class) {
    const UChar32 c = text[at];
    const bool free = string_class == PrecisClass::freeform;
    if (const auto exception = exception_allows(c)) return *exception;
    if (const auto context = context_allows(text, at)) return *context;
    const auto category = u_charType(c);
    const bool noncharacter = u_hasBinaryProperty(c, UCHAR_NONCHARACTER_CODE_POINT);
    if (category == U_UNASSIGNED && !noncharacter) return false;
    if (c >= 0x21 && c <= 0x7E) return true;
    const auto hangul = u_getIntPropertyValue(c, UCHAR_HANGUL_SYLLABLE_TYPE);
    if (hangul == U_HST_LEADING_JAMO || hangul == U_HST_VOWEL_JAMO || hangul == U_HST_TRAILING_JAMO) return false;
    if (noncharacter || u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) return false;
    if (category == U_CONTROL_CHAR) return false;
    if (has_compatibility_form(c)) return free;
    switch (category) {
        case U_LOWERCASE_LETTER:
        case U_UPPERCASE_LETTER:
        case U_OTHER_LETTER:
        case U_MODIFIER_LETTER:
        case U_NON_SPACING_MARK:
        case U_COMBINING_SPACING_MARK:
        case U_DECIMAL_DIGIT_NUMBER:
            return true;  // LetterDigits
        case U_TITLECASE_LETTER:
        case U_LETTER_NUMBER:
        case U_OTHER_NUMBER:
        case U_ENCLOSING_MARK:  // OtherLetterDigits
        case U_SPACE_SEPARATOR:
        case U_MATH_SYMBOL:
        case U_CURRENCY_SYMBOL:
        case U_MODIFIER_SYMBOL:
        case U_OTHER_SYMBOL:
        case U_CONNECTOR_PUNCTUATION:
        case U_DASH_PUNCTUATION:
        case U_START_PUNCTUATION:
        case U_END_PUNCTUATION:
        case U_INITIAL_PUNCTUATION:
        case U_FINAL_PUNCTUATION:
        case U_OTHER_PUNCTUATION:
            return free;
        default:
            return false;
    }
}

}  // namespace

std::optional<char32_t> disallowed(std::u16string_view text, PrecisClass string_class) {
    const Points points = points_of(text);
    for (std::size_t i = 0; i < points.size(); ++i)
        if (!allowed(points, i, string_class)) return static_cast<char32_t>(points[i]);
    return std::nullopt;
}

bool bidi_rule_holds(std::u16string_view text) {
    const auto points = points_of(text);
    bool right_to_left_text = false, european = false, arabic = false;
    for (const auto c : points) {
        const auto d = u_charDirection(c);
        right_to_left_text |= d == U_RIGHT_TO_LEFT || d == U_RIGHT_TO_LEFT_ARABIC || d == U_ARABIC_NUMBER;
        european |= d == U_EUROPEAN_NUMBER;
        arabic |= d == U_ARABIC_NUMBER;
    }
    if (!right_to_left_text) return true;
    const auto first = u_charDirection(points.front());  // rule 1
    const bool right = first == U_RIGHT_TO_LEFT || first == U_RIGHT_TO_LEFT_ARABIC;
    if (!right && first != U_LEFT_TO_RIGHT) return false;
    if (right && european && arabic) return false;  // rule 4
    for (const auto c : points) {                   // rules 2 and 5
        switch (u_charDirection(c)) {
            case U_EUROPEAN_NUMBER:
            case U_EUROPEAN_NUMBER_SEPARATOR:
            case U_COMMON_NUMBER_SEPARATOR:
            case U_EUROPEAN_NUMBER_TERMINATOR:
            case U_OTHER_NEUTRAL:
            case U_BOUNDARY_NEUTRAL:
            case U_DIR_NON_SPACING_MARK:
                break;
            case U_RIGHT_TO_LEFT:
            case U_RIGHT_TO_LEFT_ARABIC:
            case U_ARABIC_NUMBER:
                if (!right) return false;
                break;
            case U_LEFT_TO_RIGHT:
                if (right) return false;
                break;
            default:
                return false;
        }
    }
    std::size_t end = points.size();  // rules 3 and 6
    while (end > 0 && u_charDirection(points[end - 1]) == U_DIR_NON_SPACING_MARK) --end;
    if (end == 0) return false;
    const auto last = u_charDirection(points[end - 1]);
    if (last == U_EUROPEAN_NUMBER) return true;
    return right ? last == U_RIGHT_TO_LEFT || last == U_RIGHT_TO_LEFT_ARABIC || last == U_ARABIC_NUMBER
                 : last == U_LEFT_TO_RIGHT;
}

std::u16string width_mapped(std::u16string_view text) {
    std::u16string out;
    for (const auto c : points_of(text)) {
        const auto type = u_getIntPropertyValue(c, UCHAR_DECOMPOSITION_TYPE);
        UChar mapped[8];
        std::int32_t length = -1;
        if (type == U_DT_WIDE || type == U_DT_NARROW) {
            UErrorCode code = U_ZERO_ERROR;
            length = unorm2_getRawDecomposition(nfkc_form(), c, mapped, 8, &code);
            must(code);
        }
        if (length >= 0)
            out.append(mapped, static_cast<std::size_t>(length));
        else
            append(out, c);
    }
    return out;
}

std::u16string lower_case(std::u16string_view text) {
    std::u16string out(text.size() * 3 + 1, u'\0');  // no code point has a longer lower case
    UErrorCode code = U_ZERO_ERROR;
    const auto length = u_strToLower(out.data(), length_of(out), text.data(), length_of(text), "", &code);
    must(code);
    out.resize(static_cast<std::size_t>(length));
    return out;
}

std::u16string nfc(std::u16string_view text) {
    std::u16string out(text.size() * 3 + 1, u'\0');  // NFC expands UTF-16 at most threefold (UAX 15)
    UErrorCode code = U_ZERO_ERROR;
    const auto length = unorm2_normalize(nfc_form(), text.data(), length_of(text), out.data(), length_of(out), &code);
    must(code);
    out.resize(static_cast<std::size_t>(length));
    return out;
}

Result<std::u16string> to_utf16(std::string_view utf8) {
    if (!valid_utf8(utf8)) return Error{ErrorKind::invalid, "not UTF-8"};
    std::u16string out(utf8.size() + 1, u'\0');
    UErrorCode code = U_ZERO_ERROR;
    std::int32_t length = 0;
    u_strFromUTF8(out.data(), length_of(out), &length, utf8.data(), static_cast<std::int32_t>(utf8.size()), &code);
    must(code);
    out.resize(static_cast<std::size_t>(length));
    return out;
}

std::string to_utf8(std::u16string_view text) {
    std::string out(text.size() * 3 + 1, '\0');
    UErrorCode code = U_ZERO_ERROR;
    std::int32_t length = 0;
    u_strToUTF8(out.data(), static_cast<std::int32_t>(out.size()), &length, text.data(), length_of(text), &code);
    must(code);
    out.resize(static_cast<std::size_t>(length));
    return out;
}

std::string code_point_name(char32_t c) {
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, "U+%04X", static_cast<unsigned>(c));
    return buffer;
}

}  // namespace imaparc::auth
