#include "search/criteria.h"

#include <doctest/doctest.h>

using namespace imaparc::search;
using Kind = Criteria::Kind;

namespace {

Criteria leaf(Kind kind, std::string string = "x") {
    Criteria criteria;
    criteria.kind = kind;
    criteria.string = std::move(string);
    return criteria;
}
Criteria node(Kind kind, std::vector<Criteria> children) {
    Criteria criteria;
    criteria.kind = kind;
    criteria.children = std::move(children);
    return criteria;
}

}  // namespace

TEST_CASE("nested conjunctions become one, cheap keys first, order among equals kept") {
    const auto plain = simplified(node(
        Kind::all_of, {leaf(Kind::body, "b"), node(Kind::all_of, {leaf(Kind::text, "t"), leaf(Kind::subject, "s")}),
                       leaf(Kind::sent_on), leaf(Kind::larger), leaf(Kind::flag, "f")}));
    CHECK(plain == node(Kind::all_of, {leaf(Kind::flag, "f"), leaf(Kind::larger), leaf(Kind::sent_on),
                                       leaf(Kind::subject, "s"), leaf(Kind::body, "b"), leaf(Kind::text, "t")}));
}

TEST_CASE("double negation goes, a single child stands alone") {
    CHECK(simplified(node(Kind::none_of, {node(Kind::none_of, {leaf(Kind::body)})})) == leaf(Kind::body));
    CHECK(simplified(node(Kind::all_of, {node(Kind::any_of, {leaf(Kind::body)})})) == leaf(Kind::body));
    CHECK(simplified(node(Kind::none_of, {leaf(Kind::body)})) == node(Kind::none_of, {leaf(Kind::body)}));
}

TEST_CASE("constants: ALL is the neutral key, NOT ALL settles a conjunction") {
    const auto everything = node(Kind::all_of, {});
    const auto nothing = node(Kind::any_of, {});
    CHECK(simplified(node(Kind::none_of, {everything})) == nothing);
    CHECK(simplified(node(Kind::none_of, {nothing})) == everything);
    CHECK(simplified(node(Kind::all_of, {everything, leaf(Kind::body)})) == leaf(Kind::body));
    CHECK(simplified(node(Kind::all_of, {leaf(Kind::body), node(Kind::none_of, {everything})})) == nothing);
    CHECK(simplified(node(Kind::any_of, {leaf(Kind::body), everything})) == everything);
}

TEST_CASE("what must be at hand") {
    CHECK(need_of(node(Kind::all_of, {})) == Need::index);
    CHECK(need_of(leaf(Kind::flag)) == Need::index);
    CHECK(need_of(leaf(Kind::younger)) == Need::index);
    CHECK(need_of(leaf(Kind::smaller)) == Need::size);
    CHECK(need_of(leaf(Kind::sent_since)) == Need::summary);
    CHECK(need_of(leaf(Kind::from)) == Need::message);
    CHECK(need_of(leaf(Kind::from), Fields::envelope) == Need::summary);
    CHECK(need_of(leaf(Kind::header), Fields::envelope) == Need::message);
    CHECK(need_of(leaf(Kind::body)) == Need::message);
    CHECK(need_of(leaf(Kind::body, "")) == Need::index);
    CHECK(need_of(node(Kind::none_of, {node(Kind::any_of, {leaf(Kind::flag), leaf(Kind::smaller)})})) == Need::size);
}
