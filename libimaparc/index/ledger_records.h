// What a ledger consists of: records, each a fact that the archive stores cannot tell. IDs, numbers, dates, flags,
// folder paths and names of users and stores; never a subject, an address, a text or a file's name.
//
// Numbers are absolute (flags as they are after the change, not the difference), so that a record can be applied twice.
// Values only; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/flags.h"
#include "base/ids.h"
#include "base/number_set.h"
#include "index/segment.h"

namespace imaparc::index::record {

struct FolderCreated {
    FolderNumber folder;
    std::string path;
    bool selectable = true;
    UidValidity uid_validity;
    bool operator==(const FolderCreated&) const = default;
};
// The folder is no more in the stores; number, path and UIDVALIDITY are remembered. Its messages were removed by
// records of their own.
struct FolderGone {
    FolderNumber folder;
    bool operator==(const FolderGone&) const = default;
};
struct FolderBack {
    FolderNumber folder;
    bool operator==(const FolderBack&) const = default;
};
struct FolderSelectable {
    FolderNumber folder;
    bool selectable = true;
    bool operator==(const FolderSelectable&) const = default;
};
// After damage or a rebuild that cannot prove the same UIDs.
struct FolderUidValidity {
    FolderNumber folder;
    UidValidity uid_validity;
    bool operator==(const FolderUidValidity&) const = default;
};

// New messages. UIDs ascend, mostly by one; all have the same `added` and `saved` (those of the messages themselves are
// not written) and either all have a source and a content, or none a source (then contents are not written: they can be
// learned again). Seed keywords are a FlagsSet for the owner.
struct Assigned {
    FolderNumber folder;
    ModSeq added;
    std::optional<Seconds> saved;  // when; records of older versions do not tell
    std::vector<StoredMessage> messages;
    bool operator==(const Assigned&) const = default;
};
// Messages that come back under their old UIDs; as Assigned otherwise. Their tombstones go.
struct Returned {
    FolderNumber folder;
    ModSeq added;
    std::optional<Seconds> saved;
    std::vector<StoredMessage> messages;
    bool operator==(const Returned&) const = default;
};
struct Removed {
    FolderNumber folder;
    ModSeq at;
    NumberSet uids;  // ascending ranges
    bool operator==(const Removed&) const = default;
};
// UIDNEXT was raised without a message (something came back, the window was widened).
struct UidNext {
    FolderNumber folder;
    Uid uid_next;
    bool operator==(const UidNext&) const = default;
};

struct UserNamed {
    UserNumber user;
    std::string name;
    bool operator==(const UserNamed&) const = default;
};
struct StoreNamed {
    StoreNumber store;
    std::string name;
    bool operator==(const StoreNamed&) const = default;
};

// New names at the end of a keyword table; `first` is the bit number of the first of them.
struct KeywordsAdded {
    FolderNumber folder;
    UserNumber user;
    unsigned first = 0;
    std::vector<std::string> names;
    bool operator==(const KeywordsAdded&) const = default;
};
// All these UIDs have these flags now.
struct FlagsSet {
    FolderNumber folder;
    UserNumber user;
    ModSeq modseq;
    FlagBits flags;
    NumberSet uids;  // ascending ranges
    bool operator==(const FlagsSet&) const = default;
};

struct Subscribed {
    UserNumber user;
    std::string path;
    bool subscribed = true;
    bool operator==(const Subscribed&) const = default;
};
struct Note {
    std::string key, value;
    bool operator==(const Note&) const = default;
};
// index/overlay.h's WindowMove
struct WindowMoved {
    FolderNumber folder;
    UserNumber user;
    Seconds cutoff = 0;
    ModSeq modseq;
    bool operator==(const WindowMoved&) const = default;
};

// Numbers below these may have been given out; after an unclean stop counting goes on here. Must be durable before such
// a number is seen by anybody. A clean stop writes them anew with the exact numbers: the last one read holds.
struct FolderCeiling {
    FolderNumber folder;
    Uid uid_next;           // the first UID that is certainly free
    ModSeq highest_modseq;  // the greatest that may have been given out
    bool operator==(const FolderCeiling&) const = default;
};
struct NumberCeiling {
    FolderNumber next_folder;  // the first number that is certainly free
    bool operator==(const NumberCeiling&) const = default;
};
// Everything before it was written on purpose and in full. Only as the last record does it mean anything.
struct CleanStop {
    bool operator==(const CleanStop&) const = default;
};

}  // namespace imaparc::index::record

namespace imaparc::index {

using Record =
    std::variant<record::FolderCreated, record::FolderGone, record::FolderBack, record::FolderSelectable,
                 record::FolderUidValidity, record::Assigned, record::Returned, record::Removed, record::UidNext,
                 record::UserNamed, record::StoreNamed, record::KeywordsAdded, record::FlagsSet, record::Subscribed,
                 record::Note, record::WindowMoved, record::FolderCeiling, record::NumberCeiling, record::CleanStop>;

// Largest body of a record (its type byte and what follows).
constexpr std::size_t record_size_at_most = 1U << 20;

// Type byte and payload. What is too long for one record becomes several (Assigned, Returned, Removed, FlagsSet).
// std::logic_error for what can never be right (UIDs not ascending, a text of more than 64 KiB, a keyword of more than
// 8 KiB).
std::vector<std::string> encode(const Record& record);
Result<Record> decode(std::string_view body);  // damaged

}  // namespace imaparc::index
