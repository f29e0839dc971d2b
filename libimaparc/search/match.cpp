#include "search/match.h"

#include <algorithm>
#include <ctime>
#include <limits>

#include "base/text.h"
#include "message/address.h"
#include "search/folded.h"

namespace imaparc::search {

namespace {

using Kind = Criteria::Kind;

constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

// A node as it is evaluated: folded, resolved, flag names looked up.
struct Node {
    Kind kind = Kind::all_of;
    std::vector<Node> children;
    std::string field;
    std::string word;              // folded
    std::size_t body_word = none;  // index into Inside::body_words
    NumberSet set;
    std::optional<std::uint8_t> system;
    std::string keyword;
    std::int64_t day = 0;
    std::uint64_t size = 0;
};

struct Field {
    std::string_view name;
    std::string folded;  // the value: decoded, then folded
};

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

struct Matcher::Inside {
    Node root;
    std::vector<std::string> body_words;  // of all body and text nodes, folded, each once
    Seconds now = 0;
    Fields fields = Fields::header;
    Need need = Need::index;

    Node prepared(const Criteria& criteria, Number largest_number, Uid largest_uid);
};

Node Matcher::Inside::prepared(const Criteria& criteria, Number largest_number, Uid largest_uid) {
    Node node;
    node.kind = criteria.kind;
    node.field = criteria.field;
    node.day = criteria.day;
    node.size = criteria.size;
    switch (criteria.kind) {
        case Kind::number_set:
            node.set = criteria.set.resolved(largest_number.value);
            break;
        case Kind::uid_set:
            node.set = criteria.set.resolved(largest_uid.value);
            break;
        case Kind::flag:
            node.system = system_flag(criteria.string);
            node.keyword = criteria.string;
            break;
        case Kind::header:
        case Kind::from:
        case Kind::to:
        case Kind::cc:
        case Kind::bcc:
        case Kind::subject:
            node.word = message::casemap(criteria.string);
            break;
        case Kind::body:
        case Kind::text: {
            node.word = message::casemap(criteria.string);
            if (node.word.empty()) break;
            const auto known = std::find(body_words.begin(), body_words.end(), node.word);
            node.body_word = static_cast<std::size_t>(known - body_words.begin());
            if (known == body_words.end()) body_words.push_back(node.word);
            break;
        }
        default:
            break;
    }
    for (const auto& child : criteria.children) node.children.push_back(prepared(child, largest_number, largest_uid));
    return node;
}

namespace {

// One message looked at: what was read of it is kept until the verdict.
class Look {
  public:
    Look(const Facts& facts, const std::vector<std::string>& body_words, Seconds now, Fields fields)
        : facts_(facts), body_words_(body_words), now_(now), fields_(fields) {}

    Result<Verdict> at(const Node& node) {
        switch (node.kind) {
            case Kind::all_of:
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
            case Kind::header:
                return in_fields(node.field, node.word);
            case Kind::from:
            case Kind::to:
            case Kind::cc:
            case Kind::bcc:
            case Kind::subject:
                return in_field(node);
            case Kind::body:
                return in_body(node);
            case Kind::text:
                return in_text(node);
            default:
                break;
        }
        return Verdict::no;
    }

  private:
    // `decisive`: the child's verdict that settles the whole; the other one if no child gives it (Kleene's logic).
    Result<Verdict> all_of(const std::vector<Node>& children, Verdict decisive) {
        bool open = false;
        for (const auto& child : children) {
            auto result = at(child);
            if (!result || *result == decisive) return result;
            open = open || *result == Verdict::unknown;
        }
        if (open) return Verdict::unknown;
        return decisive == Verdict::no ? Verdict::yes : Verdict::no;
    }

    bool flag(const Node& node) const {
        if (node.system) return (facts_.system_flags & *node.system) != 0;
        if (!facts_.keywords) return false;
        return std::any_of(facts_.keywords->begin(), facts_.keywords->end(),
                           [&](const std::string& keyword) { return ascii_iequals(keyword, node.keyword); });
    }

    Seconds target(std::uint64_t interval) const {
        constexpr std::uint64_t longest = std::uint64_t{1} << 40;  // 34,000 years; keeps the difference inside Seconds
        return now_ - static_cast<Seconds>(std::min(interval, longest));
    }

    Verdict size(const Node& node) const {
        std::uint64_t octets = 0;
        if (facts_.size)
            octets = *facts_.size;
        else if (facts_.summary)
            octets = facts_.summary->wire_size;
        else
            return Verdict::unknown;
        return verdict(node.kind == Kind::larger ? octets > node.size : octets < node.size);
    }

