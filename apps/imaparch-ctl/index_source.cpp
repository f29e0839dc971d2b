#include "index_source.h"

#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "context.h"
#include "print.h"

namespace imaparc::ctl {
namespace {

// The index belongs to the user the daemon runs as. As root we become that user, so that no file changes hands.
Result<void> become_owner(const std::string& path, const struct stat& st) {
    if (st.st_uid == ::geteuid()) return {};
    const auto* user = ::getpwuid(st.st_uid);
    const std::string name = user ? user->pw_name : "user " + std::to_string(st.st_uid);
    if (::geteuid() != 0)
        return Error{ErrorKind::denied, path + " belongs to " + name + ": run this as " + name + " or root"};
    if ((user ? ::initgroups(user->pw_name, st.st_gid) : ::setgroups(0, nullptr)) != 0 || ::setgid(st.st_gid) != 0 ||
        ::setuid(st.st_uid) != 0)
        return system_error(errno, "becoming " + name);
    return {};
}

}  // namespace

Result<void> IndexSource::open() {
    auto client = connect(globals_);
    if (client) {
        client_.emplace(std::move(*client));
        return {};
    }
    if (client.error().kind != ErrorKind::not_found) return client.error();
    return open_file();
}

Result<void> IndexSource::open_file() {
    const auto configured = settings(globals_, Missing::is_default);
    if (!configured) return Error{ErrorKind::invalid, "the configuration does not say where the index is"};
    const auto path = configured->data_dir + "/IMAPDB.FDB";
    struct stat st {};
    if (::stat(path.c_str(), &st) != 0) {
        auto error = system_error(errno, path);
        error.text += "; imaparchd, which makes it, is not running";
        return error;
    }
    if (auto became = become_owner(path, st); !became) return became;
    // Firebird puts its own handlers in place of ours otherwise, and an interrupted engine fails every later call.
    sigset_t blocked;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGTERM);
    ::sigaddset(&blocked, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    log_ = std::make_unique<Log>(LogLevel::warning, LogFormat::text);
    index::Options options;
    options.directory = configured->data_dir;
    options.window_months = configured->imap.max_months;
    options.private_flags = configured->imap.private_flags;
    options.all_mail = configured->imap.all_mail;
    options.all_mail_name = configured->imap.all_mail_name;
    try {
        index_ = index::Index::open(options, clock_, *log_);
    } catch (const Fault& fault) {
        return fault.error();
    }
    return {};
}

}  // namespace imaparc::ctl
