#include "control/server.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <list>

#include "base/file.h"
#include "control/codec.h"
#include "control/permission.h"
#include "control/socket_path.h"

namespace imaparc::control {
namespace {

namespace asio = boost::asio;
using Socket = asio::local::stream_protocol::socket;
using namespace asio::experimental::awaitable_operators;

constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t connections_limit = 64;
constexpr std::chrono::minutes silence_limit{10};  // of a client between two requests
constexpr std::chrono::seconds write_limit{60};    // for a client that takes nothing

// Which handler a request type is for; a verb without one does not compile.
template <class Request>
struct Handler;
#define IMAPARC_HANDLER(STEM, NAME)                     \
    template <>                                         \
    struct Handler<STEM##Request> {                     \
        static constexpr auto method = &Handlers::NAME; \
    };
IMAPARC_HANDLER(Status, status)
IMAPARC_HANDLER(IndexUsers, index_users)
IMAPARC_HANDLER(IndexFolders, index_folders)
IMAPARC_HANDLER(IndexMessages, index_messages)
IMAPARC_HANDLER(IndexStats, index_stats)
IMAPARC_HANDLER(IndexCheck, index_check)
IMAPARC_HANDLER(ConfigPrepare, config_prepare)
IMAPARC_HANDLER(ConfigSwitch, config_switch)
IMAPARC_HANDLER(ConfigAbort, config_abort)
IMAPARC_HANDLER(ConfigReload, config_reload)
#undef IMAPARC_HANDLER

using Row = async::Task<Result<boost::json::value>> (*)(Handlers&, Caller, const boost::json::value&,
                                                        const SendProgress&);

template <class Request>
async::Task<Result<boost::json::value>> call(Handlers& handlers, Caller caller, const boost::json::value& json,
                                             const SendProgress& progress) {
    Request request;
    if (auto read = from_json(json, request); !read) co_return read.error();
    if constexpr (std::is_same_v<Request, ResyncRequest>) {
        auto answer = co_await handlers.resync(caller, std::move(request), progress);
        if (!answer) co_return answer.error();
        co_return to_json(*answer);
    } else {
        auto answer = co_await (handlers.*Handler<Request>::method)(caller, std::move(request));
        if (!answer) co_return answer.error();
        co_return to_json(*answer);
    }
}

struct Found {
    Row row = nullptr;
    Permission permission = Permission::read_mail;
};

Found find_verb(std::string_view name) {
    Found found;
    for_each_verb([&](auto verb) {
        if (name == verb.name) found = {&call<typename decltype(verb)::RequestType>, verb.permission};
    });
    return found;
}

std::string verbs() {
    std::string text;
    for_each_verb([&](auto verb) { text += (text.empty() ? "" : ", ") + std::string(verb.name); });
    return text;
}

}  // namespace

struct Server::Inside : std::enable_shared_from_this<Server::Inside> {
    struct Connection {
        explicit Connection(Socket s) : socket(std::move(s)), timer(socket.get_executor()) {}
        Socket socket;
        asio::steady_timer timer;
        std::string received;
        Caller caller;
    };

    Inside(asio::any_io_executor e, ServerOptions o, Handlers& h, Log& l)
        : executor(std::move(e)),
          options(std::move(o)),
          handlers(h),
          log(l),
          acceptor(executor),
          empty(executor),
          user_database(1) {}

    // ---- binding

    Result<void> replace_stale() {
        struct stat st {};
        if (::lstat(options.socket.c_str(), &st) != 0) return {};
        if (!S_ISSOCK(st.st_mode))
            return Error{ErrorKind::conflict, options.socket.string() + " exists and is not a socket"};
        const auto address = socket_address(options.socket);
        File probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!probe.is_open()) return system_error(errno, "socket");
        const int connected =
            ::connect(probe.descriptor(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address);
        if (connected == 0 || errno == EAGAIN || errno == EINPROGRESS)
            return Error{ErrorKind::conflict, "another imaparchd listens on " + options.socket.string()};
        if (errno != ECONNREFUSED) return system_error(errno, options.socket.string());
        if (::unlink(options.socket.c_str()) != 0 && errno != ENOENT)
            return system_error(errno, options.socket.string());
        return {};
    }

