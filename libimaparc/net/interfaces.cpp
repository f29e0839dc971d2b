#include "net/interfaces.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>

#include "base/file.h"
#include "base/text.h"

namespace imaparc::net {

using boost::asio::ip::tcp;
namespace ip = boost::asio::ip;

namespace {

std::string address_text(const sockaddr& address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (address.sa_family == AF_INET) {
        in_addr v4{};
        std::memcpy(&v4, reinterpret_cast<const char*>(&address) + offsetof(sockaddr_in, sin_addr), sizeof v4);
        ::inet_ntop(AF_INET, &v4, text, sizeof text);
        return text;
    }
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    std::string result = text;
    char name[IF_NAMESIZE];
    if (v6.sin6_scope_id != 0 && ::if_indextoname(v6.sin6_scope_id, name)) result += "%" + std::string(name);
    return result;
}

// Whether this machine can listen on IPv6 at all.
bool has_ipv6() {
    const File probe(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!probe.is_open()) return false;
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    return ::bind(probe.descriptor(), reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0;
}

// A listening socket as /proc/net/tcp shows it.
struct Listening {
    ip::address address;
    std::uint16_t port = 0;
    std::string inode;
};

// "0100007F" or four such words: each 32-bit word in the machine's byte order.
std::optional<ip::address> parse_proc_address(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 8 <= hex.size(); i += 8) {
        std::uint32_t word = 0;
        for (const char c : hex.substr(i, 8)) {
            const auto digit = std::string_view("0123456789ABCDEF").find(c);
            if (digit == std::string_view::npos) return std::nullopt;
            word = word << 4 | static_cast<std::uint32_t>(digit);
        }
        bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
    }
    if (bytes.size() == 4) {
        ip::address_v4::bytes_type v4;
        std::memcpy(v4.data(), bytes.data(), 4);
        return ip::address_v4(v4);
    }
    if (bytes.size() != 16) return std::nullopt;
    ip::address_v6::bytes_type v6;
    std::memcpy(v6.data(), bytes.data(), 16);
    const ip::address_v6 address(v6);
    if (address.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address);
    return address;
}

std::vector<Listening> listening_on(std::uint16_t port) {
    std::vector<Listening> found;
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        auto text = read_file(table);
        if (!text) continue;  // hidden from us, or no IPv6: the answer is only less detailed
        for (const auto line : split(*text, '\n')) {
            std::vector<std::string_view> words;
            for (const auto word : split(line, ' '))
                if (!word.empty()) words.push_back(word);
            constexpr std::string_view listen_state = "0A";
            if (words.size() < 10 || words[3] != listen_state) continue;
            const auto colon = words[1].find(':');
            const auto address = parse_proc_address(words[1].substr(0, colon));
            if (!address || colon == std::string_view::npos) continue;
            const auto number = std::strtoul(std::string(words[1].substr(colon + 1)).c_str(), nullptr, 16);
            if (number == port) found.push_back({*address, port, std::string(words[9])});
        }
    }
    return found;
}

bool overlap(const ip::address& a, const ip::address& b) {
    if (a == b) return true;
    if (a.is_v6() && a.is_unspecified()) return true;  // dual stack, for all we know
    if (b.is_v6() && b.is_unspecified()) return true;
    return a.is_v4() == b.is_v4() && (a.is_unspecified() || b.is_unspecified());
}

// Which process has the socket open: /proc/PID/fd, as far as we may look.
std::map<std::string, int> processes_of(const std::vector<Listening>& sockets) {
    std::map<std::string, int> wanted, found;
    for (const auto& socket : sockets) wanted["socket:[" + socket.inode + "]"] = 0;
    const std::unique_ptr<DIR, int (*)(DIR*)> proc(::opendir("/proc"), ::closedir);
    if (!proc) return found;
    while (const auto* entry = ::readdir(proc.get())) {
        if (!parse_decimal(entry->d_name)) continue;
        const std::string path = std::string("/proc/") + entry->d_name + "/fd";
        const std::unique_ptr<DIR, int (*)(DIR*)> fds(::opendir(path.c_str()), ::closedir);
        if (!fds) continue;
        while (const auto* fd = ::readdir(fds.get())) {
            char target[64];
            const auto n = ::readlinkat(::dirfd(fds.get()), fd->d_name, target, sizeof target);
            if (n <= 0) continue;
            const auto hit = wanted.find(std::string(target, static_cast<std::size_t>(n)));
            if (hit == wanted.end()) continue;
            found[hit->first.substr(8, hit->first.size() - 9)] = std::atoi(entry->d_name);
        }
    }
    return found;
}

std::vector<PortHolder> holders_of(const std::vector<tcp::endpoint>& endpoints) {
    std::vector<Listening> hits;
    for (const auto& candidate : listening_on(endpoints[0].port())) {
        const bool hit = std::any_of(endpoints.begin(), endpoints.end(), [&](const tcp::endpoint& endpoint) {
            return overlap(endpoint.address(), candidate.address);
        });
        if (hit) hits.push_back(candidate);
    }
    if (hits.empty()) return {};
    const auto processes = processes_of(hits);
    std::vector<PortHolder> holders;
    for (const auto& hit : hits) {
        PortHolder holder;
        holder.address = hit.address.to_string();
        if (const auto process = processes.find(hit.inode); process != processes.end()) {
            holder.process = process->second;
            if (auto name = read_file("/proc/" + std::to_string(holder.process) + "/comm"))
                holder.program = std::string(trimmed(*name));
        }
        holders.push_back(std::move(holder));
    }
    return holders;
}

}  // namespace

