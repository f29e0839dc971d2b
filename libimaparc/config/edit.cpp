#include "config/edit.h"

#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "base/file.h"
#include "base/text.h"
#include "config/outline.h"
#include "config/toml.h"

namespace imaparc::config {
namespace {

// ---- what the file means, to hold an edit against

Result<toml::table> parse(std::string_view text) {
    auto parsed = toml::parse(text);
    if (parsed) return std::move(parsed).table();
    const auto& begin = parsed.error().source().begin;
    return Error{ErrorKind::invalid,
                 "line " + std::to_string(begin.line) + ": " + std::string(parsed.error().description())};
}

// Tables without a key say nothing; an edit may make or leave them.
void prune(toml::table& table) {
    for (auto it = table.begin(); it != table.end();) {
        auto* inner = it->second.as_table();
        if (inner) prune(*inner);
        if (inner && inner->empty())
            it = table.erase(it);
        else
            ++it;
    }
}

toml::table* store_of(toml::table& root, std::string_view name) {
    auto* list = root.get_as<toml::array>("store");
    if (!list) return nullptr;
    for (auto& one : *list)
        if (auto* table = one.as_table();
            table && table->get_as<std::string>("name") && *table->get_as<std::string>("name") == name)
            return table;
    return nullptr;
}

void put(toml::table& table, std::string_view key, const Value& value) {
    struct Writer {
        toml::table& table;
        std::string_view key;
        void operator()(bool v) const { table.insert_or_assign(key, v); }
        void operator()(std::int64_t v) const { table.insert_or_assign(key, v); }
        void operator()(const std::string& v) const { table.insert_or_assign(key, v); }
        void operator()(const std::vector<std::string>& v) const {
            toml::array list;
            for (const auto& member : v) list.push_back(member);
            table.insert_or_assign(key, std::move(list));
        }
    };
    std::visit(Writer{table, key}, value);
}

Path parts_of(std::string_view key) {
    Path path;
    for (const auto part : split(key, '.')) path.emplace_back(part);
    return path;
}

// The table that holds the key's last part, made if it is missing; nullptr: something else stands there.
toml::table* parent_of(toml::table& root, const Path& path) {
    auto* table = &root;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        if (!table->contains(path[i])) table->insert(path[i], toml::table{});
        table = table->get_as<toml::table>(path[i]);
        if (!table) return nullptr;
    }
    return table;
}

// ---- where the file says it

// A pair with its whole path; stores are ("store", NAME, key).
struct Leaf {
    Path path;
    const Pair* pair = nullptr;
    const Section* section = nullptr;
    const InlineTable* table = nullptr;  // innermost; nullptr: a line of its own
};

struct Table {
    Path path;
    const InlineTable* table = nullptr;
};

std::string text_value(std::string_view toml, const Range& value) {
    auto parsed = toml::parse("v = " + std::string(toml.substr(value.begin, value.end - value.begin)));
    if (!parsed) return "";
    const auto text = parsed.table()["v"].value<std::string>();
    return text ? *text : "";
}

Path joined(Path a, const Path& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

std::string store_name_in(std::string_view toml, const std::vector<Pair>& pairs) {
    for (const auto& pair : pairs)
        if (pair.key == Path{"name"}) return text_value(toml, pair.value);
    return "";
}

class Plan {
  public:
    explicit Plan(std::string_view toml) : toml_(toml), sections_(outline(toml)) {
        for (auto& section : sections_) {
            if (section.is_list && section.path == Path{"store"})
                section.path.push_back(store_name_in(toml, section.pairs));
            for (const auto& pair : section.pairs) add(section, nullptr, section.path, pair);
        }
    }

    const std::vector<Section>& sections() const { return sections_; }
    const std::vector<Leaf>& leaves() const { return leaves_; }
    const std::vector<Table>& tables() const { return tables_; }

    const Leaf* leaf(const Path& path) const {
        for (const auto& one : leaves_)
            if (one.path == path) return &one;
        return nullptr;
    }

  private:
    void add(const Section& section, const InlineTable* table, const Path& base, const Pair& pair) {
        const auto path = joined(base, pair.key);
        leaves_.push_back({path, &pair, &section, table});
        for (const auto& inner : pair.tables) {
            auto inner_path = path;
            if (inner.member_of_list) inner_path.push_back(store_name_in(toml_, inner.pairs));
            tables_.push_back({inner_path, &inner});
            for (const auto& one : inner.pairs) add(section, &inner, inner_path, one);
        }
    }

    std::string_view toml_;
    std::vector<Section> sections_;
    std::vector<Leaf> leaves_;
    std::vector<Table> tables_;
};

Path full_path(const KeyPath& key) {
    if (key.setting->is_store) return {"store", key.store, key.setting->key};
    return parts_of(key.setting->key);
}

bool begins_with(const Path& path, const Path& start) {
    return path.size() >= start.size() && std::equal(start.begin(), start.end(), path.begin());
}

std::string dotted(const Path& path, std::size_t from) {
    std::string text;
    for (std::size_t i = from; i < path.size(); ++i) text += (i > from ? "." : "") + path[i];
    return text;
}

std::string replaced(std::string_view toml, std::size_t begin, std::size_t end, std::string_view by) {
    std::string out(toml.substr(0, begin));
    out += by;
    out += toml.substr(end);
    return out;
}

std::string line_end_of(std::string_view toml) {
    const auto first = toml.find('\n');
    return first != std::string_view::npos && first > 0 && toml[first - 1] == '\r' ? "\r\n" : "\n";
}

// `name = value` as a line like the one of `like`: its indentation, and its column of '=' if the name fits before it.
std::string line_like(std::string_view toml, const Pair& like, const std::string& name, const std::string& value) {
    const auto indentation = toml.substr(like.lines.begin, like.name.begin - like.lines.begin);
    const auto equals = toml.find('=', like.name.end);
    std::size_t width = name.size() + 1;
    if (equals != std::string_view::npos && equals - like.name.begin > width && equals < like.value.begin)
        width = equals - like.name.begin;
    std::string line = std::string(indentation) + name;
    line.append(width - name.size(), ' ');
    return line + "= " + value + line_end_of(toml);
}

// A new line behind `pair`'s; the last line of a file may lack its end.
std::string after_pair(std::string_view toml, const Pair& pair, const std::string& name, const std::string& value) {
    std::string line = line_like(toml, pair, name, value);
    if (pair.lines.end > 0 && toml[pair.lines.end - 1] != '\n') line = line_end_of(toml) + line;
    return replaced(toml, pair.lines.end, pair.lines.end, line);
}

std::string in_new_block(std::string_view toml, const std::string& block) {
    std::string out(toml);
    const auto end = line_end_of(toml);
    if (!out.empty() && !out.ends_with('\n')) out += end;
    if (!out.empty()) out += end;
    std::string lines;
    for (const char c : block) c == '\n' ? lines += end : lines += c;
    return out + lines;
}

// Texts that might be the wanted one, the most natural first.
using Candidates = std::vector<std::function<std::string()>>;

void add_to_inline_table(Candidates& candidates, std::string_view toml, const Plan& plan, const Path& path,
                         const std::string& value) {
    const Table* best = nullptr;
    for (const auto& table : plan.tables())
        if (begins_with(path, table.path) && path.size() > table.path.size() &&
            (!best || table.path.size() > best->path.size()))
            best = &table;
    if (!best) return;
    candidates.push_back([=, table = *best] {
        const auto text = dotted(path, table.path.size()) + " = " + value;
        if (table.table->pairs.empty())
            return replaced(toml, table.table->range.begin, table.table->range.end, "{ " + text + " }");
        const auto at = table.table->pairs.back().value.end;
        return replaced(toml, at, at, ", " + text);
    });
}

void add_to_section(Candidates& candidates, std::string_view toml, const Plan& plan, const Path& path,
                    const std::string& value) {
    const Path parent(path.begin(), path.end() - 1);
    for (const auto& section : plan.sections()) {
        if (section.path != parent) continue;
        if (!section.pairs.empty()) {
            candidates.push_back([=, &section] { return after_pair(toml, section.pairs.back(), path.back(), value); });
        } else if (section.header.end > 0) {
            candidates.push_back([=, &section] {
                const bool whole = toml[section.header.end - 1] == '\n';
                return replaced(toml, section.header.end, section.header.end,
                                (whole ? "" : line_end_of(toml)) + path.back() + " = " + value + line_end_of(toml));
            });
        }
    }
}

// Beside keys of the same table that are written dotted: `auth.scram = false` above `auth.file.path = ...`.
void add_beside_dotted(Candidates& candidates, std::string_view toml, const Plan& plan, const Path& path,
                       const std::string& value) {
    for (std::size_t shared = path.size() - 1; shared > 0; --shared) {
        const Path start(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(shared));
        const Leaf* last = nullptr;
        for (const auto& leaf : plan.leaves())
            if (!leaf.table && begins_with(leaf.path, start) && leaf.section->path.size() < shared) last = &leaf;
        if (!last) continue;
        candidates.push_back(
            [=, leaf = *last] { return after_pair(toml, *leaf.pair, dotted(path, leaf.section->path.size()), value); });
    }
}

// A key of the root in a file that has none yet: before the first header and the comment that belongs to it.
void add_to_root(Candidates& candidates, std::string_view toml, const Plan& plan, const Path& path,
                 const std::string& value) {
    if (path.size() != 1) return;
    candidates.push_back([=, &plan] {
        const auto end = line_end_of(toml);
        const auto line = path.back() + " = " + value + end;
        if (plan.sections().size() < 2) return in_new_block(toml, path.back() + " = " + value + "\n");
        auto at = plan.sections()[1].header.begin;
        while (at > 0) {
            const auto above = at < 2 ? 0 : toml.rfind('\n', at - 2);
            const auto begin = above == std::string_view::npos || at < 2 ? 0 : above + 1;
            if (!trimmed(toml.substr(begin, at - begin)).starts_with('#')) break;
            at = begin;
        }
        return replaced(toml, at, at, line + end);
    });
}

Result<std::string> first_that_means(const Candidates& candidates, const toml::table& wanted) {
    for (const auto& candidate : candidates) {
        auto text = candidate();
        auto parsed = parse(text);
        if (!parsed) continue;
        prune(*parsed);
        if (*parsed == wanted) return text;
    }
    return Error{ErrorKind::refused, "the file is written in a way that cannot be edited in place; change it by hand"};
}

}  // namespace

Result<std::string> set_in_text(std::string_view toml, const KeyPath& key, const Value& value) {
    auto wanted = parse(toml);
    if (!wanted) return wanted.error();
    const auto path = full_path(key);
    const auto written = to_toml(value);
    Candidates candidates;
    const Plan plan(toml);

    toml::table* parent = nullptr;
    if (!key.setting->is_store) {
        parent = parent_of(*wanted, path);
    } else if (parent = store_of(*wanted, key.store); !parent && key.setting->key == "path") {
        // A store that is not there begins with its path.
        if (!wanted->contains("store")) wanted->insert("store", toml::array{});
        auto* list = wanted->get_as<toml::array>("store");
        if (!list) return Error{ErrorKind::refused, "store is not a list of tables; change the file by hand"};
        list->push_back(toml::table{{"name", key.store}});
        parent = list->back().as_table();
        candidates.push_back([&] {
            return in_new_block(toml, "[[store]]\nname = " + to_toml(key.store) + "\npath = " + written + "\n");
        });
    } else if (!parent) {
        return Error{ErrorKind::not_found,
                     "no store " + printable(key.store) + "; set store." + printable(key.store) + ".path to add it"};
    }
    if (!parent) return Error{ErrorKind::refused, path.front() + " is not a table; change the file by hand"};
    put(*parent, path.back(), value);
    prune(*wanted);

    if (const auto* leaf = plan.leaf(path)) {
        candidates.push_back(
            [&, value_text = leaf->pair->value] { return replaced(toml, value_text.begin, value_text.end, written); });
    } else if (candidates.empty()) {
        add_to_inline_table(candidates, toml, plan, path, written);
        add_to_section(candidates, toml, plan, path, written);
        add_beside_dotted(candidates, toml, plan, path, written);
        add_to_root(candidates, toml, plan, path, written);
        if (path.size() > 1 && !key.setting->is_store)
            candidates.push_back([&] {
                return in_new_block(toml, "[" + dotted(Path(path.begin(), path.end() - 1), 0) + "]\n" + path.back() +
                                              " = " + written + "\n");
            });
    }
    return first_that_means(candidates, *wanted);
}

Result<std::string> unset_in_text(std::string_view toml, const KeyPath& key) {
    auto wanted = parse(toml);
    if (!wanted) return wanted.error();
    const auto path = full_path(key);
    const Plan plan(toml);
    const auto* leaf = plan.leaf(path);
    auto* parent = key.setting->is_store ? store_of(*wanted, key.store) : parent_of(*wanted, path);
    if (!parent || !parent->contains(path.back()))
        return Error{ErrorKind::not_found, key.text() + " is not set in the file"};
    if (!leaf) return first_that_means({}, *wanted);
    parent->erase(path.back());
    prune(*wanted);

    Candidates candidates;
    if (!leaf->table) {
        candidates.push_back([&] { return replaced(toml, leaf->pair->lines.begin, leaf->pair->lines.end, ""); });
    } else {
        candidates.push_back([&] {
            // With one of its commas.
            const auto& pairs = leaf->table->pairs;
            const auto number = static_cast<std::size_t>(leaf->pair - pairs.data());
            if (number + 1 < pairs.size())
                return replaced(toml, leaf->pair->name.begin, pairs[number + 1].name.begin, "");
            if (number > 0) return replaced(toml, pairs[number - 1].value.end, leaf->pair->value.end, "");
            return replaced(toml, leaf->table->range.begin, leaf->table->range.end, "{}");
        });
    }
    return first_that_means(candidates, *wanted);
}

Result<std::string> remove_store_in_text(std::string_view toml, std::string_view store) {
    auto wanted = parse(toml);
    if (!wanted) return wanted.error();
    auto* table = store_of(*wanted, store);
    if (!table) return Error{ErrorKind::not_found, "no store " + printable(store) + " in the file"};
    auto* list = wanted->get_as<toml::array>("store");
    for (std::size_t i = 0; i < list->size(); ++i)
        if (list->get(i)->as_table() == table) {
            list->erase(list->begin() + static_cast<std::ptrdiff_t>(i));
            break;
        }
    if (list->empty()) wanted->erase("store");
    prune(*wanted);

    const Plan plan(toml);
    Candidates candidates;
    for (const auto& section : plan.sections()) {
        if (!section.is_list || section.path != Path{"store", std::string(store)}) continue;
        candidates.push_back([&] {
            const auto end = section.pairs.empty() ? section.header.end : section.pairs.back().lines.end;
            // The blank line that set it apart goes with it.
            auto begin = section.header.begin;
            if (begin >= 2 && toml[begin - 1] == '\n' &&
                trimmed(toml.substr(toml.rfind('\n', begin - 2) + 1, begin - 1 - toml.rfind('\n', begin - 2) - 1))
                    .empty())
                begin = toml.rfind('\n', begin - 2) + 1;
            return replaced(toml, begin, end, "");
        });
    }
    return first_that_means(candidates, *wanted);
}

Result<void> write_config(const std::filesystem::path& path, std::string_view toml) {
    std::error_code ignored;  // a path that cannot be resolved fails below, with its own name
    auto target = std::filesystem::weakly_canonical(path, ignored);  // replaces a link's target, not the link
    if (target.empty()) target = path;
    struct stat st {};
    unsigned mode = 0644;
    if (::stat(target.c_str(), &st) == 0) mode = st.st_mode & 07777;
    return write_file_atomically(target, toml, mode);
}

}  // namespace imaparc::config
