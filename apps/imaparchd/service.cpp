#include "service.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <thread>

#include "base/file.h"
#include "config/machine.h"

namespace imaparc::daemon {

namespace asio = boost::asio;

namespace {

unsigned cores() { return std::max(1U, std::thread::hardware_concurrency()); }

index::Options index_options(const config::Settings& settings) {
    index::Options options;
    options.directory = settings.data_dir;
    options.window_months = settings.imap.max_months;
    options.all_mail = settings.imap.all_mail;
    options.all_mail_name = settings.imap.all_mail_name;
    return options;
}

sync::Options sync_options(const config::Settings& settings) {
    sync::Options options;
    options.rescan_seconds = static_cast<unsigned>(settings.sync.rescan.count());
    options.hide_while_resyncing = settings.sync.hide_while_resyncing;
    options.watch = settings.sync.watch;
    for (const auto& store : settings.stores)
        if (store.rescan_seconds != 0) options.store_rescan[store.name] = store.rescan_seconds;
    return options;
}

// imaparch-ctl has the index open for a moment where it reads without a daemon: waits for that moment to end. A second
// daemon stays.
std::unique_ptr<index::Index> open_index(const config::Settings& settings, const Clock& clock, Log& log) {
    constexpr std::chrono::milliseconds patience(5000), between(100);
    const auto until = std::chrono::steady_clock::now() + patience;
    for (bool told = false;; told = true) {
        try {
            return index::Index::open(index_options(settings), clock, log);
        } catch (const Fault& fault) {
            if (fault.kind() != ErrorKind::conflict || std::chrono::steady_clock::now() >= until) throw;
            if (!told) log.warning("index_in_use", {{"reason", fault.what()}, {"patience", patience.count()}});
        }
        std::this_thread::sleep_for(between);
    }
}

}  // namespace

Result<config::Settings> load_settings(const std::filesystem::path& file) {
    const SystemClock clock;
    auto loaded = config::load_file(file, config::machine_hooks(clock));
    if (!loaded.ok()) return Error{ErrorKind::invalid, config::to_text(loaded.problems)};
    return std::move(*loaded.settings);
}

Service::Service(std::filesystem::path config_file, std::string version, config::Settings settings, const Clock& clock,
                 Log& log)
    : config_file_(std::move(config_file)),
      version_(std::move(version)),
      settings_(std::move(settings)),
      as_started_(settings_),
      clock_(clock),
      log_(log),
      started_(clock.now()),
      failures_(auth::FailureOptions{}, clock),
      workers_(settings_.workers != 0 ? settings_.workers : 4 * cores()),
      entrance_(background_, clock, log),
      handlers_(*this) {
    value_or_throw(make_directories(settings_.data_dir, 0750));
    index_ = open_index(settings_, clock_, log_);
    index_->on_change([this](const std::string& owner, FolderNumber folder, std::optional<UserNumber> user) {
        broadcast_.tell(owner, {folder, user});
    });
    std::vector<store::ArchiveStore*> stores;
    for (const auto& options : settings_.stores) {
        stores_.push_back(value_or_throw(store::open_store(options)));
        stores.push_back(stores_.back().get());
    }
    archive_ = std::make_unique<archive::Archive>(
        archive::Options{std::filesystem::path(settings_.data_dir) / "catalog", settings_.catalog.enabled}, stores,
        log_);
    auto backend = std::make_unique<PasswordBackend>(settings_.auth.file_path, log_);
    password_backend_ = backend.get();
    std::vector<std::unique_ptr<auth::Authenticator>> backends;
    backends.push_back(std::move(backend));
    chain_ = std::make_unique<auth::Chain>(std::move(backends), auth::ChainOptions{}, clock_, log_);
    engine_ = std::make_unique<sync::Engine>(sync_options(settings_), stores, *archive_, *index_, board_, clock_, log_,
                                             metrics_, workers_, background_.get_executor());
    services_.reset(new session::Services{
        *index_, *archive_, *chain_, failures_, broadcast_, workers_, board_, metrics_, log_, clock_, sessions_,
        [this](const std::string& owner, FolderNumber folder) { watch(owner, folder, Watch::begin); },
        [this](const std::string& owner, FolderNumber folder) { watch(owner, folder, Watch::end); },
        [this](const std::string& owner) { return engine_->resyncing(owner); }});
    session_options_ = session_options(settings_);
    connection_limit_ = settings_.limits.connections;
    control_ = std::make_unique<control::Server>(
        background_.get_executor(),
        control::ServerOptions{settings_.control.socket, settings_.control.group, settings_.control.readers}, handlers_,
        log_);
}

Service::~Service() { stop(); }

Result<void> Service::start() {
    auto bound = entrance_.bind(settings_);
    if (!bound) return bound.error();
    if (auto listening = control_->start(); !listening) return listening;

    for (unsigned k = settings_.threads != 0 ? settings_.threads : cores(); k > 0; --k)
        contexts_.push_back(std::make_unique<asio::io_context>(1));
    const auto run = [this](asio::io_context& context) {
        guards_.emplace_back(context.get_executor());
        threads_.emplace_back([this, &context] { run_context(context); });
    };
    for (auto& context : contexts_) run(*context);
    run(background_);
    running_ = true;
    on_background([&] { entrance_.exchange(std::move(*bound), session_contexts(), connection_handlers()); });
    engine_->start();
    log_.info("daemon_started", {{"version", version_}, {"config", config_file_.string()}});
    return {};
}

// What a handler lets escape costs that one piece of work, not the daemon.
void Service::run_context(asio::io_context& context) {
    for (bool done = false; !done;) {
        try {
            context.run();
            done = true;
        } catch (const std::exception& error) {
            log_.error("daemon_handler_failed", {{"reason", error.what()}});
        }
    }
}

void Service::stop() {
    if (!running_) return;
    running_ = false;
    log_.info("daemon_stopping");
    on_background([this] { entrance_.stop(); });
    sessions_.close();
    sessions_.end_all("imaparchd is stopping");
    engine_->stop();
    if (!sessions_.wait_empty(std::chrono::seconds(5))) {
        sessions_.abort_all();
        if (!sessions_.wait_empty(std::chrono::seconds(20)))
            log_.warning("daemon_sessions_left", {{"count", sessions_.count()}});
    }
    control_->stop();
    asio::co_spawn(background_, control_->stopped(), asio::use_future).wait();
    guards_.clear();
    for (auto& context : contexts_) context->stop();
    background_.stop();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
    workers_.stop();
    contexts_.clear();  // what is left of sessions goes while there is still everything that it refers to
    try {
        index_->flush();
    } catch (const std::exception& error) {  // the ledger has it, and the next start applies it
        log_.error("daemon_index_not_flushed", {{"reason", error.what()}});
    }
    log_.info("daemon_stopped");
}

void Service::reload() {
    try {
        on_background([this] {
            const auto applied = apply_file();
            if (!applied) log_.error("config_reload_refused", {{"reason", applied.error().text}});
        });
    } catch (const std::exception& error) {
        log_.error("config_reload_failed", {{"reason", error.what()}});
    }
}

// ---- connections

std::vector<asio::io_context*> Service::session_contexts() {
    std::vector<asio::io_context*> contexts;
    for (auto& context : contexts_) contexts.push_back(context.get());
    return contexts;
}

net::ConnectionHandlers Service::connection_handlers() {
    net::ConnectionHandlers handlers;
    handlers.refuse = [this](const std::string& address) -> std::optional<std::string> {
        if (connections_.fetch_add(1) < connection_limit_.load()) return std::nullopt;
        --connections_;
        log_.warning("imap_connection_refused", {{"remote", address}, {"limit", connection_limit_.load()}});
        return "* BYE [UNAVAILABLE] too many connections\r\n";
    };
    handlers.connected = [this](std::unique_ptr<net::Stream> stream) { accept(std::move(stream)); };
    handlers.gone = [this](const std::string&) { --connections_; };
    return handlers;
}

void Service::accept(std::unique_ptr<net::Stream> stream) {
    const auto executor = stream->executor();
    asio::co_spawn(executor, session::serve(std::move(stream), *services_, session_options_.load()),
                   [this](std::exception_ptr failure) {
                       --connections_;
                       if (!failure) return;
                       try {
                           std::rethrow_exception(failure);
                       } catch (const std::exception& error) {
                           log_.error("session_failed", {{"reason", error.what()}});
                       }
                   });
}

// The folder's path at the time counts until the end: by then the folder may be gone.
void Service::watch(const std::string& owner, FolderNumber folder, Watch what) {
    asio::post(background_, [this, owner, folder, what] {
        const auto known = watched_.find({owner, folder});
        if (what == Watch::begin) {
            auto path = known != watched_.end() ? known->second.path : path_of(owner, folder);
            if (path.empty()) return;
            engine_->watch(owner, path);
            auto& entry = watched_[{owner, folder}];
            entry.path = std::move(path);
            ++entry.count;
        } else if (known != watched_.end()) {
            engine_->unwatch(owner, known->second.path);
            if (--known->second.count == 0) watched_.erase(known);
        }
    });
}

std::string Service::path_of(const std::string& owner, FolderNumber folder) const {
    const auto folders = index_->owner(owner)->folders();
    const auto found =
        std::find_if(folders->begin(), folders->end(), [&](const auto& one) { return one.number == folder; });
    if (found == folders->end()) return "";
    return found->kind == index::FolderKind::all_mail ? "INBOX" : found->path;  // what arrives, arrives there
}

std::shared_ptr<const session::Options> Service::session_options(const config::Settings& settings) const {
    session::Options options;
    options.version = version_;
    options.comment = settings.imap.comment;
    options.admin = settings.imap.admin;
    options.special_use = session::SpecialUse(settings.imap.special_use);
    options.flags = settings.imap.private_flags ? session::FlagsMode::private_flags : session::FlagsMode::readonly;
    options.literals = settings.imap.literal_minus ? session::Literals::minus : session::Literals::plus;
    options.unauthenticate = settings.imap.unauthenticate;
    options.compressed = settings.limits.compressed;
    options.tls = settings.tls.force ? session::TlsPolicy::forced : session::TlsPolicy::optional;
    options.allow_plaintext = settings.auth.allow_plaintext;
    options.hide_while_resyncing = settings.sync.hide_while_resyncing;
    options.login_timeout = settings.limits.login_timeout;
    options.command_timeout = settings.limits.idle_timeout;
    options.write_timeout = settings.limits.write_timeout;
    options.command_octets = settings.limits.line;
    options.literal_octets = settings.limits.literal;
    options.connections_per_address = settings.limits.connections_per_address;
    options.connections_per_user = settings.limits.connections_per_user;
    options.message_limit = settings.limits.messages;
    return std::make_shared<const session::Options>(std::move(options));
}

// ---- configuration

Result<Service::Prepared> Service::prepared(config::Settings settings) {
    Prepared prepared;
    prepared.differences = config::differences(settings_, settings);
    const bool listener = std::any_of(prepared.differences.begin(), prepared.differences.end(),
                                      [](const auto& d) { return d.apply == config::Apply::listener; });
    if (listener) {
        auto bound = entrance_.bind(settings);
        if (!bound) return bound.error();
        prepared.bound = std::move(*bound);
    }
    prepared.settings = std::move(settings);
    return prepared;
}

Result<control::ConfigPrepareAnswer> Service::prepare(const control::Caller& caller, const std::string& path,
                                                      const std::string& text) {
    std::error_code missing;
    if (!std::filesystem::equivalent(path, config_file_, missing) || missing)
        return Error{ErrorKind::refused, path + " is not the file of the running daemon, " + config_file_.string()};
    auto loaded = config::load_text(text, path, config::machine_hooks(clock_));
    if (!loaded.ok()) return Error{ErrorKind::invalid, config::to_text(loaded.problems)};
    prepared_.reset();  // gives back what an earlier one had bound
    auto ready = prepared(std::move(*loaded.settings));
    if (!ready) return ready.error();
    ready->token = std::to_string(++tokens_);
    ready->connection = caller.connection;
    ready->until = clock_.steady() + std::chrono::seconds(control::config_prepared_for_seconds);
    control::ConfigPrepareAnswer answer{ready->token, changes_of(ready->differences)};
    prepared_ = std::move(*ready);
    return answer;
}

Result<control::ConfigSwitchAnswer> Service::switch_to(const std::string& token) {
    if (!prepared_ || prepared_->token != token || clock_.steady() > prepared_->until) {
        prepared_.reset();
        return Error{ErrorKind::not_found, "this change is not prepared any more; try again"};
    }
    auto ready = std::move(*prepared_);
    prepared_.reset();
    return apply(std::move(ready));
}

Result<void> Service::abort(const std::string& token) {
    if (!prepared_ || prepared_->token != token) return Error{ErrorKind::not_found, "nothing is prepared"};
    prepared_.reset();
    return {};
}

void Service::drop_prepared_of(std::uint64_t connection) {
    if (prepared_ && prepared_->connection == connection) prepared_.reset();
}

Result<control::ConfigSwitchAnswer> Service::apply_file() {
    auto settings = load_settings(config_file_);
    if (!settings) return settings.error();
    auto ready = prepared(std::move(*settings));
    if (!ready) return ready.error();
    return apply(std::move(*ready));
}

control::ConfigSwitchAnswer Service::apply(Prepared ready) {
    control::ConfigSwitchAnswer answer;
    answer.changes = changes_of(ready.differences);
    settings_ = std::move(ready.settings);
    apply_live();
    if (ready.bound) {
        entrance_.exchange(std::move(*ready.bound), session_contexts(), connection_handlers());
        sessions_.end_all("the listener changes; please connect again");
        answer.listener_restarted = true;
    }
    for (const auto& difference : config::differences(as_started_, settings_))
        answer.restart_needed |= difference.apply == config::Apply::restart;
    answer.listener = entrance_.status();
    for (const auto& change : answer.changes)
        log_.info("config_changed", {{"key", change.key}, {"apply", change.apply}});
    return answer;
}

void Service::apply_live() {
    log_.level(settings_.log.level);
    index_->window_months(settings_.imap.max_months);
    engine_->rescan_seconds(static_cast<unsigned>(settings_.sync.rescan.count()));
    engine_->hide_while_resyncing(settings_.sync.hide_while_resyncing);
    engine_->watch_enabled(settings_.sync.watch);
    password_backend_->use(settings_.auth.file_path);
    control_->readers(settings_.control.readers);
    connection_limit_ = settings_.limits.connections;
    session_options_ = session_options(settings_);
}

StatusInputs Service::status_inputs() {
    return {version_,
            config_file_.string(),
            settings_,
            started_,
            clock_.now(),
            entrance_.status(),
            entrance_.reachable_from_elsewhere(),
            *index_,
            *archive_,
            *engine_,
            board_,
            metrics_};
}

void Service::on_background(std::function<void()> what) {
    std::packaged_task<void()> task(std::move(what));
    auto done = task.get_future();
    asio::post(background_, [task = std::move(task)]() mutable { task(); });
    done.get();
}

}  // namespace imaparc::daemon
