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
#include "base/ids.h"
#include "base/number_set.h"
#include "imap/names.h"
#include "message/section.h"
#include "search/criteria.h"
#include "search/sort.h"
#include "search/thread.h"

namespace imaparc::imap {

struct Verb;

enum class Numbering : std::uint8_t { number, uid };         // what a set, or an answer, counts by
enum class Access : std::uint8_t { read_write, read_only };  // SELECT, EXAMINE

// A range of positions in a result: from 1 on, or counted from its end, -1 being the last (RFC 9394 3.1, RFC 5267 4.4).
// Both ends have the same sign and are never 0; in either order.
struct ResultRange {
    std::int64_t first = 1, last = 1;
    bool operator==(const ResultRange&) const = default;
};

// ---- any state (RFC 3501 6.1, RFC 2971)
struct Capability {};
struct Noop {};
struct Logout {};
struct Id {  // fields in order, a value may be NIL; empty for "ID NIL"
    std::vector<std::pair<std::string, std::optional<std::string>>> fields;
};

struct Language {  // RFC 5255 3.2; in the client's order, as sent; empty: which languages are there
    std::vector<std::string> ranges;
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
struct Unauthenticate {};   // RFC 8437
struct Compress {           // RFC 4978
    std::string mechanism;  // upper case
};
struct Comparator {  // RFC 5255 4.7; in the client's order, as sent; empty: which one is active
    std::vector<std::string> names;
};
// What a client remembers of the mailbox it opens (RFC 7162 3.2.5).
struct Resync {
    UidValidity uid_validity;
    ModSeq modseq;                  // never 0
    std::optional<NumberSet> uids;  // what it knows; never '*'
    struct Match {                  // pairs of message number and UID that it knows; of the same length
        NumberSet numbers, uids;
    };
    std::optional<Match> match;
};
struct Select {
    MailboxName mailbox;
    Access access = Access::read_write;
    bool condstore = false;  // RFC 7162 3.1.8
    std::optional<Resync> resync;
};
struct Subscribe {
    MailboxName mailbox;
};
struct Unsubscribe {
    MailboxName mailbox;
};
enum class StatusItem : std::uint8_t {
    messages,
    recent,
    uid_next,
    uid_validity,
    unseen,
    append_limit,     // RFC 7889
    size,             // RFC 8438
    highest_modseq,   // RFC 7162
    mailbox_id,       // RFC 8474
    deleted,          // RFC 9051
    deleted_storage,  // RFC 9208
};
enum class ListKind : std::uint8_t { list, lsub, xlist };
struct List {  // LIST (RFC 3501, 5258, 9051), LSUB, XLIST
    ListKind kind = ListKind::list;
    std::string reference;              // UTF-8, may be ""
    std::vector<std::string> patterns;  // UTF-8, as given; a single "" asks for the delimiter (RFC 3501 6.3.8)
    // What names are matched against: Pattern(joined_pattern(reference, pattern)).
    bool extended = false;  // in RFC 5258's syntax: with options, or with patterns in parentheses

    // Selection options (RFC 5258 3.1, RFC 6154 5.1).
    bool subscribed = false, remote = false, recursive_match = false, special_use = false;
    // Return options (RFC 5258 3.2, RFC 5819, 6154, 8440, 9590).
    bool return_subscribed = false, return_children = false, return_special_use = false, return_my_rights = false;
    std::vector<StatusItem> return_status;     // each once; empty: not asked
    std::vector<std::string> return_metadata;  // entries; empty: not asked
};
struct Namespace {};
struct Status {
    MailboxName mailbox;
    std::vector<StatusItem> items;  // as asked, each once
};
struct Idle {};
struct GetMetadata {      // RFC 5464 4.2
    MailboxName mailbox;  // "": of the server
    std::vector<std::string> entries;
    std::optional<std::uint32_t> max_size;
    enum class Depth : std::uint8_t { zero, one, infinity };
    Depth depth = Depth::zero;
};
struct GetQuota {  // RFC 9208, RFC 2087
    std::string root;
};
struct GetQuotaRoot {
    MailboxName mailbox;
};
struct MyRights {  // RFC 4314
    MailboxName mailbox;
};
struct GetAcl {
    MailboxName mailbox;
};
struct ListRights {
    MailboxName mailbox;
    std::string identifier;
};
// Which mailboxes ESEARCH and NOTIFY mean (RFC 5465 6, RFC 7377 2.1).
struct MailboxFilter {
    enum class Kind : std::uint8_t {
        selected,
        selected_delayed,  // NOTIFY only
        inboxes,
        personal,
        subscribed,
        subtree,      // names and all below them
        subtree_one,  // names and the level below (RFC 7377)
        mailboxes,    // names
    };
    Kind kind = Kind::selected;
    std::vector<MailboxName> names;  // subtree, subtree_one, mailboxes
    bool operator==(const MailboxFilter&) const = default;
};

// [first octet, count): "<a.b>" (RFC 3501 6.4.5); up to 2^63 - 1 (RFC 9051 9, partial).
struct Partial {
    std::uint64_t offset = 0, count = 0;  // count is never 0
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
        mod_seq,    // RFC 7162
        email_id,   // RFC 8474
        thread_id,  // RFC 8474
        save_date,  // RFC 8514
        preview,    // RFC 8970; `lazy`
        section,    // BODY[...], BODY.PEEK[...]
        rfc822,
        rfc822_header,
        rfc822_text,
        binary,       // BINARY[...], BINARY.PEEK[...] (RFC 3516): section holds part numbers alone
        binary_size,  // BINARY.SIZE[...]
    };
    Kind kind = Kind::uid;
    message::Section section;        // section, binary, binary_size; of the RFC822 ones: what they stand for
    std::optional<Partial> partial;  // section, binary
    Peek peek = Peek::yes;           // no: fetching it sets \Seen (section, rfc822, rfc822_text, binary)
    bool lazy = false;               // preview
    bool operator==(const FetchItem&) const = default;

