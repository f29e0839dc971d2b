#include "sync/ingest.h"

#include <doctest/doctest.h>

#include "sync/world.h"

using namespace imaparc;
using namespace std::chrono_literals;

namespace {

// As the engine does, until nothing is left.
sync::Ingest::Slice all_of(sync::Ingest& ingest) {
    sync::Ingest::Slice slice;
    for (slice.more = true; slice.more;) slice = ingest.work(100ms);
    return slice;
}

}  // namespace

TEST_CASE("All Mail is not there before all folders were looked through, whatever was read for new mail") {
    test::World world({"2024"});
    index::Options options;
    options.directory = world.directory / "data";
    options.window_months = 0;
    options.all_mail = true;
    const auto index = index::Index::open(options, world.clock, Log::silent());
    const auto round = [&] {
        world.clock.advance(10s);
        sync::Surroundings at{world.pointers(), *world.archive, *index, world.clock, *world.roots, world.stopping};
        sync::Round one(at, world.options, "ann", world.memory["ann"], {});
        one.prepare();
        while (one.list_some(100ms)) {
        }
        REQUIRE(one.commit().ready);
    };
    const auto messages = [&](const char* path) {
        std::size_t n = 0;
        const auto owner = index->owner("ann");
        const auto read = owner->for_each(owner->find(path)->number, [&](const index::Message&) { return ++n > 0; });
        if (!read) CHECK(read.error().kind == ErrorKind::unavailable);
        return read ? std::optional(n) : std::nullopt;
    };
    Metrics metrics;
    const auto ingest = [&] {
        return std::make_unique<sync::Ingest>(*world.archive, *index, world.clock, metrics, world.stopping, "ann");
    };

    const auto add = [&](const std::string& path, const std::string& name, Seconds date) {
        world.store(0).add("ann", path, name, date, "Subject: " + name + "\r\n\r\n");
    };
    for (int n = 0; n < 20; ++n) add("Old", "m" + std::to_string(n), 1000 + n);
    round();
    for (int n = 0; n < 20; ++n) world.store(0).unreadable("m" + std::to_string(n));
    auto first = ingest();
    first->start(false);
    CHECK(!all_of(*first).trouble.empty());
    CHECK(!messages("All Mail"));

    // The store cannot be read still, but for new mail.
    add("INBOX", "new", 5000);
    round();
    auto second = ingest();
    second->prefer({"INBOX"});
    CHECK(!all_of(*second).trouble.empty());
    CHECK(!messages("All Mail"));

    for (int n = 0; n < 20; ++n) world.store(0).unreadable("m" + std::to_string(n), false);
    add("INBOX", "newer", 6000);
    round();
    auto third = ingest();
    third->prefer({"INBOX"});
    CHECK(all_of(*third).trouble.empty());
    CHECK(messages("INBOX").value_or(0) == 2);
    CHECK(messages("All Mail").value_or(0) == 22);
}
