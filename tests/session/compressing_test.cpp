// What sessions.h counts for COMPRESS and UNAUTHENTICATE.
#include <doctest/doctest.h>

#include "session/sessions.h"

using namespace imaparc::session;

namespace {

Sessions::Entry enter(Sessions& sessions) {
    Who who;
    who.address = "192.0.2.1";
    return *sessions.enter(who, {[](std::string) {}, [] {}}, 0);
}

}  // namespace

TEST_CASE("as many sessions compress as may, and each gives its place back once") {
    Sessions sessions;
    auto one = enter(sessions), two = enter(sessions), three = enter(sessions);
    CHECK(one.begin_compressing(2));
    CHECK(two.begin_compressing(2));
    CHECK(!three.begin_compressing(2));
    three.end_compressing();  // it did not: nothing is given back
    CHECK(!three.begin_compressing(2));
    two.end_compressing();
    two.end_compressing();
    CHECK(three.begin_compressing(2));
    CHECK(!two.begin_compressing(2));
    { auto gone = std::move(one); }
    CHECK(two.begin_compressing(2));
    CHECK(enter(sessions).begin_compressing(0));  // no bound
}

TEST_CASE("after UNAUTHENTICATE a session is nobody's") {
    Sessions sessions;
    auto one = enter(sessions), two = enter(sessions);
    CHECK(one.log_in("ann", "ann", 1));
    CHECK(!two.log_in("ann", "ann", 1));
    one.log_out();
    CHECK(sessions.count("ann") == 0);
    CHECK(sessions.count() == 2);
    CHECK(two.log_in("ann", "ann", 1));
    CHECK(!one.log_in("ann", "ann", 1));
}
