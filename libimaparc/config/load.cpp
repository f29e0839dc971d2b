#include "config/load.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "config/settings_table.h"
#include "config/toml.h"

namespace imaparc::config {
namespace {

constexpr std::uint64_t file_limit = 1U << 20;

// Where something stands in the text; line 0: nowhere, it is the default.
struct Place {
    std::size_t line = 0, column = 0, width = 1;
};

Place place_of(const toml::source_region& region) {
    Place place{region.begin.line, region.begin.column, 1};
    if (region.end.line == region.begin.line && region.end.column > region.begin.column)
        place.width = region.end.column - region.begin.column;
    return place;
}

Place place_of(const toml::key& key) {
    auto place = place_of(key.source());
    place.width = std::max<std::size_t>(place.width, 1);
    return place;
}

std::string kind_of(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::table:
            return "a table";
        case toml::node_type::array:
            return "a list";
        case toml::node_type::string:
            return "a text";
        case toml::node_type::integer:
            return "a number";
        case toml::node_type::floating_point:
            return "a number with a fraction";
        case toml::node_type::boolean:
            return "true or false";
        default:
            return "a date or time";
    }
}

// A node as a value of the setting's type; nullopt: it is of another.
std::optional<Value> value_from(const toml::node& node, Type type) {
    switch (type) {
        case Type::boolean:
            if (const auto* v = node.as_boolean()) return Value(v->get());
            break;
        case Type::number:
            if (const auto* v = node.as_integer()) return Value(v->get());
            break;
        case Type::text:
            if (const auto* v = node.as_string()) return Value(v->get());
            break;
        case Type::texts:
            if (const auto* list = node.as_array()) {
                std::vector<std::string> members;
                for (const auto& member : *list) {
                    const auto* text = member.as_string();
                    if (!text) return std::nullopt;
                    members.push_back(text->get());
                }
                return Value(std::move(members));
            }
            break;
    }
    return std::nullopt;
}

class Loader {
  public:
    Loader(std::string_view text, std::string file, const Hooks& hooks)
        : lines_(split(text, '\n')), file_(std::move(file)), hooks_(hooks) {}

    Loaded run(std::string_view text) {
        auto parsed = toml::parse(text);
        if (!parsed) {
            const auto& error = parsed.error();
            auto place = place_of(error.source());
            place.width = 1;
            add(problems_, place, std::string(error.description()), "");
            return finish();
        }
        read_table(parsed.table(), "");
        check_across();
        return finish();
    }

  private:
    Loaded finish() {
        const auto by_place = [](const Problem& a, const Problem& b) {
            return std::pair(a.line, a.column) < std::pair(b.line, b.column);
        };
        std::stable_sort(problems_.begin(), problems_.end(), by_place);
        if (problems_.size() > problem_limit) problems_.resize(problem_limit);
        Loaded loaded;
        loaded.problems = std::move(problems_);
        loaded.warnings = std::move(warnings_);
        if (loaded.problems.empty()) loaded.settings = std::move(settings_);
        return loaded;
    }

    void add(std::vector<Problem>& list, const Place& place, std::string message, std::string allowed) {
        if (list.size() >= 10 * problem_limit) return;  // a hostile file has no use for more
        Problem problem;
        problem.file = file_;
        problem.line = place.line;
        problem.column = place.column;
        problem.width = place.width;
        problem.message = std::move(message);
        problem.allowed = std::move(allowed);
        if (place.line >= 1 && place.line <= lines_.size()) {
            problem.text = std::string(lines_[place.line - 1]);
            if (problem.text.ends_with('\r')) problem.text.pop_back();
        }
        list.push_back(std::move(problem));
    }

    // "imap." has keys below it.
    static bool is_section(const std::string& key) {
        return std::any_of(settings_table().begin(), settings_table().end(), [&](const Setting& s) {
            return !s.is_store && s.key.size() > key.size() && s.key.starts_with(key) && s.key[key.size()] == '.';
        });
    }

    static std::string keys_of(const std::string& prefix) {
        std::set<std::string> names;
        std::string text;
        for (const auto& s : settings_table()) {
            if (s.is_store || !s.key.starts_with(prefix)) continue;
            const auto rest = s.key.substr(prefix.size());
            const auto name = rest.substr(0, rest.find('.'));
            if (names.insert(name).second) text += (text.empty() ? "" : ", ") + name;
        }
        return prefix.empty() ? text + ", store" : text;
    }

    void read_table(const toml::table& table, const std::string& prefix) {
        for (const auto& [key, node] : table) {
            const std::string name = prefix + std::string(key.str());
            if (const auto* setting = find_setting(name)) {
                if (const auto value = checked(*setting, name, node)) setting->set(settings_, *value);
                places_[name] = place_of(node.source());
            } else if (name == "store") {
                read_stores(key, node);
            } else if (is_section(name)) {
                if (const auto* inner = node.as_table())
                    read_table(*inner, name + ".");
                else
                    add(problems_, place_of(key), name + " must be a table, [" + name + "], not " + kind_of(node), "");
            } else {
                unknown(key, name, keys_of(prefix), nearest_key(name));
            }
        }
    }

    void unknown(const toml::key& key, const std::string& name, const std::string& allowed, const std::string& near) {
        auto message = "unknown key " + printable(name, 100);
        if (!near.empty()) message += "; did you mean " + near + "?";
        add(problems_, place_of(key), message, allowed);
    }

