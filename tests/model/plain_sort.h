// SORT (RFC 5256 3, RFC 5957): keys one after the other, a REVERSE before one of them turns that one round, and what is
// equal stays in the mailbox's order.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "model/plain_message.h"
#include "model/plain_text.h"

namespace imaparc::model {

struct Order {
    std::string key;  // "ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO", "DISPLAYFROM", "DISPLAYTO"
    bool reverse = false;
};

inline std::string first_mailbox(const std::vector<Address>& addresses) {
    return addresses.empty() ? "" : fold(addresses[0].local);
}
inline std::string first_display(const std::vector<Address>& addresses) {
    if (addresses.empty()) return "";
    return fold(addresses[0].name.empty() ? addresses[0].local + "@" + addresses[0].domain : addresses[0].name);
}

inline int compared(const std::string& key, const PlainMessage& a, const PlainMessage& b) {
    const auto by = [](const auto& x, const auto& y) { return x < y ? -1 : y < x ? 1 : 0; };
    if (key == "ARRIVAL") return by(a.internal_date, b.internal_date);
    if (key == "DATE") return by(a.sent_utc(), b.sent_utc());
    if (key == "SIZE") return by(a.size(), b.size());
    if (key == "SUBJECT") return by(fold(base_subject(a.subject).base), fold(base_subject(b.subject).base));
    if (key == "FROM") return by(first_mailbox(a.from), first_mailbox(b.from));
    if (key == "TO") return by(first_mailbox(a.to), first_mailbox(b.to));
    if (key == "CC") return by(first_mailbox(a.cc), first_mailbox(b.cc));
    if (key == "DISPLAYFROM") return by(first_display(a.from), first_display(b.from));
    return by(first_display(a.to), first_display(b.to));
}

inline void sort_by(std::vector<std::size_t>& places, const Mailbox& mailbox, const std::vector<Order>& orders) {
    std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
        for (const auto& order : orders) {
            const int c = compared(order.key, mailbox[a], mailbox[b]);
            if (c != 0) return order.reverse ? c > 0 : c < 0;
        }
        return false;
    });
}

}  // namespace imaparc::model
