// imaparch-ctl resync
#include <unistd.h>

#include <memory>

#include "commands.h"
#include "context.h"
#include "print.h"

namespace imaparc::ctl {
namespace {

// The progress line on stderr: rewritten in place on a terminal, else a line every five seconds.
class ProgressLine {
  public:
    void show(const control::ResyncProgress& progress) {
        std::string text =
            std::to_string(progress.owners_done) + " of " + std::to_string(progress.owners_total) + " users done";
        if (!progress.owners.empty()) {
            const auto& one = progress.owners.front();
            text += "; " + one.owner + ": " + one.phase;
            if (one.percent) text += " " + std::to_string(*one.percent) + " %";
            if (one.rate >= 1) text += ", " + grouped(static_cast<std::uint64_t>(one.rate)) + " messages/s";
            if (one.seconds_left) text += ", about " + duration(*one.seconds_left) + " left";
        }
        if (text == last_) return;
        last_ = text;
        if (terminal_) {
            if (columns_of(text) > 79) text.resize(79);
            text = "\r" + text + std::string(79 - std::min<std::size_t>(79, columns_of(text)), ' ');
            std::fwrite(text.data(), 1, text.size(), stderr);
            written_ = true;
            return;
        }
        const auto now = std::chrono::steady_clock::now();
        if (written_ && now - when_ < std::chrono::seconds(5)) return;
        when_ = now;
        written_ = true;
        say(text);
    }
    void end() {
        if (terminal_ && written_) say("");
    }

  private:
    const bool terminal_ = ::isatty(STDERR_FILENO) != 0;
    bool written_ = false;
    std::string last_;
    std::chrono::steady_clock::time_point when_;
};

int run_resync(const Globals& globals, const control::ResyncRequest& request) {
    auto client = connect(globals);
    if (!client) return say_not_reachable(globals, client.error());
    ProgressLine line;
    // While work is under way the daemon sends an event several times a second.
    const auto answer = client->ask(request, std::chrono::minutes(10), [&](const boost::json::value& json) {
        control::ResyncProgress progress;
        if (control::from_json(json, progress)) line.show(progress);
    });
    line.end();
    if (!answer) return say_error(answer.error());
    if (globals.json) {
        out_struct(*answer);
    } else if (!answer->finished) {
        say("started; imaparch-ctl status shows the progress");
    } else {
        out(counted(answer->owners, "user") + ": " + counted(answer->added, "message") + " added, " +
            grouped(answer->removed) + " removed, " + grouped(answer->returned) + " came back\n");
    }
    for (const auto& failure : answer->failures)
        say("imaparch-ctl: " + (failure.owner.empty() ? "" : failure.owner + ": ") + failure.text);
    return answer->failures.empty() ? Exit::done : Exit::partly_done;
}

}  // namespace

void add_resync(CLI::App& app, const Globals& globals, Run& run) {
    auto* sub = app.add_subcommand("resync", "Compare the stores with the index again, now");
    const auto request = std::make_shared<control::ResyncRequest>();
    sub->add_option("--user", request->user, "only this user's mail")->type_name("U");
    sub->add_option("--store", request->store, "only this store")->type_name("S");
    sub->add_flag("--wait", request->wait, "until it is done, with progress on standard error");
    sub->add_flag("--accept-removals", request->accept_removals,
                  "believe a store that lost many messages, instead of taking it for unavailable");
    sub->footer(
        "Exit code 4: some users or stores could not be done.\n\nExample: imaparch-ctl resync --user ann --wait");
    sub->callback([&globals, &run, request] { run = [&globals, request] { return run_resync(globals, *request); }; });
}

}  // namespace imaparc::ctl
