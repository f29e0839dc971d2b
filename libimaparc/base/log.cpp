#include "base/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/text.h"

namespace imaparc {

const char* to_string(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "unknown";
}

struct Log::Inside {
    Sink sink;
    std::shared_ptr<spdlog::logger> logger;
};

namespace {

std::string stamp() {
    const auto now = std::chrono::system_clock::now();
    const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(now)), millis);
}

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string text_value(const std::string& value) {
    const auto shown = printable(value, 500);
    const bool plain = !shown.empty() && shown.find_first_of(" =\"\\") == std::string::npos;
    return plain ? shown : in_quotes(shown);
}

}  // namespace

Log::Log(LogLevel least, LogFormat format) : least_(least), format_(format), inside_(std::make_unique<Inside>()) {
    inside_->logger = std::make_shared<spdlog::logger>("imaparc", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    inside_->logger->set_pattern("%v");
    inside_->logger->set_level(spdlog::level::trace);
    inside_->logger->flush_on(spdlog::level::trace);
}

Log::Log(LogLevel least, LogFormat format, Sink sink)
    : least_(least), format_(format), inside_(std::make_unique<Inside>()) {
    inside_->sink = std::move(sink);
}

Log::~Log() = default;

Log& Log::silent() {
    static Log log(LogLevel::error, LogFormat::text, [](std::string_view) {});
    return log;
}

void Log::event(LogLevel level, std::string_view name, std::initializer_list<LogField> fields) {
    if (!wants(level)) return;
    std::string line;
    if (format_ == LogFormat::text) {
        line = fmt::format("{} {} {}", stamp(), to_string(level), name);
        for (const auto& field : fields) {
            line += fmt::format(" {}=", field.key);
            if (const auto* text = std::get_if<std::string>(&field.value)) line += text_value(*text);
            if (const auto* number = std::get_if<std::int64_t>(&field.value)) line += std::to_string(*number);
            if (const auto* real = std::get_if<double>(&field.value)) line += fmt::format("{:.6g}", *real);
        }
    } else {
        line = fmt::format(R"({{"time":"{}","level":"{}","event":"{}")", stamp(), to_string(level), name);
        for (const auto& field : fields) {
            line += fmt::format(R"(,"{}":)", field.key);
            if (const auto* text = std::get_if<std::string>(&field.value)) line += in_quotes(printable(*text, 500));
            if (const auto* number = std::get_if<std::int64_t>(&field.value)) line += std::to_string(*number);
            if (const auto* real = std::get_if<double>(&field.value)) line += fmt::format("{:.6g}", *real);
        }
        line += '}';
    }
    if (inside_->sink)
        inside_->sink(line + "\n");
    else
        inside_->logger->log(spdlog::level::info, line);
}

}  // namespace imaparc
