// A parsed command as one line of text, so that a test's expectation is a text, too; and a lexer's answers as lines.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "imap/lexer.h"
#include "imap/parse.h"
#include "imap/render.h"

namespace imaparc::test {

inline std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }
inline std::string shown(const imap::MailboxName& name) { return (name.valid ? "" : "!") + test::quoted(name.path); }

inline std::string describe(const search::Criteria& c) {
    using Kind = search::Criteria::Kind;
    const auto list = [&](std::string_view word) {
        std::string text = "(" + std::string(word);
        for (const auto& child : c.children) text += " " + describe(child);
        return text + ")";
    };
    const auto day = [&](std::string_view word) { return "(" + std::string(word) + " " + std::to_string(c.day) + ")"; };
    const auto size = [&](std::string_view word) {
        return "(" + std::string(word) + " " + std::to_string(c.size) + ")";
    };
    const auto string = [&](std::string_view word) {
        return "(" + std::string(word) + " " + test::quoted(c.string) + ")";
    };
    switch (c.kind) {
        case Kind::all_of:
            return list("and");
        case Kind::any_of:
            return list("or");
        case Kind::none_of:
            return list("not");
        case Kind::number_set:
            return c.set.text();
        case Kind::uid_set:
            return "(uid " + c.set.text() + ")";
        case Kind::flag:
            return c.string;
        case Kind::before:
            return day("before");
        case Kind::on:
            return day("on");
        case Kind::since:
            return day("since");
        case Kind::sent_before:
            return day("sentbefore");
        case Kind::sent_on:
            return day("senton");
        case Kind::sent_since:
            return day("sentsince");
        case Kind::larger:
            return size("larger");
        case Kind::smaller:
            return size("smaller");
        case Kind::header:
            return "(header " + test::quoted(c.field) + " " + test::quoted(c.string) + ")";
        case Kind::from:
            return string("from");
        case Kind::to:
            return string("to");
        case Kind::cc:
            return string("cc");
        case Kind::bcc:
            return string("bcc");
        case Kind::subject:
            return string("subject");
        case Kind::body:
            return string("body");
        case Kind::text:
            return string("text");
        case Kind::modseq:
            return size("modseq");
        case Kind::older:
            return size("older");
        case Kind::younger:
            return size("younger");
        case Kind::saved_result:
            return "$";
        case Kind::fuzzy:
            return list("fuzzy");
        case Kind::email_id:
            return string("emailid");
        case Kind::thread_id:
            return string("threadid");
        case Kind::saved_before:
            return day("savedbefore");
        case Kind::saved_on:
            return day("savedon");
        case Kind::saved_since:
            return day("savedsince");
        case Kind::save_date_supported:
            return "(savedatesupported)";
    }
    return "?";
}

// " return (min partial 1:5)"
inline std::string describe(const std::optional<imap::SearchReturn>& returns) {
    if (!returns) return "";
    std::string text;
    const auto word = [&](bool given, std::string_view name) {
        if (given) (text += text.empty() ? "" : " ") += name;
    };
    word(returns->min, "min");
    word(returns->max, "max");
    word(returns->all, "all");
    word(returns->count, "count");
    word(returns->save, "save");
    word(returns->relevancy, "relevancy");
    word(returns->update, "update");
    word(returns->context, "context");
    if (returns->partial)
        word(true, "partial " + std::to_string(returns->partial->first) + ":" + std::to_string(returns->partial->last));
    return " return (" + text + ")";
}

inline std::string describe(const search::SortKey& key) {
    constexpr std::string_view names[] = {"arrival", "cc", "date",        "from",      "size",
                                          "subject", "to", "displayfrom", "displayto", "relevancy"};
    return (key.reverse ? "-" : "") + std::string(names[static_cast<std::size_t>(key.by)]);
}

inline std::string describe(const imap::MailboxFilter& filter) {
    constexpr std::string_view names[] = {"selected",   "selected-delayed", "inboxes",     "personal",
                                          "subscribed", "subtree",          "subtree-one", "mailboxes"};
    std::string text(names[static_cast<std::size_t>(filter.kind)]);
    for (const auto& name : filter.names) text += "," + shown(name);
    return text;
}

inline std::string describe(const imap::FetchItem& item) {
    std::string text;
    imap::render_item_name(text, item);
    if (item.octets()) text += item.peek == imap::Peek::yes ? " peek" : " seen";
    if (item.partial) text += " x" + std::to_string(item.partial->count);
    return text;
}

