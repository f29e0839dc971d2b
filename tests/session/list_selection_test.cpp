#include "session/list_selection.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "base/text.h"
#include "imap/parse.h"

using namespace imaparc;
using namespace imaparc::session;

namespace {

// A user's folders, as LIST needs them.
struct World {
    std::map<std::string, bool> folders;  // path -> selectable
    std::set<std::string> subscribed;     // names, of folders and others
    std::map<std::string, imap::MailboxAttributes> roles;
    bool imap4rev2 = false;
};

std::shared_ptr<const index::FolderList> folder_list(const World& world) {
    auto list = std::make_shared<index::FolderList>();
    const auto add = [&](const std::string& path, bool selectable) {
        index::Folder folder;
        folder.number = FolderNumber(static_cast<std::uint32_t>(list->size() + 1));
        folder.path = path;
        folder.selectable = selectable;
        list->push_back(folder);
    };
    for (const auto& [path, selectable] : world.folders)
        if (path == "INBOX") add(path, selectable);
    for (const auto& [path, selectable] : world.folders)
        if (path != "INBOX") add(path, selectable);
    return list;
}

// The lines that the command is answered with, in order.
std::vector<std::string> answer(const World& world, const std::string& text) {
    const auto parsed = imap::parse_request("a " + text);
    if (!std::holds_alternative<imap::Request>(parsed)) return {"BAD"};
    const auto& command = std::get<imap::List>(std::get<imap::Request>(parsed).command);
    std::vector<std::string> others;
    if (lists_subscriptions(command))
        for (const auto& name : world.subscribed)
            if (!world.folders.contains(name)) others.push_back(name);
    FolderTree tree(folder_list(world), others);
    for (auto& node : tree.nodes()) {
        node.subscribed = asks_subscriptions(command) && world.subscribed.contains(std::string(node.path));
        if (asks_roles(command) && world.roles.contains(std::string(node.path)))
            node.roles = world.roles.at(std::string(node.path));
    }
    std::vector<std::string> lines;
    for (const auto& name : select_names(tree, command, missing_levels(command, world.imap4rev2))) {
        std::string line;
        imap::render_list(line, command.kind, name.attributes, tree.nodes()[name.node].path, imap::NameForm::utf8,
                          {name.child_info, {}});
        line.resize(line.size() - 2);
        lines.push_back(line + (name.detailed ? " +" : ""));
    }
    return lines;
}

// ---- the same, as plainly as the RFCs say it: every question is asked of every name.

bool matches_from(std::string_view pattern, std::string_view name) {
    if (pattern.empty()) return name.empty();
    if (pattern[0] == '*' || pattern[0] == '%') {
        for (std::size_t taken = 0;; ++taken) {
            if (matches_from(pattern.substr(1), name.substr(taken))) return true;
            if (taken == name.size() || (pattern[0] == '%' && name[taken] == '/')) return false;
        }
    }
    return !name.empty() && name[0] == pattern[0] && matches_from(pattern.substr(1), name.substr(1));
}

class Model {
  public:
    Model(const World& world, const imap::List& command) : world_(world), command_(command) {
        lsub_ = command.kind == imap::ListKind::lsub;
        for (const auto& [path, selectable] : world.folders) add(path);
        if (lsub_ || command.subscribed)
            for (const auto& name : world.subscribed) add(name);
    }

    std::set<std::string> answer() const {
        std::set<std::string> lines;
        for (const auto& name : names_)
            if (const auto line = lsub_ ? lsub(name) : list(name); !line.empty()) lines.insert(line);
        return lines;
    }

  private:
    void add(const std::string& path) {
        for (auto end = path.find('/'); end != std::string::npos; end = path.find('/', end + 1))
            names_.insert(path.substr(0, end));
        names_.insert(path);
    }
    bool exists(const std::string& name) const {
        const auto found = world_.folders.find(name);
        return found != world_.folders.end() && found->second;  // what cannot be selected is only a level
    }
    bool subscribed(const std::string& name) const { return world_.subscribed.contains(name); }
    bool special(const std::string& name) const { return world_.roles.contains(name); }
    bool matches(const std::string& name) const {
        for (const auto& pattern : command_.patterns) {
            if (pattern.empty()) continue;
            const auto whole = pattern[0] == '/' ? pattern : command_.reference + pattern;
            if (matches_from(whole, name)) return true;
            // RFC 3501 5.1: INBOX in any case; here it is asked for in upper or lower case.
            if (name == "INBOX" && matches_from(whole, "inbox")) return true;
        }
        return false;
    }
    // "satisfies every selection option" (RFC 5258 3)
    bool meets(const std::string& name) const {
        if (command_.subscribed && !subscribed(name)) return false;
        if (command_.special_use && !special(name)) return false;
        return command_.subscribed || exists(name);
    }
    template <class Question>
    bool below(const std::string& name, const Question& question) const {
        return std::any_of(names_.begin(), names_.end(),
                           [&](const std::string& other) { return other.starts_with(name + "/") && question(other); });
    }

