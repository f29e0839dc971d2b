#include "search/match.h"

#include <algorithm>

#include "search/look.h"

namespace imaparc::search {

namespace {

using Kind = Criteria::Kind;

// Whether string keys below are to be matched fuzzily. What NOT asks is exact, so that FUZZY never finds less.
enum class Exactness : std::uint8_t { exact, fuzzy };

}  // namespace

struct Matcher::Inside {
    Node root;
    Phrases phrases;
    Need need = Need::index;
    bool scores = false;

    Node prepared(const Criteria& criteria, Number largest_number, Uid largest_uid, Exactness exactness);
    void prepare_text(Node& node, const Criteria& criteria, Exactness exactness);
};

void Matcher::Inside::prepare_text(Node& node, const Criteria& criteria, Exactness exactness) {
    const bool in_body = criteria.kind == Kind::body || criteria.kind == Kind::text;
    node.word = folded(criteria.string, phrases.collation);
    if (node.word.empty()) return;
    if (in_body) {
        auto& words = phrases.body_words;
        const auto known = std::find(words.begin(), words.end(), node.word);
        node.body_word = static_cast<std::size_t>(known - words.begin());
        if (known == words.end()) words.push_back(node.word);
    }
    if (exactness == Exactness::exact) return;
    node.fuzzy = phrases.fuzzy.size();
    phrases.fuzzy.emplace_back(criteria.string);
    if (in_body) phrases.fuzzy_in_body.push_back(node.fuzzy);
}

Node Matcher::Inside::prepared(const Criteria& criteria, Number largest_number, Uid largest_uid, Exactness exactness) {
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
        case Kind::email_id:
            node.keyword = criteria.string;
            break;
        case Kind::header:
        case Kind::from:
        case Kind::to:
        case Kind::cc:
        case Kind::bcc:
        case Kind::subject:
        case Kind::body:
        case Kind::text:
            prepare_text(node, criteria, exactness);
            break;
        case Kind::none_of:
            exactness = Exactness::exact;
            break;
        case Kind::fuzzy:
            exactness = Exactness::fuzzy;
            scores = true;
            break;
        default:  // a day, a size, or children alone
            break;
    }
    for (const auto& child : criteria.children)
        node.children.push_back(prepared(child, largest_number, largest_uid, exactness));
    return node;
}

Matcher::Matcher(const Criteria& criteria, Number largest_number, Uid largest_uid, Seconds now, Fields fields,
                 Collation collation) {
    auto inside = std::make_unique<Inside>();
    const auto plain = simplified(criteria);
    inside->phrases.now = now;
    inside->phrases.fields = fields;
    inside->phrases.collation = collation;
    inside->need = need_of(plain, fields);
    inside->root = inside->prepared(plain, largest_number, largest_uid, Exactness::exact);
    inside_ = std::move(inside);
}

Matcher::~Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;

Need Matcher::need() const { return inside_->need; }

Result<Verdict> Matcher::match(const Facts& facts) const { return Look(facts, inside_->phrases).at(inside_->root); }

Result<Scored> Matcher::match_scored(const Facts& facts) const {
    Look look(facts, inside_->phrases);
    const auto verdict = look.at(inside_->root);
    if (!verdict) return verdict.error();
    Scored scored{*verdict};
    if (*verdict != Verdict::yes) return scored;
    scored.score = 100;
    if (!inside_->scores) return scored;
    const auto score = look.score(inside_->root);
    if (!score) return score.error();
    if (*score) scored.score = static_cast<std::uint8_t>(**score);
    return scored;
}

}  // namespace imaparc::search