std::vector<Interface> interfaces() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) throw Fault(system_error(errno, "getifaddrs"));
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, ::freeifaddrs);
    std::vector<Interface> result;
    for (const auto* entry = list; entry; entry = entry->ifa_next) {
        auto found =
            std::find_if(result.begin(), result.end(), [&](const Interface& i) { return i.name == entry->ifa_name; });
        if (found == result.end())
            found = result.insert(result.end(), {entry->ifa_name, {}, (entry->ifa_flags & IFF_UP) != 0});
        if (entry->ifa_addr && (entry->ifa_addr->sa_family == AF_INET || entry->ifa_addr->sa_family == AF_INET6))
            found->addresses.push_back(address_text(*entry->ifa_addr));
    }
    return result;
}

std::string allowed_interfaces() {
    std::string text = "all";
    for (const auto& interface : interfaces()) text += ", " + interface.name;
    return text + ", or an address of this machine";
}

Result<std::vector<tcp::endpoint>> endpoints_of(std::string_view interface, std::uint16_t port) {
    if (interface == "all") {
        if (has_ipv6()) return std::vector{tcp::endpoint(tcp::v6(), port)};
        return std::vector{tcp::endpoint(tcp::v4(), port)};
    }
    const auto known = interfaces();
    for (const auto& candidate : known) {
        if (candidate.name != interface) continue;
        std::vector<tcp::endpoint> endpoints;
        for (const auto& address : candidate.addresses) endpoints.emplace_back(ip::make_address(address), port);
        if (endpoints.empty())
            return Error{ErrorKind::unavailable,
                         "interface " + candidate.name + " has no address" + (candidate.up ? "" : " and is down")};
        return endpoints;
    }
    boost::system::error_code code;
    const auto address = ip::make_address(std::string(interface), code);
    if (!code) {
        if (address.is_unspecified()) return std::vector{tcp::endpoint(address, port)};
        for (const auto& candidate : known)
            for (const auto& theirs : candidate.addresses)
                if (ip::make_address(theirs) == address) return std::vector{tcp::endpoint(address, port)};
        // 127.0.0.2 and its like are nowhere listed and yet ours.
        if (address.is_loopback()) return std::vector{tcp::endpoint(address, port)};
        return Error{ErrorKind::invalid, "\"" + printable(interface) +
                                             "\" is no address of this machine; allowed: " + allowed_interfaces()};
    }
    return Error{ErrorKind::invalid,
                 "\"" + printable(interface) + "\" is no interface of this machine; allowed: " + allowed_interfaces()};
}

Result<PortCheck> port_check(std::uint16_t port, std::string_view interface) {
    if (port == 0) return Error{ErrorKind::invalid, "port must be 1 to 65535"};
    auto endpoints = endpoints_of(interface, port);
    if (!endpoints) return endpoints.error();
    PortCheck check;
    check.free = true;
    for (const auto& endpoint : *endpoints) {
        const File probe(::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (!probe.is_open()) return system_error(errno, "socket");
        // Connections that only linger (TIME_WAIT) are in nobody's way.
        const int yes = 1, no = 0;
        (void)::setsockopt(probe.descriptor(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        const bool dual = endpoint.address().is_v6() && endpoint.address().is_unspecified();
        if (endpoint.address().is_v6())
            (void)::setsockopt(probe.descriptor(), IPPROTO_IPV6, IPV6_V6ONLY, dual ? &no : &yes, sizeof yes);
        if (::bind(probe.descriptor(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0) continue;
        const int failed = errno;
        const auto where = endpoint.address().to_string() + " port " + std::to_string(port);
        if (failed == EACCES) return Error{ErrorKind::denied, where + ": ports below 1024 need privileges"};
        if (failed != EADDRINUSE) return Error{ErrorKind::unavailable, where + ": " + std::strerror(failed)};
        check.free = false;
        check.reason = where + " is taken";
    }
    if (check.free) return check;
    check.holders = holders_of(*endpoints);
    for (const auto& holder : check.holders) {
        if (holder.process == 0) continue;
        check.reason += " by " + printable(holder.program) + " (process " + std::to_string(holder.process) + ")";
        break;
    }
    return check;
}

}  // namespace imaparc::net
