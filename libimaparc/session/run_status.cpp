// STATUS (RFC 3501 6.3.10, RFC 9051 6.3.11).
#include <algorithm>

#include "session/run.h"
#include "session/size_sum.h"
#include "session/status.h"

namespace imaparc::session {

namespace {

async::Task<Result<std::uint64_t>> size_of(State& state, const std::shared_ptr<const index::View>& view) {
    SizeSum sum(state.services.archive, state.account()->owner->name(), view);
    co_await state.out.flush();
    while (!co_await state.services.workers.run([&sum] { return sum.advance(); })) co_await state.input.check_client();
    if (sum.failure()) co_return *sum.failure();
    co_return sum.octets();
}

}  // namespace

std::string mailbox_id(FolderNumber folder, UidValidity uid_validity) {
    return "F" + std::to_string(folder.value) + "-" + std::to_string(uid_validity.value);
}

async::Task<Result<std::vector<imap::StatusValue>>> status_values(State& state, const index::Folder& folder,
                                                                  const std::vector<imap::StatusItem>& items) {
    using Item = imap::StatusItem;
    if (std::ranges::find(items, Item::highest_modseq) != items.end()) state.enable_condstore();
    const auto latest = co_await state.latest(folder.number);
    if (!latest) co_return latest.error();
    const auto& view = *latest;
    std::vector<imap::StatusValue> values;
    for (const auto item : items) {
        switch (item) {
            case Item::messages:
                values.push_back({item, view->count()});
                break;
            case Item::uid_next:
                values.push_back({item, view->uid_next().value});
                break;
            case Item::uid_validity:
                values.push_back({item, view->uid_validity().value});
                break;
            case Item::unseen:
                values.push_back({item, view->unseen()});
                break;
            case Item::size: {
                const auto octets = co_await size_of(state, view);
                if (!octets) co_return octets.error();
                values.push_back({item, *octets});
                break;
            }
            case Item::highest_modseq:
                values.push_back({item, view->highest_modseq().value});
                break;
            case Item::mailbox_id:
                values.push_back({item, 0, mailbox_id(folder.number, view->uid_validity())});
                break;
            case Item::recent:           // never set here
            case Item::deleted:          // nothing is ever \Deleted
            case Item::deleted_storage:  // nor does it take room
            case Item::append_limit:     // nothing can be uploaded, as the capability says
                values.push_back({item, 0});
                break;
        }
    }
    co_return values;
}

async::Task<Outcome> run_status(State& state, const imap::Status& command) {
    const Result<index::Folder> folder = find_folder(state, command.mailbox);
    if (!folder) co_return outcome_of(folder.error());
    if (auto hidden = state.not_readable()) co_return std::move(*hidden);
    const auto values = co_await status_values(state, *folder, command.items);
    if (!values) {
        if (auto hidden = state.not_readable()) co_return std::move(*hidden);
        co_return outcome_of(values.error());
    }
    imap::render_status(state.out.out(), folder->path, state.names(), *values);
    co_return ok("STATUS completed");
}

}  // namespace imaparc::session
