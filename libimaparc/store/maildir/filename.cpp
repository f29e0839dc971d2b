#include "store/maildir/filename.h"

#include <limits>

#include "base/text.h"

namespace imaparc::store {

namespace {
constexpr std::string_view info = ":2,";
}

std::string_view unique_name(std::string_view file_name) { return file_name.substr(0, file_name.find(info)); }

FlagNames flags_of(std::string_view file_name) {
    FlagNames flags;
    const auto at = file_name.find(info);
    if (at == std::string_view::npos) return flags;
    for (const char c : file_name.substr(at + info.size())) {
        if (c == ',' || c == ':') break;  // what follows is not Maildir's
        if (c == 'S') flags.system |= flag::seen;
        if (c == 'R') flags.system |= flag::answered;
        if (c == 'F') flags.system |= flag::flagged;
        if (c == 'D') flags.system |= flag::draft;
    }
    return flags;
}

std::optional<Seconds> date_in_name(std::string_view file_name) {
    const auto dot = file_name.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto number = parse_decimal(file_name.substr(0, dot));
    // From 1970 to the end of what a date-time of IMAP can say, year 9999.
    if (!number || *number == 0 || *number > 253402300799U) return std::nullopt;
    return static_cast<Seconds>(*number);
}

}  // namespace imaparc::store
