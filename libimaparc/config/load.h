// imaparchd.toml into Settings. What is wrong with it comes back with file, line, column, the line's text, a caret and
// what is allowed; all problems at once (at most problem_limit), not one a try.
//
// Any thread; reads only the file it is given, and what the hooks look at.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "config/settings.h"

namespace imaparc::config {

struct Problem {
    std::string file;
    std::size_t line = 0, column = 0;  // from 1; 0: about the file as a whole
    std::string message;               // "unknown key imap.prot; did you mean imap.port?"
    std::string text;                  // the line it is in
    std::string allowed;               // "a number from 1 to 65535"; may be empty
    std::size_t width = 1;             // characters the caret marks
};

// imaparchd.toml:4:1: unknown key imap.prot; did you mean imap.port?
//     prot = 44143
//     ^~~~
//     allowed: enabled, port, ...
std::string to_text(const Problem& problem);
std::string to_text(const std::vector<Problem>& problems);  // one after the other
inline constexpr std::size_t problem_limit = 20;

// What a check needs that is not this room's to know. An unset one accepts everything. The error's text says what is
// wrong; it is shown at the key concerned.
struct Hooks {
    std::function<Result<void>(const std::string& interface)> check_interface;  // imap.interface: known on this machine
    // tls.*, when tls.enabled: files readable, match, password opens the key, not expired, names cover server_url.
    std::function<Result<void>(const TlsSettings& tls, const std::string& server_url)> check_tls;
    std::function<Result<void>(const store::StoreOptions& store)> check_store;  // store::open_store's opinion
};

struct Loaded {
    std::optional<Settings> settings;  // if there is no problem
    std::vector<Problem> problems;
    std::vector<Problem> warnings;  // legal, and probably not meant
    bool ok() const { return settings.has_value(); }
};

Loaded load_text(std::string_view toml, const std::string& file_name, const Hooks& hooks = {});
Loaded load_file(const std::filesystem::path& path, const Hooks& hooks = {});

// One key of the difference between two configurations that are both valid, in the table's order; stores by name:
// store.2024.path, and store.2024 alone for one that came or went.
enum class Apply {
    live,      // at once, for those who are connected, too
    listener,  // the listener is bound anew, its clients get BYE
    restart,   // when the daemon starts the next time
};
const char* to_string(Apply apply);
struct Difference {
    std::string key;
    Apply apply = Apply::live;
};
std::vector<Difference> differences(const Settings& before, const Settings& after);

}  // namespace imaparc::config