    Verdict sent(const Node& node) const {
        if (!facts_.summary) return Verdict::unknown;
        if (!facts_.summary->sent) return Verdict::no;  // no Date: neither before nor after
        const auto day =
            floor_day(*facts_.summary->sent + static_cast<Seconds>(facts_.summary->sent_zone_minutes) * 60);
        if (node.kind == Kind::sent_before) return verdict(day < node.day);
        if (node.kind == Kind::sent_on) return verdict(day == node.day);
        return verdict(day >= node.day);
    }

    // ---- the header
    // false: not at hand.
    Result<bool> load_header() {
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
            header_fields_.push_back({name, message::casemap(message::decode_header(value))});
        });
        header_loaded_ = true;
        return true;
    }

    Result<Verdict> in_fields(std::string_view name, std::string_view word) {
        auto loaded = load_header();
        if (!loaded) return loaded.error();
        if (!*loaded) return Verdict::unknown;
        return verdict(std::any_of(header_fields_.begin(), header_fields_.end(), [&](const Field& field) {
            return ascii_iequals(field.name, name) && contains(field.folded, word);
        }));
    }

    Result<Verdict> in_field(const Node& node) {
        if (fields_ == Fields::envelope) {
            const auto envelope = in_envelope(node);
            if (envelope != Verdict::no || !loses_text(node)) return envelope;
        }
        // The last Subject stands in the envelope word for word, so a hit there needs no header.
        if (node.kind == Kind::subject && facts_.summary && in_envelope(node) == Verdict::yes) return Verdict::yes;
        return in_fields(field_of(node.kind), node.word);
    }

    Verdict in_envelope(const Node& node) const {
        if (!facts_.summary) return Verdict::unknown;
        const auto& envelope = facts_.summary->envelope;
        if (node.kind == Kind::subject)
            return verdict(envelope.subject &&
                           contains(message::casemap(message::decode_header(*envelope.subject)), node.word));
        const auto& addresses = addresses_of(envelope, node.kind);
        return verdict(std::any_of(addresses.begin(), addresses.end(), [&](const message::Address& address) {
            return contains(message::casemap(shown(address)), node.word);
        }));
    }

    bool loses_text(const Node& node) const {
        if (node.kind == Kind::subject) return false;
        const auto& addresses = addresses_of(facts_.summary->envelope, node.kind);
        return addresses.size() >= message::max_addresses ||
               std::any_of(addresses.begin(), addresses.end(), message::incomplete);
    }

    // ---- the body
    Result<Verdict> in_body(const Node& node) {
        if (node.word.empty()) return Verdict::yes;
        if (!facts_.summary || !facts_.raw) return Verdict::unknown;
        if (body_found_.empty()) {
            FoldedSearch search(body_words_);
            auto visited = message::visit_body_text(*facts_.summary, facts_.raw,
                                                    [&search](std::string_view piece, message::Follows follows) {
                                                        const bool more = search.feed(piece);
                                                        if (follows == message::Follows::other_part) search.finish();
                                                        return more;
                                                    });
            if (!visited) return visited.error();
            for (std::size_t i = 0; i < body_words_.size(); ++i) body_found_.push_back(search.found(i));
        }
        return verdict(body_found_[node.body_word]);
    }

    Result<Verdict> in_text(const Node& node) {
        if (node.word.empty()) return Verdict::yes;
        auto loaded = load_header();
        if (!loaded) return loaded.error();
        if (*loaded) {
            if (header_text_.empty())
                for (const auto& field : header_fields_)
                    header_text_ += message::casemap(std::string(field.name) + ": ") + field.folded + "\r\n";
            if (contains(header_text_, node.word)) return Verdict::yes;
        }
        auto body = in_body(node);
        if (!body || *body == Verdict::yes) return body;
        return *loaded ? *body : Verdict::unknown;
    }

    const Facts& facts_;
    const std::vector<std::string>& body_words_;
    const Seconds now_;
    const Fields fields_;
    bool header_loaded_ = false;
    std::string header_;
    std::vector<Field> header_fields_;
    std::string header_text_;  // folded, for TEXT
    std::vector<bool> body_found_;
};

}  // namespace

Matcher::Matcher(const Criteria& criteria, Number largest_number, Uid largest_uid, Seconds now, Fields fields) {
    auto inside = std::make_unique<Inside>();
    const auto plain = simplified(criteria);
    inside->now = now;
    inside->fields = fields;
    inside->need = need_of(plain, fields);
    inside->root = inside->prepared(plain, largest_number, largest_uid);
    inside_ = std::move(inside);
}

Matcher::~Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;

Need Matcher::need() const { return inside_->need; }

Result<Verdict> Matcher::match(const Facts& facts) const {
    return Look(facts, inside_->body_words, inside_->now, inside_->fields).at(inside_->root);
}

}  // namespace imaparc::search
