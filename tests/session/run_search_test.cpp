#include <doctest/doctest.h>

#include <algorithm>
#include <new>

#include "helpers/archive_world.h"
#include "helpers/memory_store.h"

using namespace imaparc;

namespace {

class GreedyStore : public test::MemoryStore {
  public:
    using MemoryStore::MemoryStore;
    Result<std::unique_ptr<store::StoreReader>> open(const std::string& owner, const std::string& location,
                                                     const std::string& name, const std::string& locator) override {
        if (name == "b") throw std::bad_alloc();
        return MemoryStore::open(owner, location, name, locator);
    }
};

}  // namespace

TEST_CASE("the SEARCH line ends before the tagged one, whatever ended the search") {
    GreedyStore store("s");
    for (const char* name : {"a", "b"}) store.add("ann", "INBOX", name, 1);
    test::ArchiveWorld world(store);
    world.sync("ann");
    auto end = world.connect();
    end->send("a LOGIN ann secret\r\nb EXAMINE INBOX\r\nc SEARCH BODY body\r\nd NOOP\r\n");
    std::string text;
    CHECK(test::run_until(world.io, [&] {
        text += end->take();
        return text.find("d OK") != std::string::npos || end->closed();
    }));
    const auto line = text.find("* SEARCH");
    REQUIRE(line != std::string::npos);
    const auto next = text.find("\r\n", line);
    REQUIRE(next != std::string::npos);
    CHECK(text.substr(next + 2).starts_with("c NO "));
    CHECK(text.find("d OK") != std::string::npos);
}

TEST_CASE("a long SEARCH says how far it is, between lines only, ever further, and never that it is done") {
    test::MemoryStore store("s");
    for (int i = 0; i < 10'000; ++i) store.add("ann", "INBOX", "m" + std::to_string(i), 1);
    test::ArchiveWorld world(store);
    world.sync("ann");
    auto end = world.connect();
    end->send("a LOGIN ann secret\r\nb EXAMINE INBOX\r\n");
    std::string text;
    const auto heard = [&](std::string_view what) {
        return test::run_until(world.io, [&] {
            text += end->take();
            return text.find(what) != std::string::npos || end->closed();
        });
    };
    REQUIRE(heard("b OK"));
    text.clear();
    world.clock.each_look(std::chrono::seconds(10));
    end->send("c SEARCH RETURN (COUNT) ALL\r\n");
    REQUIRE(heard("c OK"));
    std::vector<std::uint64_t> told;
    bool answered = false;
    for (std::size_t at = 0; at < text.size();) {
        const auto line_end = text.find("\r\n", at);
        const auto line = text.substr(at, line_end - at);
        at = line_end + 2;
        const std::string start = "* OK [INPROGRESS (\"c\" ";
        if (line.starts_with(start)) {
            const auto behind = line.substr(start.size());
            CHECK_FALSE(answered);
            CHECK(behind.substr(behind.find(' ')).starts_with(" 10000)] "));
            told.push_back(std::stoull(behind));
        } else if (line == "* ESEARCH (TAG \"c\") COUNT 10000") {
            answered = true;
        } else {
            CHECK(line.starts_with("c OK "));
        }
    }
    CHECK(answered);
    REQUIRE(told.size() >= 3);  // the job gives some thousand at a time
    CHECK(std::ranges::is_sorted(told));
    CHECK(told.front() == 0);
    CHECK(told.back() > 0);
    CHECK(told.back() < 10'000);
}

TEST_CASE("\"$\" costs memory wherever it is named: a search that names it without end is refused") {
    test::MemoryStore store("s");
    std::string odd;
    for (int i = 1; i <= 400; ++i) {
        store.add("ann", "INBOX", "m" + std::to_string(i), i);
        if (i % 2 == 1) odd += (odd.empty() ? "" : ",") + std::to_string(i);
    }
    test::ArchiveWorld world(store);
    world.sync("ann");
    auto end = world.connect();
    std::string many;
    for (int i = 0; i < 9000; ++i) many += " $";
    end->send("a LOGIN ann secret\r\nb EXAMINE INBOX\r\nc SEARCH RETURN (SAVE) " + odd + "\r\nd SEARCH" + many +
              "\r\ne UID SORT (ARRIVAL) UTF-8" + many + "\r\nf ESEARCH" + many +
              "\r\ng SEARCH RETURN (COUNT) $ $ UID $\r\n");
    std::string text;
    CHECK(test::run_until(world.io, [&] {
        text += end->take();
        return text.find("g OK") != std::string::npos || end->closed();
    }));
    for (const char* line :
         {"c OK", "d NO [LIMIT]", "e NO [LIMIT]", "f NO [LIMIT]", "* ESEARCH (TAG \"g\") COUNT 200", "g OK"})
        CHECK(text.find(line) != std::string::npos);
}