// " list "ref" "pattern" select (subscribed) return (status messages, metadata /shared/comment)"
inline std::string describe(const imap::List& list) {
    std::string text = list.kind == imap::ListKind::lsub    ? " lsub "
                       : list.kind == imap::ListKind::xlist ? " xlist "
                                                            : " list ";
    text += test::quoted(list.reference);
    for (const auto& pattern : list.patterns) text += " " + test::quoted(pattern);
    if (!list.extended) return text;
    std::string selected, returned;
    const auto word = [](std::string& to, bool given, std::string_view name) {
        if (given) (to += to.empty() ? "" : ", ") += name;
    };
    word(selected, list.subscribed, "subscribed");
    word(selected, list.remote, "remote");
    word(selected, list.recursive_match, "recursivematch");
    word(selected, list.special_use, "special-use");
    word(returned, list.return_subscribed, "subscribed");
    word(returned, list.return_children, "children");
    word(returned, list.return_special_use, "special-use");
    word(returned, list.return_my_rights, "myrights");
    word(returned, !list.return_status.empty(), "status");
    for (auto item : list.return_status) returned += " " + std::string(imap::to_string(item));
    word(returned, !list.return_metadata.empty(), "metadata");
    for (const auto& entry : list.return_metadata) returned += " " + entry;
    return text + " select (" + selected + ") return (" + returned + ")";
}

inline std::string describe_arguments(const imap::Command& command) {
    return std::visit(
        [](const auto& c) -> std::string {
            using T = std::decay_t<decltype(c)>;
            if constexpr (std::is_same_v<T, imap::Id>) {
                std::string text;
                for (const auto& [name, value] : c.fields)
                    text += " " + test::quoted(name) + "=" + (value ? test::quoted(*value) : std::string("NIL"));
                return text;
            } else if constexpr (std::is_same_v<T, imap::Login>) {
                return " " + test::quoted(c.user) + " " + test::quoted(c.password);
            } else if constexpr (std::is_same_v<T, imap::Authenticate>) {
                return " " + c.mechanism +
                       (c.initial_response ? " " + test::quoted(*c.initial_response) : std::string());
            } else if constexpr (std::is_same_v<T, imap::Enable>) {
                std::string text;
                for (const auto& capability : c.capabilities) text += " " + capability;
                return text;
            } else if constexpr (std::is_same_v<T, imap::Select>) {
                std::string text =
                    " " + shown(c.mailbox) + (c.access == imap::Access::read_only ? " read-only" : " read-write");
                if (c.condstore) text += " condstore";
                if (!c.resync) return text;
                text += " resync " + std::to_string(c.resync->uid_validity.value) + " " +
                        std::to_string(c.resync->modseq.value);
                if (c.resync->uids) text += " uids " + c.resync->uids->text();
                if (c.resync->match)
                    text += " match " + c.resync->match->numbers.text() + " " + c.resync->match->uids.text();
                return text;
            } else if constexpr (std::is_same_v<T, imap::Subscribe> || std::is_same_v<T, imap::Unsubscribe>) {
                return " " + shown(c.mailbox);
            } else if constexpr (std::is_same_v<T, imap::List>) {
                return describe(c);
            } else if constexpr (std::is_same_v<T, imap::GetMetadata>) {
                constexpr std::string_view depths[] = {"", " depth 1", " depth infinity"};
                std::string text = " " + shown(c.mailbox);
                for (const auto& entry : c.entries) text += " " + entry;
                if (c.max_size) text += " at most " + std::to_string(*c.max_size);
                return text + std::string(depths[static_cast<std::size_t>(c.depth)]);
            } else if constexpr (std::is_same_v<T, imap::GetQuota>) {
                return " " + test::quoted(c.root);
            } else if constexpr (std::is_same_v<T, imap::GetQuotaRoot> || std::is_same_v<T, imap::MyRights> ||
                                 std::is_same_v<T, imap::GetAcl>) {
                return " " + shown(c.mailbox);
            } else if constexpr (std::is_same_v<T, imap::ListRights>) {
                return " " + shown(c.mailbox) + " " + test::quoted(c.identifier);
            } else if constexpr (std::is_same_v<T, imap::Status>) {
                std::string text = " " + shown(c.mailbox);
                for (auto item : c.items) text += " " + std::string(imap::to_string(item));
                return text;
            } else if constexpr (std::is_same_v<T, imap::Expunge>) {
                return c.uids ? " " + c.uids->text() : std::string();
            } else if constexpr (std::is_same_v<T, imap::Search>) {
                return describe(c.returns) + (c.by == imap::Numbering::uid ? " by uid " : " by number ") +
                       describe(c.criteria);
            } else if constexpr (std::is_same_v<T, imap::Sort>) {
                std::string text = describe(c.returns);
                for (const auto& key : c.keys) text += " " + describe(key);
                return text + (c.by == imap::Numbering::uid ? " by uid " : " by number ") + describe(c.criteria);
            } else if constexpr (std::is_same_v<T, imap::Thread>) {
                constexpr std::string_view algorithms[] = {" orderedsubject", " references", " refs"};
                return std::string(algorithms[static_cast<std::size_t>(c.algorithm)]) +
                       (c.by == imap::Numbering::uid ? " by uid " : " by number ") + describe(c.criteria);
            } else if constexpr (std::is_same_v<T, imap::MultiSearch>) {
                std::string text;
                for (const auto& scope : c.scopes) text += " " + describe(scope);
                return text + describe(c.returns) + " " + describe(c.criteria);
            } else if constexpr (std::is_same_v<T, imap::UidBatches>) {
                std::string text = " " + std::to_string(c.size);
                if (c.batches) text += " " + std::to_string(c.batches->first) + ":" + std::to_string(c.batches->last);
                return text;
            } else if constexpr (std::is_same_v<T, imap::Fetch>) {
                std::string text = (c.by == imap::Numbering::uid ? " by uid " : " by number ") + c.set.text();
                for (const auto& item : c.items) text += ", " + describe(item);
                if (c.changed_since) text += " since " + std::to_string(c.changed_since->value);
                if (c.vanished) text += " vanished";
                if (c.partial)
                    text += " partial " + std::to_string(c.partial->first) + ":" + std::to_string(c.partial->last);
                return text;
            } else if constexpr (std::is_same_v<T, imap::Store>) {
                std::string text = (c.by == imap::Numbering::uid ? " by uid " : " by number ") + c.set.text();
                text += c.action == imap::StoreAction::add      ? " add"
                        : c.action == imap::StoreAction::remove ? " remove"
                                                                : " replace";
                if (c.silent == imap::Silent::yes) text += " silent";
                if (c.unchanged_since) text += " unless since " + std::to_string(c.unchanged_since->value);
                text += " [" + system_flag_text(c.flags.system) + "]";
                for (const auto& keyword : c.flags.keywords) text += " " + keyword;
                return text;
            } else if constexpr (std::is_same_v<T, imap::Refused>) {
                return " refused " + c.verb;
            } else {
                return "";
            }
        },
        command);
}

