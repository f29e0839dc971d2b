#include "imap/parse_filter.h"

#include <algorithm>
#include <array>

namespace imaparc::imap {

namespace {

using Kind = MailboxFilter::Kind;

struct Row {
    std::string_view name;
    Kind kind;
    bool named = false;  // names follow
};

constexpr std::array rows = {
    Row{"SELECTED", Kind::selected},         Row{"SELECTED-DELAYED", Kind::selected_delayed},
    Row{"INBOXES", Kind::inboxes},           Row{"PERSONAL", Kind::personal},
    Row{"SUBSCRIBED", Kind::subscribed},     Row{"SUBTREE", Kind::subtree, true},
    Row{"MAILBOXES", Kind::mailboxes, true}, Row{"SUBTREE-ONE", Kind::subtree_one, true},
};

// one-or-more-mailbox = mailbox / many-mailboxes
// many-mailboxes = "(" mailbox *(SP mailbox) ")"
std::vector<MailboxName> one_or_more_mailboxes(Cursor& cursor) {
    std::vector<MailboxName> names;
    if (!cursor.consume_if('(')) {
        names.push_back(cursor.mailbox());
        return names;
    }
    do {
        if (names.size() == max_filter_names)
            cursor.fail("More than " + std::to_string(max_filter_names) + " mailboxes are named");
        names.push_back(cursor.mailbox());
    } while (!cursor.failed() && cursor.consume_if(' '));
    cursor.expect(')');
    return names;
}

}  // namespace

// filter-mailboxes = filter-mailboxes-selected / filter-mailboxes-other
// filter-mailboxes-other = "inboxes" / "personal" / "subscribed" / ( "subtree" SP one-or-more-mailbox ) /
//                          ( "mailboxes" SP one-or-more-mailbox )
// filter-mailboxes-other =/ ("subtree-one" SP one-or-more-mailbox)                    (RFC 7377)
// filter-mailboxes-selected = "selected" / "selected-delayed"                         (RFC 7377: "selected")
MailboxFilter parse_filter_mailboxes(Cursor& cursor, FilterOf verb) {
    const Kind foreign = verb == FilterOf::notify ? Kind::subtree_one : Kind::selected_delayed;
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const Row& r) { return r.kind != foreign && cursor.consume_if_word(r.name); });
    MailboxFilter filter;
    if (row == rows.end()) {
        cursor.expected(verb == FilterOf::notify
                            ? "SELECTED, SELECTED-DELAYED, INBOXES, PERSONAL, SUBSCRIBED, SUBTREE or MAILBOXES"
                            : "SELECTED, INBOXES, PERSONAL, SUBSCRIBED, SUBTREE, SUBTREE-ONE or MAILBOXES");
        return filter;
    }
    filter.kind = row->kind;
    if (row->named) {
        cursor.space();
        filter.names = one_or_more_mailboxes(cursor);
    }
    return filter;
}

}  // namespace imaparc::imap
