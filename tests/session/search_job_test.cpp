#include "session/search_job.h"

#include <doctest/doctest.h>

#include "helpers/archive_world.h"
#include "helpers/memory_store.h"

using namespace imaparc;
using session::SearchJob;

namespace {

search::Criteria search_for(search::Criteria::Kind kind, std::string string) {
    search::Criteria criteria;
    criteria.kind = kind;
    criteria.string = std::move(string);
    return criteria;
}

}  // namespace

TEST_CASE("the envelope's fields are decided by the summaries: no message is opened") {
    test::MemoryStore store("s");
    test::ArchiveWorld world(store);
    for (int i = 0; i < 20; ++i)
        store.add("ann", "INBOX", "m" + std::to_string(i), i,
                  "From: User " + std::to_string(i) + " <u" + std::to_string(i) +
                      "@example.org>\r\nTo: root\r\nSubject: number " + std::to_string(i) + "\r\n\r\ntext\r\n");
    world.sync("ann");
    const auto owner = world.index->owner("ann");
    const auto view = *owner->view(owner->find("INBOX")->number, UserNumber(0));
    const std::string name = "ann";
    const auto found = [&](const search::Criteria& criteria, SearchJob::Settings settings = {}) {
        SearchJob job(world.archive, name, view, criteria, std::move(settings));
        std::vector<std::uint32_t> all;
        for (auto step = SearchJob::Step::more; step != SearchJob::Step::done;) {
            step = job.advance(std::chrono::seconds(1), session::Waiting::allowed);
            for (const auto& one : job.found()) all.push_back(one.number.value);
            job.found().clear();
        }
        CHECK(job.failures() == 0);
        return all;
    };
    using Kind = search::Criteria::Kind;
    CHECK(found(search_for(Kind::from, "nobody")).empty());  // now all summaries are in the catalog
    const auto opens = store.opens();
    CHECK(found(search_for(Kind::from, "USER 7")) == std::vector<std::uint32_t>{8});
    CHECK(found(search_for(Kind::from, "u7@")) == std::vector<std::uint32_t>{8});
    CHECK(found(search_for(Kind::to, "root")).size() == 20);
    CHECK(found(search_for(Kind::to, "missing")).empty());
    CHECK(found(search_for(Kind::subject, "number 19")) == std::vector<std::uint32_t>{20});
    CHECK(found(search_for(Kind::bcc, "x")).empty());
    CHECK(store.opens() == opens);

    SearchJob::Settings settings;
    settings.order = SearchJob::Order::descending;
    CHECK(found(search_for(Kind::subject, "number 1"), settings) ==
          std::vector<std::uint32_t>{20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 2});
    settings.numbers = NumberSet(std::vector<NumberRange>{{2, 12}});
    CHECK(found(search_for(Kind::subject, "number 1"), settings) == std::vector<std::uint32_t>{12, 11, 2});
}
