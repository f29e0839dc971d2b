// Signals, taken by one thread that waits for them. They are blocked before any thread starts (threads inherit that),
// so that Firebird's engine, which installs handlers of its own at its first call, never gets one.
//
// block_signals() once, first thing in main; wait_for_signal() from main's thread.
#pragma once

namespace imaparc::daemon {

enum class Signal { stop, reload };

void block_signals();      // SIGINT, SIGTERM, SIGHUP; SIGPIPE is ignored for good
Signal wait_for_signal();  // SIGINT, SIGTERM: stop; SIGHUP: reload
void raise_stop();         // makes wait_for_signal() return stop, from any thread

}  // namespace imaparc::daemon
