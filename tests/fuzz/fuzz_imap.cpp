// The lexer and the command parsers. The first octet chooses limits and whether literals are refused; the rest is what
// a client sends. Whole or octet by octet, the answers must be the same; every answer must fit into one line.
#include <cstdint>

#include "base/text.h"
#include "fuzz/require.h"
#include "helpers/describe_command.h"
#include "imap/names.h"
#include "imap/render.h"
#include "imap/render_list.h"

using namespace imaparc;
using fuzz::require;

namespace {

void check_answer(const std::string& tag, const std::string& text) {
    std::string out;
    imap::render_status_response(out, tag, imap::Condition::bad, {imap::Code::parse, text}, text);
    require(out.find('\r') == out.size() - 2 && out.find('\n') == out.size() - 1, "a status response is one line");
    for (char c : out.substr(0, out.size() - 2)) require(c >= 0x20 && c < 0x7F, "a status response is printable");
}

void check_name(const imap::MailboxName& name) {
    if (!name.valid) return;
    require(valid_utf8(name.path), "a valid name is UTF-8");
    require(imap::mailbox_from_wire(imap::mailbox_to_wire(name.path)).path == name.path, "a name goes there and back");
}

void check_item(const imap::FetchItem& item) {
    std::string name;
    imap::render_item_name(name, item);
    // What we name in an answer is what we would understand in a command, but for the partial's count and PEEK.
    auto without = item;
    without.partial.reset();
    without.peek = imap::Peek::no;
    if (item.kind != imap::FetchItem::Kind::section) return;
    name.clear();
    imap::render_item_name(name, without);
    const auto again = imap::parse_request("a FETCH 1 " + name);
    const auto* request = std::get_if<imap::Request>(&again);
    require(request != nullptr, "an item's name can be parsed");
    require(std::get<imap::Fetch>(request->command).items.at(0) == without, "an item's name says what it is");
}

void check_set(const NumberSet& set) {
    require(set.is_saved_result() == (set.text() == "$"), "'$' is '$'");
    const auto resolved = set.resolved(100);
    require(resolved.resolved(7) == resolved, "a resolved set has no '*'");
}

// Nesting and number of keys are bounded, or a search would cost more than its text.
std::size_t check_criteria(const search::Criteria& criteria, unsigned depth = 0) {
    require(depth <= imap::max_search_depth + 2, "the depth of a search is bounded");
    using Kind = search::Criteria::Kind;
    if (criteria.kind == Kind::number_set || criteria.kind == Kind::uid_set) check_set(criteria.set);
    std::size_t keys = 1;
    for (const auto& child : criteria.children) keys += check_criteria(child, depth + 1);
    return keys;
}

void check_search(const std::optional<imap::SearchReturn>& returns, const search::Criteria& criteria) {
    require(check_criteria(criteria) <= 3 * imap::max_search_keys, "the number of keys is bounded");
    const auto simple = search::simplified(criteria);
    require(test::describe(search::simplified(simple)) == test::describe(simple), "simplified is simplified");
    if (!returns) return;
    require(!(returns->all && returns->partial), "ALL and PARTIAL exclude each other (RFC 9394 3.1)");
    if (returns->partial)
        require(returns->partial->first != 0 && returns->partial->last != 0 &&
                    (returns->partial->first > 0) == (returns->partial->last > 0),
                "a partial range counts from one end");
}

void check_command(const imap::Command& command) {
    if (const auto* c = std::get_if<imap::Search>(&command)) check_search(c->returns, c->criteria);
    if (const auto* c = std::get_if<imap::MultiSearch>(&command)) {
        check_search(c->returns, c->criteria);
        for (const auto& scope : c->scopes)
            for (const auto& name : scope.names) check_name(name);
    }
    if (const auto* c = std::get_if<imap::Thread>(&command)) check_search(std::nullopt, c->criteria);
    if (const auto* c = std::get_if<imap::Sort>(&command)) {
        require(!c->keys.empty(), "SORT has a key");
        check_search(c->returns, c->criteria);
    }
    if (const auto* c = std::get_if<imap::Select>(&command); c != nullptr && c->resync) {
        require(c->resync->modseq.value != 0, "QRESYNC's modseq is not 0");
        if (c->resync->uids) check_set(*c->resync->uids);
        if (c->resync->match)
            require(c->resync->match->numbers.resolved(0).count() == c->resync->match->uids.resolved(0).count(),
                    "QRESYNC's numbers and UIDs are as many");
    }
    if (const auto* c = std::get_if<imap::Fetch>(&command)) {
        check_set(c->set);
        require(!c->items.empty() && c->items.size() <= imap::max_fetch_items + 6, "FETCH has items, not too many");
        require(!c->vanished || (c->changed_since && c->by == imap::Numbering::uid), "VANISHED needs CHANGEDSINCE");
    }
    if (const auto* c = std::get_if<imap::Store>(&command)) check_set(c->set);
    if (const auto* c = std::get_if<imap::Notify>(&command)) require(c->none == c->groups.empty(), "NOTIFY NONE");
    if (const auto* c = std::get_if<imap::UidBatches>(&command); c != nullptr && c->batches)
        require(c->batches->first > 0 && c->batches->last > 0, "batches count from 1");
}

void check_line(std::string_view text, imap::NameForm names) {
    const auto parsed = imap::parse_request(text, names);
    if (const auto* bad = std::get_if<imap::BadRequest>(&parsed)) return check_answer(bad->tag, bad->text);
    if (const auto* bad = std::get_if<imap::BadCharset>(&parsed)) return check_answer(bad->tag, bad->charset);
    const auto& request = std::get<imap::Request>(parsed);
    require(request.row != nullptr && imap::find_verb(request.row->name) == request.row, "a request has its row");
    require(request.row->writes() == std::holds_alternative<imap::Refused>(request.command), "writing is refused");
    check_answer(request.tag, "");
    test::describe(parsed);
    check_command(request.command);
    if (const auto* select = std::get_if<imap::Select>(&request.command)) check_name(select->mailbox);
    if (const auto* status = std::get_if<imap::Status>(&request.command)) check_name(status->mailbox);
    if (const auto* fetch = std::get_if<imap::Fetch>(&request.command))
        for (const auto& item : fetch->items) check_item(item);
    if (const auto* list = std::get_if<imap::List>(&request.command)) {
        for (const auto& wanted : list->patterns) {
            const imap::Pattern pattern(imap::joined_pattern(list->reference, wanted));
            for (std::string_view path : {"INBOX", "a/b/c", "Entw\xC3\xBCrfe/2024"}) {
                pattern.matches(path);
                for (auto ancestor : pattern.matching_ancestors(path))
                    require(pattern.matches(ancestor), "ancestors match");
            }
        }
        std::string out;
        imap::render_list_root(out, list->kind, list->reference, imap::NameForm::utf8);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    imap::Lexer::Limits limits;
    if (data[0] & 1) {
        limits.command = 64;
        limits.literal = 16;
        limits.discard = 32;
        limits.non_synchronising = 8;
    }
    const auto literals = data[0] & 2 ? test::Literals::refuse : test::Literals::accept;
    imap::Lexer whole(limits), octet_by_octet(limits);
    if (data[0] & 4) {
        whole.expect(imap::Lexer::Expect::continuation);
        octet_by_octet.expect(imap::Lexer::Expect::continuation);
    }
    const auto log = test::lex(whole, {bytes}, literals);
    require(log == test::lex(octet_by_octet, test::single_octets(bytes), literals), "pieces do not matter");
    for (std::string_view line : log)
        for (const auto names : {imap::NameForm::modified_utf7, imap::NameForm::utf8})
            if (line.substr(0, 5) == "line ") check_line(line.substr(5), names);
    check_line(bytes, imap::NameForm::utf8);
    check_line(bytes, imap::NameForm::modified_utf7);
    return 0;
}