// "a1 FETCH by number 1:*, UID"; "BAD a1 text"; "BADCHARSET a1 name"
inline std::string describe(const imap::Parsed& parsed) {
    if (const auto* bad = std::get_if<imap::BadRequest>(&parsed)) return "BAD " + bad->tag + " " + bad->text;
    if (const auto* bad = std::get_if<imap::BadCharset>(&parsed)) return "BADCHARSET " + bad->tag + " " + bad->charset;
    const auto& request = std::get<imap::Request>(parsed);
    return request.tag + " " + std::string(request.row->name) + describe_arguments(request.command);
}

enum class Literals { accept, refuse };

// Everything a lexer answers to these pieces, a line each. Line texts are parsed where `parse` says so.
inline std::vector<std::string> lex(imap::Lexer& lexer, const std::vector<std::string_view>& pieces,
                                    Literals literals = Literals::accept) {
    std::vector<std::string> log;
    for (auto piece : pieces) {
        lexer.feed(piece);
        for (bool more = true; more;) {
            auto step = lexer.next();
            if (std::holds_alternative<imap::NeedMore>(step)) {
                more = false;
            } else if (const auto* line = std::get_if<imap::Line>(&step)) {
                log.push_back("line " + std::string(line->text));
            } else if (const auto* literal = std::get_if<imap::NeedLiteral>(&step)) {
                log.push_back("literal " + std::to_string(literal->octets) +
                              (literal->synchronising == imap::Synchronising::yes ? " sync" : " non-sync") +
                              (literal->binary ? " binary" : "") +
                              (literal->fit == imap::LiteralFit::fits ? " " : " too large ") + lexer.tag() + " " +
                              lexer.verb());
                if (literals == Literals::accept && literal->fit == imap::LiteralFit::fits)
                    lexer.accept_literal();
                else
                    lexer.refuse_literal();
            } else if (const auto* dropped = std::get_if<imap::Dropped>(&step)) {
                log.push_back(std::string("dropped ") +
                              (dropped->why == imap::Dropped::Why::too_long ? "too long " : "refused ") + dropped->tag +
                              " " + dropped->verb);
            } else {
                log.push_back("out of sync " + std::get<imap::OutOfSync>(step).tag);
                return log;
            }
        }
    }
    return log;
}

inline std::vector<std::string_view> single_octets(std::string_view bytes) {
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < bytes.size(); ++i) pieces.push_back(bytes.substr(i, 1));
    return pieces;
}

}  // namespace imaparc::test
