// imaparch-ctl user add | passwd | remove | list
#include <memory>

#include "auth/password_file.h"
#include "base/text.h"
#include "commands.h"
#include "context.h"
#include "print.h"
#include "prompt.h"

namespace imaparc::ctl {
namespace {

struct Options {
    std::string name;
    std::string file;  // --file; "": auth.file.path
    bool password_stdin = false;
};

struct User {
    std::string name;
    std::uint64_t line = 0;
    std::string problem;  // why this user cannot log in; ""
};
BOOST_DESCRIBE_STRUCT(User, (), (name, line, problem))

struct Answer {
    std::string file;
    std::vector<User> users;
};
BOOST_DESCRIBE_STRUCT(Answer, (), (file, users))

struct Changed {
    std::string file, user;
};
BOOST_DESCRIBE_STRUCT(Changed, (), (file, user))

std::optional<std::string> users_file(const Globals& globals, const Options& options) {
    if (!options.file.empty()) return options.file;
    const auto configured = settings(globals, Missing::is_default);
    if (!configured) return std::nullopt;
    return configured->auth.file_path;
}

using Change = std::function<Result<void>(const std::string& file)>;

int run_change(const Globals& globals, const Options& options, const std::string& past, const Change& change) {
    const auto file = users_file(globals, options);
    if (!file) return Exit::failed;
    if (auto changed = change(*file); !changed) {
        if (changed.error().kind == ErrorKind::refused) return say_error(changed.error()), Exit::usage;
        return say_error(changed.error());
    }
    if (globals.json) out_struct(Changed{*file, options.name});
    say("user " + printable(options.name) + " " + past + " " + *file);
    return Exit::done;
}

// The password first: a file must not be locked while somebody types.
Result<auth::Secret> password(const Options& options) {
    return options.password_stdin ? password_from_stdin() : password_from_terminal(options.name);
}

int run_add(const Globals& globals, const Options& options) {
    return run_change(globals, options, "added to", [&](const std::string& file) -> Result<void> {
        const auto secret = password(options);
        if (!secret) return secret.error();
        return auth::add_user(file, options.name, secret->view());
    });
}

int run_passwd(const Globals& globals, const Options& options) {
    return run_change(globals, options, "has a new password in", [&](const std::string& file) -> Result<void> {
        const auto secret = password(options);
        if (!secret) return secret.error();
        return auth::change_password(file, options.name, secret->view());
    });
}

int run_remove(const Globals& globals, const Options& options) {
    return run_change(globals, options, "removed from",
                      [&](const std::string& file) { return auth::remove_user(file, options.name); });
}

int run_list(const Globals& globals, const Options& options) {
    const auto file = users_file(globals, options);
    if (!file) return Exit::failed;
    const auto users = auth::list_users(*file);
    if (!users) return say_error(users.error());
    if (globals.json) {
        Answer answer;
        answer.file = *file;
        for (const auto& user : *users) answer.users.push_back({user.name, user.line, user.problem});
        out_struct(answer);
        return Exit::done;
    }
    for (const auto& user : *users) {
        if (user.problem.empty())
            out(user.name + "\n");
        else
            say(*file + ":" + std::to_string(user.line) + ": " + (user.name.empty() ? "" : user.name + ": ") +
                user.problem);
    }
    return Exit::done;
}

}  // namespace

void add_user(CLI::App& app, const Globals& globals, Run& run) {
    auto* user = app.add_subcommand("user", "Users of the password file (auth.file.path)");
    user->require_subcommand(1);
    user->footer("Example: imaparch-ctl user add ann");
    const auto options = std::make_shared<Options>();
    const auto verb = [&](const char* name, const char* brief, int (*function)(const Globals&, const Options&)) {
        auto* sub = user->add_subcommand(name, brief);
        sub->add_option("--file", options->file, "another password file")->type_name("FILE");
        sub->callback([&globals, &run, options, function] {
            run = [&globals, options, function] { return function(globals, *options); };
        });
        return sub;
    };
    const auto name = [&](CLI::App* sub) { sub->add_option("NAME", options->name)->required(); };
    const auto stdin_flag = [&](CLI::App* sub) {
        sub->add_flag("--password-stdin", options->password_stdin, "the password is the first line of standard input");
    };

    auto* add = verb("add", "Add a user; asks for the password on the terminal", run_add);
    name(add);
    stdin_flag(add);
    add->footer("Example: imaparch-ctl user add ann --password-stdin < password");
    auto* passwd = verb("passwd", "Change a user's password", run_passwd);
    name(passwd);
    stdin_flag(passwd);
    passwd->footer("Example: imaparch-ctl user passwd ann");
    auto* remove = verb("remove", "Remove a user; the mail stays", run_remove);
    name(remove);
    remove->footer("Example: imaparch-ctl user remove ann");
    auto* list = verb("list", "The users, a line each", run_list);
    list->footer("Example: imaparch-ctl user list");
}

}  // namespace imaparc::ctl