    void give_to_group() {
        if (options.group.empty()) return;
        std::vector<char> memory(1U << 16);
        group entry{};
        group* found = nullptr;
        ::getgrnam_r(options.group.c_str(), &entry, memory.data(), memory.size(), &found);
        std::string problem;
        if (!found)
            problem = "there is no such group";
        else if (::chown(options.socket.c_str(), static_cast<uid_t>(-1), found->gr_gid) != 0)
            problem = system_error(errno, "chown").text;
        if (!problem.empty())
            log.warning("control_group_not_set",
                        {{"socket", options.socket.string()}, {"group", options.group}, {"reason", problem}});
    }

    Result<void> bind() {
        const auto address = socket_address(options.socket);
        if (!address) return address.error();
        if (options.socket.has_parent_path())
            if (auto made = make_directories(options.socket.parent_path(), 0755); !made) return made;
        if (auto replaced = replace_stale(); !replaced) return replaced;
        File socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!socket.is_open()) return system_error(errno, "socket");
        if (::bind(socket.descriptor(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
            return system_error(errno, options.socket.string());
        // Nobody can connect before listen(), so there is no moment with other permissions than these.
        give_to_group();
        struct stat st {};
        if (::chmod(options.socket.c_str(), 0660) != 0 || ::lstat(options.socket.c_str(), &st) != 0 ||
            ::listen(socket.descriptor(), 64) != 0) {
            const auto error = system_error(errno, options.socket.string());
            ::unlink(options.socket.c_str());
            return error;
        }
        inode = st.st_ino;
        acceptor.assign(asio::local::stream_protocol(), socket.release());
        bound = true;
        return {};
    }

    void remove_socket() {
        if (!bound.exchange(false)) return;
        // Not the one that a successor may have put there meanwhile.
        struct stat st {};
        if (::lstat(options.socket.c_str(), &st) == 0 && st.st_ino == inode) ::unlink(options.socket.c_str());
    }

    // ---- accepting

    async::Task<void> accept_all() {
        for (;;) {
            auto [code, socket] = co_await acceptor.async_accept(awaiting);
            if (stopping || code == asio::error::operation_aborted || code == asio::error::bad_descriptor) co_return;
            if (code) {
                // Out of descriptors, say: those who wait go on waiting.
                log.warning("control_accept_failed", {{"reason", code.message()}});
                asio::steady_timer pause(executor, std::chrono::seconds(1));
                co_await pause.async_wait(awaiting);
                continue;
            }
            const auto place = connections.insert(connections.end(), std::make_shared<Connection>(std::move(socket)));
            asio::co_spawn(executor, serve(*place),
                           [self = shared_from_this(), place](std::exception_ptr) { self->finished(place); });
        }
    }

    void finished(std::list<std::shared_ptr<Connection>>::iterator place) {
        handlers.disconnected((*place)->caller);
        connections.erase(place);
        if (connections.empty()) empty.cancel();
    }

    async::Task<void> serve(std::shared_ptr<Connection> connection) {
        ucred peer{};
        socklen_t size = sizeof peer;
        if (::getsockopt(connection->socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
            log.warning("control_peer_unknown", {{"reason", system_error(errno, "SO_PEERCRED").text}});
            co_return;
        }
        connection->caller = {peer.uid, peer.gid, peer.pid, ++last_connection};
        if (connections.size() > connections_limit) {
            const auto refusal = write_error({ErrorKind::limit, "too many connections to the control socket"});
            co_await send(*connection, refusal);
            co_return;
        }
        for (;;) {
            auto line = co_await receive(*connection);
            if (!line) {
                if (line.error().kind != ErrorKind::limit) co_return;
                const auto refusal = write_error(line.error());
                co_await send(*connection, refusal);
                co_return;
            }
            const auto answer = co_await answer_to(connection, *line);
            if (!co_await send(*connection, answer)) co_return;
        }
    }

    // ---- one request

    async::Task<std::string> answer_to(std::shared_ptr<Connection> connection, const std::string& line) {
        auto request = read_request(line);
        if (!request) co_return write_error(request.error());
        const auto found = find_verb(request->verb);
        if (!found.row) co_return write_error({ErrorKind::invalid, "unknown verb; there are: " + verbs()});
        const Caller caller = connection->caller;
        if (found.permission == Permission::read_mail && !is_master(caller.uid)) {
            const auto look_up = [caller, readers = options.readers] {
                return may_read_mail(caller.uid, caller.gid, readers);
            };
            const bool may = co_await user_database.run(look_up);
            if (!may) {
                log.warning("control_denied", {{"verb", request->verb}, {"uid", caller.uid}, {"pid", caller.pid}});
                co_return write_error(
                    {ErrorKind::denied, "this needs root, the daemon's user, or a place in control.readers"});
            }
        }
        log.debug("control_request", {{"verb", request->verb}, {"uid", caller.uid}, {"pid", caller.pid}});
        // Named, not written into the call: g++ 12 destroys a temporary with captures twice in a co_await.
        const SendProgress progress = [this, connection](ResyncProgress step) -> async::Task<bool> {
            const auto event = write_event(to_json(step));
            co_return co_await send(*connection, event);
        };
        // co_await is not allowed in a catch block.
        std::optional<Error> thrown;
        try {
            const auto answer = co_await found.row(handlers, caller, request->request, progress);
            co_return answer ? write_answer(*answer) : write_error(answer.error());
        } catch (const Fault& fault) {
            thrown = fault.error();
        } catch (const std::exception& error) {
            thrown = Error{ErrorKind::io, error.what()};
        }
        log.error("control_request_failed", {{"verb", request->verb}, {"reason", thrown->text}});
        co_return write_error(*thrown);
    }

    // ---- lines

    async::Task<Result<std::string>> receive(Connection& connection) {
        auto& received = connection.received;
        std::size_t searched = 0;
        for (;;) {
            if (const auto end = received.find('\n', searched); end != std::string::npos) {
                auto line = received.substr(0, end);
                received.erase(0, end + 1);
                if (received.empty()) received.shrink_to_fit();
                co_return line;
            }
            searched = received.size();
            if (searched > request_limit)
                co_return Error{ErrorKind::limit,
                                "a request must have at most " + std::to_string(request_limit) + " bytes"};
            char buffer[16384];
            connection.timer.expires_after(silence_limit);
            auto result = co_await (connection.socket.async_read_some(asio::buffer(buffer), awaiting) ||
                                    connection.timer.async_wait(awaiting));
            if (result.index() != 0) co_return Error{ErrorKind::unavailable, "silence"};
            const auto [code, size] = std::get<0>(result);
            if (code || size == 0) co_return Error{ErrorKind::io, code.message()};
            received.append(buffer, size);
        }
    }

    async::Task<bool> send(Connection& connection, std::string_view bytes) {
        connection.timer.expires_after(write_limit);
        auto result = co_await (asio::async_write(connection.socket, asio::buffer(bytes), awaiting) ||
                                connection.timer.async_wait(awaiting));
        co_return result.index() == 0 && !std::get<0>(std::get<0>(result));
    }

    // ---- stopping; on the executor

    void close_all() {
        if (stopping) return;
        stopping = true;
        boost::system::error_code ignored;  // closing what is closed is as good
        acceptor.close(ignored);
        for (const auto& connection : connections) connection->socket.close(ignored);
    }

    const asio::any_io_executor executor;
    ServerOptions options;
    Handlers& handlers;
    Log& log;
    asio::local::stream_protocol::acceptor acceptor;
    std::list<std::shared_ptr<Connection>> connections;
    std::uint64_t last_connection = 0;
    bool stopping = false;
    asio::steady_timer empty;  // cancelled when the last connection ends
    async::Workers user_database;
    std::atomic<bool> bound{false};
    ino_t inode = 0;
};

Server::Server(asio::any_io_executor executor, ServerOptions options, Handlers& handlers, Log& log)
    : inside_(std::make_shared<Inside>(std::move(executor), std::move(options), handlers, log)) {}

Server::~Server() { stop(); }

Result<void> Server::start() {
    if (auto bound = inside_->bind(); !bound) return bound;
    asio::co_spawn(
        inside_->executor, [inside = inside_]() -> async::Task<void> { co_await inside->accept_all(); },
        asio::detached);
    return {};
}

void Server::stop() {
    inside_->remove_socket();
    asio::post(inside_->executor, [inside = inside_] { inside->close_all(); });
}

async::Task<void> Server::stopped() {
    const auto inside = inside_;
    while (!inside->connections.empty()) {
        inside->empty.expires_at(std::chrono::steady_clock::time_point::max());
        co_await inside->empty.async_wait(awaiting);
    }
}

void Server::readers(std::vector<std::string> readers) {
    asio::post(inside_->executor, [inside = inside_, readers = std::move(readers)]() mutable {
        inside->options.readers = std::move(readers);
    });
}

}  // namespace imaparc::control
