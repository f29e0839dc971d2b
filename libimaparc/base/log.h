// Log events: a name that is documented and stays ("imap_login_refused"), and fields. One line an event, to standard
// error: `2026-11-24T10:00:00.123Z info imap_login_refused user=ann remote=127.0.0.1`, or JSON lines.
// Values are made printable; a secret has no business here.
//
// Log is shared by all threads and handed on by reference. Logs that nobody reads (tests): Log::silent().
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace imaparc {

enum class LogLevel { debug, info, warning, error };
const char* to_string(LogLevel level);

struct LogField {
    std::string_view key;
    std::variant<std::string, std::int64_t, double> value;

    LogField(std::string_view k, std::string_view v) : key(k), value(std::string(v)) {}
    LogField(std::string_view k, const char* v) : key(k), value(std::string(v)) {}
    LogField(std::string_view k, const std::string& v) : key(k), value(v) {}
    template <class T>
    requires std::is_arithmetic_v<T> LogField(std::string_view k, T v) : key(k) {
        if constexpr (std::is_floating_point_v<T>)
            value = static_cast<double>(v);
        else
            value = static_cast<std::int64_t>(v);
    }
};

enum class LogFormat { text, json };

class Log {
  public:
    using Sink = std::function<void(std::string_view line)>;  // called with a whole line, newline included; any thread

    Log(LogLevel least, LogFormat format);             // to standard error
    Log(LogLevel least, LogFormat format, Sink sink);  // for tests
    ~Log();
    static Log& silent();

    void level(LogLevel least) { least_ = least; }
    bool wants(LogLevel level) const { return level >= least_.load(std::memory_order_relaxed); }
    void event(LogLevel level, std::string_view name, std::initializer_list<LogField> fields = {});

    void debug(std::string_view name, std::initializer_list<LogField> f = {}) { event(LogLevel::debug, name, f); }
    void info(std::string_view name, std::initializer_list<LogField> f = {}) { event(LogLevel::info, name, f); }
    void warning(std::string_view name, std::initializer_list<LogField> f = {}) { event(LogLevel::warning, name, f); }
    void error(std::string_view name, std::initializer_list<LogField> f = {}) { event(LogLevel::error, name, f); }

  private:
    struct Inside;
    std::atomic<LogLevel> least_;
    LogFormat format_;
    std::unique_ptr<Inside> inside_;
};

}  // namespace imaparc
