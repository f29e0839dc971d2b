// From places in an owner's directory to the folder tree that clients see, for stores in which a folder may lie in more
// than one place: Thunderbird keeps the subfolders of "Work" in "Work.sbd" beside it, others write "Inbox" and "INBOX".
// Places shown under one name are one folder; its location names them all, so a place that comes or goes changes no
// name.
//
// Any thread; pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace imaparc::store {

// Deeper than anything real; a tree that goes on is refused rather than shown in part.
constexpr std::size_t most_levels = 1000;

struct FolderSource {
    std::vector<std::string> levels;  // as shown; empty: INBOX
    std::string path;                 // relative to the owner's directory, "." being itself
    std::string change_token;         // as StoreFolder's
    bool selectable = true;           // false: nothing in it but other folders
};

// A directory's or file's name as a level: what it is without the ending that only says how mail is kept there
// (".sbd", ".mbox"), escaped as all levels are. At the top "inbox" in any letters is INBOX.
std::string shown_level(std::string_view name, bool at_top);

// Parents come before children; those that no source names are there, not selectable.
std::vector<StoreFolder> folders_of(std::vector<FolderSource> sources);

// The sources' paths, in the order of their bytes.
std::vector<std::string> sources_of(std::string_view location);

}  // namespace imaparc::store
