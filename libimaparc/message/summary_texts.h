// Every string of a summary, in one order, for what must be done to all of them.
//
// One thread at a time.
#pragma once

#include "message/summary.h"

namespace imaparc::message {

template <class Visit>
void each_text(Nstring& text, Visit& visit) {
    if (text) visit(*text);
}

template <class Visit>
void each_text(std::vector<Parameter>& parameters, Visit& visit) {
    for (Parameter& parameter : parameters) {
        visit(parameter.name);
        visit(parameter.value);
    }
}

template <class Visit>
void each_text(Envelope& envelope, Visit& visit) {
    for (Nstring* text : {&envelope.date, &envelope.subject, &envelope.in_reply_to, &envelope.message_id})
        each_text(*text, visit);
    for (auto* list :
         {&envelope.from, &envelope.sender, &envelope.reply_to, &envelope.to, &envelope.cc, &envelope.bcc}) {
        for (Address& address : *list)
            for (Nstring* text : {&address.name, &address.route, &address.mailbox, &address.host})
                each_text(*text, visit);
    }
}

template <class Visit>
void each_text(Part& part, Visit& visit) {
    visit(part.type);
    visit(part.subtype);
    visit(part.encoding);
    each_text(part.parameters, visit);
    for (Nstring* text : {&part.id, &part.description, &part.md5, &part.location, &part.disposition})
        each_text(*text, visit);
    each_text(part.disposition_parameters, visit);
    for (std::string_view& language : part.languages) visit(language);
    if (part.envelope) each_text(*part.envelope, visit);
    for (Part& child : part.children) each_text(child, visit);
}

template <class Visit>
void each_text(Summary& summary, Visit visit) {
    each_text(summary.envelope, visit);
    for (std::string_view& id : summary.references) visit(id);
    visit(summary.preview);
    each_text(summary.root, visit);
}

// Copies all strings into one backing of the summary's own.
inline void gather_texts(Summary& summary) {
    std::size_t total = 0;
    each_text(summary, [&total](std::string_view& text) { total += text.size(); });
    auto backing = std::make_shared<std::string>();
    backing->reserve(total);
    each_text(summary, [&backing](std::string_view& text) {
        const std::size_t start = backing->size();
        backing->append(text);
        text = {backing->data() + start, text.size()};
    });
    summary.backing_ = std::move(backing);
}

}  // namespace imaparc::message
