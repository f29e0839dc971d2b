#include "model/random_command.h"

#include <algorithm>
#include <array>

#include "model/plain_text.h"

namespace imaparc::model {

namespace {

std::string date_text(std::int64_t day) {  // d-Mmm-yyyy
    static const std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    static const std::array lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    auto of_year = day - 20089;  // since 1 Jan 2025; the mail is of 2025
    std::size_t month = 0;
    while (of_year >= lengths[month]) of_year -= lengths[month++];
    return std::to_string(of_year + 1) + "-" + months[month] + "-2025";
}

}  // namespace

std::string Returns::text() const {
    if (!given) return "";
    std::string list;
    const auto add = [&](bool wanted, const std::string& word) {
        if (wanted) list += (list.empty() ? "" : " ") + word;
    };
    add(save, "SAVE");
    add(max, "MAX");
    add(count, "COUNT");
    add(all, "ALL");
    add(min, "MIN");
    add(partial, "PARTIAL " + std::to_string(first) + ":" + std::to_string(last));
    return "RETURN (" + list + ") ";
}

Returns CommandWriter::returns() {
    Returns result;
    result.given = true;
    result.min = roll(3) == 0;
    result.max = roll(3) == 0;
    result.all = roll(3) == 0;
    result.count = roll(3) == 0;
    result.save = searchres && roll(3) == 0;
    if (partial && !result.all && roll(3) == 0) {
        result.partial = true;
        result.first = 1 + roll(12);
        result.last = 1 + roll(12);
        if (roll(2)) {
            result.first = -result.first;
            result.last = -result.last;
        }
    }
    return result;
}

std::vector<Order> CommandWriter::orders() {
    static const std::array keys = {"ARRIVAL", "CC", "DATE",        "FROM",     "SIZE",
                                    "SUBJECT", "TO", "DISPLAYFROM", "DISPLAYTO"};
    std::vector<Order> result;
    for (unsigned left = 1 + roll(3); left > 0; --left)
        result.push_back({keys[roll(display_sort ? 9 : 7)], roll(3) == 0});
    return result;
}

PlainSet CommandWriter::set(bool uids) {
    PlainSet result;
    if (searchres && roll(8) == 0) {
        result.saved = true;
        return result;
    }
    const auto end = [&]() -> SetEnd {
        if (roll(5) == 0) return std::nullopt;
        if (!uids) return 1 + roll(static_cast<unsigned>(mailbox_.size()));
        return 1 + roll(mailbox_.back().uid + 5);
    };
    for (unsigned left = 1 + roll(3); left > 0; --left) {
        const auto first = end();
        result.ranges.emplace_back(first, roll(2) ? first : end());
    }
    return result;
}

std::string CommandWriter::wanted(bool whole) {
    auto text = words_.word();
    if (!whole && roll(3) == 0) {
        const auto points = code_points(text);
        const auto first = roll(static_cast<unsigned>(points.size()) - 1);
        text = to_utf8(points.substr(first, 2 + roll(4)));
    } else if (roll(5) == 0) {
        text += " " + words_.word();
    }
    return roll(2) ? words_.other_letters(text) : text;
}

Key CommandWriter::key(unsigned depth) {
    using Kind = Key::Kind;
    Key key;
    const auto kinds = static_cast<unsigned>(Kind::opposite) + 1;
    do {
        key.kind = static_cast<Kind>(roll(kinds));
    } while ((depth == 0 && key.kind >= Kind::both) ||
             (!within && (key.kind == Kind::younger || key.kind == Kind::older)));
    static const std::array flags = {"\\seen", "\\answered", "\\flagged", "\\draft", "junk", "$work", "nobody"};
    switch (key.kind) {
        case Kind::flag:
        case Kind::no_flag:
            key.text = flags[roll(flags.size())];
            break;
        case Kind::text_anywhere:
        case Kind::body:
            key.text = wanted(true);
            break;
        case Kind::subject:
        case Kind::from:
        case Kind::to:
        case Kind::cc:
            key.text = wanted(false);
            break;
        case Kind::header: {
            static const std::array fields = {"Subject", "x-note", "FROM", "To", "cc"};
            key.field = fields[roll(fields.size())];
            if (roll(4)) key.text = wanted(false);
            break;
        }
        case Kind::larger:
        case Kind::smaller:
            key.number = static_cast<std::int64_t>(mailbox_.empty() || roll(4) == 0
                                                       ? roll(1000)
                                                       : mailbox_[roll(static_cast<unsigned>(mailbox_.size()))].size() +
                                                             roll(3) - 1);
            break;
        case Kind::before:
        case Kind::on:
        case Kind::since:
        case Kind::sent_before:
        case Kind::sent_on:
        case Kind::sent_since: {
            const auto day = day_of(now_) - 1 - roll(92);
            key.number = day;
            if (!mailbox_.empty() && roll(2)) {
                const auto& message = mailbox_[roll(static_cast<unsigned>(mailbox_.size()))];
                key.number =
                    key.kind >= Kind::sent_before && message.sent ? message.sent->day : day_of(message.internal_date);
            }
            break;
        }
        case Kind::younger:
        case Kind::older:
            key.number = 5 + 10 * static_cast<std::int64_t>(random_() % 800'000);
            break;
        case Kind::numbers:
        case Kind::uids:
            key.set = set(key.kind == Kind::uids);
            break;
        case Kind::both:
            for (unsigned left = 1 + roll(3); left > 0; --left) key.parts.push_back(this->key(depth - 1));
            break;
        case Kind::either:
            key.parts = {this->key(depth - 1), this->key(depth - 1)};
            break;
        case Kind::opposite:
            key.parts = {this->key(depth - 1)};
            break;
        case Kind::all:
            break;
    }
    return key;
}

std::string CommandWriter::string(const std::string& value, bool& eight_bit) {
    const bool ascii =
        std::all_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!ascii) eight_bit = true;
    const bool atom = !value.empty() && ascii && value.find(' ') == std::string::npos;
    if (atom && roll(2)) return value;
    if (ascii && roll(4)) return "\"" + value + "\"";
    return "{" + std::to_string(value.size()) + "+}\r\n" + value;
}

std::string CommandWriter::text(const Key& key, bool& eight_bit) {
    using Kind = Key::Kind;
    const auto with_string = [&](const std::string& word) { return word + " " + string(key.text, eight_bit); };
    const auto flag = [&](const std::string& un) {
        std::string upper = key.text;
        for (char& c : upper)
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        return key.text[0] == '\\' ? un + upper.substr(1) : un + "KEYWORD " + key.text;
    };
    switch (key.kind) {
        case Kind::all:
            return "ALL";
        case Kind::flag:
            return flag("");
        case Kind::no_flag:
            return flag("UN");
        case Kind::text_anywhere:
            return with_string("TEXT");
        case Kind::body:
            return with_string("BODY");
        case Kind::subject:
            return with_string("SUBJECT");
        case Kind::from:
            return with_string("FROM");
        case Kind::to:
            return with_string("TO");
        case Kind::cc:
            return with_string("CC");
        case Kind::header:
            return with_string("HEADER " + key.field);
        case Kind::larger:
            return "LARGER " + std::to_string(key.number);
        case Kind::smaller:
            return "SMALLER " + std::to_string(key.number);
        case Kind::before:
            return "BEFORE " + date_text(key.number);
        case Kind::on:
            return "ON " + date_text(key.number);
        case Kind::since:
            return "SINCE " + date_text(key.number);
        case Kind::sent_before:
            return "SENTBEFORE " + date_text(key.number);
        case Kind::sent_on:
            return "SENTON " + date_text(key.number);
        case Kind::sent_since:
            return "SENTSINCE " + date_text(key.number);
        case Kind::younger:
            return "YOUNGER " + std::to_string(key.number);
        case Kind::older:
            return "OLDER " + std::to_string(key.number);
        case Kind::numbers:
            return key.set.text();
        case Kind::uids:
            return "UID " + key.set.text();
        case Kind::both: {
            std::string result;
            for (const auto& part : key.parts) result += (result.empty() ? "(" : " ") + text(part, eight_bit);
            return result + ")";
        }
        case Kind::either:
            return "OR " + text(key.parts[0], eight_bit) + " " + text(key.parts[1], eight_bit);
        case Kind::opposite:
            return "NOT " + text(key.parts[0], eight_bit);
    }
    return "ALL";
}

}  // namespace imaparc::model
