// What can be asked of a running imaparchd over its control socket: one request and one answer struct a verb. The
// structs are also the documented schema of `imaparch-ctl --json`: members appear under their own names, an absent
// optional as null, times as seconds since 1970-01-01T00:00:00Z, enums as their words.
//
// "Add a control verb": the two structs, a row in for_each_verb (at the end), a pure virtual in handlers.h, the
// daemon's handler, cmd_x in the ctl, man page, completions.
//
// Any thread; values only.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace imaparc::control {

// Who may: decided by the peer's uid (SO_PEERCRED) after the socket's own permissions.
enum class Permission {
    administer,  // whoever may open the socket (root, the daemon's own user, the socket's group)
    read_mail,   // root, the daemon's own user, and control.readers
};

// ---------------------------------------------------------------- status

struct ListenerStatus {
    std::string state = "closed";  // "listening", "closed" (imap.enabled = false), "failed"
    std::uint16_t port = 0;
    std::uint16_t tls_port = 0;          // 0: none
    std::string interface;               // as configured
    std::vector<std::string> addresses;  // it listens on, with port: "0.0.0.0:44143", "[::]:44143"
    std::string tls = "off";             // "off", "on", "forced"
    std::string server_url;              // that mail clients use; "" if not configured
    std::string problem;                 // why it failed; ""
};
BOOST_DESCRIBE_STRUCT(ListenerStatus, (), (state, port, tls_port, interface, addresses, tls, server_url, problem))

struct StoreStatus {
    std::string name, type, path;
    bool available = false, empty = true;
    std::string reason;        // why it is not available; ""
    std::uint64_t owners = 0;  // found in it at the last listing
};
BOOST_DESCRIBE_STRUCT(StoreStatus, (), (name, type, path, available, empty, reason, owners))

struct OwnerStatus {
    std::string owner;
    std::string state;  // "unsynchronised", "rebuilding", "ready"
    std::string phase;  // "waiting", "listing", "publishing", "details", "idle", "failed"
    std::optional<std::uint64_t> percent, seconds_left;
    std::uint64_t folders_done = 0, folders_total = 0, messages_done = 0, messages_total = 0;
    double rate = 0;  // messages a second
    std::string note;
};
BOOST_DESCRIBE_STRUCT(OwnerStatus, (),
                      (owner, state, phase, percent, seconds_left, folders_done, folders_total, messages_done,
                       messages_total, rate, note))

struct Counter {
    std::string name;  // as in base/metrics.h
    std::uint64_t value = 0;
};
BOOST_DESCRIBE_STRUCT(Counter, (), (name, value))

struct StatusRequest {};
BOOST_DESCRIBE_STRUCT(StatusRequest, (), ())

struct StatusAnswer {
    std::string version;
    std::uint64_t pid = 0;
    Seconds started = 0, now = 0;
    std::string config_file, data_dir;
    ListenerStatus listener;
    std::vector<StoreStatus> stores;
    std::uint64_t owners_total = 0, owners_ready = 0;
    std::vector<OwnerStatus> owners;  // those with work under way or something to say, at most 200; then the others
    std::uint64_t folders = 0, messages = 0;
    std::uint64_t max_months = 0;
    std::optional<std::uint64_t>
        hidden_by_window;  // messages that max_months hides from their owners; null: not counted
    std::uint64_t database_bytes = 0, ledger_bytes = 0, catalog_bytes = 0, resident_bytes = 0;
    std::vector<Counter> counters;
    std::vector<std::string> warnings;  // what an administrator should know, a sentence each
};
BOOST_DESCRIBE_STRUCT(StatusAnswer, (),
                      (version, pid, started, now, config_file, data_dir, listener, stores, owners_total, owners_ready,
                       owners, folders, messages, max_months, hidden_by_window, database_bytes, ledger_bytes,
                       catalog_bytes, resident_bytes, counters, warnings))

// ---------------------------------------------------------------- resync

struct ResyncRequest {
    std::optional<std::string> user;   // null: all owners
    std::optional<std::string> store;  // null: all stores
    bool wait = false;                 // answer when it is done; progress events meanwhile
    bool accept_removals = false;      // believe stores that became smaller (DESIGN.md 4)
};
BOOST_DESCRIBE_STRUCT(ResyncRequest, (), (user, store, wait, accept_removals))

// An event on the way to the answer, at most a few a second.
struct ResyncProgress {
    std::uint64_t owners_done = 0, owners_total = 0;
    std::vector<OwnerStatus> owners;  // at work right now
};
BOOST_DESCRIBE_STRUCT(ResyncProgress, (), (owners_done, owners_total, owners))

