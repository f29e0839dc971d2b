// A conversation as text: README.md has the lines.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/flags.h"

namespace imaparc::test {

enum class Way { whole, pipelined, bytes };
const char* to_string(Way way);

struct Mail {
    std::string folder, name;
    Seconds date = 0;
    FlagNames flags;
    std::string text;
};

struct Step {
    enum class Kind {
        send,        // text, as bytes
        expect,      // text: the pattern of a line
        expect_any,  // the same; neighbours in any order
        closed,      // the server closes
        hang_up,     // the client does
        act,         // text: the action's words; mail: what it delivers
    };
    Kind kind = Kind::send;
    unsigned connection = 1;
    std::string text;
    Mail mail;
    unsigned line = 0;
};

struct Script {
    std::string name;
    std::vector<Way> ways;
    std::map<std::string, std::string> options;
    std::vector<std::string> folders;
    std::vector<Mail> mails;
    std::vector<Step> steps;
};

// Throws std::runtime_error with file and line.
Script read_script(const std::filesystem::path& path, const std::filesystem::path& messages);

// Whether the line is what the pattern says; named parts are put into `names`. $name in the pattern is replaced first.
bool matches(std::string_view pattern, std::string_view line, std::map<std::string, std::string>& names);
std::string with_names(std::string_view text, const std::map<std::string, std::string>& names);
// \r, \n, \t, \xHH, \\ to what they mean; \R(n,text) is the text n times.
std::string unescaped(std::string_view text);

}  // namespace imaparc::test
