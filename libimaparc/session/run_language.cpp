// LANGUAGE and COMPARATOR (RFC 5255 3, 4).
#include <array>

#include "base/text.h"
#include "imap/names.h"
#include "session/run.h"

namespace imaparc::session {

namespace {

struct Comparator {
    std::string_view name;
    search::Collation collation;
};

// The more useful first: a wildcard that means several gets it (RFC 4790 3.2).
constexpr std::array comparators = {
    Comparator{"i;unicode-casemap", search::Collation::unicode_casemap},
    Comparator{"i;ascii-casemap", search::Collation::ascii_casemap},
    Comparator{"i;octet", search::Collation::octet},
};

// collation-order = ["+" / "-"] collation-wild (RFC 4790 3.3). "-", the order turned round, is REVERSE's business here.
bool means(std::string_view wanted, std::string_view name) {
    constexpr std::size_t longest = 254;  // RFC 4790 3.2
    if (ascii_iequals(wanted, "default")) return name == comparators[0].name;
    if (wanted.starts_with('+')) wanted.remove_prefix(1);
    if (wanted.size() > longest || wanted.find_first_of("%/") != std::string_view::npos) return false;
    return imap::Pattern(ascii_lower(wanted)).matches(name);  // '*' is as a mailbox pattern's
}

}  // namespace

async::Task<Outcome> run_language(State& state, const imap::Language& command) {
    std::string& out = state.out.out();
    const auto answer = [&out](std::string_view tags) { (out += "* LANGUAGE (") += std::string(tags) + ")\r\n"; };
    if (command.ranges.empty()) {
        std::string all;
        for (const auto tag : language_tags()) (all += all.empty() ? "" : " ") += tag;
        answer(all);
        co_return ok("The languages are listed");
    }
    const auto chosen = chosen_language(command.ranges);
    if (!chosen) co_return no({}, "None of these languages is spoken here");
    // No namespace has a prefix, so there is none to be translated (RFC 5255 3.4).
    state.language = *chosen;
    answer(tag_of(*chosen));
    co_return ok("Now speaking this language");
}

async::Task<Outcome> run_comparator(State& state, const imap::Comparator& command) {
    std::vector<const Comparator*> matching;  // any of the arguments
    const Comparator* chosen = nullptr;       // the first argument that means one, the first that it means
    for (const auto& wanted : command.names)
        for (const auto& one : comparators)
            if (chosen == nullptr && means(wanted, one.name)) chosen = &one;
    for (const auto& one : comparators)
        for (const auto& wanted : command.names)
            if (means(wanted, one.name) && (matching.empty() || matching.back() != &one)) matching.push_back(&one);
    if (!command.names.empty() && chosen == nullptr)
        co_return no(imap::Code::bad_comparator, "None of these comparators is known");
    if (chosen != nullptr) state.collation = chosen->collation;

    std::string& out = state.out.out();
    out += "* COMPARATOR ";
    for (const auto& one : comparators)
        if (one.collation == state.collation) out += one.name;
    if (matching.size() > 1) {
        out += " (";
        for (const auto* one : matching) (out += one == matching.front() ? "" : " ") += one->name;
        out += ')';
    }
    out += "\r\n";
    co_return ok(command.names.empty() ? "This comparator is active" : "Now comparing in this way");
}

}  // namespace imaparc::session
