// NOTIFY (RFC 5465) and CANCELUPDATE (RFC 5267).
#include <algorithm>
#include <array>

#include "base/text.h"
#include "imap/parse_fetch_items.h"
#include "imap/parse_filter.h"
#include "imap/parsers.h"

namespace imaparc::imap {

namespace {

constexpr std::size_t max_event_groups = 100;
constexpr std::size_t max_cancelled = 100;

using Group = Notify::Group;

struct Event {
    std::string_view name;
    bool Group::*wanted;
    bool of_messages;  // the only ones of SELECTED and SELECTED-DELAYED
};
constexpr std::array events = {
    Event{"MESSAGENEW", &Group::message_new, true},
    Event{"MESSAGEEXPUNGE", &Group::message_expunge, true},
    Event{"FLAGCHANGE", &Group::flag_change, true},
    Event{"ANNOTATIONCHANGE", &Group::annotation_change, true},
    Event{"MAILBOXNAME", &Group::mailbox_name, false},
    Event{"SUBSCRIPTIONCHANGE", &Group::subscription_change, false},
    Event{"MAILBOXMETADATACHANGE", &Group::mailbox_metadata, false},
    Event{"SERVERMETADATACHANGE", &Group::server_metadata, false},
};

bool of_selected(const Group& group) {
    return group.filter.kind == MailboxFilter::Kind::selected ||
           group.filter.kind == MailboxFilter::Kind::selected_delayed;
}

// event = message-event / mailbox-event / user-event / event-ext; event-ext = atom
// message-event = ( "MessageNew" [SP "(" fetch-att *(SP fetch-att) ")" ] ) / ...
void parse_event(Cursor& cursor, Group& group, bool& unsupported) {
    const std::string_view name = cursor.atom("an event, like MessageNew,");
    const auto event =
        std::find_if(events.begin(), events.end(), [&](const Event& e) { return ascii_iequals(e.name, name); });
    if (event == events.end()) {
        unsupported = true;
        return;
    }
    if (of_selected(group) && !event->of_messages)
        cursor.fail("SELECTED and SELECTED-DELAYED are for events of messages");
    group.*(event->wanted) = true;
    if (event->wanted != &Group::message_new) return;
    Cursor ahead = cursor;
    if (!ahead.consume_if(' ') || !ahead.next_is('(')) return;
    if (!of_selected(group)) ahead.fail("Only for SELECTED and SELECTED-DELAYED can MessageNew have items of FETCH");
    group.items = parse_fetch_items(ahead);
    cursor = ahead;
}

// What must go together (RFC 5465 5).
void check_group(Cursor& cursor, const Group& group) {
    if (group.message_new != group.message_expunge)
        cursor.fail("MessageNew and MessageExpunge must be asked for together");
    if ((group.flag_change || group.annotation_change) && !group.message_new)
        cursor.fail("FlagChange and AnnotationChange need MessageNew and MessageExpunge");
}

// event-group = "(" filter-mailboxes SP events ")"; events = ( "(" event *(SP event) ")" ) / "NONE"
Group parse_group(Cursor& cursor, bool& unsupported) {
    Group group;
    cursor.expect('(');
    group.filter = parse_filter_mailboxes(cursor, FilterOf::notify);
    cursor.space();
    if (!cursor.consume_if_word("NONE")) {
        cursor.expect('(');
        do {
            parse_event(cursor, group, unsupported);
        } while (!cursor.failed() && cursor.consume_if(' '));
        cursor.expect(')');
    }
    cursor.expect(')');
    return group;
}

}  // namespace

// notify = "NOTIFY" SP (notify-set / notify-none)
// notify-set = "SET" [SP "STATUS"] SP event-groups; event-groups = event-group *(SP event-group)
Command parse_notify(Cursor& cursor, const Verb&) {
    Notify notify;
    cursor.space();
    notify.none = cursor.consume_if_word("NONE");
    if (!notify.none) {
        if (!cursor.consume_if_word("SET")) cursor.expected("SET or NONE");
        cursor.space();
        notify.status = cursor.consume_if_word("STATUS");
        if (notify.status) cursor.space();
        bool selected = false;
        do {
            notify.groups.push_back(parse_group(cursor, notify.unsupported));
            const Group& group = notify.groups.back();
            if (selected && of_selected(group)) cursor.fail("SELECTED and SELECTED-DELAYED can be said once");
            selected = selected || of_selected(group);
            if (notify.groups.size() > max_event_groups)
                cursor.fail("More than " + std::to_string(max_event_groups) + " groups of events");
        } while (!cursor.failed() && cursor.consume_if(' '));
        // With an event that is not known the others may miss their companion: that one is to be named first.
        if (!notify.unsupported)
            for (const Group& group : notify.groups) check_group(cursor, group);
    }
    cursor.end();
    return notify;
}

// "CANCELUPDATE" 1*(SP quoted)
Command parse_cancel_update(Cursor& cursor, const Verb&) {
    CancelUpdate cancel;
    do {
        cursor.space();
        cancel.tags.push_back(cursor.string("the tag of a search, in quotes,"));
        if (cancel.tags.size() > max_cancelled) cursor.fail("More than " + std::to_string(max_cancelled) + " tags");
    } while (!cursor.failed() && !cursor.at_end());
    cursor.end();
    return cancel;
}

}  // namespace imaparc::imap
