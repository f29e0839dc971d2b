#include "auth/password_lines.h"

#include <cstdio>
#include <unordered_set>

#include "auth/names.h"
#include "auth/password_hash.h"
#include "base/text.h"

namespace imaparc::auth {
namespace {

PasswordLine parse_line(std::string_view text) {
    PasswordLine line;
    const auto content = trimmed(text);
    if (content.empty() || content.starts_with('#')) return line;
    line.kind = PasswordLine::Kind::broken;
    const auto colon = content.find(':');
    if (colon == std::string_view::npos) {
        line.problem = "no colon in it; a line is name:hash";
        return line;
    }
    auto name = prepare_name(trimmed(content.substr(0, colon)));
    if (!name) {
        line.problem = name.error().text;
        return line;
    }
    line.name = std::move(*name);
    // What follows a second colon is ignored: room for fields of later versions and of /etc/passwd-like files.
    const auto rest = content.substr(colon + 1);
    line.hash = std::string(trimmed(rest.substr(0, rest.find(':'))));
    if (auto checked = check_hash(line.hash); !checked)
        line.problem = checked.error().text;
    else
        line.kind = PasswordLine::Kind::user;
    return line;
}

}  // namespace

std::vector<PasswordLine> parse_lines(std::string_view text) {
    std::vector<PasswordLine> lines;
    std::unordered_set<std::string> seen;
    for (std::size_t at = 0; at < text.size();) {
        auto end = text.find('\n', at);
        end = end == std::string_view::npos ? text.size() : end + 1;
        auto line = parse_line(text.substr(at, end - at));
        line.number = lines.size() + 1;
        line.begin = at;
        line.end = end;
        if (!line.name.empty() && !seen.insert(line.name).second) {
            line.kind = PasswordLine::Kind::broken;
            line.problem = "a second line for " + printable(line.name) + "; the first one counts";
        }
        lines.push_back(std::move(line));
        at = end;
    }
    return lines;
}

std::string mode_text(mode_t mode) {
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, "%04o", static_cast<unsigned>(mode & 07777));
    return buffer;
}

}  // namespace imaparc::auth
