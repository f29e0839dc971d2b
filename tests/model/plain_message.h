// A message as the model knows it: what its writer meant, beside the octets that say so. Nothing here was parsed.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace imaparc::model {

struct Address {
    std::string name;  // decoded; "" for none
    std::string local, domain;
};

struct PlainMessage {
    std::string store_name;
    std::string octets;  // line ends may be LF alone
    std::int64_t internal_date = 0;
    std::set<std::string> flags;  // small letters; system flags with the backslash

    std::vector<std::pair<std::string, std::string>> header;  // name as written, text decoded
    std::vector<Address> from, to, cc;
    std::string subject;  // decoded; "" also where there is none
    std::string text;     // of the body, decoded
    struct Sent {
        int day = 0;           // as the header says it, days since 1970-01-01: no time, no zone
        std::int64_t utc = 0;  // seconds
    };
    std::optional<Sent> sent;  // nullopt: none, or none that can be understood
    std::string message_id;    // without quoting; "" for none
    std::vector<std::string> references, in_reply_to;

    std::uint32_t uid = 0;

    std::uint64_t size() const {  // RFC822.SIZE: lines end with CRLF
        std::uint64_t result = 0;
        for (std::size_t i = 0; i < octets.size(); ++i)
            result += octets[i] == '\n' && (i == 0 || octets[i - 1] != '\r') ? 2 : 1;
        return result;
    }
    std::int64_t sent_utc() const { return sent ? sent->utc : internal_date; }  // RFC 5256 2.2
};

// In the order of their UIDs: the number is the place, from 1 on.
using Mailbox = std::vector<PlainMessage>;

inline std::int64_t day_of(std::int64_t seconds) {
    return seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400);
}

}  // namespace imaparc::model
