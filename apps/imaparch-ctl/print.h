// Output: data to stdout (tables for people, at most 80 columns, or JSON), talk to stderr. No colour.
//
// The program's one thread.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "control/codec.h"

namespace imaparc::ctl {

// Columns as wide as their content needs, together at most 80; the widest that may gives way, cut with "...".
class Table {
  public:
    enum class Align { left, right };
    enum class Width { may_shrink, whole };
    struct Column {
        std::string title;
        Align align = Align::left;
        Width width = Width::may_shrink;
    };
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
    void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    bool empty() const { return rows_.empty(); }
    std::string text(std::size_t width = 80) const;  // the titles, too

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

// "Title     value", wrapped at 80 columns below the value.
std::string labelled(std::string_view label, std::string_view value);

void out(std::string_view text);  // to stdout as it is
void out_json(const boost::json::value& json);
template <class T>
void out_struct(const T& value) {
    out_json(control::to_json(value));
}
void say(std::string_view line);    // to stderr, with a newline
int say_error(const Error& error);  // "imaparch-ctl: ..." to stderr; the exit code for its kind

std::string grouped(std::uint64_t number);                         // 1,234,567
std::string counted(std::uint64_t number, std::string_view noun);  // 1 user, 2,000 users
std::string bytes(std::uint64_t number);                           // 1.2 MB
std::string local_time(Seconds time);                              // 2026-11-24 10:00
std::string duration(std::uint64_t seconds);                       // 3 d 4 h, 12 min, 5 s

std::size_t columns_of(std::string_view utf8);  // a column a code point; what combines or is wide is rare in names

}  // namespace imaparc::ctl
