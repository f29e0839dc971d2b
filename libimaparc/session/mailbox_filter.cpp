#include "session/mailbox_filter.h"

#include <algorithm>
#include <limits>

namespace imaparc::session {

namespace {

// Levels that `path` lies below `ancestor`: 0 for itself, -1 if it does not.
int levels_below(std::string_view path, std::string_view ancestor) {
    if (path == ancestor) return 0;
    if (path.size() <= ancestor.size() || !path.starts_with(ancestor) || path[ancestor.size()] != imap::delimiter)
        return -1;
    return static_cast<int>(std::ranges::count(path.substr(ancestor.size()), imap::delimiter));
}

}  // namespace

bool covers(const imap::MailboxFilter& filter, const index::Folder& folder, const State& state) {
    using Kind = imap::MailboxFilter::Kind;
    if (!folder.selectable) return false;
    const bool everywhere =
        filter.kind == Kind::inboxes || filter.kind == Kind::personal || filter.kind == Kind::subscribed;
    if (everywhere && folder.kind == index::FolderKind::all_mail) return false;
    const auto named = [&](int most_levels) {
        return std::ranges::any_of(filter.names, [&](const imap::MailboxName& name) {
            if (!name.valid) return false;
            const int levels = levels_below(folder.path, name.path);
            return levels >= 0 && levels <= most_levels;
        });
    };
    const Account& account = *state.account();
    switch (filter.kind) {
        case Kind::selected:
        case Kind::selected_delayed:
            return state.mailbox() != nullptr && state.mailbox()->folder().number == folder.number;
        case Kind::inboxes:  // an archive can deliver into any of them: "it MUST treat inboxes as personal"
        case Kind::personal:
            return true;
        case Kind::subscribed:
            return account.owner->subscribed(account.user, folder.path);
        case Kind::subtree:
            return named(std::numeric_limits<int>::max());
        case Kind::subtree_one:
            return named(1);
        case Kind::mailboxes:
            return named(0);
    }
    return false;
}

std::vector<index::Folder> folders_of(const std::vector<imap::MailboxFilter>& filters, const State& state) {
    std::vector<index::Folder> folders;
    for (const auto& folder : *state.account()->owner->folders())
        if (std::ranges::any_of(filters, [&](const auto& filter) { return covers(filter, folder, state); }))
            folders.push_back(folder);
    return folders;
}

}  // namespace imaparc::session
