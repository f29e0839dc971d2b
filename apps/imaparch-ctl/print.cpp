#include "print.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <numeric>

#include "base/text.h"
#include "commands.h"

namespace imaparc::ctl {
namespace {

constexpr std::string_view gap = "  ";

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::string cut(std::string_view text, std::size_t width) {
    if (columns_of(text) <= width) return std::string(text);
    const std::size_t keep = width > 3 ? width - 3 : width;
    std::size_t end = 0, seen = 0;
    for (; end < text.size(); ++end) {
        if (continues(text[end])) continue;
        if (seen == keep) break;
        ++seen;
    }
    return std::string(text.substr(0, end)) + (width > 3 ? "..." : "");
}

std::string padded(const std::string& text, std::size_t width, Table::Align align) {
    const std::string space(width - std::min(width, columns_of(text)), ' ');
    return align == Table::Align::left ? text + space : space + text;
}

}  // namespace

std::size_t columns_of(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return !continues(c); }));
}

std::string Table::text(std::size_t width) const {
    std::vector<std::size_t> widths;
    for (const auto& column : columns_) widths.push_back(columns_of(column.title));
    std::vector<std::vector<std::string>> shown;
    for (const auto& row : rows_) {
        auto& cells = shown.emplace_back();
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            cells.push_back(i < row.size() ? printable(row[i], 500) : "");
            widths[i] = std::max(widths[i], columns_of(cells[i]));
        }
    }
    const auto total = [&] {
        return std::accumulate(widths.begin(), widths.end(), std::size_t{0}) + gap.size() * (widths.size() - 1);
    };
    while (total() > width) {
        std::size_t widest = columns_.size();
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (columns_[i].width == Width::may_shrink && widths[i] > 4 &&
                (widest == columns_.size() || widths[i] > widths[widest]))
                widest = i;
        if (widest == columns_.size()) break;
        --widths[widest];
    }
    std::string text;
    const auto line = [&](auto&& cell_of) {
        std::string one;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (i) one += gap;
            one += padded(cut(cell_of(i), widths[i]), widths[i], columns_[i].align);
        }
        one.erase(one.find_last_not_of(' ') + 1);
        text += one + "\n";
    };
    line([&](std::size_t i) { return columns_[i].title; });
    for (const auto& cells : shown) line([&](std::size_t i) { return cells[i]; });
    return text;
}

std::string labelled(std::string_view label, std::string_view value) {
    constexpr std::size_t indent = 11, width = 80;
    std::string text(label), line;
    text.resize(std::max(indent, text.size() + 1), ' ');
    const auto shown = printable(value, 4000);
    const auto words = split(shown, ' ');
    std::size_t used = indent;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto word = cut(words[i], width - indent);
        if (i > 0) {
            if (used + 1 + columns_of(word) > width) {
                text += "\n" + std::string(indent, ' ');
                used = indent;
            } else {
                text += ' ';
                ++used;
            }
        }
        text += word;
        used += columns_of(word);
    }
    return text + "\n";
}

void out(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void out_json(const boost::json::value& json) { out(control::to_pretty_text(json)); }

void say(std::string_view line) {
    std::string text(line);
    if (!text.ends_with('\n')) text += '\n';
    std::fflush(stdout);
    std::fwrite(text.data(), 1, text.size(), stderr);
}

int say_error(const Error& error) {
    say("imaparch-ctl: " + error.text);
    return Exit::failed;
}

std::string grouped(std::uint64_t number) {
    auto text = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

std::string counted(std::uint64_t number, std::string_view noun) {
    return grouped(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

std::string bytes(std::uint64_t number) {
    constexpr const char* units[] = {"B", "kB", "MB", "GB", "TB"};
    auto value = static_cast<double>(number);
    std::size_t unit = 0;
    while (value >= 1000 && unit + 1 < std::size(units)) {
        value /= 1000;
        ++unit;
    }
    char text[32];
    std::snprintf(text, sizeof text, unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return text;
}

std::string local_time(Seconds time) {
    const std::time_t seconds = time;
    std::tm parts{};
    if (!::localtime_r(&seconds, &parts)) return std::to_string(time);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts);
    return text;
}

std::string duration(std::uint64_t seconds) {
    const auto days = seconds / 86400, hours = seconds / 3600 % 24, minutes = seconds / 60 % 60;
    if (days) return std::to_string(days) + " d " + std::to_string(hours) + " h";
    if (hours) return std::to_string(hours) + " h " + std::to_string(minutes) + " min";
    if (minutes) return std::to_string(minutes) + " min";
    return std::to_string(seconds) + " s";
}

}  // namespace imaparc::ctl
