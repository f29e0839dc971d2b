#include <doctest/doctest.h>

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
