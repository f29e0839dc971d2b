#include "status.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <unordered_map>

#include "base/file.h"
#include "base/text.h"

namespace imaparc::daemon {

namespace {

constexpr std::size_t owners_shown = 200;    // control::StatusAnswer::owners
constexpr std::size_t owners_counted = 500;  // whose hidden messages are counted: each costs a look at every folder

std::uint64_t resident_bytes() {
    const auto statm = read_file("/proc/self/statm", 4096);
    if (!statm) return 0;
    const auto fields = split(trimmed(*statm), ' ');
    if (fields.size() < 2) return 0;
    return parse_decimal(fields[1]).value_or(0) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// What the window hides from each owner, all together; nullopt with too many owners to look at.
std::optional<std::uint64_t> hidden_by_window(const StatusInputs& inputs,
                                              const std::vector<index::OwnerSummary>& owners) {
    if (inputs.settings.imap.max_months == 0) return 0;
    if (owners.size() > owners_counted) return std::nullopt;
    std::uint64_t hidden = 0;
    for (const auto& summary : owners) {
        if (summary.state != index::OwnerState::ready) continue;
        const auto owner = inputs.index.owner(summary.name);
        const auto folders = owner->folders();
        for (const auto& folder : *folders) {
            if (!folder.selectable || folder.kind != index::FolderKind::ordinary) continue;
            if (auto view = owner->view(folder.number, UserNumber(0))) hidden += (*view)->hidden_by_window();
        }
    }
    return hidden;
}

void add_stores(const StatusInputs& inputs, const sync::Status& sync, control::StatusAnswer& answer) {
    for (const auto& options : inputs.settings.stores) {
        control::StoreStatus store;
        store.name = options.name;
        store.type = options.type;
        store.path = options.path;
        for (const auto& seen : sync.stores) {
            if (seen.name != options.name) continue;
            store.available = seen.available;
            store.empty = seen.owners == 0;
            store.owners = seen.owners;
            store.reason = seen.reason;
            if (seen.owners_unavailable > 0)
                answer.warnings.push_back(fmt::format(
                    "store {}: {} owners are unavailable there, nothing of theirs is removed; the first: {}: {}",
                    store.name, seen.owners_unavailable, seen.troubles.empty() ? "" : seen.troubles[0].owner,
                    seen.troubles.empty() ? "" : seen.troubles[0].reason));
            if (seen.pending_removals > 0)
                answer.warnings.push_back(
                    fmt::format("store {}: {} messages are missing and will be removed if the "
                                "next look confirms it",
                                store.name, seen.pending_removals));
        }
        if (!store.available && !store.reason.empty())
            answer.warnings.push_back("store " + store.name + " is not available: " + store.reason);
        answer.stores.push_back(std::move(store));
    }
    if (sync.watches_exhausted)
        answer.warnings.push_back(
            fmt::format("more folders are open than can be watched ({}); new mail in the others "
                        "is found every {} s",
                        sync.watches_limit, inputs.settings.sync.rescan.count()));
}

void add_owners(const StatusInputs& inputs, const std::vector<index::OwnerSummary>& owners,
                control::StatusAnswer& answer) {
    std::unordered_map<std::string, std::string> states;
    for (const auto& owner : owners) {
        states[owner.name] = to_string(owner.state);
        answer.owners_ready += owner.state == index::OwnerState::ready;
        answer.folders += owner.folders;
        answer.messages += owner.messages;
    }
    auto all = inputs.board.all();
    for (const auto& progress : all) states.emplace(progress.owner, "unsynchronised");
    answer.owners_total = states.size();
    std::stable_partition(all.begin(), all.end(),
                          [](const Progress& p) { return p.phase != SyncPhase::idle || !p.note.empty(); });
    for (const auto& progress : all) {
        if (answer.owners.size() == owners_shown) break;
        answer.owners.push_back(owner_status(progress, states[progress.owner]));
    }
}

}  // namespace

control::OwnerStatus owner_status(const Progress& progress, const std::string& state) {
    control::OwnerStatus status;
    status.owner = progress.owner;
    status.state = state;
    status.phase = to_string(progress.phase);
    status.percent = progress.percent();
    status.seconds_left = progress.seconds_left();
    status.folders_done = progress.folders_done;
    status.folders_total = progress.folders_total;
    status.messages_done = progress.messages_done;
    status.messages_total = progress.messages_total;
    status.rate = progress.rate;
    status.note = progress.note;
    return status;
}

std::vector<control::ConfigChange> changes_of(const std::vector<config::Difference>& differences) {
    std::vector<control::ConfigChange> changes;
    for (const auto& difference : differences) changes.push_back({difference.key, to_string(difference.apply)});
    return changes;
}

control::StatusAnswer status_answer(const StatusInputs& inputs) {
    control::StatusAnswer answer;
    answer.version = inputs.version;
    answer.pid = static_cast<std::uint64_t>(getpid());
    answer.started = inputs.started;
    answer.now = inputs.now;
    answer.config_file = inputs.config_file;
    answer.data_dir = inputs.settings.data_dir;
    answer.listener = inputs.listener;
    const auto owners = inputs.index.owners();
    add_stores(inputs, inputs.engine.status(), answer);
    add_owners(inputs, owners, answer);
    answer.max_months = inputs.settings.imap.max_months;
    answer.hidden_by_window = hidden_by_window(inputs, owners);
    const auto index = inputs.index.statistics();
    answer.database_bytes = index.database_bytes;
    answer.ledger_bytes = index.ledger_bytes;
    answer.catalog_bytes = inputs.archive.statistics().bytes;
    answer.resident_bytes = resident_bytes();
    for (const auto& [name, value] : inputs.metrics.all()) answer.counters.push_back({std::string(name), value});
    if (inputs.reachable_from_elsewhere && !inputs.settings.tls.force && inputs.settings.auth.allow_plaintext)
        answer.warnings.push_back(
            "other machines can send passwords in the clear; set tls.enabled and tls.force, or auth.allow_plaintext = "
            "false");
    if (answer.hidden_by_window.value_or(0) > 0)
        answer.warnings.push_back(fmt::format("imap.max_months = {} hides {} messages from mail clients",
                                              answer.max_months, *answer.hidden_by_window));
    return answer;
}

}  // namespace imaparc::daemon
