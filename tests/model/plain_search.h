// SEARCH (RFC 3501 6.4.4, RFC 5032, RFC 5182) on a vector of plain messages: every key on every message, one by one.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "model/plain_message.h"
#include "model/plain_set.h"
#include "model/plain_text.h"

namespace imaparc::model {

struct Key {
    enum class Kind {
        all,
        flag,     // text: the flag in small letters, of a system flag with the backslash
        no_flag,  // UNSEEN, UNKEYWORD x
        text_anywhere,
        body,
        subject,
        from,
        to,
        cc,
        header,  // field, text; an empty text: the field is there
        larger,
        smaller,
        before,  // day: days since 1970-01-01
        on,
        since,
        sent_before,
        sent_on,
        sent_since,
        younger,  // number: seconds
        older,
        numbers,
        uids,
        both,  // parts, in parentheses
        either,
        opposite
    };
    Kind kind = Kind::all;
    std::string text, field;
    std::int64_t number = 0;
    PlainSet set;
    std::vector<Key> parts;
};

struct SearchWorld {
    const Mailbox& mailbox;
    const std::set<std::uint32_t>& saved;  // UIDs: "$"
    std::int64_t now = 0;
};

inline bool in_addresses(const std::vector<Address>& addresses, const std::string& wanted) {
    for (const auto& address : addresses)
        for (const auto& text : {address.name, address.local + "@" + address.domain})
            if (contains(text, wanted)) return true;
    return false;
}

inline bool matches(const Key& key, const SearchWorld& world, std::size_t index) {
    const PlainMessage& message = world.mailbox[index];
    const auto day = day_of(message.internal_date);
    using Kind = Key::Kind;
    switch (key.kind) {
        case Kind::all:
            return true;
        case Kind::flag:
            return message.flags.contains(key.text);
        case Kind::no_flag:
            return !message.flags.contains(key.text);
        case Kind::text_anywhere:
            for (const auto& [name, text] : message.header)
                if (contains(text, key.text)) return true;
            return contains(message.text, key.text);
        case Kind::body:
            return contains(message.text, key.text);
        case Kind::subject:
            return contains(message.subject, key.text);
        case Kind::from:
            return in_addresses(message.from, key.text);
        case Kind::to:
            return in_addresses(message.to, key.text);
        case Kind::cc:
            return in_addresses(message.cc, key.text);
        case Kind::header:
            for (const auto& [name, text] : message.header)
                if (ascii_small(name) == ascii_small(key.field) && contains(text, key.text)) return true;
            return false;
        case Kind::larger:
            return message.size() > static_cast<std::uint64_t>(key.number);
        case Kind::smaller:
            return message.size() < static_cast<std::uint64_t>(key.number);
        case Kind::before:
            return day < key.number;
        case Kind::on:
            return day == key.number;
        case Kind::since:
            return day >= key.number;
        case Kind::sent_before:
            return message.sent && message.sent->day < key.number;
        case Kind::sent_on:
            return message.sent && message.sent->day == key.number;
        case Kind::sent_since:
            return message.sent && message.sent->day >= key.number;
        case Kind::younger:  // RFC 5032 3: within the last so many seconds
            return message.internal_date >= world.now - key.number;
        case Kind::older:
            return message.internal_date <= world.now - key.number;
        case Kind::numbers:
            if (key.set.saved) return world.saved.contains(message.uid);
            return key.set.contains(static_cast<std::uint32_t>(index + 1),
                                    static_cast<std::uint32_t>(world.mailbox.size()));
        case Kind::uids:
            if (key.set.saved) return world.saved.contains(message.uid);
            return key.set.contains(message.uid, world.mailbox.back().uid);
        case Kind::both:
            for (const auto& part : key.parts)
                if (!matches(part, world, index)) return false;
            return true;
        case Kind::either:
            return matches(key.parts[0], world, index) || matches(key.parts[1], world, index);
        case Kind::opposite:
            return !matches(key.parts[0], world, index);
    }
    return false;
}

// Places in the mailbox, from 0 on.
inline std::vector<std::size_t> found(const Key& key, const SearchWorld& world) {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < world.mailbox.size(); ++i)
        if (matches(key, world, i)) result.push_back(i);
    return result;
}

}  // namespace imaparc::model
