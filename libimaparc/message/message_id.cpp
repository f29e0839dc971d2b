#include "message/message_id.h"

#include "message/lexer.h"

namespace imaparc::message {
namespace {

// word *("." word); white space and comments may stand between (obs-id-left, obs-id-right). False if it is empty.
bool read_words(Lexer& in, std::string& out) {
    const std::size_t before = out.size();
    for (;;) {
        in.skip_cfws();
        if (in.at('"')) {
            if (!in.quoted_string(out)) return false;
        } else if (in.take('.')) {
            out.push_back('.');
        } else {
            const std::string_view atom = in.atom();
            if (atom.empty()) return out.size() > before;
            out.append(atom);
        }
    }
}

// no-fold-literal = "[" *dtext "]"
bool read_literal(Lexer& in, std::string& out) {
    while (!in.at_end() && !in.at('<') && !in.at('>') && !is_blank(in.peek())) {
        const char c = in.peek();
        in.advance();
        out.push_back(c);
        if (c == ']') return true;
    }
    return false;
}

// msg-id = "<" id-left "@" id-right ">", behind the "<"
bool read_strict(Lexer& in, std::string& out) {
    if (!read_words(in, out) || !in.take('@')) return false;
    out.push_back('@');
    in.skip_cfws();
    if (!(in.at('[') ? read_literal(in, out) : read_words(in, out))) return false;
    in.skip_cfws();
    return in.take('>');
}

// Text with an '@' up to the ">", without what could mean something else than itself.
bool read_as_it_is(Lexer& in, std::string& out) {
    const std::size_t begin = in.position();
    for (; !in.at_end() && !in.at('>'); in.advance()) {
        const char c = in.peek();
        if (is_blank(c) || c == '<' || c == '"' || c == '(' || c == ')' || c == '\\') return false;
    }
    out.assign(in.text().substr(begin, in.position() - begin));
    const std::size_t at_sign = out.find('@', 1);
    return at_sign != std::string::npos && at_sign + 1 < out.size() && in.take('>');
}

}  // namespace

void each_message_id(std::string_view text, const std::function<bool(std::string&& id)>& visit) {
    Lexer in(text);
    std::string skipped;
    while (!in.at_end()) {
        if (in.skip_cfws()) continue;
        if (in.at('"') && in.quoted_string(skipped)) {
            skipped.clear();
            continue;
        }
        if (!in.take('<')) {
            in.advance();
            continue;
        }
        const std::size_t begin = in.position();
        std::string id;
        if (!read_strict(in, id)) {
            id.clear();
            in.rewind(begin);
            if (!read_as_it_is(in, id)) {
                in.rewind(begin);
                continue;
            }
        }
        if (id.size() <= max_message_id && !visit(std::move(id))) return;
    }
}

std::vector<std::string> message_ids(std::string_view text, std::size_t limit) {
    std::vector<std::string> ids;
    if (limit == 0) return ids;
    each_message_id(text, [&](std::string&& id) {
        ids.push_back(std::move(id));
        return ids.size() < limit;
    });
    return ids;
}

std::optional<std::string> first_message_id(std::string_view text) {
    auto ids = message_ids(text, 1);
    if (ids.empty()) return std::nullopt;
    return std::move(ids.front());
}

}  // namespace imaparc::message
