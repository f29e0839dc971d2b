// imaparch-ctl status
#include <unistd.h>

#include <chrono>
#include <memory>
#include <thread>

#include "commands.h"
#include "context.h"
#include "print.h"

namespace imaparc::ctl {
namespace {

std::string listener_text(const control::ListenerStatus& listener) {
    std::string text = listener.state;
    if (listener.state == "closed") return text + " (imap.enabled = false)";
    text += listener.state == "listening" ? " on "
                                          : ", port " + std::to_string(listener.port) + " on " + listener.interface;
    if (listener.state == "listening")
        for (std::size_t i = 0; i < listener.addresses.size(); ++i) text += (i ? " " : "") + listener.addresses[i];
    text += ", TLS " + listener.tls;
    if (listener.tls_port) text += ", TLS port " + std::to_string(listener.tls_port);
    if (!listener.problem.empty()) text += ": " + listener.problem;
    return text;
}

std::uint64_t counter(const control::StatusAnswer& status, std::string_view name) {
    for (const auto& one : status.counters)
        if (one.name == name) return one.value;
    return 0;
}

std::string progress_text(const control::OwnerStatus& owner) {
    std::string text = owner.phase;
    if (owner.phase == "idle") return text;
    if (owner.percent) text += " " + std::to_string(*owner.percent) + " %";
    if (owner.rate >= 1) text += ", " + grouped(static_cast<std::uint64_t>(owner.rate)) + "/s";
    if (owner.seconds_left) text += ", " + duration(*owner.seconds_left) + " left";
    return text;
}

std::string messages_text(const control::OwnerStatus& owner) {
    if (owner.phase == "idle") return "";
    return grouped(owner.messages_done) + (owner.messages_total ? " of " + grouped(owner.messages_total) : "");
}

std::string status_text(const control::StatusAnswer& s) {
    std::string text;
    text += labelled("imaparchd", s.version + ", process " + std::to_string(s.pid) + ", up " +
                                      duration(static_cast<std::uint64_t>(std::max<Seconds>(0, s.now - s.started))));
    text += labelled("listener", listener_text(s.listener));
    if (!s.listener.server_url.empty()) text += labelled("clients", s.listener.server_url);
    text += labelled("sessions", grouped(counter(s, "sessions_now")) + " logged in, " +
                                     counted(counter(s, "connections_now"), "connection") + "; " +
                                     counted(counter(s, "logins_total"), "log-in") + ", " +
                                     grouped(counter(s, "logins_refused_total")) + " refused");
    text += labelled("mail", grouped(s.owners_ready) + " of " + grouped(s.owners_total) + " users ready, " +
                                 counted(s.folders, "folder") + ", " + counted(s.messages, "message"));
    if (s.max_months == 0)
        text += labelled("window", "everything is shown (imap.max_months = 0)");
    else
        text += labelled(
            "window", "the last " + std::to_string(s.max_months) + " months are shown" +
                          (s.hidden_by_window ? "; " + counted(*s.hidden_by_window, "older message") + " hidden" : "") +
                          " (imap.max_months)");
    text += labelled("sizes", "index " + bytes(s.database_bytes) + ", ledgers " + bytes(s.ledger_bytes) + ", catalog " +
                                  bytes(s.catalog_bytes) + ", memory " + bytes(s.resident_bytes));
    text += labelled("files", s.config_file + " " + s.data_dir);
    if (!s.stores.empty()) {
        Table table({{"STORE"}, {"TYPE"}, {"USERS", Table::Align::right}, {"STATE"}, {"PATH"}});
        for (const auto& store : s.stores)
            table.row({store.name, store.type, grouped(store.owners),
                       store.available ? (store.empty ? "empty" : "available") : "unavailable: " + store.reason,
                       store.path});
        text += "\n" + table.text();
    }
    Table table({{"USER"}, {"STATE"}, {"DOING"}, {"MESSAGES", Table::Align::right}, {"NOTE"}});
    std::size_t left = 0;
    for (const auto& owner : s.owners) {
        const bool busy = owner.phase != "idle" || !owner.note.empty();
        if (!busy && s.owners.size() > 20) continue;
        if (++left > 40) continue;
        table.row({owner.owner, owner.state, progress_text(owner), messages_text(owner), owner.note});
    }
    if (!table.empty()) text += "\n" + table.text();
    if (left > 40) text += "and " + grouped(left - 40) + " more\n";
    if (!s.warnings.empty()) text += "\n";
    for (const auto& warning : s.warnings) text += labelled("warning", warning);
    return text;
}

int run_status(const Globals& globals, bool watch) {
    auto client = connect(globals);
    if (!client) return say_not_reachable(globals, client.error());
    const bool terminal = ::isatty(STDOUT_FILENO) != 0;
    for (bool first = true;; first = false) {
        const auto answer = client->ask(control::StatusRequest{});
        if (!answer)
            return answer.error().kind == ErrorKind::unavailable ? say_not_reachable(globals, answer.error())
                                                                 : say_error(answer.error());
        if (globals.json && watch) {
            out(control::to_text(control::to_json(*answer)) + "\n");  // a line each time
        } else if (globals.json) {
            out_struct(*answer);
        } else {
            if (watch && terminal) out("\x1b[H\x1b[J");
            if (watch && !terminal && !first) out("\n");
            out(status_text(*answer));
        }
        if (!watch) return Exit::done;
        std::fflush(stdout);
        std::this_thread::sleep_for(std::chrono::seconds(1));
    }
}

}  // namespace

void add_status(CLI::App& app, const Globals& globals, Run& run) {
    auto* sub =
        app.add_subcommand("status", "What the daemon is doing: listener, stores, progress, what the window hides");
    const auto watch = std::make_shared<bool>(false);
    sub->add_flag("--watch", *watch, "again every second, until interrupted; with --json a line each time");
    sub->footer("Exit code 3: the daemon is not running.\n\nExample: imaparch-ctl status --watch");
    sub->callback([&globals, &run, watch] { run = [&globals, watch] { return run_status(globals, *watch); }; });
}

}  // namespace imaparc::ctl
