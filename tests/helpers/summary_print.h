// A summary in IMAP's words (RFC 3501 7.4.2), as plain as can be: every string quoted, nothing escaped but '"' and '\'.
// For comparing with expectations by value (imap_value.h); the true rendering is the imap room's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "helpers/imap_value.h"
#include "message/summary.h"

namespace imaparc::test {

inline ImapValue value_of(std::string_view text) { return {ImapValue::Kind::string, std::string(text), {}}; }
inline ImapValue value_of(const message::Nstring& text) { return text ? value_of(*text) : ImapValue{}; }
inline ImapValue number_value(std::uint64_t number) { return {ImapValue::Kind::atom, std::to_string(number), {}}; }
inline ImapValue list_value(std::vector<ImapValue> items) { return {ImapValue::Kind::list, "", std::move(items)}; }
inline ImapValue list_or_nil(std::vector<ImapValue> items) {
    return items.empty() ? ImapValue{} : list_value(std::move(items));
}

inline ImapValue value_of(const std::vector<message::Address>& addresses) {
    std::vector<ImapValue> items;
    for (const message::Address& a : addresses)
        items.push_back(list_value({value_of(a.name), value_of(a.route), value_of(a.mailbox), value_of(a.host)}));
    return list_or_nil(std::move(items));
}

inline ImapValue value_of(const std::vector<message::Parameter>& parameters) {
    std::vector<ImapValue> items;
    for (const message::Parameter& p : parameters) {
        items.push_back(value_of(p.name));
        items.push_back(value_of(p.value));
    }
    return list_or_nil(std::move(items));
}

inline ImapValue value_of(const message::Envelope& e) {
    return list_value({value_of(e.date), value_of(e.subject), value_of(e.from), value_of(e.effective_sender()),
                       value_of(e.effective_reply_to()), value_of(e.to), value_of(e.cc), value_of(e.bcc),
                       value_of(e.in_reply_to), value_of(e.message_id)});
}

inline ImapValue value_of(const message::Part& part) {
    using Kind = message::Part::Kind;
    std::vector<ImapValue> items;
    if (part.kind == Kind::multipart) {
        for (const message::Part& child : part.children) items.push_back(value_of(child));
        items.push_back(value_of(part.subtype));
        items.push_back(value_of(part.parameters));
    } else {
        items = {value_of(part.type),        value_of(part.subtype),  value_of(part.parameters),  value_of(part.id),
                 value_of(part.description), value_of(part.encoding), number_value(part.octets())};
        if (part.kind == Kind::message) {
            items.push_back(value_of(*part.envelope));
            items.push_back(value_of(part.children.at(0)));
        }
        if (part.kind != Kind::basic) items.push_back(number_value(part.lines));
        items.push_back(value_of(part.md5));
    }
    items.push_back(part.disposition ? list_value({value_of(part.disposition), value_of(part.disposition_parameters)})
                                     : ImapValue{});
    std::vector<ImapValue> languages;
    for (const std::string_view language : part.languages) languages.push_back(value_of(language));
    items.push_back(list_or_nil(std::move(languages)));
    items.push_back(value_of(part.location));
    return list_value(std::move(items));
}

// Everything a summary says, places included: equal texts are equal summaries.
inline void describe(const message::Part& part, std::string& out, const std::string& indent) {
    const auto place = [](const message::Place& p) { return std::to_string(p.raw) + "/" + std::to_string(p.wire); };
    out += indent + std::to_string(static_cast<int>(part.kind)) + " " + place(part.header) + " " + place(part.body) +
           " " + place(part.end) + " lines " + std::to_string(part.lines) + " " + std::string(part.type) + " " +
           std::string(part.encoding) + "\n";
    for (const message::Part& child : part.children) describe(child, out, indent + "  ");
}

inline std::string describe(const message::Summary& s) {
    std::string out = "raw " + std::to_string(s.raw_size) + " wire " + std::to_string(s.wire_size) + " nul " +
                      std::to_string(s.has_nul) + " digest " + hex(s.digest) + " sent " +
                      (s.sent ? std::to_string(*s.sent) + " " + std::to_string(s.sent_zone_minutes) : "none") +
                      "\ncheckpoints";
    for (const message::Place& p : s.checkpoints) out += " " + std::to_string(p.raw) + "/" + std::to_string(p.wire);
    out += "\n" + to_text(value_of(s.envelope)) + "\n";
    // The envelope shows From for an absent Sender and Reply-To: say which.
    out += std::to_string(s.envelope.sender.size()) + " " + std::to_string(s.envelope.reply_to.size()) + "\n" +
           to_text(value_of(s.root)) + "\nreferences";
    for (const std::string_view id : s.references) out += " " + std::string(id);
    out += "\npreview " + std::string(s.preview) + "\n";
    describe(s.root, out, "");
    return out;
}

}  // namespace imaparc::test
