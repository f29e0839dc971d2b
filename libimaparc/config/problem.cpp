#include <string>

#include "base/text.h"
#include "config/load.h"

namespace imaparc::config {

std::string to_text(const Problem& problem) {
    std::string out = problem.file;
    if (problem.line) out += ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
    out += ": " + problem.message + "\n";
    if (problem.line) {
        // Tabs stay tabs, so that the caret stands where the eye expects it; one space for each other character.
        std::string caret;
        std::size_t column = 1;
        for (const unsigned char c : problem.text) {
            if ((c & 0xC0) == 0x80) continue;
            if (column == problem.column) break;
            caret += c == '\t' ? '\t' : ' ';
            ++column;
        }
        caret.append(problem.column - column, ' ');
        out += "    " + printable(problem.text, 400) + "\n    " + caret + "^";
        if (problem.width > 1) out.append(problem.width - 1, '~');
        out += "\n";
    }
    if (!problem.allowed.empty()) out += "    allowed: " + problem.allowed + "\n";
    return out;
}

std::string to_text(const std::vector<Problem>& problems) {
    std::string out;
    for (const auto& problem : problems) out += to_text(problem);
    return out;
}

}  // namespace imaparc::config
