// Every setting once: its key, type, default, what is allowed, one line of documentation, and how a change of it is
// applied. Validation, `config show|get|set|unset`, error texts, the manual and the completions are made from, or
// tested against, this table.
//
// Any thread; constant after the first call.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "config/load.h"
#include "config/settings.h"

namespace imaparc::config {

enum class Type { boolean, number, text, texts };
const char* to_string(Type type);  // "true or false", "a number", "a text", "a list of texts"

using Value = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;

// As TOML writes it: true, 44143, "all", ["file", "pam"].
std::string to_toml(const Value& value);
// For people and scripts (`config get`): texts without quotes, lists a line each.
std::string to_plain(const Value& value);

// A setting of the file or, with is_store, of one [[store]].
struct Setting {
    std::string key;  // "imap.port"; of a store: "path"
    Type type = Type::text;
    bool is_store = false;
    Apply apply = Apply::live;
    std::int64_t least = 0, most = 0;           // of a number
    std::vector<std::string> choices;           // of a text or of a list's members; empty: any
    std::string doc;                            // one line
    std::function<Value(const Settings&)> get;  // of the file
    std::function<void(Settings&, Value)> set;
    std::function<Value(const store::StoreOptions&)> get_of_store;  // of a store
    std::function<void(store::StoreOptions&, Value)> set_of_store;
    std::function<std::string(const Value&)> check;  // beyond type and range: "" or what is wrong; may be unset

    Value default_value() const;
    std::string allowed() const;  // "a number from 1 to 65535", "one of: private, readonly"
    // Type, range, choices, check: "" or what is wrong with it.
    std::string problem_with(const Value& value) const;
};

// In the order of the manual: the file's settings, then those of a store.
const std::vector<Setting>& settings_table();
const Setting* find_setting(std::string_view key);        // of the file; nullptr
const Setting* find_store_setting(std::string_view key);  // "path"; nullptr

// A key as people write it: "imap.port", or "store.NAME.path" (the name may hold dots).
struct KeyPath {
    const Setting* setting = nullptr;
    std::string store;  // its name, if setting->is_store
    std::string text() const;
};
// invalid, with the nearest key that exists.
Result<KeyPath> parse_key(std::string_view key);
// The known key that is nearest to a mistyped one; "" if none is near.
std::string nearest_key(std::string_view key);

// A value as a command line gives it, by the setting's type: true/yes/on, digits, the text itself, a comma-separated
// list or a TOML one. invalid: what is allowed.
Result<Value> parse_value(const Setting& setting, std::string_view text);

// Of one configuration. not_found: no such store.
Result<Value> value_of(const Settings& settings, const KeyPath& key);

}  // namespace imaparc::config
