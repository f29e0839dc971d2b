// The daemon: builds every part once, wires them, starts them in order and stops them in reverse. Nothing reaches for a
// part by itself (STYLE: main wires, nobody reaches).
//
// Threads: one io_context a core for sessions, one in the background for listener, control socket and synchronisation,
// the workers for everything that blocks. start(), stop() and reload() from main's thread, which waits for signals.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "archive/archive.h"
#include "async/broadcast.h"
#include "async/workers.h"
#include "auth/chain.h"
#include "auth/failure_tracker.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/progress.h"
#include "config/load.h"
#include "config/settings.h"
#include "control/server.h"
#include "control/verbs.h"
#include "entrance.h"
#include "handlers.h"
#include "index/index.h"
#include "password_backend.h"
#include "session/session.h"
#include "status.h"
#include "store/store.h"
#include "sync/engine.h"

namespace imaparc::daemon {

// Reads and validates; the error's text is what a person is shown (file, line, caret).
Result<config::Settings> load_settings(const std::filesystem::path& file);

class Service {
  public:
    // Signals must be blocked already (signals.h). Fault: data directory or index cannot be used.
    Service(std::filesystem::path config_file, std::string version, config::Settings settings, const Clock& clock,
            Log& log);
    ~Service();  // stops

    // conflict: the port is taken, or another daemon answers on the control socket.
    Result<void> start();
    // `* BYE` to everybody, what is pending is written. Blocks until nothing runs any more. Harmless when repeated.
    void stop();
    // Reads the file again and applies it; a file that does not validate changes nothing, the log says why.
    void reload();

    // ---- for the handlers, on the background executor
    StatusInputs status_inputs();
    Result<control::ConfigPrepareAnswer> prepare(const control::Caller& caller, const std::string& path,
                                                 const std::string& text);
    Result<control::ConfigSwitchAnswer> switch_to(const std::string& token);
    Result<void> abort(const std::string& token);
    Result<control::ConfigSwitchAnswer> apply_file();
    void drop_prepared_of(std::uint64_t connection);

    sync::Engine& engine() { return *engine_; }
    index::Index& index() { return *index_; }
    async::Workers& workers() { return workers_; }
    ProgressBoard& board() { return board_; }
    Log& log() { return log_; }

  private:
    struct Prepared {
        std::string token;
        std::uint64_t connection = 0;
        config::Settings settings;
        std::vector<config::Difference> differences;
        std::optional<Entrance::Bound> bound;  // if the listener changes
        std::chrono::steady_clock::time_point until;
    };

    enum class Watch { begin, end };
    struct Watched {
        std::string path;
        unsigned count = 0;  // sessions
    };

    Result<Prepared> prepared(config::Settings settings);
    control::ConfigSwitchAnswer apply(Prepared prepared);
    void apply_live();
    std::shared_ptr<const session::Options> session_options(const config::Settings& settings) const;
    std::vector<boost::asio::io_context*> session_contexts();
    net::ConnectionHandlers connection_handlers();
    void accept(std::unique_ptr<net::Stream> stream);
    void watch(const std::string& owner, FolderNumber folder, Watch what);
    std::string path_of(const std::string& owner, FolderNumber folder) const;  // "" if it is not there
    void run_context(boost::asio::io_context& context);
    // Waits for it and throws what it throws; not from the background thread.
    void on_background(std::function<void()> what);

    const std::filesystem::path config_file_;
    const std::string version_;
    config::Settings settings_;          // on the background executor once started
    const config::Settings as_started_;  // what `restart` settings are compared with
    const Clock& clock_;
    Log& log_;
    const Seconds started_;

    Metrics metrics_;
    ProgressBoard board_;
    async::Broadcast broadcast_;
    std::unique_ptr<index::Index> index_;
    std::vector<std::unique_ptr<store::ArchiveStore>> stores_;
    std::unique_ptr<archive::Archive> archive_;
    PasswordBackend* password_backend_ = nullptr;  // the chain's
    std::unique_ptr<auth::Chain> chain_;
    auth::FailureTracker failures_;
    session::Sessions sessions_;

    boost::asio::io_context background_{1};
    std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
    using Guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;
    std::vector<Guard> guards_;
    std::vector<std::thread> threads_;
    async::Workers workers_;

    std::unique_ptr<sync::Engine> engine_;
    std::unique_ptr<session::Services> services_;
    std::atomic<std::shared_ptr<const session::Options>> session_options_;
    std::atomic<std::size_t> connections_{0}, connection_limit_{0};
    Entrance entrance_;
    ControlHandlers handlers_;
    std::unique_ptr<control::Server> control_;
    std::optional<Prepared> prepared_;
    std::map<std::pair<std::string, FolderNumber>, Watched> watched_;  // on the background executor
    std::uint64_t tokens_ = 0;
    bool running_ = false;
};

}  // namespace imaparc::daemon
