// All that a session works with, real but for the network: index and catalog in a temporary directory, a store,
// workers, users whose password is "secret". What the store has becomes visible with sync().
//
// The test's thread; sessions run on the io_context that the test runs.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "archive/archive.h"
#include "auth/chain.h"
#include "auth/failure_tracker.h"
#include "base/file.h"
#include "helpers/fake_clock.h"
#include "helpers/pipe_stream.h"
#include "helpers/temp_dir.h"
#include "index/index.h"
#include "session/session.h"
#include "store/store.h"

namespace imaparc::test {

// Everybody's password is "secret"; "nobody..." is unknown, "broken..." cannot be checked.
class SimpleAuthenticator : public auth::Authenticator {
  public:
    const char* kind() const override { return "test"; }
    auth::Outcome check_password(std::string_view user, std::string_view password) override {
        if (user.starts_with("nobody")) return auth::Outcome::unknown_user;
        if (user.starts_with("broken")) return auth::Outcome::unavailable;
        return password == "secret" ? auth::Outcome::accepted : auth::Outcome::wrong_password;
    }
};

class ArchiveWorld {
  public:
    enum class AllMail { off, on };
    // The store outlives the world. `kept`: where index and catalog lie, so that another world finds them again.
    explicit ArchiveWorld(store::ArchiveStore& store, std::filesystem::path kept = {}, AllMail all_mail = AllMail::off)
        : store_(store),
          kept_(std::move(kept)),
          all_mail_(all_mail),
          archive(archive::Options{data() / "catalog", true}, {&store}, Log::silent()),
          index(index::Index::open(index_options(), clock, Log::silent())),
          workers(2),
          chain(backends(), auth::ChainOptions{}, clock, Log::silent()),
          failures(auth::FailureOptions{std::chrono::milliseconds(0), std::chrono::milliseconds(0), 1000, {}, 100},
                   clock),
          services{*index,  archive,       chain, failures, broadcast, workers, progress,
                   metrics, Log::silent(), clock, sessions, {},        {},      {}} {
        index->on_change([this](const std::string& owner, FolderNumber folder, std::optional<UserNumber> user) {
            broadcast.tell(owner, {folder, user});
        });
    }

    ~ArchiveWorld() {
        sessions.abort_all();
        run_until(io, [this] { return sessions.count() == 0; });
    }
    ArchiveWorld(const ArchiveWorld&) = delete;
    ArchiveWorld& operator=(const ArchiveWorld&) = delete;

    // The store's difference becomes visible.
    index::Committed sync(const std::string& owner) {
        const auto known_owner = index->owner(owner);
        index::Change change;
        change.first = known_owner->state() == index::OwnerState::unsynchronised;
        std::vector<archive::MessagePlace> places;
        std::set<std::string> seen_paths;
        for (const auto& folder : value_or_throw(store_.folders(owner))) {
            std::string path;
            for (const auto& level : folder.levels) (path += path.empty() ? "" : "/") += level;
            seen_paths.insert(path);
            index::FolderChange folder_change;
            folder_change.path = path;
            folder_change.selectable = folder.selectable;
            std::set<MessageId> known;
            const auto before = known_owner->find(path);
            const bool is_known = before && before->number != FolderNumber(0) && !change.first;
            if (is_known && before->selectable)
                value_or_throw(known_owner->for_each(before->number, [&](const index::Message& message) {
                    known.insert(message.id);
                    return true;
                }));
            std::map<std::pair<Seconds, std::string>, index::NewMessage> added;
            value_or_throw(store_.list(owner, folder, [&](store::StoreItem&& item) {
                const auto id = message_id(store_.name(), owner, folder.location, item.name);
                if (known.erase(id)) return true;
                places.push_back({id, store_.name(), folder.location, item.name, item.locator});
                added.emplace(std::pair(item.date, item.name),
                              index::NewMessage{id, item.date, store_.name(), item.flags, std::nullopt});
                return true;
            }));
            for (auto& [order, message] : added) folder_change.added.push_back(std::move(message));
            folder_change.removed.assign(known.begin(), known.end());
            if (!is_known || !folder_change.added.empty() || !folder_change.removed.empty())
                change.folders.push_back(std::move(folder_change));
        }
        if (!change.first)
            for (const auto& folder : *known_owner->folders())
                if (!seen_paths.contains(folder.path) && folder.path != "INBOX" &&
                    folder.kind == index::FolderKind::ordinary)
                    change.removed_folders.push_back(folder.path);
        archive.place(owner, places);
        archive.flush(owner);
        const auto committed = value_or_throw(known_owner->commit(change));
        return committed;
    }

    // All messages are read, as the synchronisation does in the background; All Mail is there then.
    void read_all(const std::string& owner) {
        const auto known_owner = index->owner(owner);
        for (const auto& folder : *known_owner->folders()) {
            if (folder.kind != index::FolderKind::ordinary) continue;
            std::vector<index::Learned> learned;
            value_or_throw(known_owner->for_each(folder.number, [&](const index::Message& message) {
                const auto details = archive.details(owner, message.id);
                if (details)
                    learned.push_back(
                        {message.uid, details->summary.wire_size, index::content_key(owner, details->summary.digest)});
                return true;
            }));
            value_or_throw(known_owner->learn(folder.number, learned));
        }
        value_or_throw(known_owner->settle_all_mail());
    }

    // A client's end of a new session.
    std::shared_ptr<PipeEnd> connect(std::shared_ptr<const session::Options> options = default_options(),
                                     PipeOptions pipe = {}) {
        auto [stream, end] = make_pipe(io, std::move(pipe));
        boost::asio::co_spawn(io, session::serve(std::move(stream), services, std::move(options)),
                              boost::asio::detached);
        return end;
    }
    static std::shared_ptr<session::Options> default_options() {
        auto options = std::make_shared<session::Options>();
        options->version = "1.2.3";
        options->commands_before_login = 1000;
        options->rate_before_login = 100000;
        return options;
    }

  private:
    std::filesystem::path data() const { return kept_.empty() ? directory.path() : kept_; }
    index::Options index_options() const {
        index::Options options;
        options.directory = data();
        options.window_months = 0;
        options.all_mail = all_mail_ == AllMail::on;
        return options;
    }
    static std::vector<std::unique_ptr<auth::Authenticator>> backends() {
        std::vector<std::unique_ptr<auth::Authenticator>> list;
        list.push_back(std::make_unique<SimpleAuthenticator>());
        return list;
    }

    store::ArchiveStore& store_;
    const std::filesystem::path kept_;
    const AllMail all_mail_;

  public:
    TempDir directory;
    FakeClock clock{1767225600};  // 2026-01-01
    boost::asio::io_context io;
    archive::Archive archive;
    async::Broadcast broadcast;
    ProgressBoard progress;
    Metrics metrics;
    session::Sessions sessions;
    std::unique_ptr<index::Index> index;
    async::Workers workers;
    auth::Chain chain;
    auth::FailureTracker failures;
    session::Services services;
};

}  // namespace imaparc::test
