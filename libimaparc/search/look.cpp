#include "search/look.h"

#include <algorithm>
#include <ctime>

#include "base/text.h"
#include "message/address.h"
#include "message/object_id.h"
#include "search/folded.h"

namespace imaparc::search {

namespace {

using Kind = Criteria::Kind;

constexpr unsigned body_weight = 80;  // percent: what stands in a subject says more of a message than what its text has

std::int64_t floor_day(Seconds t) { return t >= 0 ? t / 86400 : -((-t + 86399) / 86400); }

// The day that INTERNALDATE shows, in the server's zone.
std::int64_t local_day(Seconds date) {
    const std::time_t t = date;
    std::tm local{};
    if (!localtime_r(&t, &local)) return floor_day(date);
    return floor_day(date + local.tm_gmtoff);
}

std::string_view field_of(Kind kind) {
    switch (kind) {
        case Kind::from:
            return "From";
        case Kind::to:
            return "To";
        case Kind::cc:
            return "Cc";
        case Kind::bcc:
            return "Bcc";
        default:
            return "Subject";
    }
}

const std::vector<message::Address>& addresses_of(const message::Envelope& envelope, Kind kind) {
    switch (kind) {
        case Kind::to:
            return envelope.to;
        case Kind::cc:
            return envelope.cc;
        case Kind::bcc:
            return envelope.bcc;
        default:
            return envelope.from;
    }
}

bool there(const message::Nstring& part) { return part && !message::stands_for_nothing(*part); }

// "Ann <ann@example.org>", as people write it; a group's start is its name. What was missing is not shown.
std::string shown(const message::Address& address) {
    std::string text;
    if (address.name) text = message::decode_header(*address.name);
    if (!there(address.mailbox) && !there(address.host)) return text;
    const bool named = !text.empty();
    if (named) text += " <";
    if (there(address.mailbox)) text += message::decode_header(*address.mailbox);
    if (there(address.host)) text.append("@").append(*address.host);
    if (named) text += ">";
    return text;
}

Verdict verdict(bool yes) { return yes ? Verdict::yes : Verdict::no; }

}  // namespace

Result<Verdict> Look::at(const Node& node) {
    switch (node.kind) {
        case Kind::all_of:
        case Kind::fuzzy:
            return all_of(node.children, Verdict::no);
        case Kind::any_of:
            return all_of(node.children, Verdict::yes);
        case Kind::none_of: {
            auto inner = all_of(node.children, Verdict::yes);
            if (!inner || *inner == Verdict::unknown) return inner;
            return verdict(*inner == Verdict::no);
        }
        case Kind::number_set:
            return verdict(node.set.contains(facts_.number.value));
        case Kind::uid_set:
            return verdict(node.set.contains(facts_.uid.value));
        case Kind::saved_result:  // what was not put in its place is empty
        case Kind::thread_id:     // no message has one here (RFC 8474 5.3)
            return Verdict::no;
        case Kind::flag:
            return verdict(flag(node));
        case Kind::modseq:
            return verdict(facts_.modseq.value >= node.size);
        case Kind::before:
            return verdict(local_day(facts_.internal_date) < node.day);
        case Kind::on:
            return verdict(local_day(facts_.internal_date) == node.day);
        case Kind::since:
            return verdict(local_day(facts_.internal_date) >= node.day);
        case Kind::older:
            return verdict(facts_.internal_date <= target(node.size));
        case Kind::younger:
            return verdict(facts_.internal_date >= target(node.size));
        case Kind::larger:
        case Kind::smaller:
            return size(node);
        case Kind::sent_before:
        case Kind::sent_on:
        case Kind::sent_since:
            return sent(node);
        case Kind::saved_before:
        case Kind::saved_on:
        case Kind::saved_since:
            return saved(node);
        case Kind::save_date_supported:
            return verdict(facts_.save_dates == SaveDates::supported);
        case Kind::email_id:
            if (!facts_.summary) return Verdict::unknown;
            return verdict(message::email_id(*facts_.summary) == node.keyword);
        case Kind::header:
        case Kind::from:
        case Kind::to:
        case Kind::cc:
        case Kind::bcc:
        case Kind::subject:
        case Kind::body:
        case Kind::text: {
            const auto found = strength(node);
            if (!found) return found.error();
            return *found ? verdict(**found > 0) : Verdict::unknown;
        }
    }
    return Verdict::no;
}

Result<std::optional<unsigned>> Look::score(const Node& node) {
    if (node.fuzzy != Node::none) {
        auto found = strength(node);
        if (!found || !*found || **found == 0) return found ? std::optional<unsigned>() : found;
        return std::optional(std::max(1U, std::min(100U, **found)));
    }
    if (node.kind == Kind::none_of) return std::optional<unsigned>();
    unsigned sum = 0, count = 0, best = 0;
    for (const auto& child : node.children) {
        const auto one = score(child);
        if (!one) return one;
        if (!*one) continue;
        sum += **one;
        ++count;
        best = std::max(best, **one);
    }
    if (count == 0) return std::optional<unsigned>();
    return std::optional(node.kind == Kind::any_of ? best : sum / count);
}

// `decisive`: the child's verdict that settles the whole; the other one if no child gives it (Kleene's logic).
Result<Verdict> Look::all_of(const std::vector<Node>& children, Verdict decisive) {
    bool open = false;
    for (const auto& child : children) {
        auto result = at(child);
        if (!result || *result == decisive) return result;
        open = open || *result == Verdict::unknown;
    }
    if (open) return Verdict::unknown;
    return decisive == Verdict::no ? Verdict::yes : Verdict::no;
}

bool Look::flag(const Node& node) const {
    if (node.system) return (facts_.system_flags & *node.system) != 0;
    if (!facts_.keywords) return false;
    return std::any_of(facts_.keywords->begin(), facts_.keywords->end(),
                       [&](const std::string& keyword) { return ascii_iequals(keyword, node.keyword); });
}

Seconds Look::target(std::uint64_t interval) const {
    constexpr std::uint64_t longest = std::uint64_t{1} << 40;  // 34,000 years; keeps the difference inside Seconds
    return phrases_.now - static_cast<Seconds>(std::min(interval, longest));
}

Verdict Look::size(const Node& node) const {
    std::uint64_t octets = 0;
    if (facts_.size)
        octets = *facts_.size;
    else if (facts_.summary)
        octets = facts_.summary->wire_size;
    else
        return Verdict::unknown;
    return verdict(node.kind == Kind::larger ? octets > node.size : octets < node.size);
}

Verdict Look::sent(const Node& node) const {
    if (!facts_.summary) return Verdict::unknown;
    if (!facts_.summary->sent) return Verdict::no;  // no Date: neither before nor after
    const auto day = floor_day(*facts_.summary->sent + static_cast<Seconds>(facts_.summary->sent_zone_minutes) * 60);
    if (node.kind == Kind::sent_before) return verdict(day < node.day);
    if (node.kind == Kind::sent_on) return verdict(day == node.day);
    return verdict(day >= node.day);
}

// The internal date where there is no save date (RFC 8514 4.3).
Verdict Look::saved(const Node& node) const {
    const auto day = local_day(facts_.saved ? *facts_.saved : facts_.internal_date);
    if (node.kind == Kind::saved_before) return verdict(day < node.day);
    if (node.kind == Kind::saved_on) return verdict(day == node.day);
    return verdict(day >= node.day);
}

// ---- texts

Result<Look::Strength> Look::strength(const Node& node) {
    switch (node.kind) {
        case Kind::header:
            return in_fields(node, node.field);
        case Kind::body:
            return in_body(node);
        case Kind::text:
            return in_message(node);
        default:
            return in_field(node);
    }
}

unsigned Look::in_text(const Node& node, std::string_view folded_text) const {
    if (contains(folded_text, node.word)) return 100;
    if (node.fuzzy == Node::none) return 0;
    FuzzySearch search(phrases_.fuzzy[node.fuzzy]);
    search.feed(folded_text);
    search.finish();
    return search.strength();
}

// false: not at hand.
Result<bool> Look::load_header() {
    if (header_loaded_) return true;
    if (facts_.header) {
        auto header = facts_.header();
        if (!header) return header.error();
        header_ = std::move(header).value();
    } else if (facts_.raw && facts_.summary) {
        const auto end = std::min<std::uint64_t>(facts_.summary->root.body.raw, message::max_header_bytes);
        header_.resize(static_cast<std::size_t>(end));
        std::size_t have = 0;
        while (have < header_.size()) {
            auto read = facts_.raw(have, header_.data() + have, header_.size() - have);
            if (!read) return read.error();
            if (*read == 0) break;
            have += *read;
        }
        header_.resize(have);
    } else {
        return false;
    }
    message::for_each_field(header_, [&](std::string_view name, std::string_view value) {
        header_fields_.push_back({name, folded(message::decode_header(value), phrases_.collation)});
    });
    header_loaded_ = true;
    return true;
}

Result<Look::Strength> Look::in_fields(const Node& node, std::string_view name) {
    auto loaded = load_header();
    if (!loaded) return loaded.error();
    if (!*loaded) return Strength();
    unsigned best = 0;
    for (const auto& field : header_fields_)
        if (best < 100 && ascii_iequals(field.name, name)) best = std::max(best, in_text(node, field.folded));
    return Strength(best);
}

Result<Look::Strength> Look::in_field(const Node& node) {
    if (phrases_.fields == Fields::envelope) {
        const auto envelope = in_envelope(node);
        if (envelope != Strength(0) || !loses_text(node)) return envelope;
    }
    // The last Subject stands in the envelope word for word, so a hit there needs no header.
    if (node.kind == Kind::subject && facts_.summary && in_envelope(node) != Strength(0)) return in_envelope(node);
    return in_fields(node, field_of(node.kind));
}

Look::Strength Look::in_envelope(const Node& node) const {
    if (!facts_.summary) return std::nullopt;
    const auto& envelope = facts_.summary->envelope;
    if (node.kind == Kind::subject) {
        if (!envelope.subject) return 0;
        return in_text(node, folded(message::decode_header(*envelope.subject), phrases_.collation));
    }
    unsigned best = 0;
    for (const auto& address : addresses_of(envelope, node.kind))
        if (best < 100) best = std::max(best, in_text(node, folded(shown(address), phrases_.collation)));
    return best;
}

bool Look::loses_text(const Node& node) const {
    if (node.kind == Kind::subject) return false;
    const auto& addresses = addresses_of(facts_.summary->envelope, node.kind);
    return addresses.size() >= message::max_addresses ||
           std::any_of(addresses.begin(), addresses.end(), message::incomplete);
}

// All phrases in one pass. false: not at hand.
Result<bool> Look::load_body() {
    if (body_loaded_) return true;
    if (!facts_.summary || !facts_.raw) return false;
    FoldedSearch exact(phrases_.body_words, phrases_.collation);
    std::vector<FuzzySearch> fuzzy;
    fuzzy.reserve(phrases_.fuzzy_in_body.size());
    for (const auto phrase : phrases_.fuzzy_in_body) fuzzy.emplace_back(phrases_.fuzzy[phrase]);
    auto visited = message::visit_body_text(*facts_.summary, facts_.raw,
                                            [&exact, &fuzzy](std::string_view piece, message::Follows follows) {
                                                bool more = exact.feed(piece);
                                                for (auto& search : fuzzy) more = search.feed(piece) || more;
                                                if (follows == message::Follows::other_part) {
                                                    exact.finish();
                                                    for (auto& search : fuzzy) search.finish();
                                                }
                                                return more;
                                            });
    if (!visited) return visited.error();
    exact.finish();
    for (std::size_t i = 0; i < phrases_.body_words.size(); ++i) body_found_.push_back(exact.found(i));
    body_strengths_.resize(phrases_.fuzzy.size());
    for (std::size_t i = 0; i < fuzzy.size(); ++i) {
        fuzzy[i].finish();
        body_strengths_[phrases_.fuzzy_in_body[i]] = static_cast<std::uint8_t>(fuzzy[i].strength());
    }
    body_loaded_ = true;
    return true;
}

Result<Look::Strength> Look::in_body(const Node& node) {
    if (node.word.empty()) return Strength(100);
    const auto loaded = load_body();
    if (!loaded) return loaded.error();
    if (!*loaded) return Strength();
    unsigned found = body_found_[node.body_word] ? 100 : 0;
    if (found == 0 && node.fuzzy != Node::none) found = body_strengths_[node.fuzzy];
    return Strength((found * body_weight + 99) / 100);
}

Result<Look::Strength> Look::in_message(const Node& node) {
    if (node.word.empty()) return Strength(100);
    auto loaded = load_header();
    if (!loaded) return loaded.error();
    unsigned in_header = 0;
    if (*loaded) {
        if (header_text_.empty())
            for (const auto& field : header_fields_)
                header_text_ += folded(std::string(field.name) + ": ", phrases_.collation) + field.folded + "\r\n";
        in_header = in_text(node, header_text_);
        if (in_header >= body_weight || (in_header > 0 && node.fuzzy == Node::none)) return Strength(in_header);
    }
    auto body = in_body(node);
    if (!body) return body;
    const unsigned best = std::max(in_header, body->value_or(0));
    if (best == 0 && (!*loaded || !*body)) return Strength();
    return Strength(best);
}

}  // namespace imaparc::search
