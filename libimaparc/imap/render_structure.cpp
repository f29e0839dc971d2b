// ENVELOPE, BODY and BODYSTRUCTURE (RFC 3501 7.4.2). The recursion is as deep as a summary is: message::max_depth.
#include "imap/render.h"

namespace imaparc::imap {

namespace {

using message::Address;
using message::Parameter;
using message::Part;

// address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"
// env-from = "(" 1*address ")" / nil
void render_addresses(std::string& out, const std::vector<Address>& addresses) {
    if (addresses.empty()) {
        out += "NIL";
        return;
    }
    out += '(';
    for (const auto& address : addresses) {
        out += '(';
        render_nstring(out, address.name);
        out += ' ';
        render_nstring(out, address.route);
        out += ' ';
        render_nstring(out, address.mailbox);
        out += ' ';
        render_nstring(out, address.host);
        out += ')';
    }
    out += ')';
}

// body-fld-param = "(" string SP string *(SP string SP string) ")" / nil
void render_parameters(std::string& out, const std::vector<Parameter>& parameters) {
    if (parameters.empty()) {
        out += "NIL";
        return;
    }
    char before = '(';
    for (const auto& parameter : parameters) {
        out += before;
        render_string(out, parameter.name);
        out += ' ';
        render_string(out, parameter.value);
        before = ' ';
    }
    out += ')';
}

// body-fld-dsp SP body-fld-lang SP body-fld-loc
void render_disposition_language_location(std::string& out, const Part& part) {
    if (part.disposition) {
        out += '(';
        render_string(out, *part.disposition);
        out += ' ';
        render_parameters(out, part.disposition_parameters);
        out += ')';
    } else {
        out += "NIL";
    }
    out += ' ';
    if (part.languages.empty()) {
        out += "NIL";
    } else {
        char before = '(';
        for (auto language : part.languages) {
            out += before;
            render_string(out, language);
            before = ' ';
        }
        out += ')';
    }
    out += ' ';
    render_nstring(out, part.location);
}

// What stands where the grammar demands a part and the message has none.
void render_empty_part(std::string& out, Extensions extensions) {
    out += "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 0 0";
    if (extensions == Extensions::yes) out += " NIL NIL NIL NIL";
    out += ')';
}

// body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
// body-ext-mpart = body-fld-param SP body-fld-dsp SP body-fld-lang SP body-fld-loc
void render_multipart(std::string& out, const Part& part, Extensions extensions) {
    for (const auto& child : part.children) render_part(out, child, extensions);
    if (part.children.empty()) render_empty_part(out, extensions);
    out += ' ';
    render_string(out, part.subtype);
    if (extensions == Extensions::no) return;
    out += ' ';
    render_parameters(out, part.parameters);
    out += ' ';
    render_disposition_language_location(out, part);
}

// body-type-1part = (body-type-basic / body-type-msg / body-type-text) [SP body-ext-1part]
// body-fields = body-fld-param SP body-fld-id SP body-fld-desc SP body-fld-enc SP body-fld-octets
// body-ext-1part = body-fld-md5 SP body-fld-dsp SP body-fld-lang SP body-fld-loc
void render_single(std::string& out, const Part& part, Extensions extensions) {
    render_string(out, part.type);
    out += ' ';
    render_string(out, part.subtype);
    out += ' ';
    render_parameters(out, part.parameters);
    out += ' ';
    render_nstring(out, part.id);
    out += ' ';
    render_nstring(out, part.description);
    out += ' ';
    render_string(out, part.encoding);
    out += ' ';
    render_number(out, part.octets());
    if (part.kind == Part::Kind::message) {
        out += ' ';
        render_envelope(out, part.envelope ? *part.envelope : message::Envelope{});
        out += ' ';
        if (part.children.empty())
            render_empty_part(out, extensions);
        else
            render_part(out, part.children.front(), extensions);
    }
    if (part.kind == Part::Kind::message || part.kind == Part::Kind::text) {
        out += ' ';
        render_number(out, part.lines);
    }
    if (extensions == Extensions::no) return;
    out += ' ';
    render_nstring(out, part.md5);
    out += ' ';
    render_disposition_language_location(out, part);
}

}  // namespace

// envelope = "(" env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP env-to SP env-cc SP env-bcc SP
//            env-in-reply-to SP env-message-id ")"
void render_envelope(std::string& out, const message::Envelope& envelope) {
    out += '(';
    render_nstring(out, envelope.date);
    out += ' ';
    render_nstring(out, envelope.subject);
    for (const auto* addresses : {&envelope.from, &envelope.effective_sender(), &envelope.effective_reply_to(),
                                  &envelope.to, &envelope.cc, &envelope.bcc}) {
        out += ' ';
        render_addresses(out, *addresses);
    }
    out += ' ';
    render_nstring(out, envelope.in_reply_to);
    out += ' ';
    render_nstring(out, envelope.message_id);
    out += ')';
}

// body = "(" (body-type-1part / body-type-mpart) ")"
void render_part(std::string& out, const Part& part, Extensions extensions) {
    out += '(';
    if (part.kind == Part::Kind::multipart)
        render_multipart(out, part, extensions);
    else
        render_single(out, part, extensions);
    out += ')';
}

}  // namespace imaparc::imap
