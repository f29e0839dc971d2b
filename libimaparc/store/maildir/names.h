// From the directories of a Maildir to the folder names that clients see.
//
// A level is shown as what it says in modified UTF-7, or, if it says nothing there, as its bytes; then base's
// escape_level makes it presentable. Two directories that would be shown alike keep apart: the one written as IMAP
// servers write it has the name, then the one written in plain bytes, and every other is shown with its '&' and its
// 8-bit bytes as %XX, which no name looks like by itself. So each directory has one name and each name one directory.
//
// Also: an empty level ("..A", "A.") is shown as %2E. INBOX is the root where the root is a mailbox; a directory
// called INBOX beside it is shown as %49NBOX, and what lies below it in INBOX/. A directory called inbox in other
// letters is always shown with its first letter as %XX, for clients take it for INBOX itself.
//
// Any thread; pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace imaparc::store {

// A directory found, or one that is only there because of those below it.
struct NamedFolder {
    std::vector<std::string> raw;    // levels as the directories are written; empty: the root
    std::vector<std::string> shown;  // filled by name_folders
    std::size_t found = none;        // which of the directories given; none: only a parent
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
};

// For the directories' raw levels (no two alike; the root, if it is a mailbox, is the empty one) their names, and
// those of the parents that are missing among them. Parents come before children.
std::vector<NamedFolder> name_folders(const std::vector<std::vector<std::string>>& directories);

}  // namespace imaparc::store
