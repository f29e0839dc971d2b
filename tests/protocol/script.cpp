#include "protocol/script.h"

#include <ctime>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/text.h"

namespace imaparc::test {

namespace {

class Reader {
  public:
    Reader(const std::filesystem::path& path, const std::filesystem::path& messages)
        : path_(path), messages_(messages), file_(path) {
        if (!file_) throw std::runtime_error("cannot read " + path.string());
        script_.name = path.stem().string();
    }

    Script read() {
        for (std::string line; std::getline(file_, line);) {
            ++number_;
            take(line);
        }
        if (script_.ways.empty()) script_.ways = {Way::whole, Way::pipelined, Way::bytes};
        return std::move(script_);
    }

  private:
    [[noreturn]] void fail(const std::string& what) const {
        throw std::runtime_error(path_.filename().string() + ":" + std::to_string(number_) + ": " + what);
    }

    void take(const std::string& line) {
        if (line.empty() || line.starts_with('#')) return;
        if (line.starts_with("|")) {
            if (!mail_) fail("text without a mail above it");
            mail_->text += line.size() > 1 ? line.substr(line[1] == ' ' ? 2 : 1) : "";
            mail_->text += '\n';
            return;
        }
        if (auto rest = after(line, "file: ")) {
            std::ifstream mail(messages_ / *rest, std::ios::binary);
            if (!mail || !mail_) fail("file: without a mail above it, or not there");
            mail_->text.assign(std::istreambuf_iterator<char>(mail), {});
            return;
        }
        mail_ = nullptr;
        if (auto ways = after(line, "play: ")) {
            for (const auto way : split(*ways, ' '))
                script_.ways.push_back(way == "whole"       ? Way::whole
                                       : way == "pipelined" ? Way::pipelined
                                       : way == "bytes"     ? Way::bytes
                                                            : throw std::runtime_error("play: " + std::string(way)));
        } else if (auto option = after(line, "option: ")) {
            const auto equals = option->find('=');
            script_.options[option->substr(0, equals)] = option->substr(equals + 1);
        } else if (auto folder = after(line, "folder: ")) {
            script_.folders.push_back(*folder);
        } else if (auto mail = after(line, "mail: ")) {
            script_.mails.push_back(mail_of(*mail));
            // Pointers into the vector are good until the next mail.
            mail_ = &script_.mails.back();
        } else {
            take_step(line);
        }
    }

    void take_step(const std::string& line) {
        Step step;
        step.line = number_;
        std::size_t at = 1;
        if (line.size() > 1 && line[1] >= '1' && line[1] <= '9')
            step.connection = static_cast<unsigned>(line[at++] - '0');
        const char kind = at < line.size() ? line[at] : '\0';
        if (at + 1 < line.size()) step.text = line.substr(at + 1 + (line[at + 1] == ' '));
        if (line[0] == 'C' && (kind == ':' || kind == '-')) {
            step.text += kind == ':' ? "\\r\\n" : "";
        } else if (line[0] == 'C' && kind == '!') {
            step.kind = Step::Kind::hang_up;
        } else if (line[0] == 'S' && (kind == ':' || kind == '~')) {
            step.kind = kind == ':' ? Step::Kind::expect : Step::Kind::expect_any;
        } else if (line[0] == 'S' && kind == '<') {
            step.kind = Step::Kind::closed;
        } else if (line[0] == 'A' && kind == ':') {
            step.kind = Step::Kind::act;
            if (auto mail = after(step.text, "deliver ")) {
                step.mail = mail_of(*mail);
                step.text = "deliver";
            }
        } else {
            fail("not a line of a script: " + line);
        }
        script_.steps.push_back(std::move(step));
        if (script_.steps.back().text == "deliver") mail_ = &script_.steps.back().mail;
    }

    static std::optional<std::string> after(const std::string& line, std::string_view word) {
        if (!line.starts_with(word)) return std::nullopt;
        return line.substr(word.size());
    }

    Mail mail_of(const std::string& words) const {
        const auto parts = split(words, ' ');
        if (parts.size() < 3) fail("mail: FOLDER NAME DATE [FLAG...]");
        Mail mail;
        mail.folder = parts[0];
        mail.name = parts[1];
        std::tm time{};
        const std::string date(parts[2]);
        if (!strptime(date.c_str(), "%Y-%m-%dT%H:%M:%SZ", &time)) fail("a date is 2024-01-02T03:04:05Z");
        mail.date = timegm(&time);
        for (std::size_t i = 3; i < parts.size(); ++i) {
            const auto bit = system_flag(parts[i]);
            if (!bit) fail("a Maildir knows no such flag");
            mail.flags.system |= *bit;
        }
        return mail;
    }

