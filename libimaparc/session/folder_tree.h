// A user's folders as a tree: the mailboxes that there are, the levels that are only there because of what lies below
// them (a store may know them or not), and names that are subscribed though nothing has them. What LIST, LSUB and XLIST
// choose from.
//
// Any thread; constant once made. Holds views of the names: they live as long as the lists that were given.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "imap/render_list.h"
#include "index/index.h"

namespace imaparc::session {

struct FolderNode {
    static constexpr std::uint32_t root = 0xFFFFFFFF;

    std::string_view path;
    const index::Folder* folder = nullptr;  // nullptr: no such mailbox
    std::uint32_t parent = root;            // place of the level above
    bool has_children = false;              // there are mailboxes below
    bool subscribed = false;                // if that was asked
    imap::MailboxAttributes roles = {};     // special uses
};

class FolderTree {
  public:
    // `names`: further names, of no folder. O(n log n) for n of both, without an allocation for each.
    explicit FolderTree(std::shared_ptr<const index::FolderList> folders, std::vector<std::string> names = {});
    FolderTree(const FolderTree&) = delete;  // nodes point into it
    FolderTree& operator=(const FolderTree&) = delete;

    // INBOX and what lies below it, then the others; each name before those below it, neighbours by bytes.
    std::span<FolderNode> nodes() { return nodes_; }
    std::span<const FolderNode> nodes() const { return nodes_; }
    const index::FolderList& folders() const { return *folders_; }

  private:
    std::shared_ptr<const index::FolderList> folders_;
    std::vector<std::string> names_;
    std::vector<FolderNode> nodes_;
};

}  // namespace imaparc::session
