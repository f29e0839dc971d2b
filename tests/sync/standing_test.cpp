#include "sync/standing.h"

#include <doctest/doctest.h>

using namespace imaparc;
using namespace imaparc::sync;

namespace {

Circumstances fine() {
    Circumstances now;
    now.root = {true, false, "8:1", ""};
    now.owner = {true, false, "8:1", ""};
    now.listed = true;
    return now;
}
Circumstances seen_before() {
    auto now = fine();
    now.recorded_device = device_note("8:1");
    now.known = 10;
    return now;
}

}  // namespace

TEST_CASE("there, the first time and again") {
    CHECK(assess(fine()).standing == Standing::reachable);
    CHECK(assess(seen_before()).standing == Standing::reachable);
    CHECK(assess(seen_before()).reason.empty());
}

TEST_CASE("root missing, root empty, the owner's part missing or empty: what was here is unavailable, not gone") {
    auto root_missing = seen_before();
    root_missing.root = {false, true, "", "/srv/archive: No such file or directory"};
    CHECK(assess(root_missing).standing == Standing::unavailable);
    CHECK(assess(root_missing).reason == "/srv/archive: No such file or directory");
    auto root_empty = seen_before();
    root_empty.root.empty = true;
    CHECK(assess(root_empty).standing == Standing::unavailable);
    auto owner_missing = seen_before();
    owner_missing.owner = {false, true, "", "not found"};
    CHECK(assess(owner_missing).standing == Standing::unavailable);
    auto owner_empty = seen_before();
    owner_empty.owner.empty = true;
    CHECK(assess(owner_empty).standing == Standing::unavailable);
    for (auto* now : {&root_missing, &root_empty, &owner_missing, &owner_empty}) {
        now->accept_removals = true;
        CHECK(assess(*now).standing == Standing::gone);
        // Known by its messages alone (a crash came before the note).
        now->accept_removals = false;
        now->recorded_device.clear();
        CHECK(assess(*now).standing == Standing::unavailable);
    }
}

TEST_CASE("another device than recorded is doubtful until the administrator says so") {
    auto now = seen_before();
    now.owner.device = "8:2";
    CHECK(assess(now).standing == Standing::doubtful);
    now.accept_removals = true;
    CHECK(assess(now).standing == Standing::reachable);
    auto nameless = seen_before();
    nameless.recorded_device = device_note("");
    nameless.owner.device = "";
    CHECK(assess(nameless).standing == Standing::reachable);
}

TEST_CASE("never here: absent; listed but not to be looked at: unavailable") {
    auto now = fine();
    now.owner = {false, true, "", "Permission denied"};
    CHECK(assess(now).standing == Standing::unavailable);
    now.listed = false;
    CHECK(assess(now).standing == Standing::absent);
    auto empty = fine();
    empty.root.empty = true;
    CHECK(assess(empty).standing == Standing::absent);
    auto down = fine();
    down.root.available = false;
    CHECK(assess(down).standing == Standing::unavailable);
}
