#include "session/notifier.h"

#include <algorithm>

#include "imap/render_list.h"
#include "session/mailbox_filter.h"
#include "session/roles.h"
#include "session/send_octets.h"

namespace imaparc::session {

namespace {

using Group = imap::Notify::Group;
using FilterKind = imap::MailboxFilter::Kind;

bool of_selected(const Group& group) {
    return group.filter.kind == FilterKind::selected || group.filter.kind == FilterKind::selected_delayed;
}

std::string_view parent_of(std::string_view path) {
    const auto slash = path.rfind(imap::delimiter);
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

}  // namespace

Notifier::Notifier(State& state, std::vector<Group> groups)
    : groups_(std::move(groups)), heard_(std::make_shared<Heard>()) {
    for (const auto& group : groups_) {
        wants_names_ = wants_names_ || group.mailbox_name;
        wants_subscriptions_ = wants_subscriptions_ || group.subscription_change;
    }
    const Account& account = *state.account();
    list_ = account.owner->folders();
    if (wants_subscriptions_) subscribed_ = subscriptions(state);
    if (groups_.empty()) return;
    subscription_ = state.services.broadcast.subscribe(
        account.owner->name(),
        [heard = heard_, bell = state.bell, user = account.user](const async::Happening& happening) {
            if (happening.user && *happening.user != user) return;
            {
                const std::lock_guard lock(heard->mutex);
                if (happening.folder == FolderNumber{}) {
                    heard->list = true;
                } else if (heard->folders.size() < most_untold || heard->folders.contains(happening.folder)) {
                    bool& messages = heard->folders[happening.folder];
                    messages = messages || !happening.user;
                } else {
                    heard->overflow = true;
                }
            }
            bell->news();
        });
}

const Group* Notifier::selected() const {
    const auto group = std::ranges::find_if(groups_, of_selected);
    return group == groups_.end() ? nullptr : &*group;
}

bool Notifier::wants_selected() const {
    const Group* const group = selected();
    return group && group->message_new;
}

bool Notifier::wants_flags() const {
    const Group* const group = selected();
    return group && group->flag_change;
}

Mailbox::Numbers Notifier::numbers_between_commands() const {
    const Group* const group = selected();
    const bool at_once = group && group->filter.kind == FilterKind::selected;
    return at_once ? Mailbox::Numbers::may_change : Mailbox::Numbers::stay;
}

bool Notifier::wants(const State& state, const index::Folder& folder, bool Group::*event) const {
    return std::ranges::any_of(groups_, [&](const Group& group) {
        return group.*event && !of_selected(group) && covers(group.filter, folder, state);
    });
}

// The selected mailbox's messages are SELECTED's business alone (RFC 5465 3.1).
Notifier::Wanted Notifier::wanted(const State& state, const index::Folder& folder) const {
    if (state.mailbox() && state.mailbox()->folder().number == folder.number) return {};
    return {wants(state, folder, &Group::message_new), wants(state, folder, &Group::flag_change)};
}

std::vector<bool> Notifier::subscriptions(const State& state) const {
    const Account& account = *state.account();
    std::vector<bool> subscribed;
    subscribed.reserve(list_->size());
    for (const auto& folder : *list_) subscribed.push_back(account.owner->subscribed(account.user, folder.path));
    return subscribed;
}

async::Task<void> Notifier::before_removals(State&, const index::View&, const Mailbox::News&) { co_return; }
async::Task<void> Notifier::after_flags(State&, const Mailbox::News&) { co_return; }

async::Task<void> Notifier::after_arrivals(State& state, const Mailbox::News& news) {
    const Group* const group = selected();
    if (!news.arrived || !group || group->items.empty()) co_return;
    NumberSet uids;
    uids.add(news.arrived->first, news.arrived->last);
    Walk walk(state.mailbox()->view(), uids, Walk::By::uid);
    co_await send_octets(state, std::move(walk), group->items);
}

async::Task<void> Notifier::tell_status(State& state) {
    const auto folders = list_;
    for (const auto& folder : *folders) {
        const Wanted what = wanted(state, folder);
        if (!what.messages) continue;
        const auto view = co_await state.latest(folder.number);
        if (!view) continue;  // gone meanwhile, or not to be had: its STATUS would say so
        told(**view);
        std::vector<imap::StatusValue> values;
        values.push_back({imap::StatusItem::messages, (*view)->count()});
        values.push_back({imap::StatusItem::uid_next, (*view)->uid_next().value});
        values.push_back({imap::StatusItem::uid_validity, (*view)->uid_validity().value});
        if (what.flags) values.push_back({imap::StatusItem::highest_modseq, (*view)->highest_modseq().value});
        imap::render_status(state.out.out(), folder.path, state.names(), values);
        co_await state.out.room();
    }
}

bool Notifier::told(const index::View& view) {
    if (told_.size() >= most_untold) told_.clear();
    ModSeq& known = told_[view.folder()];
    return std::exchange(known, view.highest_modseq()) == view.highest_modseq();
}

// RFC 5465 5.1 to 5.3.
async::Task<void> Notifier::tell_folder(State& state, const index::Folder& folder, bool messages) {
    const Wanted what = wanted(state, folder);
    if (messages ? !what.messages : !what.flags) co_return;
    const auto view = co_await state.latest(folder.number);
    if (!view || told(**view)) co_return;
    std::vector<imap::StatusValue> values;
    if (messages) {
        values.push_back({imap::StatusItem::messages, (*view)->count()});
        values.push_back({imap::StatusItem::uid_next, (*view)->uid_next().value});
    }
    if (what.flags) {
        values.push_back({imap::StatusItem::uid_validity, (*view)->uid_validity().value});
        values.push_back({imap::StatusItem::unseen, (*view)->unseen()});
    }
    if (state.enabled.condstore) values.push_back({imap::StatusItem::highest_modseq, (*view)->highest_modseq().value});
    imap::render_status(state.out.out(), folder.path, state.names(), values);
    co_await state.out.room();
}

// * LIST of one name as it is now (RFC 5465 5.4, 5.5).
void Notifier::render_name(State& state, const std::string& path) {
    const Account& account = *state.account();
    const std::string below = path + imap::delimiter;
    const bool has_children =
        std::ranges::any_of(*list_, [&](const index::Folder& other) { return other.path.starts_with(below); });
    imap::MailboxAttributes attributes;
    const auto folder = std::ranges::find(*list_, path, &index::Folder::path);
    if (folder == list_->end())
        attributes.add(imap::MailboxAttribute::non_existent);
    else if (!folder->selectable)
        attributes.add(imap::MailboxAttribute::no_select);
    else
        attributes.add(roles_of(state, *folder));
    if (folder != list_->end() && account.owner->subscribed(account.user, path))
        attributes.add(imap::MailboxAttribute::subscribed);
    attributes.add(has_children ? imap::MailboxAttribute::has_children : imap::MailboxAttribute::has_no_children);
    imap::render_list(state.out.out(), imap::ListKind::list, attributes, path, state.names());
}

async::Task<void> Notifier::tell_list(State& state) {
    const auto before = list_;
    const std::vector<bool> subscribed_before = std::move(subscribed_);
    list_ = state.account()->owner->folders();
    if (wants_subscriptions_) subscribed_ = subscriptions(state);

    std::set<std::string> affected;
    const auto came_or_went = [&](const index::Folder& folder) {
        if (!wants_names_ || !wants(state, folder, &Group::mailbox_name)) return;
        affected.insert(folder.path);
        if (const auto parent = parent_of(folder.path); !parent.empty()) affected.insert(std::string(parent));
    };
    // Both lists have INBOX first, then the bytes of the path: the same order.
    const auto comes_first = [](const index::Folder& a, const index::Folder& b) {
        if ((a.path == "INBOX") != (b.path == "INBOX")) return a.path == "INBOX";
        return a.path < b.path;
    };
    std::size_t old = 0, now = 0;
    while (old < before->size() || now < list_->size()) {
        const bool went = now == list_->size() || (old < before->size() && comes_first((*before)[old], (*list_)[now]));
        const bool came = !went && (old == before->size() || comes_first((*list_)[now], (*before)[old]));
        if (went) {
            came_or_went((*before)[old++]);
            continue;
        }
        const index::Folder& folder = (*list_)[now];
        if (came) {
            came_or_went(folder);
        } else {
            const bool changed = wants_subscriptions_ && subscribed_before[old] != subscribed_[now];
            if (changed && wants_subscription(state, folder)) affected.insert(folder.path);
            ++old;
        }
        ++now;
    }
    for (const auto& path : affected) {
        render_name(state, path);
        co_await state.out.room();
    }
}

// "Subscribed" means the mailboxes before the change, too: one that leaves them is the very event.
bool Notifier::wants_subscription(const State& state, const index::Folder& folder) const {
    return std::ranges::any_of(groups_, [&](const Group& group) {
        return group.subscription_change &&
               (group.filter.kind == FilterKind::subscribed || covers(group.filter, folder, state));
    });
}

void Notifier::subscribed_itself(State& state) {
    if (wants_subscriptions_ && list_ == state.account()->owner->folders()) subscribed_ = subscriptions(state);
}

async::Task<void> Notifier::tell_heard(State& state) {
    if (state.not_readable()) co_return;  // it keeps until then
    std::map<FolderNumber, bool> folders;
    bool list = false, overflow = false;
    {
        const std::lock_guard lock(heard_->mutex);
        folders.swap(heard_->folders);
        list = std::exchange(heard_->list, false);
        overflow = std::exchange(heard_->overflow, false);
    }
    if (overflow) {
        groups_.clear();
        subscription_ = {};
        state.say(imap::Condition::ok, imap::Code::notification_overflow, "More happened than can be told");
        co_return;
    }
    if (list) co_await tell_list(state);
    if (folders.empty()) co_return;
    const auto all = state.account()->owner->folders();
    for (const auto& folder : *all)
        if (const auto heard = folders.find(folder.number); heard != folders.end())
            co_await tell_folder(state, folder, heard->second);
}

async::Task<void> tell_news(State& state, Mailbox::Numbers numbers) {
    const auto notifier = state.notifier;  // NOTIFY may replace it meanwhile
    co_await state.announce(numbers);
    if (notifier) co_await notifier->tell_heard(state);
}

}  // namespace imaparc::session
