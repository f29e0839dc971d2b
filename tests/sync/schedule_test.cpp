#include "sync/schedule.h"

#include <doctest/doctest.h>

using namespace imaparc::sync;
using namespace std::chrono_literals;
using Instant = Schedule::Instant;

TEST_CASE("due ones only; the urgent first, then the longest due, then the order of asking") {
    Schedule schedule;
    const Instant now{100s};
    schedule.want("rotation", Urgency::rotation, now - 50s);
    schedule.want("first b", Urgency::first, now);
    schedule.want("first a", Urgency::first, now);
    schedule.want("second look", Urgency::now, now + 2s);
    schedule.want("new mail", Urgency::now, now);
    CHECK(schedule.next(now) == "new mail");
    CHECK(schedule.next(now) == "first b");
    CHECK(schedule.next(now) == "first a");
    CHECK(schedule.next(now) == "rotation");
    CHECK_FALSE(schedule.next(now));
    CHECK(schedule.next_due() == now + 2s);
    CHECK(schedule.next(now + 2s) == "second look");
    CHECK_FALSE(schedule.next_due());
    CHECK(schedule.waiting() == 0);
}

TEST_CASE("wanted twice: the higher urgency and the earlier time") {
    Schedule schedule;
    const Instant now{100s};
    schedule.want("a", Urgency::rotation, now + 60s);
    schedule.want("a", Urgency::now, now + 90s);
    CHECK(schedule.waiting() == 1);
    CHECK(schedule.next_due() == now + 60s);
    schedule.want("b", Urgency::first, now);
    CHECK(schedule.next(now + 60s) == "a");
    schedule.want("b", Urgency::first, now + 5s);
    CHECK(schedule.next(now) == "b");
}

TEST_CASE("a preferred owner goes before its equals, not before the more urgent") {
    Schedule schedule;
    const Instant now{100s};
    for (const auto* name : {"a", "b", "c"}) schedule.want(name, Urgency::first, now);
    schedule.prefer("c");
    schedule.prefer("nobody");
    schedule.want("now", Urgency::now, now);
    CHECK(schedule.next(now) == "now");
    CHECK(schedule.next(now) == "c");
    CHECK(schedule.next(now) == "a");
    schedule.drop("b");
    CHECK_FALSE(schedule.next(now));
}
