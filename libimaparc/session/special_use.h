// Which folders are the Sent, the Drafts, the Trash ... of a user (RFC 6154, RFC 8457). An archive was told by nobody:
// it goes by the names that mail programs and providers give such folders, or by those that the administrator says.
//
// Any thread; constant once made.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "imap/render_list.h"
#include "index/index.h"

namespace imaparc::session {

enum class Role : std::uint8_t { all, archive, drafts, flagged, important, junk, sent, trash };
constexpr std::size_t role_count = 8;
imap::MailboxAttribute attribute_of(Role role);

// The names that are known for a role, in English, German, French, Spanish, Italian, Dutch and Polish, the usual first.
std::span<const std::string_view> usual_names(Role role);

// Names a role, in order of preference. None: the usual names; one that is empty: no folder has the role.
using RoleNames = std::array<std::vector<std::string>, role_count>;

class SpecialUse {
  public:
    explicit SpecialUse(const RoleNames& names = {});

    struct Given {
        std::size_t folder = 0;  // its place in the list
        imap::MailboxAttributes roles;
    };
    // The folders that have a role, in the order of the list. A name is compared in any case (i;unicode-casemap) with a
    // folder's whole path, or with what of it stands below "INBOX/", "[Gmail]/" or "[Google Mail]/". Of the folders
    // that fit a role one gets it: the one nearest the root, of these the one whose name is preferred, of these the
    // first. Folders that cannot be selected get none. All Mail, where there is one, is \All.
    std::vector<Given> assign(const index::FolderList& folders) const;

  private:
    struct Fit {
        Role role;
        std::uint32_t preference;  // 0: the first of the names
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    std::unordered_multimap<std::string, Fit, Hash, std::equal_to<>> names_;  // by their casemap
    std::size_t most_levels_ = 0;
};

}  // namespace imaparc::session
