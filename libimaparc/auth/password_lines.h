// The lines of a password file, so that what is no user survives an edit byte for byte; inside auth only.
//
// Pure functions.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace imaparc::auth {

struct PasswordLine {
    enum class Kind { comment, user, broken };
    Kind kind = Kind::comment;
    std::size_t number = 0;          // from 1
    std::size_t begin = 0, end = 0;  // in the text; `end` is behind the line's own line end
    std::string name;                // prepared; of a broken line "" if not even a name could be read
    std::string hash;
    std::string problem;  // of a broken line
};

std::vector<PasswordLine> parse_lines(std::string_view text);

std::string mode_text(mode_t mode);  // "0640"

}  // namespace imaparc::auth
