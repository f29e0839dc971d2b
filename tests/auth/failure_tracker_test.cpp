#include "auth/failure_tracker.h"

#include <doctest/doctest.h>

#include "helpers/fake_clock.h"

using namespace imaparc;
using namespace imaparc::auth;
using namespace std::chrono_literals;
using imaparc::test::FakeClock;

TEST_CASE("failures: the delay doubles up to its bound") {
    FakeClock clock;
    FailureTracker tracker({}, clock);
    CHECK(tracker.before_attempt("192.0.2.1") == 0ms);
    CHECK(tracker.failed("192.0.2.1", "ann") == 500ms);
    CHECK(tracker.failed("192.0.2.1", "ann") == 1000ms);
    CHECK(tracker.failed("192.0.2.1", "ann") == 2000ms);
    CHECK(tracker.failed("192.0.2.1", "ann") == 4000ms);
    CHECK(tracker.failed("192.0.2.1", "ann") == 8000ms);
    CHECK(tracker.failed("192.0.2.1", "ann") == 15000ms);
    for (int i = 0; i < 5000; ++i) CHECK(tracker.failed("192.0.2.1", "ann") == 15000ms);
}

TEST_CASE("failures: counted by address and by user") {
    FakeClock clock;
    FailureTracker tracker({}, clock);
    tracker.failed("192.0.2.1", "ann");
    CHECK(tracker.failed("192.0.2.2", "ann") == 1000ms);  // the same user from elsewhere
    CHECK(tracker.failed("192.0.2.1", "bob") == 1000ms);  // another user from there
    CHECK(tracker.failed("192.0.2.9", "eve") == 500ms);
}

TEST_CASE("failures: an address that goes on waits before each attempt; others do not") {
    FakeClock clock;
    FailureTracker tracker({}, clock);
    for (int i = 0; i < 5; ++i) tracker.failed("192.0.2.1", "u" + std::to_string(i));
    CHECK(tracker.before_attempt("192.0.2.1") == 0ms);
    tracker.failed("192.0.2.1", "u5");
    CHECK(tracker.before_attempt("192.0.2.1") == 500ms);
    CHECK(tracker.before_attempt("192.0.2.2") == 0ms);
    // A user under attack from many addresses is not kept out.
    for (int i = 0; i < 50; ++i) tracker.failed("198.51.100." + std::to_string(i), "ann");
    CHECK(tracker.before_attempt("203.0.113.1") == 0ms);
}

TEST_CASE("failures: an IPv6 customer is a /64") {
    FakeClock clock;
    FailureTracker tracker({}, clock);
    tracker.failed("2001:db8:1:2::1", "a");
    CHECK(tracker.failed("2001:db8:1:2:ffff::9", "b") == 1000ms);
    CHECK(tracker.failed("2001:db8:1:3::1", "c") == 500ms);
    CHECK(tracker.failed("fe80::1%eth0", "d") == 500ms);
    CHECK(tracker.failed("fe80::2", "e") == 1000ms);
}

TEST_CASE("failures: success clears the user and halves the address; time clears all") {
    FakeClock clock;
    FailureTracker tracker({}, clock);
    for (int i = 0; i < 4; ++i) tracker.failed("192.0.2.1", "ann");
    tracker.succeeded("192.0.2.1", "ann");
    CHECK(tracker.failed("192.0.2.7", "ann") == 500ms);
    CHECK(tracker.failed("192.0.2.1", "bob") == 2000ms);  // 4 halved, and one
    tracker.succeeded("192.0.2.200", "nobody");
    clock.advance(900s);
    CHECK(tracker.failed("192.0.2.1", "bob") == 500ms);
}

TEST_CASE("failures: the tables are bounded; the latest stay") {
    FakeClock clock;
    FailureOptions options;
    options.keep_at_most = 100;
    FailureTracker tracker(options, clock);
    for (int i = 0; i < 1000; ++i) {
        clock.advance(1ms);
        tracker.failed("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250), "u" + std::to_string(i));
    }
    CHECK(tracker.failed("10.0.3.249", "x") == 1000ms);  // remembered
    CHECK(tracker.failed("10.0.0.1", "y") == 500ms);     // made room
}
