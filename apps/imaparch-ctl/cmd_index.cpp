// imaparch-ctl index users | folders | messages | stats | check
#include <algorithm>
#include <memory>

#include "commands.h"
#include "context.h"
#include "index_source.h"
#include "print.h"

namespace imaparc::ctl {
namespace {

using Align = Table::Align;

// Opens the source and hands it on.
int with_index(const Globals& globals, const std::function<int(IndexSource&)>& ask) {
    IndexSource source(globals);
    if (auto opened = source.open(); !opened) {
        say_error(opened.error());
        return opened.error().kind == ErrorKind::not_found ? Exit::no_daemon : Exit::failed;
    }
    return ask(source);
}

// Asks, prints JSON or what `text_of` makes of the answer.
template <class Request, class TextOf>
int run_simple(const Globals& globals, const Request& request, const TextOf& text_of) {
    return with_index(globals, [&](IndexSource& source) -> int {
        const auto answer = source.ask(request);
        if (!answer) return say_error(answer.error());
        if (globals.json)
            out_struct(*answer);
        else
            out(text_of(*answer));
        return Exit::done;
    });
}

std::string users_text(const control::IndexUsersAnswer& answer) {
    Table table({{"USER"}, {"STATE"}, {"FOLDERS", Align::right}, {"MESSAGES", Align::right}, {"LEDGER", Align::right}});
    for (const auto& user : answer.users)
        table.row({user.owner, user.state, grouped(user.folders), grouped(user.messages), bytes(user.ledger_bytes)});
    return table.text();
}

std::string folders_text(const control::IndexFoldersAnswer& answer) {
    Table table({{"FOLDER"},
                 {"UIDVALIDITY", Align::right},
                 {"UIDNEXT", Align::right},
                 {"MESSAGES", Align::right},
                 {"VISIBLE", Align::right},
                 {"UNSEEN", Align::right}});
    for (const auto& folder : answer.folders)
        table.row({folder.path + (folder.selectable ? "" : " (no messages)"), std::to_string(folder.uidvalidity),
                   std::to_string(folder.uidnext), grouped(folder.messages), grouped(folder.visible),
                   grouped(folder.unseen)});
    return table.text();
}

std::string stats_text(const control::IndexStatsAnswer& s) {
    Table table({{"OF THE INDEX"}, {"", Align::right}});
    table.row({"schema version", std::to_string(s.schema_version)});
    table.row({"users", grouped(s.owners)});
    table.row({"folders", grouped(s.folders)});
    table.row({"messages", grouped(s.messages)});
    table.row({"segments", grouped(s.segments)});
    table.row({"overlay segments", grouped(s.overlay_segments)});
    table.row({"tombstones", grouped(s.tombstones)});
    table.row({"IMAPDB.FDB", bytes(s.database_bytes)});
    table.row({"ledgers", bytes(s.ledger_bytes)});
    table.row({"memory", bytes(s.resident_bytes)});
    return table.text();
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

// Page by page, so that a folder of a million messages takes no more memory than one of ten thousand.
int run_messages(const Globals& globals, control::IndexMessagesRequest request, std::uint64_t at_most) {
    return with_index(globals, [&](IndexSource& source) -> int {
        std::uint64_t printed = 0;
        bool first = true;
        for (;;) {
            request.limit = std::min(control::index_messages_limit, at_most - printed);
            const auto answer = source.ask(request);
            if (!answer) return say_error(answer.error());
            if (globals.json) {
                if (first) out("{\n  \"messages\": [");
                for (const auto& message : answer->messages) {
                    out((first ? "\n    " : ",\n    ") + control::to_text(control::to_json(message)));
                    first = false;
                }
            } else {
                Table table({{"UID", Align::right, Table::Width::whole},
                             {"MESSAGE", Align::left, Table::Width::whole},
                             {"SIZE", Align::right},
                             {"DATE", Align::left, Table::Width::whole},
                             {"VISIBLE"},
                             {"STORE"},
                             {"FLAGS"}});
                for (const auto& m : answer->messages)
                    table.row({std::to_string(m.uid), m.id, m.size ? grouped(*m.size) : "-",
                               local_time(m.date).substr(0, 10), m.visible, m.store, joined(m.flags)});
                auto text = table.text();
                if (!first) text.erase(0, text.find('\n') + 1);
                out(text);
                first = false;
            }
            printed += answer->messages.size();
            if (!answer->more || answer->messages.empty() || printed >= at_most) {
                if (globals.json) out(first ? "{\n  \"messages\": []\n}\n" : "\n  ]\n}\n");
                if (!globals.json && answer->more)
                    say("there are more: --after " + std::to_string(answer->messages.back().uid));
                return Exit::done;
            }
            request.after = answer->messages.back().uid;
        }
    });
}

int run_check(const Globals& globals) {
    return with_index(globals, [&](IndexSource& source) -> int {
        const auto answer = source.ask(control::IndexCheckRequest{});
        if (!answer) return say_error(answer.error());
        const auto errors = std::count_if(answer->findings.begin(), answer->findings.end(),
                                          [](const auto& finding) { return finding.weight == "error"; });
        if (globals.json) {
            out_struct(*answer);
        } else {
            for (const auto& finding : answer->findings) {
                std::string where = finding.owner + (finding.folder.empty() ? "" : " " + finding.folder);
                out(labelled(finding.weight, (where.empty() ? "" : where + ": ") + finding.text));
            }
            if (answer->findings.empty()) say("the index is as the ledgers say");
        }
        return errors ? Exit::failed : Exit::done;
    });
}

}  // namespace

void add_index(CLI::App& app, const Globals& globals, Run& run) {
    auto* index = app.add_subcommand("index", "What is in the index; with the daemon, or on IMAPDB.FDB when none runs");
    index->require_subcommand(1);
    index->footer("Example: imaparch-ctl index folders --user ann");

    auto* users = index->add_subcommand("users", "Whose mail there is, and whether it is synchronised");
    users->footer("Example: imaparch-ctl index users");
    users->callback([&globals, &run] {
        run = [&globals] { return run_simple(globals, control::IndexUsersRequest{}, users_text); };
    });

    auto* folders = index->add_subcommand("folders", "A user's folders with their counts");
    const auto folders_request = std::make_shared<control::IndexFoldersRequest>();
    folders->add_option("--user", folders_request->owner, "whose folders")->required()->type_name("U");
    folders->add_option("--as", folders_request->user, "through whose eyes, where several users read them")
        ->type_name("U");
    folders->footer("Example: imaparch-ctl index folders --user ann");
    folders->callback([&globals, &run, folders_request] {
        run = [&globals, folders_request] { return run_simple(globals, *folders_request, folders_text); };
    });

    auto* messages =
        index->add_subcommand("messages", "A folder's messages: UID, ID, size, date, flags, visible or why not");
    const auto messages_request = std::make_shared<control::IndexMessagesRequest>();
    const auto at_most = std::make_shared<std::uint64_t>(~std::uint64_t{0});
    messages_request->folder = "INBOX";
    messages->add_option("--user", messages_request->owner, "whose folder")->required()->type_name("U");
    messages->add_option("--folder", messages_request->folder, "default: INBOX")->type_name("F");
    messages->add_option("--as", messages_request->user, "through whose eyes")->type_name("U");
    messages->add_option("--after", messages_request->after, "only UIDs above this one")->type_name("UID");
    messages->add_option("--limit", *at_most, "at most so many")->type_name("N")->check(CLI::PositiveNumber);
    messages->footer("Example: imaparch-ctl index messages --user ann --folder 'Work/2024' --limit 50");
    messages->callback([&globals, &run, messages_request, at_most] {
        run = [&globals, messages_request, at_most] { return run_messages(globals, *messages_request, *at_most); };
    });

    auto* stats = index->add_subcommand("stats", "Counts and sizes of the index");
    stats->footer("Example: imaparch-ctl --json index stats");
    stats->callback([&globals, &run] {
        run = [&globals] { return run_simple(globals, control::IndexStatsRequest{}, stats_text); };
    });

    auto* check = index->add_subcommand("check", "Hold the index against the ledgers; exit code 1: they differ");
    check->footer("Example: imaparch-ctl index check");
    check->callback([&globals, &run] { run = [&globals] { return run_check(globals); }; });
}

}  // namespace imaparc::ctl
