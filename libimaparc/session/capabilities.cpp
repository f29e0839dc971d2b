// What CAPABILITY announces, a row each: only what works (DESIGN.md 14). The manual, imaparc-protocol(7), has the same
// rows with the RFC and the test of each.
#include "session/run.h"

namespace imaparc::session {

namespace {

enum class When : std::uint8_t { always, before_login, after_login };

struct Row {
    std::string_view name;
    When when;
    bool (*announced)(const State&) = nullptr;         // nullptr: always
    std::string_view (*text)(const State&) = nullptr;  // of what has a number in it; nullptr: the name
};

constexpr Row rows[] = {
    {"IMAP4rev1", When::always},
    {"IMAP4rev2", When::always},
    // One of the two, never both (RFC 7888 5).
    {"LITERAL+", When::always, [](const State& state) { return state.options->literals == Literals::plus; }},
    {"LITERAL-", When::always, [](const State& state) { return state.options->literals == Literals::minus; }},
    {"SASL-IR", When::always},
    {"ID", When::always},
    {"ENABLE", When::always},
    {"IDLE", When::always},
    {"LANGUAGE", When::always},

    {"STARTTLS", When::before_login, [](const State& state) { return state.stream.can_start_tls(); }},
    {"LOGINDISABLED", When::before_login, [](const State& state) { return password_refused(state).has_value(); }},
    {"AUTH=PLAIN", When::before_login, [](const State& state) { return !password_refused(state); }},
    {"AUTH=LOGIN", When::before_login, [](const State& state) { return !password_refused(state); }},

    {"COMPRESS=DEFLATE", When::after_login, [](const State& state) { return !state.stream.compressing(); }},
    {"UNAUTHENTICATE", When::after_login, [](const State& state) { return state.options->unauthenticate; }},

    {"UTF8=ACCEPT", When::after_login},
    // The highest level alone (RFC 5255 4.3).
    {"I18NLEVEL=2", When::after_login},

    {"NAMESPACE", When::after_login},
    {"CHILDREN", When::after_login},
    {"UNSELECT", When::after_login},
    {"LIST-EXTENDED", When::after_login},
    {"LIST-STATUS", When::after_login},
    {"LIST-MYRIGHTS", When::after_login},
    {"LIST-METADATA", When::after_login},
    {"SPECIAL-USE", When::after_login},
    {"XLIST", When::after_login},
    {"ACL", When::after_login},
    {"RIGHTS=texk", When::after_login},  // nobody has these; but they are known (RFC 4314 5.1.1)
    {"METADATA", When::after_login},
    {"QUOTA", When::after_login},
    {"QUOTA=RES-STORAGE", When::after_login},
    {"QUOTA=RES-MESSAGE", When::after_login},
    {"UIDPLUS", When::after_login},
    {"BINARY", When::after_login},
    {"PREVIEW", When::after_login},
    {"APPENDLIMIT=0", When::after_login},  // nothing can be uploaded (RFC 7889)
    {"CONDSTORE", When::after_login},
    {"QRESYNC", When::after_login},
    {"UIDONLY", When::after_login},
    {"OBJECTID", When::after_login},
    {"SAVEDATE", When::after_login},
    {"ESEARCH", When::after_login},
    {"SEARCHRES", When::after_login},
    {"WITHIN", When::after_login},
    {"PARTIAL", When::after_login},
    {"SEARCH=FUZZY", When::after_login},
    {"UIDBATCHES", When::after_login},
    {"INPROGRESS", When::after_login},
    {"MESSAGELIMIT", When::after_login, [](const State& state) { return state.options->message_limit > 0; },
     [](const State& state) { return std::string_view(state.message_limit); }},
    {"STATUS=SIZE", When::after_login},
    {"SORT", When::after_login},
    {"SORT=DISPLAY", When::after_login},
    {"ESORT", When::after_login},
    {"CONTEXT=SEARCH", When::after_login},
    {"CONTEXT=SORT", When::after_login},
    {"NOTIFY", When::after_login},
    {"THREAD=ORDEREDSUBJECT", When::after_login},
    {"THREAD=REFERENCES", When::after_login},
    {"THREAD=REFS", When::after_login},
    {"MULTISEARCH", When::after_login},
};

}  // namespace

std::vector<std::string_view> capabilities(const State& state) {
    const When phase = state.phase() == imap::States::not_authenticated ? When::before_login : When::after_login;
    std::vector<std::string_view> list;
    for (const auto& row : rows)
        if ((row.when == When::always || row.when == phase) && (row.announced == nullptr || row.announced(state)))
            list.push_back(row.text ? row.text(state) : row.name);
    return list;
}

}  // namespace imaparc::session
