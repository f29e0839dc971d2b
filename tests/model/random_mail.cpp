#include "model/random_mail.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "model/plain_text.h"

namespace imaparc::model {

namespace {

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool latin1(std::string_view utf8, std::string& result) {
    result.clear();
    for (char32_t p : code_points(utf8)) {
        if (p > 0xFF) return false;
        result += static_cast<char>(static_cast<unsigned char>(p));
    }
    return true;
}

std::string base64(std::string_view octets, std::string_view line_end) {
    static const char* const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string result;
    for (std::size_t i = 0; i < octets.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = (group << 8) | (i + k < octets.size() ? static_cast<unsigned char>(octets[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k)
            result += i + k > octets.size() ? '=' : digits[(group >> (18 - 6 * k)) & 63];
        if (i % 57 == 54) result += line_end;
    }
    return result;
}

// Every octet that is not a letter or a digit as =XX: right in headers and in bodies.
std::string quoted_printable(std::string_view octets, bool in_header) {
    std::string result;
    std::size_t column = 0;
    for (char c : octets) {
        char buffer[4] = {c, 0, 0, 0};
        if (!in_header && c == '\n') {
            column = 0;
        } else if (in_header && c == ' ') {
            buffer[0] = '_';
        } else if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))) {
            std::snprintf(buffer, sizeof buffer, "=%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
        }
        if (!in_header && column > 60) {
            result += "=\n";  // a soft line end, also within a character
            column = 0;
        }
        result += buffer;
        column += std::string_view(buffer).size();
    }
    return result;
}

// Days since 1970-01-01 of a date of the Gregorian calendar.
int days(int year, int month, int day) {
    const int y = month <= 2 ? year - 1 : year, era = y / 400;
    const int of_era = y - era * 400, of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

}  // namespace

const std::vector<std::string>& vocabulary() {
    static const std::vector<std::string> words = {
        "apple", "Berry", "plum", "CHERRY", "über",   "ÄRGER", "Straße",   "naïve",
        "école", "школа", "Кой",  "κόσμος", "ΚΌΣΜΟΣ", "ｆig",  "\uFB01ne", "\u01C6ep",
    };
    return words;
}

std::string MailWriter::word() {
    return vocabulary()[roll(2) ? roll(4) : roll(static_cast<unsigned>(vocabulary().size()))];
}

std::string MailWriter::words(unsigned most) {
    std::string result = word();
    for (unsigned left = roll(most); left > 0; --left) result += " " + word();
    return result;
}

std::string MailWriter::other_letters(const std::string& text) {
    auto points = code_points(text);
    for (auto& p : points) {
        if (roll(2)) continue;
        const std::u32string one(1, p);
        std::vector<char32_t> same;
        for (char32_t q = U'A'; q <= U'z'; ++q)
            if (fold(to_utf8(std::u32string(1, q))) == fold(to_utf8(one))) same.push_back(q);
        for (const auto& [q, folded] : casemap())
            if (to_utf8(folded) == fold(to_utf8(one))) same.push_back(q);
        if (!same.empty()) p = same[roll(static_cast<unsigned>(same.size()))];
    }
    return to_utf8(points);
}

std::string MailWriter::subject() {
    static const std::array prefixes = {"Re: ", "RE:",    "Fwd: ",    "fw: ",     "Re[2]: ", "[list] ",
                                        "Re: ", "re  : ", "[a] Re: ", "Re: [b] ", "[c][d] "};
    std::string base =
        !subjects_.empty() && roll(2) ? subjects_[roll(static_cast<unsigned>(subjects_.size()))] : words(3);
    subjects_.push_back(base);
    if (roll(12) == 0) base = "";
    if (roll(15) == 0) base = "[all of it]";
    std::string text = base;
    for (unsigned left = roll(3); left > 0; --left) text = prefixes[roll(prefixes.size())] + text;
    if (roll(8) == 0) text += " (fwd)";
    if (roll(12) == 0) text = "[Fwd: " + text + "]";
    return text;
}

std::vector<Address> MailWriter::addresses(unsigned most) {
    static const std::array locals = {"ann", "Bob", "carol.x", "dave", "ANN"};
    static const std::array domains = {"example.org", "Example.net"};
    std::vector<Address> result;
    for (unsigned left = roll(most + 1); left > 0; --left)
        result.push_back({roll(3) ? words(2) : "", locals[roll(locals.size())], domains[roll(domains.size())]});
    return result;
}

std::string MailWriter::encoded_word(const std::string& text) {
    std::string octets;
    if (roll(2) && latin1(text, octets)) return "=?ISO-8859-1?Q?" + quoted_printable(octets, true) + "?=";
    if (roll(2)) return "=?utf-8?b?" + base64(text, "") + "?=";
    return "=?UTF-8?q?" + quoted_printable(text, true) + "?=";
}

// In encoded words, some of them one behind the other: the white space between those is not there (RFC 2047 6.2).
std::string MailWriter::encoded(const std::string& text) {
    std::string result;
    std::string piece;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        const bool end = at == text.size();
        if (end || (text[at] == ' ' && !piece.empty() && piece.size() > 8)) {
            if (!piece.empty()) result += (result.empty() ? "" : roll(2) ? " " : "\n ") + encoded_word(piece);
            piece.clear();
        }
        if (!end) piece += text[at];
    }
    return result;
}

// Unstructured text of a header.
std::string MailWriter::phrase(const std::string& text) {
    const bool tidy = text.empty() || (text.front() != ' ' && text.back() != ' ');
    if (is_ascii(text) && (roll(4) || !tidy)) {
        const auto space = text.find(' ', text.size() / 2);  // folded: the white space stays
        if (space == std::string::npos || space + 1 >= text.size() || space == 0 || roll(3)) return text;
        return text.substr(0, space) + "\n" + text.substr(space);
    }
    if (!is_ascii(text) && roll(5) == 0) return text;  // octets of UTF-8 (RFC 6532)
    return encoded(text);
}

std::string MailWriter::shown(const std::vector<Address>& addresses) {
    std::string result;
    for (const auto& address : addresses) {
        if (!result.empty()) result += ",\n ";
        const auto mailbox = address.local + "@" + address.domain;
        if (address.name.empty())
            result += roll(2) ? mailbox : "<" + mailbox + ">";
        else if (is_ascii(address.name))
            result += (roll(2) ? "\"" + address.name + "\"" : address.name) + " <" + mailbox + ">";
        else
            result += encoded(address.name) + " <" + mailbox + ">";
    }
    return result;
}

std::string MailWriter::date(PlainMessage& message, std::int64_t now) {
    static const std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    static const std::array<std::pair<const char*, int>, 7> zones = {
        {{"+0000", 0}, {"-0800", -480}, {"+0530", 330}, {"GMT", 0}, {"EST", -300}, {"+1300", 780}, {"-0000", 0}}};
    switch (roll(14)) {
        case 0:
            return "";
        case 1:
            return "Date: yesterday\n";
        default:
            break;
    }
    const int year = 2025, month = 10 + static_cast<int>(roll(3)), day = 1 + static_cast<int>(roll(28));
    const int hour = static_cast<int>(roll(24)), minute = static_cast<int>(roll(60));
    const bool has_seconds = roll(4) != 0;
    const int second = has_seconds ? static_cast<int>(roll(60)) : 0;
    const auto& zone = zones[roll(zones.size())];
    message.sent = PlainMessage::Sent{days(year, month, day), 0};
    message.sent->utc = std::int64_t{message.sent->day} * 86400 + hour * 3600 + minute * 60 + second - zone.second * 60;
    static_cast<void>(now);
    char time[16];
    if (has_seconds)
        std::snprintf(time, sizeof time, "%02d:%02d:%02d", hour % 100, minute % 100, second % 100);
    else
        std::snprintf(time, sizeof time, "%02d:%02d", hour % 100, minute % 100);
    return "Date: " + std::to_string(day) + " " + months[static_cast<std::size_t>(month - 1)] + " " +
           std::to_string(year) + " " + time + " " + zone.first + (roll(5) == 0 ? " (a comment)" : "") + "\n";
}

std::string MailWriter::id_list(std::vector<std::string>& ids) {
    std::string result;
    for (unsigned left = 1 + roll(3); left > 0; --left) {
        std::string id;
        if (ids_.empty() || roll(5) == 0)
            id = "gone" + std::to_string(roll(4)) + "@x.example";
        else
            id = ids_[roll(static_cast<unsigned>(ids_.size()))];
        ids.push_back(id);
        const auto at = id.find('@');
        result += (result.empty() ? "" : roll(3) ? " " : "\n\t");
        result += roll(8) == 0 ? "<\"" + id.substr(0, at) + "\"" + id.substr(at) + ">" : "<" + id + ">";
    }
    return result;
}

std::string MailWriter::body(PlainMessage& message, std::string& header) {
    const auto text = words(6) + "\n" + words(6) + "\n";
    const auto type = [&](std::string value) {
        header += "Content-Type: " + value + "\n";
        message.header.emplace_back("Content-Type", std::move(value));
    };
    const auto encoding = [&](std::string value) {
        header += "Content-Transfer-Encoding: " + value + "\n";
        message.header.emplace_back("Content-Transfer-Encoding", std::move(value));
    };
    message.text = text;
    std::string octets;
    switch (roll(7)) {
        case 0:
            type("text/plain; charset=utf-8");
            encoding("base64");
            return base64(text, "\n") + "\n";
        case 1:
            type("text/plain; charset=\"UTF-8\"");
            encoding("quoted-printable");
            return quoted_printable(text, false);
        case 2:
            if (!latin1(text, octets)) break;
            type("text/plain; charset=iso-8859-1");
            encoding("8bit");
            return octets;
        case 3: {
            const auto second = words(3);
            type("multipart/mixed; boundary=\"=0123=\"");
            message.text += second;
            return "--=0123=\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + text +
                   "\n--=0123=\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n"
                   "Content-Disposition: attachment\n\n" +
                   base64(second, "\n") + "\n--=0123=--\n";
        }
        case 4:
            type("multipart/alternative; boundary=4567");
            return "--4567\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + text +
                   "\n--4567\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n<p>" + text +
                   "</p>\n--4567--\n";
        case 5: {
            std::string inner = "apple";
            for (unsigned left = roll(3); left > 0; --left) inner += " plum";
            type("message/rfc822");
            message.text += inner;
            return "From: ann@example.org\nSubject: " + inner +
                   "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" +
                   text;
        }
        default:
            break;
    }
    type("text/plain; charset=utf-8");
    encoding("8bit");
    return text;
}

PlainMessage MailWriter::write(unsigned n, std::int64_t now) {
    PlainMessage message;
    message.store_name = "m" + std::to_string(n);
    message.internal_date = now - 10 * static_cast<std::int64_t>(random_() % 800'000) - 10;  // ninety days
    static const std::array flags = {"\\seen", "\\answered", "\\flagged", "\\draft", "junk", "$work"};
    for (const char* flag : flags)
        if (roll(3) == 0) message.flags.insert(flag);

    std::string header;
    const auto line = [&](const std::string& name, const std::string& octets, const std::string& text) {
        header += name + ": " + octets + "\n";
        message.header.emplace_back(name, text);
    };
    const auto plain = [](const std::vector<Address>& addresses) {
        std::string text;
        for (const auto& a : addresses) text += a.name + " <" + a.local + "@" + a.domain + ">, ";
        return text;
    };
    message.from = addresses(1);
    message.to = addresses(3);
    message.cc = addresses(2);
    if (!message.from.empty()) line("From", shown(message.from), plain(message.from));
    if (!message.to.empty()) line(roll(2) ? "To" : "TO", shown(message.to), plain(message.to));
    if (!message.cc.empty()) line("Cc", shown(message.cc), plain(message.cc));
    if (roll(10) != 0) {
        message.subject = subject();
        line("Subject", phrase(message.subject), message.subject);
    }
    header += date(message, now);
    if (roll(3) == 0) {
        const auto text = words(3);
        line("X-Note", phrase(text), text);
    }
    std::string own = "id" + std::to_string(n) + "@x.example";
    if (!ids_.empty() && roll(12) == 0) own = ids_[roll(static_cast<unsigned>(ids_.size()))];
    if (roll(2)) header += "References: " + id_list(message.references) + "\n";
    if (roll(3) == 0) header += "In-Reply-To: " + id_list(message.in_reply_to) + "\n";
    if (roll(8) != 0) {
        header += "Message-ID: <" + own + ">\n";
        message.message_id = own;
        ids_.push_back(own);
    }
    header += "MIME-Version: 1.0\n";
    const auto text = body(message, header);
    message.octets = header + "\n" + text;
    if (roll(2)) {
        std::string with_cr;
        for (char c : message.octets) (with_cr += c == '\n' ? "\r" : "") += c;
        message.octets = std::move(with_cr);
    }
    return message;
}

}  // namespace imaparc::model