    std::string list(const std::string& name) const {
        if (!matches(name)) return "";
        const bool new_form = command_.extended || world_.imap4rev2;
        const bool some_meet = below(name, [&](const auto& other) { return meets(other); });
        const bool some_unanswered = below(name, [&](const auto& other) { return meets(other) && !matches(other); });
        bool answered = meets(name);
        if (command_.recursive_match) {
            answered |= some_unanswered;  // RFC 5258 3.3, 2.B; 3.5
        } else if (!command_.subscribed && !command_.special_use) {
            // RFC 5258 3.5 and example 11; RFC 3501 6.3.8
            answered |= new_form ? some_unanswered : some_meet;
        }
        if (!answered) return "";
        std::string flags;
        if (!exists(name)) flags = new_form ? "\\NonExistent " : "\\Noselect ";
        flags += below(name, [&](const auto& other) { return exists(other); }) ? "\\HasChildren" : "\\HasNoChildren";
        if ((command_.subscribed || command_.return_subscribed) && subscribed(name)) flags += " \\Subscribed";
        if (special(name) && (!command_.extended || command_.special_use || command_.return_special_use))
            flags += " \\Sent";
        std::string line = "* LIST (" + flags + ") \"/\" " + name;
        if (command_.recursive_match && some_meet) line += " (\"CHILDINFO\" (\"SUBSCRIBED\"))";
        if (meets(name) && exists(name)) line += " +";
        return line;
    }

    // RFC 3501 6.3.9
    std::string lsub(const std::string& name) const {
        if (!matches(name)) return "";
        const bool percent = command_.patterns.front().find('%') != std::string::npos;
        if (!subscribed(name)) {
            const bool stands_for = percent && below(name, [&](const auto& other) { return subscribed(other); });
            return stands_for ? "* LSUB (\\Noselect) \"/\" " + name : "";
        }
        if (!exists(name)) return "* LSUB (\\Noselect) \"/\" " + name;
        const bool children = below(name, [&](const auto& other) { return exists(other); });
        return std::string("* LSUB (") + (children ? "\\HasChildren" : "\\HasNoChildren") + ") \"/\" " + name;
    }

    const World& world_;
    const imap::List& command_;
    bool lsub_ = false;
    std::set<std::string> names_;
};

class Dice {
  public:
    explicit Dice(unsigned seed) : engine_(seed) {}
    unsigned below(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(engine_); }
    bool one_in(unsigned n) { return below(n) == 0; }

  private:
    std::mt19937 engine_;
};

std::string random_path(Dice& dice) {
    // Characters around the delimiter ('-' and '.' before it, '0' behind), so that the order of bytes is no help.
    constexpr const char* levels[] = {"a", "b", "a-", "a.", "a0", "ab", "INBOX"};
    std::string path = levels[dice.below(7)];
    for (unsigned more = dice.below(4); more > 0; --more) path += std::string("/") + levels[dice.below(6)];
    return path;
}

World random_world(Dice& dice) {
    World world;
    world.folders["INBOX"] = true;
    for (unsigned n = dice.below(14); n > 0; --n) world.folders[random_path(dice)] = !dice.one_in(8);
    world.folders["INBOX"] = true;
    for (const auto& [path, selectable] : world.folders) {
        if (dice.one_in(2)) world.subscribed.insert(path);
        if (selectable && dice.one_in(5)) world.roles[path] = {imap::MailboxAttribute::sent};
    }
    for (unsigned n = dice.below(4); n > 0; --n) world.subscribed.insert(random_path(dice));
    world.imap4rev2 = dice.one_in(4);
    return world;
}

std::string random_pattern(Dice& dice) {
    constexpr const char* parts[] = {"a", "b", "/", "*", "%", "%", "-", "INBOX", "inbox", "a/%", "%/%"};
    std::string pattern;
    for (unsigned n = 1 + dice.below(4); n > 0; --n) pattern += parts[dice.below(11)];
    return pattern;
}

std::string random_command(Dice& dice) {
    if (dice.one_in(6)) return "LSUB \"\" " + random_pattern(dice);
    std::string command = "LIST ";
    if (dice.one_in(2)) {
        std::string options;
        const auto option = [&](const char* word) { options += (options.empty() ? "" : " ") + std::string(word); };
        if (dice.one_in(2)) option("SUBSCRIBED");
        if (options.size() && dice.one_in(2)) option("RECURSIVEMATCH");
        if (dice.one_in(4)) option("SPECIAL-USE");
        if (dice.one_in(6)) option("REMOTE");
        command += "(" + options + ") ";
    }
    command += dice.one_in(5) ? "a/ " : "\"\" ";
    if (dice.one_in(3)) {
        command += "(" + random_pattern(dice);
        for (unsigned n = dice.below(3); n > 0; --n) command += " " + (dice.one_in(5) ? "\"\"" : random_pattern(dice));
        command += ")";
    } else {
        command += random_pattern(dice);
    }
    if (dice.one_in(3))
        command += " RETURN (CHILDREN)";
    else if (dice.one_in(3))
        command += " RETURN (SUBSCRIBED SPECIAL-USE)";
    return command;
}

}  // namespace

