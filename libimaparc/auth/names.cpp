#include "auth/names.h"

#include <string.h>

#include <algorithm>

#include "auth/precis.h"
#include "base/text.h"

namespace imaparc::auth {
namespace {

bool printable_ascii(std::string_view text, char least) {
    return std::all_of(text.begin(), text.end(), [least](char c) { return c >= least && c <= '~'; });
}

Error bad(std::string_view what, std::string_view why) {
    return {ErrorKind::invalid, std::string(what) + " " + std::string(why)};
}

std::u16string mapped_name(std::u16string_view text) { return nfc(lower_case(text)); }

void wipe(std::u16string& text) { ::explicit_bzero(text.data(), text.size() * sizeof(char16_t)); }

}  // namespace

Result<std::string> prepare_name(std::string_view name) {
    if (name.empty()) return bad("user name", "is empty");
    if (name.size() > name_limit) return bad("user name", "is longer than 255 bytes");
    if (printable_ascii(name, '!')) return ascii_lower(name);

    auto text = to_utf16(name);
    if (!text) return bad("user name", "is not UTF-8");
    const auto wide = width_mapped(*text);
    if (const auto c = disallowed(wide, PrecisClass::identifier))
        return bad("user name",
                   "has the character " + code_point_name(*c) + ", which RFC 8265 does not allow in names");
    const auto prepared = mapped_name(wide);
    if (!bidi_rule_holds(prepared)) return bad("user name", "mixes writing directions (RFC 5893)");
    // A few combinations only settle when mapped twice (RFC 8264 7): they would be two users at once.
    if (mapped_name(prepared) != prepared || disallowed(prepared, PrecisClass::identifier))
        return bad("user name", "has no stable form (RFC 8264 7)");
    auto out = to_utf8(prepared);
    if (out.empty()) return bad("user name", "is empty");
    if (out.size() > name_limit) return bad("user name", "is longer than 255 bytes");
    return out;
}

Result<Secret> prepare_password(std::string_view password) {
    if (password.empty()) return bad("password", "is empty");
    if (password.size() > password_limit) return bad("password", "is longer than 1024 bytes");
    if (printable_ascii(password, ' ')) return Secret(password);

    auto text = to_utf16(password);
    if (!text) return bad("password", "is not UTF-8");
    for (auto& c : *text)  // all of Zs but the space itself
        if (c == 0x00A0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000)
            c = u' ';
    const auto c = disallowed(*text, PrecisClass::freeform);
    auto normal = c ? std::u16string() : nfc(*text);
    wipe(*text);
    if (c) return bad("password", "has a character that RFC 8265 does not allow in passwords");
    auto utf8 = to_utf8(normal);
    wipe(normal);
    Secret prepared(utf8);
    auth::wipe(utf8);
    return prepared;
}

}  // namespace imaparc::auth
