// Who is connected: the register that `status` reads and that ends sessions when the listener closes or the daemon
// stops.
//
// Any thread. A session enters when it begins and leaves when it ends; what is asked of it is posted to its own
// executor.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"

namespace imaparc::session {

struct Who {
    std::string user;     // "" before log-in
    std::string owner;    // "" before log-in
    std::string address;  // without port
    std::string folder;   // "" if none is selected
    std::string doing;    // the verb under way, "IDLE", "" while waiting for a command
    bool secure = false;
    Seconds since = 0;
};

class Sessions {
  public:
    // How a session is reached; both are called from any thread and only post.
    struct Reach {
        std::function<void(std::string text)> end;  // says `* BYE text` once the command under way is done, and closes
        std::function<void()> abort;                // closes the connection at once
    };

    // Being in the register; leaves when destroyed. Setters from the session's thread.
    class Entry {
      public:
        Entry() = default;
        Entry(Entry&& other) noexcept = default;
        Entry& operator=(Entry&& other) noexcept;
        ~Entry();
        void change(const std::function<void(Who&)>& change);
        // From now on this is a session of that user, unless the user has `most_per_user` sessions already: false. 0:
        // no bound.
        [[nodiscard]] bool log_in(const std::string& user, const std::string& owner, std::size_t most_per_user);

        // Nobody's session again (UNAUTHENTICATE): it does not count among the user's any more.
        void log_out();
        // This session compresses from now on, until end_compressing() or its end; false: `most` do already. 0: no
        // bound.
        [[nodiscard]] bool begin_compressing(std::size_t most);
        void end_compressing();

      private:
        friend class Sessions;
        struct Record;
        Sessions* sessions_ = nullptr;
        std::shared_ptr<Record> record_;
    };

    // nullopt: nobody is let in any more (close() was called), or this address has `most_per_address` connections.
    std::optional<Entry> enter(Who who, Reach reach, std::size_t most_per_address);

    std::vector<Who> who() const;  // longest connected first
    std::size_t count() const;
    std::size_t count(std::string_view user) const;

    // `* BYE text` to everybody (of one user): the listener changes, a password was changed.
    void end_all(std::string_view text);
    void end_user(std::string_view user, std::string_view text);
    void abort_all();

    // Shutdown, in this order: close() lets nobody in; end_all(); wait_empty() blocks (not on an io_context's thread)
    // until the last one left or `patience` is over: false, then abort_all() and wait again.
    void close();
    bool wait_empty(std::chrono::milliseconds patience);

  private:
    void leave(const std::shared_ptr<Entry::Record>& record);
    std::size_t count_locked(std::string_view user) const;
    std::vector<Reach> reaches(std::optional<std::string_view> user) const;

    mutable std::mutex mutex_;
    std::condition_variable left_;
    bool closed_ = false;
    std::size_t compressing_ = 0;
    std::list<std::shared_ptr<Entry::Record>> records_;
    std::unordered_map<std::string, std::size_t> per_address_;
};

}  // namespace imaparc::session
