// LIST, LSUB, NAMESPACE, SUBSCRIBE, UNSUBSCRIBE: answered from the index's list of folders alone.
#include <algorithm>
#include <set>

#include "imap/render_list.h"
#include "session/run.h"

namespace imaparc::session {

namespace {

using imap::MailboxAttribute;
using imap::MailboxAttributes;

// The owner's folders as a tree: INBOX first, the others sorted by the bytes of their paths.
class Tree {
  public:
    explicit Tree(std::shared_ptr<const index::FolderList> folders) : folders_(std::move(folders)) {}

    const index::FolderList& folders() const { return *folders_; }
    bool contains(std::string_view path) const {
        if (path == "INBOX") return true;
        const auto found = std::ranges::lower_bound(sorted(), path, {}, &index::Folder::path);
        return found != sorted().end() && found->path == path;
    }
    bool has_children(std::string_view path) const {
        const std::string below = std::string(path) + imap::delimiter;
        const auto found = std::ranges::lower_bound(sorted(), below, {}, &index::Folder::path);
        return found != sorted().end() && found->path.starts_with(below);
    }
    MailboxAttributes attributes(std::string_view path, bool selectable) const {
        MailboxAttributes attributes{has_children(path) ? MailboxAttribute::has_children
                                                        : MailboxAttribute::has_no_children};
        if (!selectable) attributes.add(MailboxAttribute::no_select);
        return attributes;
    }

  private:
    std::span<const index::Folder> sorted() const {
        const std::span<const index::Folder> all(*folders_);
        return all.empty() || all.front().path != "INBOX" ? all : all.subspan(1);
    }
    std::shared_ptr<const index::FolderList> folders_;
};

async::Task<void> list_folders(State& state, const Tree& tree, const imap::Pattern& pattern) {
    std::set<std::string_view> named;  // levels that are only there because of what lies below them
    for (const auto& folder : tree.folders()) {
        for (const auto ancestor : pattern.matching_ancestors(folder.path))
            if (!tree.contains(ancestor) && named.insert(ancestor).second)
                imap::render_list(state.out.out(), imap::ListKind::list, tree.attributes(ancestor, false), ancestor,
                                  state.names());
        if (!pattern.matches(folder.path)) continue;
        imap::render_list(state.out.out(), imap::ListKind::list, tree.attributes(folder.path, folder.selectable),
                          folder.path, state.names());
        co_await state.out.room();
    }
}

// Whether a level that is not subscribed itself may stand for what is, below it: with '%' (RFC 3501 6.3.9).
enum class Ancestors { named, left_out };

async::Task<void> list_subscribed(State& state, const Tree& tree, const imap::Pattern& pattern, Ancestors ancestors) {
    const Account& account = *state.account();
    std::vector<std::pair<std::string, bool>> names;  // and whether a client can select it
    for (const auto& folder : tree.folders())
        if (account.owner->subscribed(account.user, folder.path)) names.emplace_back(folder.path, folder.selectable);
    for (auto& name : account.owner->subscribed_names_without_folder(account.user))
        names.emplace_back(std::move(name), false);
    std::set<std::string_view> subscribed, named;
    for (const auto& [path, selectable] : names) subscribed.insert(path);
    for (const auto& [path, selectable] : names) {
        if (ancestors == Ancestors::named)
            for (const auto ancestor : pattern.matching_ancestors(path))
                if (!subscribed.contains(ancestor) && named.insert(ancestor).second)
                    imap::render_list(state.out.out(), imap::ListKind::lsub, {MailboxAttribute::no_select}, ancestor,
                                      state.names());
        if (!pattern.matches(path)) continue;
        const MailboxAttributes attributes =
            tree.contains(path) ? tree.attributes(path, selectable) : MailboxAttributes{MailboxAttribute::no_select};
        imap::render_list(state.out.out(), imap::ListKind::lsub, attributes, path, state.names());
        co_await state.out.room();
    }
}

async::Task<Outcome> change_subscription(State& state, const imap::MailboxName& mailbox, bool subscribed) {
    const Account& account = *state.account();
    if (!mailbox.valid) co_return no(imap::Code::nonexistent, "There is no such mailbox");
    if (subscribed && !account.owner->find(mailbox.path))
        co_return no(imap::Code::nonexistent, "There is no such mailbox");

    const Result<void> changed = co_await state.on_worker(
        [&account, &mailbox, subscribed] { return account.owner->subscribe(account.user, mailbox.path, subscribed); });
    if (!changed) co_return outcome_of(changed.error());
    co_return ok(subscribed ? "SUBSCRIBE completed" : "UNSUBSCRIBE completed");
}

}  // namespace

async::Task<Outcome> run_list(State& state, const imap::List& command) {
    const char* const done = command.kind == imap::ListKind::list ? "LIST completed" : "LSUB completed";
    if (command.patterns.front().empty()) {
        if (command.kind == imap::ListKind::list)
            imap::render_list_root(state.out.out(), command.kind, command.reference, state.names());
        co_return ok(done);
    }
    const Tree tree(state.account()->owner->folders());
    const imap::Pattern pattern(imap::joined_pattern(command.reference, command.patterns.front()));
    if (command.kind == imap::ListKind::list)
        co_await list_folders(state, tree, pattern);
    else
        co_await list_subscribed(
            state, tree, pattern,
            command.patterns.front().find('%') == std::string::npos ? Ancestors::left_out : Ancestors::named);
    co_return ok(done);
}

async::Task<Outcome> run_namespace(State& state) {
    imap::render_namespace(state.out.out());
    co_return ok("NAMESPACE completed");
}

async::Task<Outcome> run_subscribe(State& state, const imap::Subscribe& command) {
    return change_subscription(state, command.mailbox, true);
}

async::Task<Outcome> run_unsubscribe(State& state, const imap::Unsubscribe& command) {
    return change_subscription(state, command.mailbox, false);
}

}  // namespace imaparc::session
