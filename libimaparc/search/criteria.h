// What to look for, free of IMAP and of SQL: a tree. The IMAP parser builds it, the session evaluates its cheap parts
// against the index, its dear parts against summaries, and the rest against messages.
//
// Any thread; values only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/number_set.h"

namespace imaparc::search {

struct Criteria {
    enum class Kind : std::uint8_t {
        all_of,      // children; empty: everything
        any_of,      // children; empty: nothing
        none_of,     // not (one child)
        number_set,  // set, message numbers
        uid_set,     // set
        flag,        // text: "\Seen", ... or a keyword
        before,
        on,
        since,  // day: internal date, disregarding time and zone
        sent_before,
        sent_on,
        sent_since,  // day: Date field, disregarding time and zone
        larger,
        smaller,  // size: RFC822.SIZE in octets
        header,   // field, text ("" : the field is there)
        from,
        to,
        cc,
        bcc,
        subject,  // text in that envelope field (decoded)
        body,
        text,    // text in the body; in header or body
        modseq,  // size: >= that mod-sequence (RFC 7162)
        older,
        younger,       // size: seconds (RFC 5032)
        saved_result,  // "$" (RFC 5182); whoever runs the search puts the uid_set in its place
        fuzzy,         // one child, to be matched fuzzily (RFC 6203)
        email_id,      // string (RFC 8474)
        thread_id,     // string
        saved_before,
        saved_on,
        saved_since,  // day: the save date (RFC 8514)
        save_date_supported,
    };

    Kind kind = Kind::all_of;
    std::vector<Criteria> children;
    std::string field;     // header's field name
    std::string string;    // what to find, UTF-8, as given (folding is the matcher's business)
    NumberSet set;         // '*' still unresolved
    std::int64_t day = 0;  // days since 1970-01-01
    std::uint64_t size = 0;

    bool operator==(const Criteria&) const = default;
};

// The same meaning, plainer: nested all_of/any_of flattened, double negation removed, cheap keys first (numbers, flags,
// dates, sizes; then headers; then body and text). Order of cost is the order of Need below.
Criteria simplified(Criteria criteria);

// Where from, to, cc, bcc and subject look.
enum class Fields : std::uint8_t {
    header,    // into the header's fields of that name, all of them, as they are written (decoded)
    envelope,  // into the envelope (RFC 3501 6.4.4's words): "name <mailbox@host>", decoded, and the Subject. The
               // summary decides, but of addresses so broken that the envelope lost some of their text
};

// Whether such a key is anywhere in it.
bool has(const Criteria& criteria, Criteria::Kind kind);

// What must be at hand to decide a node.
enum class Need : std::uint8_t { index, size, summary, message };
Need need_of(const Criteria& criteria, Fields fields = Fields::header);

}  // namespace imaparc::search
