// The machine's network interfaces, and whether a port is free on them.
//
// Any thread; asks the system each time.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace imaparc::net {

struct Interface {
    std::string name;
    std::vector<std::string> addresses;  // "127.0.0.1", "::1", "fe80::1%eth0"
    bool up = false;
};

// By their order in the system. Fault if it does not tell.
std::vector<Interface> interfaces();

// "all, lo, eth0, or an address of this machine": for messages.
std::string allowed_interfaces();

// The endpoints that `interface` ("all", a name, an address) means. "all" is one dual-stack endpoint, `::`, or 0.0.0.0
// on a machine without IPv6. invalid: no such interface, the text lists them; unavailable: it has no address now.
Result<std::vector<boost::asio::ip::tcp::endpoint>> endpoints_of(std::string_view interface, std::uint16_t port);

struct PortHolder {
    std::string address;  // "127.0.0.1", "::"
    int process = 0;      // 0: may not be known to us
    std::string program;  // its name; "" if not known
};

struct PortCheck {
    bool free = false;
    std::vector<PortHolder> holders;  // who listens there, as far as the system tells
    std::string reason;               // why it is not free
};

// Whether somebody could listen on it now. Binds for a moment and never listens, so nobody is disturbed. Errors as
// endpoints_of, and denied: the port needs privileges.
Result<PortCheck> port_check(std::uint16_t port, std::string_view interface);

}  // namespace imaparc::net
