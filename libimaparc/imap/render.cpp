// Strings, status responses, and answers about the server and its mailboxes.
#include "imap/render.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "imap/grammar.h"
#include "imap/parse.h"

namespace imaparc::imap {

namespace {

constexpr std::size_t max_text = 1000;  // of a response line: some clients show it in a box

enum class Form : std::uint8_t { plain, escaped, literal };

// quoted: any 7-bit octet but NUL, CR and LF, with " and \ behind a backslash.
Form form_of(std::string_view text) {
    Form form = Form::plain;
    for (char c : text) {
        if (is_8bit(c) || c == '\r' || c == '\n' || c == '\0') return Form::literal;
        if (c == '"' || c == '\\') form = Form::escaped;
    }
    return form;
}

void append_quoted(std::string& out, std::string_view text, Form form) {
    out += '"';
    if (form == Form::plain) {
        out.append(text);
    } else {
        for (char c : text) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
    }
    out += '"';
}

std::string_view word(Condition condition) {
    switch (condition) {
        case Condition::ok:
            return "OK";
        case Condition::no:
            return "NO";
        case Condition::bad:
            return "BAD";
        case Condition::bye:
            return "BYE";
        case Condition::preauth:
            return "PREAUTH";
    }
    return "BAD";
}

// What of a client's or a file's text may stand in a line: printable US-ASCII.
void append_printable(std::string& out, std::string_view text) {
    for (char c : text) out += is_control(c) ? ' ' : is_8bit(c) ? '?' : c;
}

void append_counted(std::string& out, std::uint32_t number, std::string_view what) {
    out += "* ";
    render_number(out, number);
    out += what;
}

}  // namespace

std::string_view to_string(Code code) {
    switch (code) {
        case Code::none:
            return "";
        case Code::alert:
            return "ALERT";
        case Code::bad_charset:
            return "BADCHARSET";
        case Code::capability:
            return "CAPABILITY";
        case Code::parse:
            return "PARSE";
        case Code::permanent_flags:
            return "PERMANENTFLAGS";
        case Code::read_only:
            return "READ-ONLY";
        case Code::read_write:
            return "READ-WRITE";
        case Code::try_create:
            return "TRYCREATE";
        case Code::uid_next:
            return "UIDNEXT";
        case Code::uid_validity:
            return "UIDVALIDITY";
        case Code::unseen:
            return "UNSEEN";
        case Code::unavailable:
            return "UNAVAILABLE";
        case Code::authentication_failed:
            return "AUTHENTICATIONFAILED";
        case Code::authorization_failed:
            return "AUTHORIZATIONFAILED";
        case Code::expired:
            return "EXPIRED";
        case Code::privacy_required:
            return "PRIVACYREQUIRED";
        case Code::contact_admin:
            return "CONTACTADMIN";
        case Code::no_perm:
            return "NOPERM";
        case Code::in_use:
            return "INUSE";
        case Code::expunge_issued:
            return "EXPUNGEISSUED";
        case Code::corruption:
            return "CORRUPTION";
        case Code::server_bug:
            return "SERVERBUG";
        case Code::client_bug:
            return "CLIENTBUG";
        case Code::cannot:
            return "CANNOT";
        case Code::limit:
            return "LIMIT";
        case Code::over_quota:
            return "OVERQUOTA";
        case Code::already_exists:
            return "ALREADYEXISTS";
        case Code::nonexistent:
            return "NONEXISTENT";
        case Code::uid_not_sticky:
            return "UIDNOTSTICKY";
        case Code::not_saved:
            return "NOTSAVED";
        case Code::closed:
            return "CLOSED";
        case Code::highest_modseq:
            return "HIGHESTMODSEQ";
        case Code::no_modseq:
            return "NOMODSEQ";
        case Code::modified:
            return "MODIFIED";
        case Code::unknown_cte:
            return "UNKNOWN-CTE";
        case Code::too_big:
            return "TOOBIG";
        case Code::use_attr:
            return "USEATTR";
        case Code::compression_active:
            return "COMPRESSIONACTIVE";
        case Code::bad_comparator:
            return "BADCOMPARATOR";
        case Code::has_children:
            return "HASCHILDREN";
        case Code::metadata:
            return "METADATA";
        case Code::no_update:
            return "NOUPDATE";
        case Code::notification_overflow:
            return "NOTIFICATIONOVERFLOW";
        case Code::bad_event:
            return "BADEVENT";
        case Code::mailbox_id:
            return "MAILBOXID";
        case Code::uid_required:
            return "UIDREQUIRED";
        case Code::in_progress:
            return "INPROGRESS";
        case Code::message_limit:
            return "MESSAGELIMIT";
        case Code::too_few:
            return "TOOFEW";
        case Code::too_many:
            return "TOOMANY";
    }
    return "";
}

StatusCode permanent_flags(std::uint8_t system, const std::vector<std::string>& keywords,
                           NewKeywords keywords_allowed) {
    std::string flags = "(" + system_flag_text(system);
    const auto append = [&flags](std::string_view name) {
        if (flags.size() > 1) flags += ' ';
        flags += name;
    };
    for (const auto& keyword : keywords)
        if (is_atom(keyword)) append(keyword);
    if (keywords_allowed == NewKeywords::allowed) append("\\*");
    return {Code::permanent_flags, flags + ")"};
}

StatusCode bad_charset() {
    std::string list;
    for (auto charset : usual_charsets()) {
        list += list.empty() ? '(' : ' ';
        list += charset;
    }
    return {Code::bad_charset, list + ")"};
}

// resp-cond-state = ("OK" / "NO" / "BAD") SP resp-text; resp-text = ["[" resp-text-code "]" SP] text
void render_status_response(std::string& out, std::string_view tag, Condition condition, const StatusCode& code,
                            std::string_view text, TextForm form) {
    if (tag == "*" || is_tag(tag))
        out += tag;
    else
        out += '*';
    out += ' ';
    out += word(condition);
    out += ' ';
    if (code.code != Code::none) {
        out += '[';
        out += to_string(code.code);
        if (!code.arguments.empty()) {
            out += ' ';
            // A "]" would end the code early.
            const auto start = out.size();
            append_printable(out, code.arguments);
            std::replace(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), ']', ')');
        }
        out += "] ";
    }
    render_text(out, text, form);
    out += "\r\n";
}

