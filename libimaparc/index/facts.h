// Facts: what is known of an owner besides messages and flags: folders with their counters, users, stores,
// subscriptions, notes. Small, in memory as a whole, made by applying the ledger's records in order; the same records
// give the same facts wherever they come from.
//
// Values only; one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "base/ids.h"
#include "index/index.h"
#include "index/ledger_records.h"

namespace imaparc::index {

// What All Mail's path is in ledger and index, where stores' folders have theirs: one that no store can have. Clients
// see another.
inline constexpr std::string_view all_mail_path("\0All Mail", 9);

// Of a folder that lives or ever lived.
struct FolderFacts {
    FolderNumber number;
    std::string path;
    bool living = true;  // All Mail: it holds what the ordinary folders hold, and goes on with them
    bool selectable = true;
    UidValidity uid_validity;
    Uid uid_next{1};
    ModSeq base_modseq{1};     // of the last message that came or went
    ModSeq highest_modseq{1};  // the greatest ever given, to flags of any user too
    ModSeq ceiling;            // modseqs up to it may be given before their records are durable

    FolderKind kind() const { return path == all_mail_path ? FolderKind::all_mail : FolderKind::ordinary; }
};

struct Facts {
    std::map<FolderNumber, FolderFacts> folders;
    std::unordered_map<std::string, FolderNumber> by_path;
    std::map<UserNumber, std::string> users;  // without 0, the owner
    std::map<StoreNumber, std::string> stores;
    std::map<UserNumber, std::map<std::string, bool, std::less<>>> subscriptions;  // only where a user said so
    std::map<std::string, std::string, std::less<>> notes;
    bool clean = false;  // the last record was a clean stop

    // Ignores what is not about facts; messages and flags raise their folder's counters. damaged: a record about a
    // folder that was never created.
    Result<void> apply(const Record& record);
    // After an unclean stop: modseqs up to the ceiling may have been seen by clients, so counting goes on there.
    void skip_to_ceilings();

    FolderFacts* find(std::string_view path);                            // living or not
    const FolderFacts* all_mail() const { return find(all_mail_path); }  // nullptr: there never was one
    const FolderFacts* find(std::string_view path) const;
    FolderNumber next_folder() const;
    std::optional<UserNumber> user(std::string_view name) const;
    std::optional<StoreNumber> store(std::string_view name) const;

    // Users, stores, subscriptions and notes; the folders have rows of their own.
    std::string encode() const;
    Result<void> decode(std::string_view bytes);  // damaged
};

// The folder a record is about, if it is about one.
std::optional<FolderNumber> folder_of(const Record& record);

}  // namespace imaparc::index
