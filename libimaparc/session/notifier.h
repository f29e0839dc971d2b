// What NOTIFY asked for (RFC 5465): which events of which mailboxes the client is told of, asked or not.
//
// What happens to the owner's folders is heard from the broadcast and noted, a folder once; the session's loop tells it
// when no command is under way, and IDLE. Filters are looked at when something is told, so that folders and
// subscriptions that come later count, too. Memory: some octets a folder that something happened in, a bit a
// folder for subscriptions, if those are asked for; the list of folders is the index's own.
//
// The session's thread, but for the hearing.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "async/broadcast.h"
#include "session/news.h"
#include "session/state.h"

namespace imaparc::session {

class Notifier : public NewsListener {
  public:
    static constexpr std::size_t most_untold = 20'000;  // folders; then it is [NOTIFICATIONOVERFLOW] (RFC 5465 5.8)

    // Hears from now on. No groups: NOTIFY NONE. The state outlives it.
    Notifier(State& state, std::vector<imap::Notify::Group> groups);

    // ---- the selected mailbox
    bool wants_selected() const;  // its messages
    bool wants_flags() const;
    // Whether messages may leave while no command is under way: SELECTED-DELAYED keeps them (RFC 5465 6.1.2).
    Mailbox::Numbers numbers_between_commands() const;

    // ---- all others
    // STATUS for every mailbox with events of messages (RFC 5465 3.1).
    async::Task<void> tell_status(State& state);
    // What was heard and is wanted.
    async::Task<void> tell_heard(State& state);
    // A subscription that this client changed itself: nothing to be told.
    void subscribed_itself(State& state);

    async::Task<void> before_removals(State& state, const index::View& before, const Mailbox::News& news) override;
    async::Task<void> after_arrivals(State& state, const Mailbox::News& news) override;
    async::Task<void> after_flags(State& state, const Mailbox::News& news) override;

  private:
    // Posted from other threads, so it has a life of its own.
    struct Heard {
        std::mutex mutex;
        std::map<FolderNumber, bool> folders;  // true: messages came or went; false: only flags changed
        bool list = false;                     // of folders or subscriptions
        bool overflow = false;
    };
    struct Wanted {
        bool messages = false, flags = false;
    };

    const imap::Notify::Group* selected() const;
    Wanted wanted(const State& state, const index::Folder& folder) const;
    bool wants(const State& state, const index::Folder& folder, bool imap::Notify::Group::*event) const;
    bool wants_subscription(const State& state, const index::Folder& folder) const;
    std::vector<bool> subscriptions(const State& state) const;
    async::Task<void> tell_folder(State& state, const index::Folder& folder, bool messages);
    async::Task<void> tell_list(State& state);
    void render_name(State& state, const std::string& path);

    // Whether the client knows the folder as it is; it is told now.
    bool told(const index::View& view);

    std::vector<imap::Notify::Group> groups_;
    bool wants_names_ = false, wants_subscriptions_ = false;
    std::map<FolderNumber, ModSeq> told_;  // one change may be heard of twice
    std::shared_ptr<Heard> heard_;
    async::Broadcast::Subscription subscription_;
    std::shared_ptr<const index::FolderList> list_;  // as the client knows it
    std::vector<bool> subscribed_;                   // of list_, if it is wanted
};

// Of the selected mailbox and, after NOTIFY, of the others.
async::Task<void> tell_news(State& state, Mailbox::Numbers numbers);

}  // namespace imaparc::session