    // Answered with octets of the message, or by reading them: everything from `section` on.
    bool octets() const { return kind >= Kind::section; }
};

// What SEARCH, SORT and ESEARCH are to return (RFC 4466 2.6.1, 4731, 5182, 5267, 9394, RFC 6203).
struct SearchReturn {
    bool min = false, max = false, all = false, count = false;
    bool save = false;                         // RFC 5182
    bool relevancy = false;                    // RFC 6203
    bool update = false;                       // RFC 5267 4.3
    std::vector<FetchItem> update_items = {};  // of messages that come into the result later (RFC 5465 7)
    bool context = false;                      // RFC 5267 4.2; a hint
    std::optional<ResultRange> partial;
};

// ---- selected (RFC 3501 6.4, RFC 3691, 4315)
struct Check {};
struct Close {};
struct Unselect {};
struct Expunge {
    std::optional<NumberSet> uids;  // UID EXPUNGE's; '*' unresolved
};
struct Search {
    Numbering by = Numbering::number;     // what the answer counts by
    std::optional<SearchReturn> returns;  // RETURN (...) was given; "RETURN ()" is ALL (RFC 4731 3.1)
    search::Criteria criteria;            // as given; search::simplified() is the caller's choice
};
struct Sort {  // RFC 5256, 5267
    Numbering by = Numbering::number;
    std::optional<SearchReturn> returns;
    std::vector<search::SortKey> keys;  // never empty
    search::Criteria criteria;
};
struct Thread {  // RFC 5256
    Numbering by = Numbering::number;
    search::ThreadAlgorithm algorithm = search::ThreadAlgorithm::references;
    search::Criteria criteria;
};
struct MultiSearch {                    // ESEARCH (RFC 7377); answers count by UID
    std::vector<MailboxFilter> scopes;  // empty: the selected mailbox
    std::optional<SearchReturn> returns;
    search::Criteria criteria;
};
struct CancelUpdate {  // RFC 5267 4.3.5
    std::vector<std::string> tags;
};
struct UidBatches {  // RFC 10022
    std::uint32_t size = 0;
    struct Range {
        std::uint32_t first = 1, last = 1;  // of batches, 1 being the one with the highest UIDs; as given
    };
    std::optional<Range> batches;
};

struct Fetch {
    Numbering by = Numbering::number;
    NumberSet set;                 // '*' unresolved
    std::vector<FetchItem> items;  // macros taken apart, each once; as asked: UID FETCH's implied UID is not added
    std::optional<ModSeq> changed_since;  // RFC 7162 3.1.4.1
    bool vanished = false;                // RFC 7162 3.2.6: UID FETCH with changed_since only
    std::optional<ResultRange> partial;   // RFC 9394 3.3: UID FETCH only
};

// NOTIFY (RFC 5465).
struct Notify {
    struct Group {
        MailboxFilter filter;
        // "NONE": all false. Annotations are never stored here, so AnnotationChange has nothing to say.
        bool message_new = false, message_expunge = false, flag_change = false, annotation_change = false;
        bool mailbox_name = false, subscription_change = false, mailbox_metadata = false, server_metadata = false;
        std::vector<FetchItem> items;  // of MessageNew, for the selected mailbox
    };
    bool none = true;          // NOTIFY NONE
    bool unsupported = false;  // an event is named that is not known: answered with NO (RFC 5465 3.1)
    bool status = false;       // "STATUS": tell where things stand at once
    std::vector<Group> groups;
};

enum class StoreAction : std::uint8_t { replace, add, remove };
enum class Silent : std::uint8_t { no, yes };
struct Store {
    Numbering by = Numbering::number;
    NumberSet set;
    StoreAction action = StoreAction::replace;
    Silent silent = Silent::no;
    FlagNames flags;                        // \Deleted may be among them
    std::optional<ModSeq> unchanged_since;  // RFC 7162 3.1.3; may be 0
};

// A writing verb, understood and declined: APPEND, COPY, MOVE, CREATE, DELETE, RENAME, REPLACE, SETACL, DELETEACL,
// SETQUOTA, SETMETADATA, and the UID forms.
struct Refused {
    std::string verb;  // as the table has it
};

using Command =
    std::variant<Capability, Noop, Logout, Id, Language, StartTls, Login, Authenticate, Enable, Unauthenticate,
                 Compress, Comparator, Select, Subscribe, Unsubscribe, List, Namespace, Status, Idle, GetMetadata,
                 GetQuota, GetQuotaRoot, MyRights, GetAcl, ListRights, Notify, Check, Close, Unselect, Expunge, Search,
                 Sort, Thread, MultiSearch, CancelUpdate, UidBatches, Fetch, Store, Refused>;

struct Request {
    std::string tag;
    Command command;
    const Verb* row = nullptr;  // of verbs(); lives as long as the program
};

}  // namespace imaparc::imap
