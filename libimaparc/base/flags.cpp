#include "base/flags.h"

#include "base/text.h"

namespace imaparc {

namespace {
struct Row {
    std::uint8_t bit;
    const char* name;
};
constexpr Row rows[] = {{flag::answered, "\\Answered"},
                        {flag::flagged, "\\Flagged"},
                        {flag::deleted, "\\Deleted"},
                        {flag::seen, "\\Seen"},
                        {flag::draft, "\\Draft"}};
}  // namespace

std::optional<std::uint8_t> system_flag(std::string_view name) {
    for (const auto& row : rows)
        if (ascii_iequals(name, row.name)) return row.bit;
    return std::nullopt;
}

std::string system_flag_text(std::uint8_t system) {
    std::string text;
    for (const auto& row : rows) {
        if (!(system & row.bit)) continue;
        if (!text.empty()) text += ' ';
        text += row.name;
    }
    return text;
}

}  // namespace imaparc
