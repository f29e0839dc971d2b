#include "imap/render_search.h"

#include <utility>

#include "imap/render.h"

namespace imaparc::imap {

namespace {

void item(std::string& out, std::string_view name, std::uint64_t number) {
    out.append(name);
    render_number(out, number);
}

// search-correlator = SP "(" "TAG" SP tag-string ")"; a tag has no character that a quoted string must escape.
void correlator(std::string& out, std::string_view tag) { out.append(" (TAG \"").append(tag).append("\")"); }

}  // namespace

void EsearchResponse::begin(std::string_view tag, Numbering by) {
    out_ += "* ESEARCH";
    correlator(out_, tag);
    if (by == Numbering::uid) out_ += " UID";
}

// search-correlator = SP "(" one-correlator *(SP one-correlator) ")"
// one-correlator = ("TAG" SP tag-string) / ("MAILBOX" SP astring) / ("UIDVALIDITY" SP nz-number)
void EsearchResponse::begin(std::string_view tag, std::string_view path, NameForm form, UidValidity uid_validity) {
    out_.append("* ESEARCH (TAG \"").append(tag).append("\" MAILBOX ");
    render_mailbox(out_, path, form);
    item(out_, " UIDVALIDITY ", uid_validity.value);
    out_ += ") UID";
}

void EsearchResponse::min(std::uint32_t number) { item(out_, " MIN ", number); }
void EsearchResponse::max(std::uint32_t number) { item(out_, " MAX ", number); }
void EsearchResponse::count(std::uint64_t number) { item(out_, " COUNT ", number); }
void EsearchResponse::modseq(ModSeq highest) { item(out_, " MODSEQ ", highest.value); }

void EsearchResponse::relevancy() {
    out_ += " RELEVANCY (";
    first_ = true;
}

void EsearchResponse::score(std::uint8_t score) {
    if (!std::exchange(first_, false)) out_ += ' ';
    render_number(out_, score);
}

void EsearchResponse::end_relevancy() { out_ += ')'; }

void EsearchResponse::all() {
    out_ += " ALL ";
    first_ = true;
}

void EsearchResponse::range(NumberRange range) {
    if (!std::exchange(first_, false)) out_ += ',';
    render_number(out_, range.first);
    if (range.first == range.last) return;
    out_ += ':';
    render_number(out_, range.last);
}

void EsearchResponse::partial(const ResultRange& asked) {
    out_.append(" PARTIAL (").append(std::to_string(asked.first)).append(":").append(std::to_string(asked.last));
    out_ += ' ';
    first_ = true;
}

void EsearchResponse::end_partial() { out_ += first_ ? "NIL)" : ")"; }

void EsearchResponse::end() { out_ += "\r\n"; }

void render_search_modseq(std::string& out, ModSeq highest) {
    item(out, " (MODSEQ ", highest.value);
    out += ')';
}

void render_uid_batches_begin(std::string& out, std::string_view tag) {
    out += "* UIDBATCHES";
    correlator(out, tag);
}

void render_uid_batch(std::string& out, std::uint32_t high, std::uint32_t low, bool first) {
    out += first ? ' ' : ',';
    render_number(out, high);
    out += ':';
    render_number(out, low);
}

void render_uid_batches_end(std::string& out) { out += "\r\n"; }

}  // namespace imaparc::imap
