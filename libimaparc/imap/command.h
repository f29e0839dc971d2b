// The commands a client can send, as values: one struct a verb, a closed variant of them all, so that the compiler
// names a runner that is missing. What needs no data is an empty struct.
//
// Mailbox names are MailboxName (names.h): UTF-8 paths, levels joined by '/'.
//
// Any thread; values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/flags.h"
#include "base/number_set.h"
#include "imap/names.h"
#include "message/section.h"
#include "search/criteria.h"

namespace imaparc::imap {

struct Verb;

enum class Numbering : std::uint8_t { number, uid };         // what a set, or an answer, counts by
enum class Access : std::uint8_t { read_write, read_only };  // SELECT, EXAMINE

// ---- any state (RFC 3501 6.1, RFC 2971)
struct Capability {};
struct Noop {};
struct Logout {};
struct Id {  // fields in order, a value may be NIL; empty for "ID NIL"
    std::vector<std::pair<std::string, std::optional<std::string>>> fields;
};

// ---- not authenticated (RFC 3501 6.2, RFC 4959)
struct StartTls {};
struct Login {
    std::string user, password;  // octets as sent
};
struct Authenticate {
    std::string mechanism;                        // upper case
    std::optional<std::string> initial_response;  // decoded; "=" is an empty one
};

// ---- authenticated (RFC 3501 6.3, RFC 5161, 2342, 2177)
struct Enable {
    std::vector<std::string> capabilities;  // upper case
};
struct Select {
    MailboxName mailbox;
    Access access = Access::read_write;
};
struct Subscribe {
    MailboxName mailbox;
};
struct Unsubscribe {
    MailboxName mailbox;
};
enum class ListKind : std::uint8_t { list, lsub };
struct List {  // LIST and LSUB
    ListKind kind = ListKind::list;
    std::string reference;  // UTF-8, may be ""
    std::string pattern;    // UTF-8, as given: "" asks for the delimiter (RFC 3501 6.3.8)
    // What names are matched against: Pattern(joined_pattern(reference, pattern)).
};
struct Namespace {};
enum class StatusItem : std::uint8_t { messages, recent, uid_next, uid_validity, unseen, append_limit };
struct Status {
    MailboxName mailbox;
    std::vector<StatusItem> items;  // as asked, each once
};
struct Idle {};

// ---- selected (RFC 3501 6.4, RFC 3691, 4315)
struct Check {};
struct Close {};
struct Unselect {};
struct Expunge {
    std::optional<NumberSet> uids;  // UID EXPUNGE's; '*' unresolved
};
struct Search {
    Numbering by = Numbering::number;  // what the answer counts by
    search::Criteria criteria;         // as given; search::simplified() is the caller's choice
};

// [first octet, count): "<a.b>" (RFC 3501 6.4.5).
struct Partial {
    std::uint32_t offset = 0, count = 0;  // count is never 0
    bool operator==(const Partial&) const = default;
};
enum class Peek : std::uint8_t { no, yes };  // BODY sets \Seen, BODY.PEEK does not
struct FetchItem {
    enum class Kind : std::uint8_t {
        uid,
        flags,
        internal_date,
        rfc822_size,
        envelope,
        body,  // without extension data
        body_structure,
        section,  // BODY[...], BODY.PEEK[...]
        rfc822,
        rfc822_header,
        rfc822_text,
    };
    Kind kind = Kind::uid;
    message::Section section;        // section; of the RFC822 ones: what they stand for
    std::optional<Partial> partial;  // section
    Peek peek = Peek::yes;           // no: fetching it sets \Seen (section, rfc822, rfc822_text)
    bool operator==(const FetchItem&) const = default;

    // Answered with octets of the message: everything from `section` on.
    bool octets() const { return kind >= Kind::section; }
};
struct Fetch {
    Numbering by = Numbering::number;
    NumberSet set;                 // '*' unresolved
    std::vector<FetchItem> items;  // macros taken apart, each once; UID FETCH always has `uid`, first
};

enum class StoreAction : std::uint8_t { replace, add, remove };
enum class Silent : std::uint8_t { no, yes };
struct Store {
    Numbering by = Numbering::number;
    NumberSet set;
    StoreAction action = StoreAction::replace;
    Silent silent = Silent::no;
    FlagNames flags;  // \Deleted may be among them
};

// A writing verb, understood and declined: APPEND, COPY, MOVE, CREATE, DELETE, RENAME, REPLACE, SETACL, DELETEACL,
// SETQUOTA, SETMETADATA, and the UID forms.
struct Refused {
    std::string verb;  // as the table has it
};

using Command =
    std::variant<Capability, Noop, Logout, Id, StartTls, Login, Authenticate, Enable, Select, Subscribe, Unsubscribe,
                 List, Namespace, Status, Idle, Check, Close, Unselect, Expunge, Search, Fetch, Store, Refused>;

struct Request {
    std::string tag;
    Command command;
    const Verb* row = nullptr;  // of verbs(); lives as long as the program
};

}  // namespace imaparc::imap