    std::optional<Value> checked(const Setting& setting, const std::string& name, const toml::node& node) {
        const auto value = value_from(node, setting.type);
        if (!value) {
            add(problems_, place_of(node.source()),
                name + " must be " + to_string(setting.type) + ", not " + kind_of(node), setting.allowed());
            return std::nullopt;
        }
        if (const auto problem = setting.problem_with(*value); !problem.empty()) {
            add(problems_, place_of(node.source()), name + ": " + problem, setting.allowed());
            return std::nullopt;
        }
        return value;
    }

    void read_stores(const toml::key& key, const toml::node& node) {
        const auto* list = node.as_array();
        if (!list || std::any_of(list->begin(), list->end(), [](const toml::node& n) { return !n.is_table(); })) {
            add(problems_, place_of(key),
                "store must be written [[store]], once for each store, not as " + kind_of(node), "");
            return;
        }
        for (const auto& one : *list) read_store(*one.as_table());
    }

    void read_store(const toml::table& table) {
        store::StoreOptions store;
        const auto number = settings_.stores.size();
        bool has_problem = false;
        std::string keys;
        for (const auto& setting : settings_table())
            if (setting.is_store) keys += (keys.empty() ? "" : ", ") + setting.key;
        for (const auto& [key, node] : table) {
            const auto* setting = find_store_setting(key.str());
            if (!setting) {
                unknown(key, "store." + std::string(key.str()), keys, nearest_store_key(key.str()));
                has_problem = true;
                continue;
            }
            places_[store_place(number, setting->key)] = place_of(node.source());
            if (const auto value = checked(*setting, "store." + setting->key, node))
                setting->set_of_store(store, *value);
            else
                has_problem = true;
        }
        auto head = place_of(table.source());
        head.width = 1;
        for (const char* needed : {"name", "path"}) {
            if (table.contains(needed)) continue;
            add(problems_, head, std::string("this store has no ") + needed,
                std::string(needed) + " = \"" + (needed[0] == 'n' ? "2024" : "/srv/archive/%u") + "\", say");
            has_problem = true;
        }
        const auto same = std::find_if(settings_.stores.begin(), settings_.stores.end(),
                                       [&](const auto& other) { return other.name == store.name; });
        if (same != settings_.stores.end() && !store.name.empty())
            add(problems_, places_[store_place(number, "name")], "a second store is called " + store.name,
                "each store has a name of its own");
        if (!has_problem && hooks_.check_store)
            if (auto checked_store = hooks_.check_store(store); !checked_store)
                add(problems_, places_[store_place(number, "path")], checked_store.error().text, "");
        settings_.stores.push_back(std::move(store));
    }

    static std::string nearest_store_key(std::string_view key) {
        for (const auto& setting : settings_table())
            if (setting.is_store && ascii_iequals(setting.key, key)) return setting.key;
        return "";
    }

    static std::string store_place(std::size_t number, const std::string& key) {
        return "store#" + std::to_string(number) + "." + key;
    }

    // Where a key stands; or the table's other key, so that a check of a default has a place, too.
    Place place_or(const std::string& key, const std::string& other) const {
        for (const auto& name : {key, other})
            if (const auto found = places_.find(name); found != places_.end()) return found->second;
        return {};
    }

    void check_across() {
        const auto& s = settings_;
        if (s.tls.force && !s.tls.enabled)
            add(problems_, place_or("tls.force", ""), "tls.force needs tls.enabled = true", "");
        if (s.imap.tls_port != 0 && !s.tls.enabled)
            add(problems_, place_or("imap.tls_port", ""), "imap.tls_port needs tls.enabled = true", "");
        if (s.imap.tls_port != 0 && s.imap.tls_port == s.imap.port)
            add(problems_, place_or("imap.tls_port", ""),
                "imap.tls_port must differ from imap.port, which takes TLS anyway", "");
        if (!problems_.empty()) return;  // the machine is asked about what makes sense only
        if (hooks_.check_interface)
            if (auto known = hooks_.check_interface(s.imap.interface); !known)
                add(problems_, place_or("imap.interface", ""), "imap.interface: " + known.error().text, "");
        if (s.tls.enabled && hooks_.check_tls)
            if (auto fit = hooks_.check_tls(s.tls, s.imap.server_url); !fit)
                add(problems_, place_or("tls.certificate", "tls.enabled"), "tls: " + fit.error().text, "");
        if (s.stores.empty()) add(warnings_, {}, "there is no [[store]]: no mail is served", "");
    }

    std::vector<std::string_view> lines_;
    std::string file_;
    const Hooks& hooks_;
    Settings settings_;
    std::map<std::string, Place> places_;
    std::vector<Problem> problems_, warnings_;
};

}  // namespace

Loaded load_text(std::string_view toml, const std::string& file_name, const Hooks& hooks) {
    return Loader(toml, file_name, hooks).run(toml);
}

Loaded load_file(const std::filesystem::path& path, const Hooks& hooks) {
    auto text = read_file(path, file_limit);
    if (text) return load_text(*text, path.string(), hooks);
    Loaded loaded;
    Problem problem;
    problem.file = path.string();
    // The text names the file already.
    const auto prefix = path.string() + ": ";
    problem.message =
        text.error().text.starts_with(prefix) ? text.error().text.substr(prefix.size()) : text.error().text;
    loaded.problems.push_back(std::move(problem));
    return loaded;
}

}  // namespace imaparc::config
