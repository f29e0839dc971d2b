// Values and keys as people and TOML write them.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "config/settings_table.h"

namespace imaparc::config {
namespace {

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
                    constexpr const char* digits = "0123456789ABCDEF";
                    out += "\\u00";
                    out += digits[static_cast<unsigned char>(c) >> 4];
                    out += digits[c & 15];
                } else {
                    out += c;
                }
        }
    }
    return out + '"';
}

// Damerau-Levenshtein without transpositions across edits: small words only.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j) {
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[a.size()][b.size()];
}

std::string_view last_part(std::string_view key) {
    const auto dot = key.rfind('.');
    return dot == std::string_view::npos ? key : key.substr(dot + 1);
}

std::optional<bool> parse_truth(std::string_view text) {
    for (const char* word : {"true", "yes", "on", "1"})
        if (ascii_iequals(text, word)) return true;
    for (const char* word : {"false", "no", "off", "0"})
        if (ascii_iequals(text, word)) return false;
    return std::nullopt;
}

std::optional<std::int64_t> parse_number(std::string_view text) {
    const bool negative = text.starts_with('-');
    const auto number = parse_decimal(negative ? text.substr(1) : text);
    if (!number || *number > 0x7FFFFFFFFFFFFFFFULL) return std::nullopt;
    return negative ? -static_cast<std::int64_t>(*number) : static_cast<std::int64_t>(*number);
}

// `file, pam` or `["file", "pam"]`; members have no commas of their own.
std::vector<std::string> parse_list(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with('[') && text.ends_with(']')) text = trimmed(text.substr(1, text.size() - 2));
    std::vector<std::string> members;
    if (text.empty()) return members;
    for (auto member : split(text, ',')) {
        member = trimmed(member);
        if (member.size() >= 2 && (member.front() == '"' || member.front() == '\'') && member.back() == member.front())
            member = member.substr(1, member.size() - 2);
        if (!member.empty()) members.emplace_back(member);
    }
    return members;
}

}  // namespace

const char* to_string(Type type) {
    switch (type) {
        case Type::boolean:
            return "true or false";
        case Type::number:
            return "a number";
        case Type::text:
            return "a text in quotes";
        case Type::texts:
            return "a list of texts";
    }
    return "";
}

const char* to_string(Apply apply) {
    switch (apply) {
        case Apply::live:
            return "live";
        case Apply::listener:
            return "listener";
        case Apply::restart:
            return "restart";
    }
    return "";
}

std::string to_toml(const Value& value) {
    struct Writer {
        std::string operator()(bool v) const { return v ? "true" : "false"; }
        std::string operator()(std::int64_t v) const { return std::to_string(v); }
        std::string operator()(const std::string& v) const { return in_quotes(v); }
        std::string operator()(const std::vector<std::string>& v) const {
            std::string out = "[";
            for (std::size_t i = 0; i < v.size(); ++i) out += (i ? ", " : "") + in_quotes(v[i]);
            return out + "]";
        }
    };
    return std::visit(Writer{}, value);
}

std::string to_plain(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
        std::string out;
        for (std::size_t i = 0; i < list->size(); ++i) out += (i ? "\n" : "") + (*list)[i];
        return out;
    }
    return to_toml(value);
}

std::string KeyPath::text() const { return setting->is_store ? "store." + store + "." + setting->key : setting->key; }

std::string nearest_key(std::string_view key) {
    if (key.size() > 64) return "";
    std::string best;
    std::size_t least = 3 + key.size() / 8;  // further away it is another word
    for (const auto& setting : settings_table()) {
        if (setting.is_store) continue;
        auto d = distance(key, setting.key);
        // The right key in the wrong place is near, too.
        if (last_part(key) == last_part(setting.key)) d = std::min<std::size_t>(d, 2);
        if (d < least) {
            least = d;
            best = setting.key;
        }
    }
    return best;
}

Result<KeyPath> parse_key(std::string_view key) {
    if (const auto* setting = find_setting(key)) return KeyPath{setting, ""};
    if (key.starts_with("store.")) {
        const auto rest = key.substr(6);
        const auto dot = rest.rfind('.');
        if (dot != std::string_view::npos && dot > 0) {
            const auto* setting = find_store_setting(rest.substr(dot + 1));
            const std::string name(rest.substr(0, dot));
            if (setting && find_store_setting("name")->problem_with(name).empty()) return KeyPath{setting, name};
            std::string keys;
            for (const auto& row : settings_table())
                if (row.is_store) keys += (keys.empty() ? "" : ", ") + row.key;
            if (!setting)
                return Error{ErrorKind::invalid, "unknown key " + printable(key, 100) + "; a store has: " + keys};
            return Error{ErrorKind::invalid,
                         "store name " + printable(name, 100) + " " + find_store_setting("name")->problem_with(name)};
        }
        return Error{ErrorKind::invalid,
                     "unknown key " + printable(key, 100) + "; keys of a store are written store.NAME.path"};
    }
    std::string text = "unknown key " + printable(key, 100);
    if (const auto near = nearest_key(key); !near.empty()) text += "; did you mean " + near + "?";
    return Error{ErrorKind::invalid, text};
}

Result<Value> parse_value(const Setting& setting, std::string_view text) {
    std::optional<Value> value;
    switch (setting.type) {
        case Type::boolean:
            if (const auto truth = parse_truth(trimmed(text))) value = *truth;
            break;
        case Type::number:
            if (const auto number = parse_number(trimmed(text))) value = *number;
            break;
        case Type::text:
            if (valid_utf8(text)) value = std::string(text);
            break;
        case Type::texts:
            if (valid_utf8(text)) value = parse_list(text);
            break;
    }
    const auto problem =
        value ? setting.problem_with(*value) : '"' + printable(text, 60) + "\" is not " + to_string(setting.type);
    if (problem.empty()) return *value;
    return Error{ErrorKind::invalid, setting.key + ": " + problem + "; allowed: " + setting.allowed()};
}

Result<Value> value_of(const Settings& settings, const KeyPath& key) {
    if (!key.setting->is_store) return key.setting->get(settings);
    for (const auto& store : settings.stores)
        if (store.name == key.store) return key.setting->get_of_store(store);
    return Error{ErrorKind::not_found, "no store " + printable(key.store)};
}

std::vector<Difference> differences(const Settings& before, const Settings& after) {
    std::vector<Difference> all;
    for (const auto& setting : settings_table())
        if (!setting.is_store && setting.get(before) != setting.get(after)) all.push_back({setting.key, setting.apply});
    const auto find = [](const Settings& settings, const std::string& name) -> const store::StoreOptions* {
        for (const auto& store : settings.stores)
            if (store.name == name) return &store;
        return nullptr;
    };
    for (const auto& store : before.stores) {
        const auto* now = find(after, store.name);
        if (!now) {
            all.push_back({"store." + store.name, Apply::restart});
            continue;
        }
        for (const auto& setting : settings_table())
            if (setting.is_store && setting.get_of_store(store) != setting.get_of_store(*now))
                all.push_back({KeyPath{&setting, store.name}.text(), setting.apply});
    }
    for (const auto& store : after.stores)
        if (!find(before, store.name)) all.push_back({"store." + store.name, Apply::restart});
    return all;
}

}  // namespace imaparc::config