void render_continuation(std::string& out, std::string_view text) {
    out += "+ ";
    append_printable(out, text);
    out += "\r\n";
}

// text = 1*TEXT-CHAR, or 1*UTF8-TEXT-CHAR (RFC 5255 3.5). One that starts with "[" would be taken for a code.
void render_text(std::string& out, std::string_view text, TextForm form) {
    if (text.empty()) text = "-";
    const bool too_long = text.size() > max_text;
    text = text.substr(0, max_text);
    const auto start = out.size();
    if (form == TextForm::utf8) {
        while (too_long && !text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80)
            text.remove_suffix(1);  // no half character
        if (too_long && !text.empty() && is_8bit(text.back())) text.remove_suffix(1);
    }
    if (form == TextForm::utf8 && valid_utf8(text))
        for (char c : text) out += is_control(c) ? ' ' : c;
    else
        append_printable(out, text);
    if (out[start] == '[') out[start] = '(';
    if (too_long) out += "...";
}

void render_number(std::string& out, std::uint64_t number) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, static_cast<std::size_t>(end - digits));
}

void render_literal_header(std::string& out, std::uint64_t octets) {
    out += '{';
    render_number(out, octets);
    out += "}\r\n";
}

void render_string(std::string& out, std::string_view text) {
    const auto form = form_of(text);
    if (form != Form::literal) return append_quoted(out, text, form);
    render_literal_header(out, text.size());
    const auto start = out.size();
    out.append(text);
    std::replace(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), '\0', '\x80');
}

void render_nstring(std::string& out, const message::Nstring& text) {
    if (text)
        render_string(out, *text);
    else
        out += "NIL";
}

void render_astring(std::string& out, std::string_view text) {
    const bool nil = text.size() == 3 && (text[0] | 0x20) == 'n' && (text[1] | 0x20) == 'i' && (text[2] | 0x20) == 'l';
    if (is_atom(text) && !nil)
        out.append(text);
    else
        render_string(out, text);
}

