#include "imap/render_list.h"

#include <array>

#include "imap/render.h"

namespace imaparc::imap {

namespace {

struct AttributeName {
    MailboxAttribute attribute;
    std::string_view name;
    std::string_view xlist_name = name;  // XLIST is older than RFC 6154 and has some names of its own
};
constexpr std::array attribute_names = {
    AttributeName{MailboxAttribute::non_existent, "\\NonExistent"},
    AttributeName{MailboxAttribute::no_select, "\\Noselect"},
    AttributeName{MailboxAttribute::has_children, "\\HasChildren"},
    AttributeName{MailboxAttribute::has_no_children, "\\HasNoChildren"},
    AttributeName{MailboxAttribute::subscribed, "\\Subscribed"},
    AttributeName{MailboxAttribute::all, "\\All", "\\AllMail"},
    AttributeName{MailboxAttribute::archive, "\\Archive"},
    AttributeName{MailboxAttribute::drafts, "\\Drafts"},
    AttributeName{MailboxAttribute::flagged, "\\Flagged", "\\Starred"},
    AttributeName{MailboxAttribute::important, "\\Important"},
    AttributeName{MailboxAttribute::junk, "\\Junk", "\\Spam"},
    AttributeName{MailboxAttribute::sent, "\\Sent"},
    AttributeName{MailboxAttribute::trash, "\\Trash"},
    AttributeName{MailboxAttribute::inbox, "\\Inbox"},
};

void append_attributes(std::string& out, const MailboxAttributes& attributes, ListKind kind) {
    bool first = true;
    for (const auto& row : attribute_names) {
        if (!attributes.has(row.attribute)) continue;
        if (!first) out += ' ';
        out += kind == ListKind::xlist ? row.xlist_name : row.name;
        first = false;
    }
}

}  // namespace

std::string to_string(const MailboxAttributes& attributes) {
    std::string text;
    append_attributes(text, attributes, ListKind::list);
    return text;
}

// mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox [SP mbox-list-extended]
// mbox-list-extended = "(" [mbox-list-extended-item *(SP mbox-list-extended-item)] ")"
// childinfo-extended-item = "CHILDINFO" SP "(" list-select-base-opt-quoted ")"
// oldname-extended-item = "OLDNAME" SP "(" mailbox ")"
void render_list(std::string& out, ListKind kind, const MailboxAttributes& attributes, std::string_view path,
                 NameForm form, const ListExtension& extension) {
    out += kind == ListKind::list ? "* LIST (" : kind == ListKind::lsub ? "* LSUB (" : "* XLIST (";
    append_attributes(out, attributes, kind);
    out += ") \"/\" ";
    render_mailbox(out, path, form);
    if (extension.child_info || extension.old_name) {
        out += " (";
        if (extension.child_info) out += "\"CHILDINFO\" (\"SUBSCRIBED\")";
        if (extension.old_name) {
            out += extension.child_info ? " \"OLDNAME\" (" : "\"OLDNAME\" (";
            render_mailbox(out, *extension.old_name, form);
            out += ')';
        }
        out += ')';
    }
    out += "\r\n";
}

void render_list_root(std::string& out, ListKind kind, std::string_view reference, NameForm form) {
    render_list(out, kind, {MailboxAttribute::no_select}, root_of(reference), form);
}

}  // namespace imaparc::imap
