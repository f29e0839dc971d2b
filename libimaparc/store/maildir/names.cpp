#include "store/maildir/names.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "store/maildir/utf7.h"

namespace imaparc::store {

namespace {

enum class Writing { as_imap, as_bytes, otherwise };

struct Shown {
    std::string text;
    Writing writing;
};

void append_hex(std::string& out, char c) {
    constexpr char digits[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
}

// The name a level has by itself.
Shown natural(const std::string& raw) {
    if (raw.empty()) return {"%2E", Writing::as_bytes};
    if (auto decoded = decode_utf7(raw)) {
        auto text = escape_level(*decoded);
        // Written in the one way there is, and nothing in it that had to be escaped but '%'.
        const bool one_way = encode_utf7(*decoded) == raw;
        const bool plain = std::none_of(decoded->begin(), decoded->end(),
                                        [](char c) { return c == '/' || (c >= 0 && c < 0x20) || c == 0x7F; }) &&
                           text.size() == decoded->size() + 2 * static_cast<std::size_t>(
                                                                    std::count(decoded->begin(), decoded->end(), '%'));
        return {std::move(text), one_way && plain ? Writing::as_imap : Writing::otherwise};
    }
    return {escape_level(raw), raw.find('&') == std::string::npos ? Writing::as_bytes : Writing::otherwise};
}

std::string set_apart(const std::string& raw) {
    std::string text;
    for (const char c : raw) {
        if (static_cast<unsigned char>(c) >= 0x80 || c == '&' || c == '%' || c == '/' || (c >= 0 && c < 0x20) ||
            c == 0x7F)
            append_hex(text, c);
        else
            text += c;
    }
    return text;
}

std::string first_letter_escaped(const std::string& raw) {
    std::string text;
    append_hex(text, raw[0]);
    return text + raw.substr(1);
}

struct Node {
    std::string raw, shown;
    std::size_t found = NamedFolder::none;
    std::map<std::string, std::size_t> children;  // raw level -> node
};

void name_children(std::vector<Node>& nodes, std::size_t parent) {
    const bool top = parent == 0;
    std::vector<std::pair<Writing, std::size_t>> order;
    std::map<std::size_t, std::string> texts;
    for (const auto& [raw, child] : nodes[parent].children) {
        if (top && ascii_iequals(raw, "INBOX")) {
            nodes[child].shown = raw == "INBOX" ? raw : first_letter_escaped(raw);
            continue;
        }
        auto shown = natural(raw);
        texts.emplace(child, std::move(shown.text));
        order.emplace_back(shown.writing, child);
    }
    std::sort(order.begin(), order.end());
    std::set<std::string_view> taken;
    for (const auto& [writing, child] : order) {
        auto& text = texts[child];
        const bool inbox_too = top && ascii_iequals(text, "INBOX");  // "&AEk-NBOX"
        if (inbox_too || taken.count(text) != 0) text = set_apart(nodes[child].raw);
        nodes[child].shown = text;
        taken.insert(nodes[child].shown);
    }
}

}  // namespace

std::vector<NamedFolder> name_folders(const std::vector<std::vector<std::string>>& directories) {
    std::vector<Node> nodes(1);
    for (std::size_t i = 0; i < directories.size(); ++i) {
        std::size_t at = 0;
        for (const auto& level : directories[i]) {
            const auto [place, fresh] = nodes[at].children.try_emplace(level, nodes.size());
            const auto next = place->second;
            if (fresh) {
                nodes.emplace_back();
                nodes.back().raw = level;
            }
            at = next;
        }
        nodes[at].found = i;
    }
    for (std::size_t at = 0; at < nodes.size(); ++at) name_children(nodes, at);

    std::vector<NamedFolder> folders;
    const bool root_is_mailbox = nodes[0].found != NamedFolder::none;
    if (root_is_mailbox) folders.push_back({{}, {"INBOX"}, nodes[0].found});
    struct Visit {
        std::size_t node;
        std::vector<std::string> raw, shown;
    };
    std::vector<Visit> todo;
    const auto descend = [&](const Visit& from) {
        for (auto child = nodes[from.node].children.rbegin(); child != nodes[from.node].children.rend(); ++child) {
            auto next = from;
            next.node = child->second;
            next.raw.push_back(nodes[next.node].raw);
            next.shown.push_back(nodes[next.node].shown);
            todo.push_back(std::move(next));
        }
    };
    descend({0, {}, {}});
    while (!todo.empty()) {
        const auto visit = std::move(todo.back());
        todo.pop_back();
        const auto& node = nodes[visit.node];
        const bool called_inbox = visit.shown.size() == 1 && visit.shown[0] == "INBOX";
        auto shown = visit.shown;
        if (called_inbox && root_is_mailbox) shown[0] = first_letter_escaped(node.raw);
        // INBOX without mail of its own is no folder that must be made up: clients know it anyway.
        if (node.found != NamedFolder::none || !called_inbox) folders.push_back({visit.raw, shown, node.found});
        descend(visit);
    }
    return folders;
}

}  // namespace imaparc::store
