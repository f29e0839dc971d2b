#include "message/date.h"

#include <array>
#include <chrono>

#include "base/text.h"
#include "message/lexer.h"

namespace imaparc::message {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

struct Digits {
    unsigned value = 0;
    unsigned count = 0;  // 0: no number here
};

// A run of digits; a run too long to be part of a date has no value.
Digits digits(Lexer& in) {
    in.skip_cfws();
    Digits result;
    while (is_digit(in.peek())) {
        if (++result.count <= 9) result.value = result.value * 10 + static_cast<unsigned>(in.peek() - '0');
        in.advance();
    }
    if (result.count > 9) result.count = 0;
    return result;
}

std::string_view letters(Lexer& in) {
    in.skip_cfws();
    const std::size_t start = in.position();
    while (is_letter(in.peek())) in.advance();
    return in.text().substr(start, in.position() - start);
}

std::optional<unsigned> month_number(std::string_view name) {
    constexpr std::string_view names[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                          "jul", "aug", "sep", "oct", "nov", "dec"};
    if (name.size() < 3) return std::nullopt;
    for (unsigned i = 0; i < 12; ++i)
        if (ascii_iequals(name.substr(0, 3), names[i])) return i + 1;
    return std::nullopt;
}

// zone = (FWS ( "+" / "-" ) 4DIGIT) / obs-zone
std::int32_t zone_minutes(Lexer& in) {
    struct Named {
        std::string_view name;
        std::int32_t hours;
    };
    constexpr Named named[] = {{"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5},
                               {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};
    in.skip_cfws();
    if (in.at('+') || in.at('-')) {
        const std::int32_t sign = in.at('-') ? -1 : 1;
        in.advance();
        const Digits number = digits(in);
        if (number.count != 4 || number.value % 100 > 59) return 0;
        return sign * static_cast<std::int32_t>(number.value / 100 * 60 + number.value % 100);
    }
    const std::string_view name = letters(in);
    for (const Named& zone : named)
        if (ascii_iequals(name, zone.name)) return zone.hours * 60;
    return 0;
}

// 4.3: two digits 00-49 are 2000-2049, 50-99 are 1950-1999; three digits count from 1900.
std::optional<int> full_year(Digits year) {
    int value = static_cast<int>(year.value);
    if (year.count == 2)
        value += value < 50 ? 2000 : 1900;
    else if (year.count == 3)
        value += 1900;
    else if (year.count != 4)
        return std::nullopt;
    if (value < 1900) return std::nullopt;
    return value;
}

}  // namespace

// date-time = [ day-of-week "," ] date time [CFWS]; date = day month year; time-of-day = hour ":" minute [":" second]
std::optional<SentDate> parse_date(std::string_view body) {
    Lexer in(body);
    in.skip_cfws();
    if (is_letter(in.peek())) {
        letters(in);
        in.skip_cfws();
        in.take('.');
        in.skip_cfws();
        in.take(',');
    }

    const Digits day = digits(in);
    in.skip_cfws();
    in.take('-');  // "1-Jul-2003", as IMAP and old news software write it
    const auto month = month_number(letters(in));
    in.skip_cfws();
    in.take('-');
    const auto year = full_year(digits(in));
    if (day.count == 0 || day.count > 2 || !month || !year) return std::nullopt;

    const auto separated = [&in] {
        in.skip_cfws();
        return in.take(':') || in.take('.');
    };
    const Digits hour = digits(in);
    if (hour.count == 0 || !separated()) return std::nullopt;
    const Digits minute = digits(in);
    if (minute.count == 0) return std::nullopt;
    Digits second;
    if (separated()) {
        second = digits(in);
        if (second.count == 0) return std::nullopt;
    }
    if (hour.value > 23 || minute.value > 59 || second.value > 60) return std::nullopt;

    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                           std::chrono::day(day.value)};
    if (!date.ok()) return std::nullopt;
    const Seconds midnight = std::chrono::sys_days(date).time_since_epoch().count() * Seconds{86400};
    SentDate result;
    result.zone_minutes = zone_minutes(in);
    result.utc = midnight + hour.value * 3600 + minute.value * 60 + second.value - result.zone_minutes * Seconds{60};
    return result;
}

}  // namespace imaparc::message
