// imaparch-ctl port check
#include <memory>

#include "commands.h"
#include "context.h"
#include "net/interfaces.h"
#include "print.h"

namespace imaparc::ctl {
namespace {

struct Options {
    std::optional<std::uint16_t> port;
    std::string interface;
};

struct Holder {
    std::string address;
    std::int64_t process = 0;  // 0: not known to this user
    std::string program;
};
BOOST_DESCRIBE_STRUCT(Holder, (), (address, process, program))

struct Answer {
    std::uint16_t port = 0;
    std::string interface;
    bool free = false;
    std::string reason;  // why it is not free
    std::vector<Holder> holders;
};
BOOST_DESCRIBE_STRUCT(Answer, (), (port, interface, free, reason, holders))

int run_check(const Globals& globals, const Options& options) {
    Answer answer;
    if (options.port && !options.interface.empty()) {
        answer.port = *options.port;
        answer.interface = options.interface;
    } else {
        const auto configured = settings(globals, Missing::is_default);
        if (!configured) return Exit::failed;
        answer.port = options.port.value_or(configured->imap.port);
        answer.interface = options.interface.empty() ? configured->imap.interface : options.interface;
    }
    const auto check = net::port_check(answer.port, answer.interface);
    if (!check) return say_error(check.error());
    answer.free = check->free;
    answer.reason = check->reason;
    for (const auto& holder : check->holders)
        answer.holders.push_back({holder.address, holder.process, holder.program});
    if (globals.json) {
        out_struct(answer);
        return answer.free ? Exit::done : Exit::failed;
    }
    const auto where = "port " + std::to_string(answer.port) + " on " + answer.interface;
    if (answer.free) {
        out(where + " is free\n");
        return Exit::done;
    }
    out(where + " is taken" + (answer.reason.empty() || !answer.holders.empty() ? "" : ": " + answer.reason) + "\n");
    for (const auto& holder : answer.holders) {
        std::string by = holder.program.empty() ? "a program that this user may not see" : holder.program;
        if (holder.process) by += " (process " + std::to_string(holder.process) + ")";
        out("  on " + holder.address + ": " + by + "\n");
    }
    return Exit::failed;
}

}  // namespace

void add_port(CLI::App& app, const Globals& globals, Run& run) {
    auto* port = app.add_subcommand("port", "Whether the daemon could listen on a port");
    port->require_subcommand(1);
    auto* check =
        port->add_subcommand("check", "Exit code 0: the port is free on that interface; 1: it is taken, and by whom");
    const auto options = std::make_shared<Options>();
    check->add_option("PORT", options->port, "default: imap.port of the configuration")->check(CLI::Range(1, 65535));
    check->add_option("--interface", options->interface, "all, a name or an address; default: imap.interface")
        ->type_name("I");
    check->footer("Example: imaparch-ctl port check 993 --interface eth0");
    port->footer("Example: imaparch-ctl port check");
    check->callback([&globals, &run, options] { run = [&globals, options] { return run_check(globals, *options); }; });
}

}  // namespace imaparc::ctl
