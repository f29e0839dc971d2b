// imaparch-ctl interfaces
#include "commands.h"
#include "net/interfaces.h"
#include "print.h"

namespace imaparc::ctl {
namespace {

struct Interface {
    std::string name;
    std::vector<std::string> addresses;
    bool up = false;
};
BOOST_DESCRIBE_STRUCT(Interface, (), (name, addresses, up))

struct Answer {
    std::vector<Interface> interfaces;
};
BOOST_DESCRIBE_STRUCT(Answer, (), (interfaces))

int run_interfaces(const Globals& globals) {
    Answer answer;
    for (auto& one : net::interfaces()) answer.interfaces.push_back({one.name, one.addresses, one.up});
    if (globals.json) {
        out_struct(answer);
        return Exit::done;
    }
    Table table({{"NAME"}, {"STATE"}, {"ADDRESS"}});
    for (const auto& one : answer.interfaces) {
        table.row({one.name, one.up ? "up" : "down", one.addresses.empty() ? "-" : one.addresses.front()});
        for (std::size_t i = 1; i < one.addresses.size(); ++i) table.row({"", "", one.addresses[i]});
    }
    out(table.text());
    return Exit::done;
}

}  // namespace

void add_interfaces(CLI::App& app, const Globals& globals, Run& run) {
    auto* sub = app.add_subcommand("interfaces", "The machine's network interfaces, for imap.interface");
    sub->footer("Example: imaparch-ctl interfaces");
    sub->callback([&globals, &run] { run = [&globals] { return run_interfaces(globals); }; });
}

}  // namespace imaparc::ctl