    std::filesystem::path path_, messages_;
    std::ifstream file_;
    unsigned number_ = 0;
    Script script_;
    Mail* mail_ = nullptr;
};

bool match_from(std::string_view pattern, std::string_view line, std::map<std::string, std::string>& names) {
    while (!pattern.empty()) {
        if (pattern.starts_with("...")) {
            const auto rest = pattern.substr(3);
            for (std::size_t skip = 0; skip <= line.size(); ++skip)
                if (match_from(rest, line.substr(skip), names)) return true;
            return false;
        }
        const auto close = pattern.find('>');
        if (pattern.starts_with("<") && close != std::string_view::npos) {
            const auto inside = pattern.substr(1, close - 1);
            const auto colon = inside.find(':');
            const auto kind = colon == std::string_view::npos ? inside : inside.substr(colon + 1);
            if (kind == "number" || kind == "any") {
                const auto rest = pattern.substr(close + 1);
                std::size_t longest = line.size();
                if (kind == "number") longest = std::min(line.find_first_not_of("0123456789"), line.size());
                for (std::size_t n = longest; n >= 1; --n) {
                    auto trial = names;
                    if (colon != std::string_view::npos)
                        trial[std::string(inside.substr(0, colon))] = line.substr(0, n);
                    if (match_from(rest, line.substr(n), trial)) {
                        names = std::move(trial);
                        return true;
                    }
                }
                return false;
            }
        }
        if (pattern.starts_with("\\...")) {
            if (!line.starts_with("...")) return false;
            pattern.remove_prefix(4);
            line.remove_prefix(3);
            continue;
        }
        std::size_t length = 1;
        if (pattern.starts_with("\\x"))
            length = 4;
        else if (pattern.starts_with("\\\\") || pattern.starts_with("\\r") || pattern.starts_with("\\n") ||
                 pattern.starts_with("\\t"))
            length = 2;
        // "\Seen" is what it looks like: an escape only where one is meant.
        const bool escape = length > 1 && (pattern[1] == 'x' || pattern[1] == '\\');
        const std::string wanted = escape ? unescaped(pattern.substr(0, length)) : std::string(pattern.substr(0, 1));
        if (!line.starts_with(wanted)) return false;
        pattern.remove_prefix(escape ? length : 1);
        line.remove_prefix(wanted.size());
    }
    return line.empty();
}

}  // namespace

const char* to_string(Way way) {
    switch (way) {
        case Way::whole:
            return "whole";
        case Way::pipelined:
            return "pipelined";
        case Way::bytes:
            return "one byte at a time";
    }
    return "";
}

Script read_script(const std::filesystem::path& path, const std::filesystem::path& messages) {
    return Reader(path, messages).read();
}

std::string with_names(std::string_view text, const std::map<std::string, std::string>& names) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '$') {
            std::size_t end = at + 1;
            while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end]))) ++end;
            const auto found = names.find(std::string(text.substr(at + 1, end - at - 1)));
            if (found != names.end()) {
                result += found->second;
                at = end;
                continue;
            }
        }
        result += text[at++];
    }
    return result;
}

std::string unescaped(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\' || at + 1 == text.size()) {
            result += text[at];
            continue;
        }
        switch (text[at + 1]) {
            case 'r':
                result += '\r';
                ++at;
                break;
            case 'n':
                result += '\n';
                ++at;
                break;
            case 't':
                result += '\t';
                ++at;
                break;
            case '\\':
                result += '\\';
                ++at;
                break;
            case 'x':
                result += static_cast<char>(std::stoi(std::string(text.substr(at + 2, 2)), nullptr, 16));
                at += 3;
                break;
            case 'R': {  // \R(n,text)
                const auto comma = text.find(',', at), end = text.find(')', at);
                if (text.substr(at + 2, 1) != "(" || comma == std::string_view::npos || end == std::string_view::npos)
                    throw std::runtime_error("\\R(n,text)");
                const auto piece = text.substr(comma + 1, end - comma - 1);
                for (auto n = std::stoul(std::string(text.substr(at + 3, comma - at - 3))); n > 0; --n) result += piece;
                at = end;
                break;
            }
            default:
                result += '\\';
        }
    }
    return result;
}

bool matches(std::string_view pattern, std::string_view line, std::map<std::string, std::string>& names) {
    return match_from(with_names(pattern, names), line, names);
}

}  // namespace imaparc::test
