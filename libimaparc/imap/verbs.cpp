#include <algorithm>
#include <array>

#include "base/text.h"
#include "imap/parse.h"
#include "imap/parsers.h"

namespace imaparc::imap {

namespace {

constexpr auto not_used = MessageNumbers::not_used;
constexpr auto used = MessageNumbers::used;

// Sorted by name. ENABLE is for before the first SELECT (RFC 5161 3.1), but a client that sends it later gains nothing
// from a BAD, and RFC 9051 servers take it.
constexpr std::array rows = {
    Verb{"APPEND", States::logged_in, not_used, parse_refused},
    Verb{"AUTHENTICATE", States::not_authenticated, not_used, parse_authenticate},
    Verb{"CANCELUPDATE", States::selected, not_used, parse_cancel_update},
    Verb{"CAPABILITY", States::any, not_used, parse_alone<Capability>},
    Verb{"CHECK", States::selected, not_used, parse_alone<Check>},
    Verb{"CLOSE", States::selected, not_used, parse_alone<Close>},
    Verb{"COMPARATOR", States::logged_in, not_used, parse_comparator},
    Verb{"COMPRESS", States::logged_in, not_used, parse_compress},
    Verb{"COPY", States::selected, used, parse_refused},
    Verb{"CREATE", States::logged_in, not_used, parse_refused},
    Verb{"DELETE", States::logged_in, not_used, parse_refused},
    Verb{"DELETEACL", States::logged_in, not_used, parse_refused},
    Verb{"ENABLE", States::logged_in, not_used, parse_enable},
    Verb{"ESEARCH", States::logged_in, not_used, parse_multi_search},
    Verb{"EXAMINE", States::logged_in, not_used, parse_select},
    Verb{"EXPUNGE", States::selected, not_used, parse_expunge},
    Verb{"FETCH", States::selected, used, parse_fetch},
    Verb{"GETACL", States::logged_in, not_used, parse_get_acl},
    Verb{"GETMETADATA", States::logged_in, not_used, parse_get_metadata},
    Verb{"GETQUOTA", States::logged_in, not_used, parse_get_quota},
    Verb{"GETQUOTAROOT", States::logged_in, not_used, parse_get_quota_root},
    Verb{"ID", States::any, not_used, parse_id},
    Verb{"IDLE", States::logged_in, not_used, parse_alone<Idle>},
    Verb{"LANGUAGE", States::any, not_used, parse_language},
    Verb{"LIST", States::logged_in, not_used, parse_list},
    Verb{"LISTRIGHTS", States::logged_in, not_used, parse_list_rights},
    Verb{"LOGIN", States::not_authenticated, not_used, parse_login},
    Verb{"LOGOUT", States::any, not_used, parse_alone<Logout>},
    Verb{"LSUB", States::logged_in, not_used, parse_list},
    Verb{"MOVE", States::selected, used, parse_refused},
    Verb{"MYRIGHTS", States::logged_in, not_used, parse_my_rights},
    Verb{"NAMESPACE", States::logged_in, not_used, parse_alone<Namespace>},
    Verb{"NOOP", States::any, not_used, parse_alone<Noop>},
    Verb{"NOTIFY", States::logged_in, not_used, parse_notify},
    Verb{"RENAME", States::logged_in, not_used, parse_refused},
    Verb{"REPLACE", States::selected, used, parse_refused},
    Verb{"SEARCH", States::selected, used, parse_search},
    Verb{"SELECT", States::logged_in, not_used, parse_select},
    Verb{"SETACL", States::logged_in, not_used, parse_refused},
    Verb{"SETMETADATA", States::logged_in, not_used, parse_refused},
    Verb{"SETQUOTA", States::logged_in, not_used, parse_refused},
    Verb{"SORT", States::selected, used, parse_sort},
    Verb{"STARTTLS", States::not_authenticated, not_used, parse_alone<StartTls>},
    Verb{"STATUS", States::logged_in, not_used, parse_status},
    Verb{"STORE", States::selected, used, parse_store},
    Verb{"SUBSCRIBE", States::logged_in, not_used, parse_subscribe},
    Verb{"THREAD", States::selected, used, parse_thread},
    Verb{"UID COPY", States::selected, not_used, parse_refused},
    Verb{"UID EXPUNGE", States::selected, not_used, parse_expunge},
    Verb{"UID FETCH", States::selected, not_used, parse_fetch},
    Verb{"UID MOVE", States::selected, not_used, parse_refused},
    Verb{"UID REPLACE", States::selected, not_used, parse_refused},
    Verb{"UID SEARCH", States::selected, not_used, parse_search},
    Verb{"UID SORT", States::selected, not_used, parse_sort},
    Verb{"UID STORE", States::selected, not_used, parse_store},
    Verb{"UID THREAD", States::selected, not_used, parse_thread},
    Verb{"UIDBATCHES", States::selected, not_used, parse_uid_batches},
    Verb{"UNAUTHENTICATE", States::logged_in, not_used, parse_alone<Unauthenticate>},
    Verb{"UNSELECT", States::selected, not_used, parse_alone<Unselect>},
    Verb{"UNSUBSCRIBE", States::logged_in, not_used, parse_unsubscribe},
    Verb{"XLIST", States::logged_in, not_used, parse_list},
};

static_assert(std::is_sorted(rows.begin(), rows.end(), [](const Verb& a, const Verb& b) { return a.name < b.name; }));

}  // namespace

bool Verb::writes() const { return parse == parse_refused; }

std::span<const Verb> verbs() { return rows; }

const Verb* find_verb(std::string_view name) {
    const auto upper = ascii_upper(name);
    const auto row = std::lower_bound(rows.begin(), rows.end(), upper,
                                      [](const Verb& r, const std::string& n) { return r.name < n; });
    return row != rows.end() && row->name == upper ? &*row : nullptr;
}

}  // namespace imaparc::imap
