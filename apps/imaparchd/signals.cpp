#include "signals.h"

#include <unistd.h>

#include <csignal>

namespace imaparc::daemon {

namespace {
sigset_t awaited() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    return set;
}
}  // namespace

void block_signals() {
    const auto set = awaited();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);  // a full quota is an error of the write, not the end of the process
}

Signal wait_for_signal() {
    const auto set = awaited();
    int number = 0;
    while (sigwait(&set, &number) != 0) continue;
    return number == SIGHUP ? Signal::reload : Signal::stop;
}

void raise_stop() { ::kill(::getpid(), SIGTERM); }

}  // namespace imaparc::daemon
