// imaparch-ctl config show | get | set | unset | check
#include <memory>

#include "apply.h"
#include "commands.h"
#include "config/edit.h"
#include "config/machine.h"
#include "config/settings_table.h"
#include "context.h"
#include "print.h"

namespace imaparc::ctl {
namespace {

namespace json = boost::json;

json::value json_of(const config::Value& value) {
    struct Writer {
        json::value operator()(bool v) const { return control::to_json(v); }
        json::value operator()(std::int64_t v) const { return control::to_json(v); }
        json::value operator()(const std::string& v) const { return control::to_json(v); }
        json::value operator()(const std::vector<std::string>& v) const { return control::to_json(v); }
    };
    return std::visit(Writer{}, value);
}

// All keys of a configuration, stores by name.
std::vector<config::KeyPath> all_keys(const config::Settings& settings) {
    std::vector<config::KeyPath> keys;
    for (const auto& setting : config::settings_table())
        if (!setting.is_store) keys.push_back({&setting, ""});
    for (const auto& store : settings.stores)
        for (const auto& setting : config::settings_table())
            if (setting.is_store) keys.push_back({&setting, store.name});
    return keys;
}

json::value json_of(const config::KeyPath& key, const config::Value& value) {
    auto object = control::codec::empty_object();
    const auto add = [&](std::string_view name, json::value member) {
        control::codec::add_member(object, name, std::move(member));
    };
    add("key", control::to_json(key.text()));
    add("value", json_of(value));
    add("default", json_of(key.setting->default_value()));
    add("allowed", control::to_json(key.setting->allowed()));
    add("applies", control::to_json(std::string(config::to_string(key.setting->apply))));
    add("doc", control::to_json(key.setting->doc));
    return object;
}

int run_show(const Globals& globals, bool brief) {
    const auto loaded = settings(globals);
    if (!loaded) return Exit::failed;
    auto list = control::codec::empty_list();
    std::string text;
    for (const auto& key : all_keys(*loaded)) {
        const auto value = *config::value_of(*loaded, key);
        if (globals.json) {
            control::codec::add_item(list, json_of(key, value));
            continue;
        }
        if (!brief) text += (text.empty() ? "# " : "\n# ") + key.setting->doc + "\n# " + key.setting->allowed() + "\n";
        auto line = key.text() + " = " + config::to_toml(value);
        if (value == key.setting->default_value())
            line += std::string(line.size() < 50 ? 50 - line.size() : 1, ' ') + "# default";
        text += line + "\n";
    }
    if (globals.json) {
        auto object = control::codec::empty_object();
        control::codec::add_member(object, "settings", std::move(list));
        out_json(object);
    } else {
        out(text);
    }
    return Exit::done;
}

int run_get(const Globals& globals, const std::string& name) {
    const auto key = config::parse_key(name);
    if (!key) return say_error(key.error()), Exit::usage;
    const auto loaded = settings(globals, Missing::is_default);
    if (!loaded) return Exit::failed;
    const auto value = config::value_of(*loaded, *key);
    if (!value) return say_error(value.error());
    if (globals.json)
        out_json(json_of(*key, *value));
    else
        out(config::to_plain(*value) + "\n");
    return Exit::done;
}

int say_applied(const Globals& globals, const Applied& applied) {
    if (globals.json) out_struct(applied);
    if (applied.daemon == "not_running") {
        say(globals.config + " is written; imaparchd is not running and will read it when it starts");
        return Exit::done;
    }
    if (applied.daemon == "other_file") {
        say(globals.config + " is written; the running imaparchd uses another file");
        return Exit::done;
    }
    if (applied.changes.empty()) say("nothing changed for the daemon");
    for (const auto& change : applied.changes) {
        if (change.apply == "live") say(change.key + ": applied live");
        if (change.apply == "listener") say(change.key + ": applied, the listener was restarted");
        if (change.apply == "restart") say(change.key + ": applies when imaparchd is restarted");
    }
    return Exit::done;
}

// The file's text after `edit`, put into force.
int run_edit(const Globals& globals, const std::function<Result<std::string>(const std::string&)>& edit) {
    const auto text = config_text(globals);
    if (!text) return say_error(text.error());
    const auto changed = edit(*text);
    if (!changed) return say_error(changed.error());
    const auto applied = apply_config(globals, *changed);
    return applied ? say_applied(globals, *applied) : static_cast<int>(Exit::failed);
}

int run_set(const Globals& globals, const std::vector<std::string>& words) {
    if (words.size() % 2 != 0) {
        say("imaparch-ctl: " + words.back() + " has no value; config set KEY VALUE [KEY VALUE ...]");
        return Exit::usage;
    }
    std::vector<std::pair<config::KeyPath, config::Value>> changes;
    for (std::size_t i = 0; i < words.size(); i += 2) {
        const auto key = config::parse_key(words[i]);
        if (!key) return say_error(key.error()), Exit::usage;
        auto value = config::parse_value(*key->setting, words[i + 1]);
        if (!value) {
            // Of a store's setting only the last part is in the text.
            const auto prefix = key->setting->is_store ? "store." + key->store + "." : std::string();
            return say_error({value.error().kind, prefix + value.error().text});
        }
        changes.emplace_back(*key, std::move(*value));
    }
    return run_edit(globals, [&](const std::string& text) {
        Result<std::string> changed = text;
        for (const auto& [key, value] : changes)
            if (changed) changed = config::set_in_text(*changed, key, value);
        return changed;
    });
}

int run_unset(const Globals& globals, const std::string& name) {
    // store.NAME alone is the whole store.
    if (name.starts_with("store.") && !config::parse_key(name))
        return run_edit(globals,
                        [&](const std::string& text) { return config::remove_store_in_text(text, name.substr(6)); });
    const auto key = config::parse_key(name);
    if (!key) return say_error(key.error()), Exit::usage;
    return run_edit(globals, [&](const std::string& text) { return config::unset_in_text(text, *key); });
}

struct Problem {
    std::string file;
    std::uint64_t line = 0, column = 0;
    std::string message, text, allowed;
};
BOOST_DESCRIBE_STRUCT(Problem, (), (file, line, column, message, text, allowed))

struct Checked {
    bool ok = false;
    std::vector<Problem> problems, warnings;
};
BOOST_DESCRIBE_STRUCT(Checked, (), (ok, problems, warnings))

int run_check(const Globals& globals) {
    const SystemClock clock;
    const auto loaded = config::load_file(globals.config, config::machine_hooks(clock));
    if (globals.json) {
        Checked checked;
        checked.ok = loaded.ok();
        const auto copy = [](const std::vector<config::Problem>& from, std::vector<Problem>& to) {
            for (const auto& p : from) to.push_back({p.file, p.line, p.column, p.message, p.text, p.allowed});
        };
        copy(loaded.problems, checked.problems);
        copy(loaded.warnings, checked.warnings);
        out_struct(checked);
    } else {
        show_problems(loaded);
        if (loaded.ok()) say(globals.config + ": fine");
    }
    return loaded.ok() ? Exit::done : Exit::failed;
}

}  // namespace

void add_config(CLI::App& app, const Globals& globals, Run& run) {
    auto* config = app.add_subcommand("config", "Show, change and check the configuration");
    config->require_subcommand(1);
    config->footer(
        "A KEY is written as in the file: imap.port, tls.force, store.2024.path.\n\n"
        "Example: imaparch-ctl config set imap.max_months 24");

    auto* show = config->add_subcommand("show", "Every setting with its value and what it takes");
    const auto brief = std::make_shared<bool>(false);
    show->add_flag("--brief", *brief, "keys and values alone");
    show->footer("Example: imaparch-ctl config show --brief");
    show->callback([&globals, &run, brief] { run = [&globals, brief] { return run_show(globals, *brief); }; });

    auto* get = config->add_subcommand("get", "The value of one setting, alone");
    const auto wanted = std::make_shared<std::string>();
    get->add_option("KEY", *wanted)->required();
    get->footer("Example: imaparch-ctl config get imap.port");
    get->callback([&globals, &run, wanted] { run = [&globals, wanted] { return run_get(globals, *wanted); }; });

    auto* set = config->add_subcommand(
        "set",
        "Change settings in place and apply them; says whether live or by a new listener. What does not validate, or "
        "a port that cannot be bound, changes nothing");
    const auto words = std::make_shared<std::vector<std::string>>();
    set->add_option("KEY VALUE", *words)->required()->expected(2, 100);
    set->footer(
        "store.NAME.path adds a store. Lists are written with commas.\n\n"
        "Example: imaparch-ctl config set imap.port 993\n"
        "         imaparch-ctl config set tls.enabled true tls.force true");
    set->callback([&globals, &run, words] { run = [&globals, words] { return run_set(globals, *words); }; });

    auto* unset = config->add_subcommand("unset", "Back to a setting's default; store.NAME: remove the store");
    const auto gone = std::make_shared<std::string>();
    unset->add_option("KEY", *gone)->required();
    unset->footer("Example: imaparch-ctl config unset imap.max_months");
    unset->callback([&globals, &run, gone] { run = [&globals, gone] { return run_unset(globals, *gone); }; });

    auto* check =
        config->add_subcommand("check", "Whether the file is right; if not: file, line, caret and what is allowed");
    check->footer("Example: imaparch-ctl --config new.toml config check");
    check->callback([&globals, &run] { run = [&globals] { return run_check(globals); }; });
}

}  // namespace imaparc::ctl
