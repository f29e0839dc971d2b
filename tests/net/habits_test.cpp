#include "net/habits.h"

#include <doctest/doctest.h>

using imaparc::net::Habits;

TEST_CASE("habits are remembered, the oldest forgotten") {
    Habits habits(2);
    CHECK(habits.of("a") == Habits::Habit::unknown);
    habits.remember("a", Habits::Habit::waits);
    habits.remember("b", Habits::Habit::speaks_tls);
    habits.remember("a", Habits::Habit::speaks_tls);
    habits.remember("c", Habits::Habit::waits);
    CHECK(habits.of("a") == Habits::Habit::speaks_tls);
    CHECK(habits.of("b") == Habits::Habit::unknown);
    CHECK(habits.of("c") == Habits::Habit::waits);
}
