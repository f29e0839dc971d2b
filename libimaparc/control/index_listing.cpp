#include "control/index_listing.h"

#include <algorithm>

#include "base/text.h"

namespace imaparc::control {
namespace {

Result<std::shared_ptr<index::Owner>> ready_owner(index::Index& index, const std::string& name) {
    if (name.empty()) return Error{ErrorKind::invalid, "whose folders? no user is given"};
    auto owner = index.owner(name);
    switch (owner->state()) {
        case index::OwnerState::unsynchronised:
            return Error{ErrorKind::not_found, "no user " + printable(name) + " in the index"};
        case index::OwnerState::rebuilding:
            return Error{ErrorKind::unavailable, "the index of " + printable(name) + " is being rebuilt"};
        case index::OwnerState::ready:
            break;
    }
    return owner;
}

// Looking does not make somebody a user.
Result<UserNumber> user_of(index::Owner& owner, const std::optional<std::string>& user) {
    if (!user) return UserNumber(0);
    const auto known = owner.find_user(*user);
    if (!known)
        return Error{ErrorKind::not_found, printable(*user) + " never read the mail of " + printable(owner.name())};
    return *known;
}

std::vector<std::string> flag_names(const FlagBits& bits, const std::vector<std::string>& keywords) {
    std::vector<std::string> names;
    const auto system = system_flag_text(bits.system);
    for (const auto name : split(system, ' '))
        if (!name.empty()) names.emplace_back(name);
    for (std::size_t i = 0; i < keywords.size() && i < 64; ++i)
        if (bits.keywords >> i & 1) names.push_back(keywords[i]);
    return names;
}

// Rows of a view by UID, for UIDs that ascend: one block is held at a time.
class Visible {
  public:
    explicit Visible(const index::View& view) : view_(view) {}
    // nullopt: not in the view.
    std::optional<FlagBits> flags(Uid uid) {
        const auto block = view_.block_with(uid);
        if (!block) return std::nullopt;
        if (!rows_ || block_ != *block) {
            rows_ = view_.rows(*block);
            block_ = *block;
        }
        const auto row = rows_->find(uid);
        if (!row) return std::nullopt;
        return rows_->flags(*row);
    }

  private:
    const index::View& view_;
    std::shared_ptr<const index::Rows> rows_;
    std::size_t block_ = 0;
};

std::string word(index::Finding::Weight weight) {
    switch (weight) {
        case index::Finding::Weight::note:
            return "note";
        case index::Finding::Weight::warning:
            return "warning";
        case index::Finding::Weight::error:
            return "error";
    }
    return "error";
}

}  // namespace

Result<IndexUsersAnswer> list(index::Index& index, const IndexUsersRequest&) {
    IndexUsersAnswer answer;
    for (auto& owner : index.owners())
        answer.users.push_back(
            {std::move(owner.name), to_string(owner.state), owner.folders, owner.messages, owner.ledger_bytes});
    return answer;
}

Result<IndexFoldersAnswer> list(index::Index& index, const IndexFoldersRequest& request) {
    auto owner = ready_owner(index, request.owner);
    if (!owner) return owner.error();
    const auto user = user_of(**owner, request.user);
    if (!user) return user.error();
    IndexFoldersAnswer answer;
    const auto folders = (*owner)->folders();
    for (const auto& folder : *folders) {
        IndexFolder row;
        row.path = folder.path;
        row.selectable = folder.selectable;
        row.uidvalidity = folder.uid_validity.value;
        auto view = (*owner)->view(folder.number, *user);
        if (view) {
            row.uidnext = (*view)->uid_next().value;
            row.visible = (*view)->count();
            row.messages = row.visible + (*view)->hidden_by_window();
            row.unseen = (*view)->unseen();
        } else if (view.error().kind != ErrorKind::not_found &&   // it went away while we looked
                   folder.kind != index::FolderKind::all_mail) {  // it is being put together: no numbers yet
            return view.error();
        }
        answer.folders.push_back(std::move(row));
    }
    return answer;
}

Result<IndexMessagesAnswer> list(index::Index& index, const IndexMessagesRequest& request) {
    if (request.limit == 0 || request.limit > index_messages_limit)
        return Error{ErrorKind::invalid, "limit must be 1 to " + std::to_string(index_messages_limit)};
    auto owner = ready_owner(index, request.owner);
    if (!owner) return owner.error();
    const auto folder = (*owner)->find(request.folder);
    if (!folder)
        return Error{ErrorKind::not_found,
                     printable(request.owner) + " has no folder \"" + printable(request.folder) + "\""};
    const auto user = user_of(**owner, request.user);
    if (!user) return user.error();
    auto view = (*owner)->view(folder->number, *user);
    if (!view) return view.error();

    Visible visible(**view);
    IndexMessagesAnswer answer;
    const auto listed = (*owner)->for_each(folder->number, [&](const index::Message& message) {
        if (message.uid.value <= request.after) return true;
        if (answer.messages.size() == request.limit) {
            answer.more = true;
            return false;
        }
        IndexMessage row;
        row.uid = message.uid.value;
        row.id = message.id.hex();
        row.size = message.octets;
        row.date = message.date;
        row.store = message.store;
        const auto flags = visible.flags(message.uid);
        row.visible = flags ? "yes" : "window";
        if (flags) row.flags = flag_names(*flags, (*view)->keywords());
        answer.messages.push_back(std::move(row));
        return true;
    });
    if (!listed) return listed.error();
    return answer;
}

Result<IndexStatsAnswer> list(index::Index& index, const IndexStatsRequest&) {
    const auto s = index.statistics();
    IndexStatsAnswer answer;
    answer.schema_version = s.schema_version;
    answer.owners = s.owners;
    answer.folders = s.folders;
    answer.messages = s.messages;
    answer.segments = s.segments;
    answer.overlay_segments = s.overlay_segments;
    answer.tombstones = s.tombstones;
    answer.database_bytes = s.database_bytes;
    answer.ledger_bytes = s.ledger_bytes;
    answer.resident_bytes = s.resident_bytes;
    return answer;
}

Result<IndexCheckAnswer> list(index::Index& index, const IndexCheckRequest&) {
    IndexCheckAnswer answer;
    for (auto& finding : index.check())
        answer.findings.push_back(
            {word(finding.weight), std::move(finding.owner), std::move(finding.folder), std::move(finding.text)});
    return answer;
}

}  // namespace imaparc::control
