#include "store/mbox/separator.h"

#include <string>

#include "base/text.h"
#include "store/header_date.h"

namespace imaparc::store {

namespace {

constexpr std::size_t longest_separator = 1000;

bool digits(std::string_view word) { return !word.empty() && word.find_first_not_of("0123456789") == word.npos; }

bool is_month(std::string_view word) {
    constexpr std::string_view months = "janfebmaraprmayjunjulaugsepoctnovdec";
    if (word.size() < 3) return false;
    for (std::size_t at = 0; at < months.size(); at += 3)
        if (ascii_iequals(word.substr(0, 3), months.substr(at, 3))) return true;
    return false;
}

// "01:05" or "01:05:34"
bool is_time(std::string_view word) {
    const auto parts = split(word, ':');
    if (parts.size() != 2 && parts.size() != 3) return false;
    for (const auto part : parts)
        if (!digits(part) || part.size() > 2) return false;
    return true;
}

bool is_year(std::string_view word) { return word.size() == 4 && digits(word) && word >= "1970"; }

}  // namespace

std::optional<Seconds> separator_date(std::string_view line) {
    if (!line.starts_with("From ") || line.size() > longest_separator) return std::nullopt;
    std::vector<std::string_view> words;
    for (const auto word : split(line.substr(5), ' '))
        if (const auto text = trimmed(word); !text.empty()) words.push_back(text);
    // The date stands at the end: the last time of day, and around it what belongs to it.
    std::size_t time = words.size();
    for (std::size_t i = 0; i < words.size(); ++i)
        if (is_time(words[i])) time = i;
    if (time == words.size() || time < 2) return std::nullopt;

    std::string_view day, month, year, zone;
    const auto before = words[time - 1], further = words[time - 2];
    if (is_year(before) && is_month(further) && time >= 3 && digits(words[time - 3])) {  // 3 Jan 1996 01:05:34
        year = before;
        month = further;
        day = words[time - 3];
        if (time + 1 < words.size()) zone = words[time + 1];
    } else if (digits(before) && is_month(further)) {  // asctime: Jan 3 01:05:34 [zone] 1996 [zone]
        month = further;
        day = before;
        for (std::size_t i = time + 1; i < words.size() && i <= time + 3; ++i) {
            if (year.empty() && is_year(words[i]))
                year = words[i];
            else
                zone = words[i];
        }
    }
    if (year.empty() || day.empty() || day.size() > 2) return std::nullopt;
    std::string date(day);
    for (const auto part : {month.substr(0, 3), year, words[time], zone}) (date += ' ') += part;
    return parse_date_time(date);
}

}  // namespace imaparc::store
