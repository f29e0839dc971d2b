// LIST, LSUB, XLIST, NAMESPACE: answered from the index's list of folders alone; STATUS beside LIST from the views.
#include <algorithm>

#include "imap/render_list.h"
#include "session/annotations.h"
#include "session/list_selection.h"
#include "session/roles.h"
#include "session/run.h"
#include "session/status.h"

namespace imaparc::session {

namespace {

// Names times what is done for each: below it the choice takes less than a millisecond.
constexpr std::size_t inline_work = 100'000;
constexpr std::size_t block = 64;                      // folders whose views are looked up together
constexpr auto slice = std::chrono::milliseconds(20);  // of a worker's time; then others have their turn

const char* done_text(imap::ListKind kind) {
    switch (kind) {
        case imap::ListKind::list:
            return "LIST completed";
        case imap::ListKind::lsub:
            return "LSUB completed";
        case imap::ListKind::xlist:
            return "XLIST completed";
    }
    return "LIST completed";
}

// The tree, and what was chosen of it.
struct Choice {
    std::unique_ptr<FolderTree> tree;
    std::vector<ListedName> names;

    const FolderNode& node_of(const ListedName& name) const { return tree->nodes()[name.node]; }
};

Choice choose(const Account& account, const SpecialUse& special_use, const imap::List& command, MissingLevels levels) {
    const index::Owner& owner = *account.owner;
    std::vector<std::string> further;
    if (lists_subscriptions(command)) further = owner.subscribed_names_without_folder(account.user);
    Choice choice;
    choice.tree = std::make_unique<FolderTree>(owner.folders(), std::move(further));
    FolderTree& tree = *choice.tree;
    if (asks_subscriptions(command))
        for (auto& node : tree.nodes()) node.subscribed = owner.subscribed(account.user, node.path);
    if (asks_roles(command)) {
        const auto given = special_use.assign(tree.folders());
        for (auto& node : tree.nodes()) {
            if (node.folder == nullptr) continue;
            const auto place = static_cast<std::size_t>(node.folder - tree.folders().data());
            const auto found = std::ranges::lower_bound(given, place, {}, &SpecialUse::Given::folder);
            if (found != given.end() && found->folder == place) node.roles = found->roles;
        }
    }
    choice.names = select_names(tree, command, levels);
    return choice;
}

// Answers name after name.
class Answering {
  public:
    Answering(State& state, const imap::List& command, const Choice& choice)
        : state_(state), command_(command), choice_(choice) {
        // An owner that cannot be read now has no STATUS lines (DESIGN.md 2).
        wants_status_ = !command.return_status.empty() && !state.not_readable();
        if (!command.return_metadata.empty()) given_ = state.options->special_use.assign(choice.tree->folders());
    }

    async::Task<void> run() {
        for (std::size_t i = 0; i < choice_.names.size(); ++i) {
            if (wants_status_ && i % block == 0) co_await look_up_views(i);
            const ListedName& name = choice_.names[i];
            if (wants_status_ && name.detailed)
                co_await answer_with_status(name);
            else
                answer(name, {});
            co_await state_.out.room();
        }
    }

  private:
    // Brings the views of the next block of folders into memory, in slices of a worker's time.
    async::Task<void> look_up_views(std::size_t first) {
        views_.clear();
        const Account& account = *state_.account();
        std::vector<FolderNumber> wanted;
        for (std::size_t i = first; i < std::min(first + block, choice_.names.size()); ++i) {
            if (!choice_.names[i].detailed) continue;
            const FolderNumber number = choice_.node_of(choice_.names[i]).folder->number;
            if (auto view = account.owner->view_if_resident(number, account.user))
                views_.push_back(std::move(view));
            else
                wanted.push_back(number);
        }
        for (std::size_t next = 0; next < wanted.size();) {
            auto look_up = [this, &account, &wanted, &next] {
                const auto end = std::chrono::steady_clock::now() + slice;
                do {
                    // What cannot be had is found so again when its STATUS is asked.
                    if (auto view = account.owner->view(wanted[next++], account.user)) views_.push_back(*view);
                } while (next < wanted.size() && std::chrono::steady_clock::now() < end);
            };
            co_await state_.on_worker(look_up);
            co_await state_.input.check_client();
        }
    }

    async::Task<void> answer_with_status(ListedName name) {
        const auto status = co_await status_values(state_, *choice_.node_of(name).folder, command_.return_status);
        if (status) {
            answer(name, *status);
        } else {
            if (status.error().kind == ErrorKind::not_found) {
                // It went away since the list was made (RFC 5819 2).
                name.attributes.add(imap::MailboxAttribute::no_select);
                name.detailed = false;
            }
            answer(name, {});
        }
    }

    void answer(const ListedName& name, std::span<const imap::StatusValue> status) {
        const FolderNode& node = choice_.node_of(name);
        std::string& out = state_.out.out();
        imap::render_list(out, command_.kind, name.attributes, node.path, state_.names(), {name.child_info, {}});
        if (!name.detailed) return;
        if (!status.empty()) imap::render_status(out, node.path, state_.names(), status);
        if (command_.return_my_rights) imap::render_my_rights(out, node.path, state_.names(), rights_of(state_));
        if (!command_.return_metadata.empty()) {
            const auto known = mailbox_annotations(roles_of_node(node));
            imap::render_metadata(out, node.path, state_.names(),
                                  asked_entries(known, command_.return_metadata).entries);
        }
    }

    imap::MailboxAttributes roles_of_node(const FolderNode& node) const {
        const auto place = static_cast<std::size_t>(node.folder - choice_.tree->folders().data());
        const auto found = std::ranges::lower_bound(given_, place, {}, &SpecialUse::Given::folder);
        return found != given_.end() && found->folder == place ? found->roles : imap::MailboxAttributes();
    }

    State& state_;
    const imap::List& command_;
    const Choice& choice_;
    bool wants_status_ = false;
    std::vector<SpecialUse::Given> given_;
    std::vector<std::shared_ptr<const index::View>> views_;  // of the block, so that they stay in memory
};

}  // namespace

async::Task<Outcome> run_list(State& state, const imap::List& command) {
    if (!command.extended && command.patterns.front().empty()) {
        if (command.kind != imap::ListKind::lsub)
            imap::render_list_root(state.out.out(), command.kind, command.reference, state.names());
        co_return ok(done_text(command.kind));
    }
    const Account& account = *state.account();
    const SpecialUse& special_use = state.options->special_use;
    const MissingLevels levels = missing_levels(command, state.enabled.imap4rev2);
    auto work = [&account, &special_use, &command, levels] { return choose(account, special_use, command, levels); };
    std::size_t octets = 64;
    for (const auto& pattern : command.patterns) octets += pattern.size();
    const bool brief = account.owner->folders()->size() * octets < inline_work;
    Choice choice;
    if (brief)
        choice = work();
    else
        choice = co_await state.on_worker(work);

    Answering answering(state, command, choice);
    co_await answering.run();
    co_return ok(done_text(command.kind));
}

async::Task<Outcome> run_namespace(State& state) {
    imap::render_namespace(state.out.out());
    co_return ok("NAMESPACE completed");
}

}  // namespace imaparc::session