struct ResyncFailure {
    std::string owner, text;
};
BOOST_DESCRIBE_STRUCT(ResyncFailure, (), (owner, text))

struct ResyncAnswer {
    bool finished = false;  // false: it was started (no wait)
    std::uint64_t owners = 0, added = 0, removed = 0, returned = 0;
    std::vector<ResyncFailure> failures;  // owners or stores that could not be done; ctl exits 4 then
};
BOOST_DESCRIBE_STRUCT(ResyncAnswer, (), (finished, owners, added, removed, returned, failures))

// ---------------------------------------------------------------- index

struct IndexUsersRequest {};
BOOST_DESCRIBE_STRUCT(IndexUsersRequest, (), ())

struct IndexUser {
    std::string owner, state;
    std::uint64_t folders = 0, messages = 0, ledger_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(IndexUser, (), (owner, state, folders, messages, ledger_bytes))

struct IndexUsersAnswer {
    std::vector<IndexUser> users;
};
BOOST_DESCRIBE_STRUCT(IndexUsersAnswer, (), (users))

struct IndexFoldersRequest {
    std::string owner;
    std::optional<std::string> user;  // through whose eyes (unseen, visible); null: the owner's
};
BOOST_DESCRIBE_STRUCT(IndexFoldersRequest, (), (owner, user))

struct IndexFolder {
    std::string path;
    bool selectable = true;
    std::uint64_t uidvalidity = 0, uidnext = 0;
    std::uint64_t messages = 0, visible = 0, unseen = 0;  // visible and unseen: inside the window
};
BOOST_DESCRIBE_STRUCT(IndexFolder, (), (path, selectable, uidvalidity, uidnext, messages, visible, unseen))

struct IndexFoldersAnswer {
    std::vector<IndexFolder> folders;
};
BOOST_DESCRIBE_STRUCT(IndexFoldersAnswer, (), (folders))

struct IndexMessagesRequest {
    std::string owner, folder;
    std::optional<std::string> user;
    std::uint64_t after = 0;     // UIDs above this one
    std::uint64_t limit = 1000;  // at most index_messages_limit
};
BOOST_DESCRIBE_STRUCT(IndexMessagesRequest, (), (owner, folder, user, after, limit))
inline constexpr std::uint64_t index_messages_limit = 10000;

struct IndexMessage {
    std::uint64_t uid = 0;
    std::string id;                     // 32 hex digits
    std::optional<std::uint64_t> size;  // RFC822.SIZE; null: not known yet
    Seconds date = 0;                   // INTERNALDATE
    std::vector<std::string> flags;     // the user's; empty where it is not visible
    std::string store;
    std::string visible;  // "yes", or why not: "window" (older than imap.max_months)
};
BOOST_DESCRIBE_STRUCT(IndexMessage, (), (uid, id, size, date, flags, store, visible))

struct IndexMessagesAnswer {
    std::vector<IndexMessage> messages;
    bool more = false;  // ask again with after = the last uid
};
BOOST_DESCRIBE_STRUCT(IndexMessagesAnswer, (), (messages, more))

struct IndexStatsRequest {};
BOOST_DESCRIBE_STRUCT(IndexStatsRequest, (), ())

struct IndexStatsAnswer {
    std::uint64_t schema_version = 0, owners = 0, folders = 0, messages = 0, segments = 0, overlay_segments = 0,
                  tombstones = 0, database_bytes = 0, ledger_bytes = 0, resident_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(IndexStatsAnswer, (),
                      (schema_version, owners, folders, messages, segments, overlay_segments, tombstones,
                       database_bytes, ledger_bytes, resident_bytes))

struct IndexCheckRequest {};
BOOST_DESCRIBE_STRUCT(IndexCheckRequest, (), ())

struct IndexFinding {
    std::string weight;         // "note", "warning", "error"
    std::string owner, folder;  // "" where it is about the whole file
    std::string text;
};
BOOST_DESCRIBE_STRUCT(IndexFinding, (), (weight, owner, folder, text))

struct IndexCheckAnswer {
    std::vector<IndexFinding> findings;  // no error among them: the index is sound
};
BOOST_DESCRIBE_STRUCT(IndexCheckAnswer, (), (findings))

// ---------------------------------------------------------------- configuration
// Applying a change: prepare (the daemon validates the new text and binds what it would need: nothing has changed yet),
// then the ctl writes the file under its caller's rights, then switch; abort if the write failed. What was prepared is
// dropped by the daemon after config_prepared_for_seconds, by a later prepare, and when the connection that prepared it
// closes.

inline constexpr unsigned config_prepared_for_seconds = 10;

struct ConfigPrepareRequest {
    std::string path;  // the file that is meant; refused if it is not the one the daemon was started with
    std::string text;  // its new content
};
BOOST_DESCRIBE_STRUCT(ConfigPrepareRequest, (), (path, text))

struct ConfigChange {
    std::string key;    // imap.port, store.2024.path
    std::string apply;  // "live", "listener" (clients of the old one get BYE), "restart" (of the daemon)
};
BOOST_DESCRIBE_STRUCT(ConfigChange, (), (key, apply))

struct ConfigPrepareAnswer {
    std::string token;                  // goes back with switch or abort
    std::vector<ConfigChange> changes;  // between what runs and the new text
};
BOOST_DESCRIBE_STRUCT(ConfigPrepareAnswer, (), (token, changes))

struct ConfigSwitchRequest {
    std::string token;
};
BOOST_DESCRIBE_STRUCT(ConfigSwitchRequest, (), (token))

struct ConfigSwitchAnswer {
    std::vector<ConfigChange> changes;
    bool listener_restarted = false;
    bool restart_needed = false;  // some of `changes` wait for the daemon's restart
    ListenerStatus listener;
};
BOOST_DESCRIBE_STRUCT(ConfigSwitchAnswer, (), (changes, listener_restarted, restart_needed, listener))

struct ConfigAbortRequest {
    std::string token;
};
BOOST_DESCRIBE_STRUCT(ConfigAbortRequest, (), (token))

struct ConfigAbortAnswer {};
BOOST_DESCRIBE_STRUCT(ConfigAbortAnswer, (), ())

// Reads the file again and applies it, as SIGHUP does.
struct ConfigReloadRequest {};
BOOST_DESCRIBE_STRUCT(ConfigReloadRequest, (), ())
using ConfigReloadAnswer = ConfigSwitchAnswer;

// ---------------------------------------------------------------- the table

template <class Request, class Answer>
struct Verb {
    using RequestType = Request;
    using AnswerType = Answer;
    const char* name;
    Permission permission;
    const char* brief;
};

// Calls f(Verb) for each verb, in the order of the manual.
template <class F>
void for_each_verb(F&& f);

// The row of one request type.
template <class Request>
struct VerbOf;

#define IMAPARC_CONTROL_VERB(STEM, NAME, PERMISSION, BRIEF)                                          \
    template <>                                                                                      \
    struct VerbOf<STEM##Request> {                                                                   \
        static constexpr Verb<STEM##Request, STEM##Answer> row{NAME, Permission::PERMISSION, BRIEF}; \
    };
IMAPARC_CONTROL_VERB(Status, "status", administer, "what the daemon is doing")
IMAPARC_CONTROL_VERB(Resync, "resync", administer, "compare stores and index again now")
IMAPARC_CONTROL_VERB(IndexUsers, "index_users", administer, "owners in the index")
IMAPARC_CONTROL_VERB(IndexFolders, "index_folders", read_mail, "folders of an owner")
IMAPARC_CONTROL_VERB(IndexMessages, "index_messages", read_mail, "messages of a folder")
IMAPARC_CONTROL_VERB(IndexStats, "index_stats", administer, "sizes of the index")
IMAPARC_CONTROL_VERB(IndexCheck, "index_check", administer, "hold the index against the ledger")
IMAPARC_CONTROL_VERB(ConfigPrepare, "config_prepare", administer, "validate a new configuration, bind what it needs")
IMAPARC_CONTROL_VERB(ConfigSwitch, "config_switch", administer, "apply what was prepared")
IMAPARC_CONTROL_VERB(ConfigAbort, "config_abort", administer, "drop what was prepared")
IMAPARC_CONTROL_VERB(ConfigReload, "config_reload", administer, "read the configuration file again")
#undef IMAPARC_CONTROL_VERB

template <class F>
void for_each_verb(F&& f) {
    f(VerbOf<StatusRequest>::row);
    f(VerbOf<ResyncRequest>::row);
    f(VerbOf<IndexUsersRequest>::row);
    f(VerbOf<IndexFoldersRequest>::row);
    f(VerbOf<IndexMessagesRequest>::row);
    f(VerbOf<IndexStatsRequest>::row);
    f(VerbOf<IndexCheckRequest>::row);
    f(VerbOf<ConfigPrepareRequest>::row);
    f(VerbOf<ConfigSwitchRequest>::row);
    f(VerbOf<ConfigAbortRequest>::row);
    f(VerbOf<ConfigReloadRequest>::row);
}

}  // namespace imaparc::control