TEST_CASE("LIST: RFC 5258 5, example 9") {
    World world;
    for (const auto* path : {"INBOX", "foo2", "foo2/bar1", "foo2/bar2", "baz2", "baz2/bar2", "baz2/bar22",
                             "baz2/bar222", "eps2", "eps2/mamba", "qux2/bar2"})
        world.folders[path] = true;
    world.subscribed = {"foo2/bar1",   "foo2/bar2", "baz2/bar2",  "baz2/bar22",
                        "baz2/bar222", "eps2",      "eps2/mamba", "qux2/bar2"};
    CHECK(answer(world, "LIST (RECURSIVEMATCH SUBSCRIBED) \"\" \"*2\"") ==
          std::vector<std::string>{
              "* LIST (\\HasNoChildren \\Subscribed) \"/\" baz2/bar2 +",
              "* LIST (\\HasNoChildren \\Subscribed) \"/\" baz2/bar22 +",
              "* LIST (\\HasNoChildren \\Subscribed) \"/\" baz2/bar222 +",
              "* LIST (\\HasChildren \\Subscribed) \"/\" eps2 (\"CHILDINFO\" (\"SUBSCRIBED\")) +",
              "* LIST (\\HasChildren) \"/\" foo2 (\"CHILDINFO\" (\"SUBSCRIBED\"))",
              "* LIST (\\HasNoChildren \\Subscribed) \"/\" foo2/bar2 +",
              "* LIST (\\HasNoChildren \\Subscribed) \"/\" qux2/bar2 +",
          });
    CHECK(answer(world, "LIST (SUBSCRIBED) \"\" \"*\"").size() == 8);
}

TEST_CASE("LIST: any tree, any command, against the RFCs' words") {
    const char* given = std::getenv("IMAPARC_SEED");
    const unsigned seed = given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device()();
    MESSAGE("seed ", seed);
    Dice dice(seed);
    unsigned answered = 0;
    for (int round = 0; round < 5000; ++round) {
        const World world = random_world(dice);
        const std::string text = random_command(dice);
        const auto lines = answer(world, text);
        if (lines == std::vector<std::string>{"BAD"}) {
            FAIL_CHECK("not understood: ", text);
            continue;
        }
        const auto parsed = imap::parse_request("a " + text);
        const auto& command = std::get<imap::List>(std::get<imap::Request>(parsed).command);
        const auto wanted = Model(world, command).answer();
        const std::set<std::string> got(lines.begin(), lines.end());
        answered += !got.empty();
        std::string tree;
        for (const auto& [path, selectable] : world.folders)
            tree += path + (selectable ? "" : " (noselect)") + (world.subscribed.contains(path) ? " s" : "") + "; ";
        for (const auto& name : world.subscribed) tree += "sub " + name + "; ";
        CAPTURE(text);
        CAPTURE(tree);
        REQUIRE(got.size() == lines.size());  // each name once
        REQUIRE(got == wanted);
    }
    CHECK(answered > 1000);
}

TEST_CASE("LIST: the tree has INBOX first and each name before what lies below it") {
    World world;
    for (const auto* path : {"INBOX", "A", "INBOX/x", "a", "a-", "a/b", "a/b/c", "a0", "z/y/x"})
        world.folders[path] = true;
    const FolderTree tree(folder_list(world), {"a/zz", "q/r"});
    std::vector<std::string> paths;
    for (const auto& node : tree.nodes()) paths.emplace_back(node.path);
    CHECK(paths == std::vector<std::string>{"INBOX", "INBOX/x", "A", "a", "a/b", "a/b/c", "a/zz", "a-", "a0", "q",
                                            "q/r", "z", "z/y", "z/y/x"});
    CHECK(tree.nodes()[0].has_children);
    CHECK_FALSE(tree.nodes()[9].has_children);  // q: q/r is no folder
    CHECK(tree.nodes()[11].has_children);
    CHECK(tree.nodes()[12].parent == 11);
}

TEST_CASE("LIST: ten thousand folders take no time") {
    World world;
    world.folders["INBOX"] = true;
    for (int i = 0; i < 100; ++i)
        for (int j = 0; j < 100; ++j)
            world.folders["Project " + std::to_string(i) + "/Correspondence with customer " + std::to_string(j)] = true;
    const auto began = std::chrono::steady_clock::now();
    CHECK(answer(world, "LIST \"\" *").size() == 10'101);
    CHECK(answer(world, "LIST \"\" %").size() == 101);
    CHECK(answer(world, "LIST () \"\" * RETURN (SUBSCRIBED)").size() == 10'001);
    // A model of every name with every other would take minutes.
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(10));
}
