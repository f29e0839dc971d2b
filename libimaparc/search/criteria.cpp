#include "search/criteria.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace imaparc::search {

namespace {

using Kind = Criteria::Kind;

// body and text read the whole message, the fields its header only.
unsigned cost(const Criteria& criteria) {
    switch (criteria.kind) {
        case Kind::all_of:
        case Kind::any_of:
        case Kind::none_of:
        case Kind::fuzzy: {
            unsigned highest = 0;
            for (const auto& child : criteria.children) highest = std::max(highest, cost(child));
            return highest;
        }
        case Kind::number_set:
        case Kind::uid_set:
        case Kind::flag:
        case Kind::modseq:
        case Kind::before:
        case Kind::on:
        case Kind::since:
        case Kind::older:
        case Kind::younger:
        case Kind::saved_result:
        case Kind::thread_id:
        case Kind::saved_before:
        case Kind::saved_on:
        case Kind::saved_since:
        case Kind::save_date_supported:
            return 0;
        case Kind::larger:
        case Kind::smaller:
            return 1;
        case Kind::sent_before:
        case Kind::sent_on:
        case Kind::sent_since:
        case Kind::email_id:
            return 2;
        case Kind::from:
        case Kind::to:
        case Kind::cc:
        case Kind::bcc:
        case Kind::subject:
            return 3;
        case Kind::header:
            return 4;
        case Kind::body:
        case Kind::text:
            return 5;
    }
    return 5;
}

bool everything(const Criteria& criteria) { return criteria.kind == Kind::all_of && criteria.children.empty(); }
bool nothing(const Criteria& criteria) { return criteria.kind == Kind::any_of && criteria.children.empty(); }

Criteria constant(bool value) {
    Criteria result;
    result.kind = value ? Kind::all_of : Kind::any_of;
    return result;
}

// Children of `kind` (all_of or any_of), each simplified already.
Criteria joined(Kind kind, std::vector<Criteria> children) {
    const bool conjunction = kind == Kind::all_of;
    Criteria result;
    result.kind = kind;
    for (auto& child : children) {
        if (conjunction ? nothing(child) : everything(child)) return constant(!conjunction);
        if (child.kind == kind)
            std::move(child.children.begin(), child.children.end(), std::back_inserter(result.children));
        else
            result.children.push_back(std::move(child));
    }
    if (result.children.size() == 1) return Criteria(std::move(result.children.front()));
    std::stable_sort(result.children.begin(), result.children.end(),
                     [](const Criteria& a, const Criteria& b) { return cost(a) < cost(b); });
    return result;
}

}  // namespace

Criteria simplified(Criteria criteria) {
    for (auto& child : criteria.children) child = simplified(std::move(child));
    switch (criteria.kind) {
        case Kind::all_of:
        case Kind::any_of:
            return joined(criteria.kind, std::move(criteria.children));
        case Kind::none_of: {
            Criteria inner = joined(Kind::any_of, std::move(criteria.children));
            if (everything(inner)) return constant(false);
            if (nothing(inner)) return constant(true);
            if (inner.kind == Kind::none_of) return Criteria(std::move(inner.children.front()));
            Criteria result;
            result.kind = Kind::none_of;
            result.children.push_back(std::move(inner));
            return result;
        }
        default:
            return criteria;
    }
}

bool has(const Criteria& criteria, Kind kind) {
    return criteria.kind == kind ||
           std::ranges::any_of(criteria.children, [kind](const Criteria& child) { return has(child, kind); });
}

Need need_of(const Criteria& criteria, Fields fields) {
    switch (criteria.kind) {
        case Kind::all_of:
        case Kind::any_of:
        case Kind::none_of:
        case Kind::fuzzy: {
            Need highest = Need::index;
            for (const auto& child : criteria.children) highest = std::max(highest, need_of(child, fields));
            return highest;
        }
        case Kind::from:
        case Kind::to:
        case Kind::cc:
        case Kind::bcc:
        case Kind::subject:
            return fields == Fields::envelope ? Need::summary : Need::message;
        case Kind::header:
            return Need::message;
        case Kind::body:
        case Kind::text:
            return criteria.string.empty() ? Need::index : Need::message;
        default:
            break;
    }
    const unsigned level = cost(criteria);
    return level == 0 ? Need::index : level == 1 ? Need::size : Need::summary;
}

}  // namespace imaparc::search
