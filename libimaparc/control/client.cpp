#include "control/client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "control/socket_path.h"

namespace imaparc::control {
namespace {

// Waits for `events`; false: the time is over.
Result<bool> wait_for(int descriptor, short events, std::chrono::steady_clock::time_point until) {
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
        if (left <= 0) return false;
        pollfd entry{descriptor, events, 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left, 1 << 30)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return system_error(errno, "poll");
    }
}

Error gone() { return {ErrorKind::unavailable, "imaparchd closed the connection"}; }
Error silent() { return {ErrorKind::unavailable, "imaparchd does not answer"}; }

}  // namespace

Result<Client> Client::connect(const std::filesystem::path& path) {
    const auto address = socket_address(path);
    if (!address) return address.error();
    File socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) return system_error(errno, "socket");
    // A full backlog blocks; a daemon that is alive empties it.
    while (::connect(socket.descriptor(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) {
        if (errno == EINTR) continue;
        if (errno == ECONNREFUSED) return Error{ErrorKind::not_found, path.string() + ": nobody listens there"};
        return system_error(errno, path.string());
    }
    return Client(std::move(socket));
}

Result<void> Client::send(std::string_view bytes, std::chrono::milliseconds timeout) {
    const auto until = std::chrono::steady_clock::now() + timeout;
    while (!bytes.empty()) {
        const auto n = ::send(socket_.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            auto ready = wait_for(socket_.descriptor(), POLLOUT, until);
            if (!ready) return ready.error();
            if (!*ready) return silent();
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return gone();
        } else if (errno != EINTR) {
            return system_error(errno, "send");
        }
    }
    return {};
}

Result<std::string> Client::receive_line(std::chrono::milliseconds timeout) {
    const auto until = std::chrono::steady_clock::now() + timeout;
    std::size_t searched = 0;
    for (;;) {
        const auto end = received_.find('\n', searched);
        if (end != std::string::npos) {
            auto line = received_.substr(0, end);
            received_.erase(0, end + 1);
            return line;
        }
        searched = received_.size();
        if (searched > answer_limit) return Error{ErrorKind::limit, "imaparchd's answer is too long"};
        auto ready = wait_for(socket_.descriptor(), POLLIN, until);
        if (!ready) return ready.error();
        if (!*ready) return silent();
        char buffer[1 << 16];
        const auto n = ::recv(socket_.descriptor(), buffer, sizeof buffer, MSG_DONTWAIT);
        if (n > 0)
            received_.append(buffer, static_cast<std::size_t>(n));
        else if (n == 0 || errno == ECONNRESET)
            return gone();
        else if (errno != EINTR && errno != EAGAIN)
            return system_error(errno, "recv");
    }
}

Result<boost::json::value> Client::exchange(const std::string& verb, const boost::json::value& request,
                                            std::chrono::milliseconds timeout,
                                            const std::function<void(const boost::json::value&)>& on_event) {
    const auto line = write_request(verb, request);
    if (line.size() > request_limit) return Error{ErrorKind::limit, "the request is too long"};
    if (auto sent = send(line, timeout); !sent) return sent.error();
    for (;;) {
        auto received = receive_line(timeout);
        if (!received) return received.error();
        auto answer = read_answer(*received);
        if (!answer) return answer.error();
        switch (answer->kind) {
            case AnswerLine::Kind::event:
                on_event(answer->value);
                break;
            case AnswerLine::Kind::answer:
                return std::move(answer->value);
            case AnswerLine::Kind::error:
                return answer->error;
        }
    }
}

}  // namespace imaparc::control