void render_mailbox(std::string& out, std::string_view path, NameForm form) {
    // What no quoted string can hold is a literal, UTF-8 or not.
    if (form == NameForm::modified_utf7 || ascii_only(path) ||
        path.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
        return render_astring(out, mailbox_to_wire(path, form));
    out += '"';
    for (const char c : path) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

void render_capability(std::string& out, std::span<const std::string_view> capabilities) {
    out += "* CAPABILITY";
    for (auto capability : capabilities) {
        out += ' ';
        append_printable(out, capability);
    }
    out += "\r\n";
}

void render_enabled(std::string& out, std::span<const std::string> capabilities) {
    out += "* ENABLED";
    for (const auto& capability : capabilities) {
        out += ' ';
        append_printable(out, capability);
    }
    out += "\r\n";
}

// id_response = "ID" SP id_params_list
void render_id(std::string& out, std::span<const std::pair<std::string_view, std::string_view>> fields) {
    out += "* ID ";
    if (fields.empty()) {
        out += "NIL\r\n";
        return;
    }
    char before = '(';
    for (const auto& [name, value] : fields) {
        out += before;
        render_string(out, name);
        out += ' ';
        render_string(out, value);
        before = ' ';
    }
    out += ")\r\n";
}

void render_namespace(std::string& out) { out += "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n"; }

std::string_view to_string(StatusItem item) {
    switch (item) {
        case StatusItem::messages:
            return "MESSAGES";
        case StatusItem::recent:
            return "RECENT";
        case StatusItem::uid_next:
            return "UIDNEXT";
        case StatusItem::uid_validity:
            return "UIDVALIDITY";
        case StatusItem::unseen:
            return "UNSEEN";
        case StatusItem::append_limit:
            return "APPENDLIMIT";
        case StatusItem::size:
            return "SIZE";
        case StatusItem::highest_modseq:
            return "HIGHESTMODSEQ";
        case StatusItem::mailbox_id:
            return "MAILBOXID";
        case StatusItem::deleted:
            return "DELETED";
        case StatusItem::deleted_storage:
            return "DELETED-STORAGE";
    }
    return "";
}

void render_status(std::string& out, std::string_view path, NameForm form, std::span<const StatusValue> values) {
    out += "* STATUS ";
    render_mailbox(out, path, form);
    out += " (";
    bool first = true;
    for (const auto& value : values) {
        if (!first) out += ' ';
        out += to_string(value.item);
        out += ' ';
        if (value.item == StatusItem::mailbox_id)
            ((out += '(') += value.id) += ')';
        else
            render_number(out, value.number);
        first = false;
    }
    out += ")\r\n";
}

void render_flags(std::string& out, std::uint8_t system, const std::vector<std::string>& keywords) {
    out += "* FLAGS (";
    out += system_flag_text(system);
    for (const auto& keyword : keywords) {
        if (!is_atom(keyword)) continue;
        if (out.back() != '(') out += ' ';
        out += keyword;
    }
    out += ")\r\n";
}

void render_exists(std::string& out, std::uint32_t count) { append_counted(out, count, " EXISTS\r\n"); }
void render_recent(std::string& out, std::uint32_t count) { append_counted(out, count, " RECENT\r\n"); }
void render_expunge(std::string& out, Number number) { append_counted(out, number.value, " EXPUNGE\r\n"); }

// expunged-resp = "VANISHED" [SP "(EARLIER)"] SP known-uids; known-uids = sequence-set without "*"
void render_vanished(std::string& out, std::span<const NumberRange> uids, Earlier earlier) {
    if (uids.empty()) return;
    out += earlier == Earlier::yes ? "* VANISHED (EARLIER) " : "* VANISHED ";
    for (const auto& range : uids) {
        render_number(out, range.first);
        if (range.last != range.first) {
            out += ':';
            render_number(out, range.last);
        }
        out += ',';
    }
    out.back() = '\r';
    out += '\n';
}

void render_search_begin(std::string& out) { out += "* SEARCH"; }
void render_search_number(std::string& out, std::uint32_t number) {
    out += ' ';
    render_number(out, number);
}
void render_search_end(std::string& out) { out += "\r\n"; }

}  // namespace imaparc::imap
