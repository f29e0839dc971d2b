#include "store/header_date.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "base/text.h"

namespace imaparc::store {

namespace {

constexpr std::size_t longest_date = 1000;  // with its comments

std::string without_comments(std::string_view text) {
    std::string result;
    int depth = 0;
    for (std::size_t i = 0; i < text.size() && i < longest_date; ++i) {
        const char c = text[i];
        if (c == '(') ++depth;
        if (c == '\\' && depth > 0) ++i;
        const bool white = c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',';
        result += depth > 0 || white ? ' ' : c;
        if (c == ')' && depth > 0) --depth;
    }
    return result;
}

// The words and numbers of a date; a time is one, even as "10 : 20".
std::vector<std::string> tokens_of(std::string_view text) {
    const auto plain = without_comments(text);
    std::vector<std::string> tokens;
    bool joins = false;  // what comes next belongs to the last token
    for (std::size_t i = 0; i < plain.size();) {
        const auto start = plain.find_first_not_of(' ', i);
        if (start == std::string::npos) break;
        const auto end = std::min(plain.find(' ', start), plain.size());
        const auto word = plain.substr(start, end - start);
        if (!tokens.empty() && (joins || word[0] == ':'))
            tokens.back() += word;
        else
            tokens.push_back(word);
        joins = word.back() == ':';
        i = end;
    }
    return tokens;
}

std::optional<unsigned> month_of(std::string_view word) {
    constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
    for (unsigned i = 0; i < months.size(); ++i)
        if (ascii_istarts_with(word, months[i])) return i + 1;
    return std::nullopt;
}

// Seconds east of UTC.
int zone_of(std::string_view zone) {
    if ((zone.starts_with('+') || zone.starts_with('-')) && zone.size() >= 5) {
        const auto digits = parse_decimal(zone.substr(1, 4));
        if (!digits || *digits % 100 > 59) return 0;
        const int seconds = static_cast<int>(*digits / 100 * 3600 + *digits % 100 * 60);
        return zone[0] == '-' ? -seconds : seconds;
    }
    struct Named {
        std::string_view name;
        int hours;
    };
    constexpr std::array<Named, 8> named{
        {{"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}}};
    for (const auto& [name, hours] : named)
        if (ascii_iequals(zone, name)) return hours * 3600;
    return 0;
}

std::optional<std::string> field(std::string_view header, std::string_view name) {
    while (!header.empty()) {
        auto end = header.find('\n');
        // A field goes on over lines that begin with white space.
        while (end != std::string_view::npos && end + 1 < header.size() &&
               (header[end + 1] == ' ' || header[end + 1] == '\t'))
            end = header.find('\n', end + 1);
        const auto whole = header.substr(0, end);
        if (whole.empty() || whole == "\r") return std::nullopt;
        if (whole.size() > name.size() && ascii_istarts_with(whole, name)) {
            const auto colon = whole.find_first_not_of(" \t", name.size());
            if (colon != std::string_view::npos && whole[colon] == ':') return std::string(whole.substr(colon + 1));
        }
        if (end == std::string_view::npos) return std::nullopt;
        header.remove_prefix(end + 1);
    }
    return std::nullopt;
}

}  // namespace

std::optional<Seconds> parse_date_time(std::string_view text) {
    const auto tokens = tokens_of(text);
    std::size_t at = 0;
    if (at < tokens.size() && !(tokens[at][0] >= '0' && tokens[at][0] <= '9')) ++at;  // the day's name
    if (tokens.size() < at + 4) return std::nullopt;
    const auto day = parse_decimal(tokens[at]);
    const auto month = month_of(tokens[at + 1]);
    const auto year_digits = parse_decimal(tokens[at + 2]);
    if (!day || !month || !year_digits || *day > 31) return std::nullopt;
    auto year = *year_digits;
    if (tokens[at + 2].size() == 2) year += year < 50 ? 2000 : 1900;  // RFC 5322 4.3
    if (tokens[at + 2].size() == 3) year += 1900;
    if (year < 1900 || year > 9999) return std::nullopt;
    const auto clock = split(tokens[at + 3], ':');
    if (clock.size() < 2 || clock.size() > 3) return std::nullopt;
    const auto hour = parse_decimal(clock[0]), minute = parse_decimal(clock[1]);
    const auto second = clock.size() == 3 ? parse_decimal(clock[2]) : std::optional<std::uint64_t>(0);
    if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(*month),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    const int zone = tokens.size() > at + 4 ? zone_of(tokens[at + 4]) : 0;
    return static_cast<Seconds>(days) * 86400 + static_cast<Seconds>(*hour * 3600 + *minute * 60 + *second) - zone;
}

std::optional<Seconds> received_date(std::string_view header) {
    const auto value = field(header, "Received");
    if (!value) return std::nullopt;
    const auto at = value->rfind(';');
    if (at == std::string::npos) return std::nullopt;
    return parse_date_time(std::string_view(*value).substr(at + 1));
}

std::optional<Seconds> sent_date(std::string_view header) {
    const auto value = field(header, "Date");
    if (!value) return std::nullopt;
    return parse_date_time(*value);
}

Result<std::string> read_header(const File& file) {
    constexpr std::size_t longest_header = 256 * 1024;
    std::string header;
    for (std::size_t step = 8192; header.size() < longest_header; step = longest_header / 4) {
        const auto had = header.size();
        header.resize(had + step);
        auto n = file.read_at(had, std::span(header).subspan(had));
        if (!n) return n.error();
        header.resize(had + *n);
        const auto from = had > 4 ? had - 4 : 0;
        if (*n < step || header.find("\n\n", from) != std::string::npos ||
            header.find("\n\r\n", from) != std::string::npos)
            break;
    }
    return header;
}

}  // namespace imaparc::store
