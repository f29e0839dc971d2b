// FETCH where the world ends in between: whatever the client has by then, it is never told something in the middle of a
// message.
#include <doctest/doctest.h>

#include <atomic>

#include "helpers/archive_world.h"
#include "helpers/memory_store.h"

using namespace imaparc;
using test::run_until;

namespace {

// From some place on, or from opening on, one message's octets throw.
class ThrowingStore : public test::MemoryStore {
  public:
    using MemoryStore::MemoryStore;
    Result<std::unique_ptr<store::StoreReader>> open(const std::string& owner, const std::string& location,
                                                     const std::string& name, const std::string& locator) override {
        const bool chosen = armed && name == throwing;
        if (chosen && from == 0) throw Fault(ErrorKind::io, "the store is gone");
        auto reader = MemoryStore::open(owner, location, name, locator);
        if (!reader || !chosen) return reader;
        return std::unique_ptr<store::StoreReader>(std::make_unique<Throwing>(std::move(*reader), from));
    }
    std::string throwing;
    std::uint64_t from = 0;
    std::atomic<bool> armed{false};

  private:
    class Throwing : public store::StoreReader {
      public:
        Throwing(std::unique_ptr<store::StoreReader> reader, std::uint64_t from)
            : reader_(std::move(reader)), from_(from) {}
        std::uint64_t size() const override { return reader_->size(); }
        Result<std::size_t> read(std::uint64_t offset, std::span<char> buffer) override {
            if (offset + buffer.size() > from_) throw Fault(ErrorKind::io, "the store is gone");
            return reader_->read(offset, buffer);
        }
        std::string fingerprint() const override { return reader_->fingerprint(); }
        std::string locator() const override { return reader_->locator(); }

      private:
        std::unique_ptr<store::StoreReader> reader_;
        std::uint64_t from_;
    };
};

const std::string mail = "Subject: x\r\n\r\n" + std::string(400'000, 'x') + "\r\n";

// All that a slow client gets as the answer to FETCH 1:2 BODY.PEEK[].
std::string fetched(ThrowingStore& store, bool& closed) {
    for (const char* name : {"a", "b"}) store.add("ann", "INBOX", name, 1, mail);
    test::ArchiveWorld world(store);
    world.sync("ann");
    test::PipeOptions pipe;
    pipe.window = 30'000;
    auto end = world.connect(test::ArchiveWorld::default_options(), pipe);
    std::string text;
    const auto until = [&](const std::string& tag) {
        CHECK(run_until(world.io, [&] {
            text += end->take();
            return text.find(tag + " OK") != std::string::npos || text.find(tag + " NO") != std::string::npos ||
                   end->closed();
        }));
        text += end->take();
    };
    end->send("a LOGIN ann secret\r\n");
    until("a");
    end->send("b EXAMINE INBOX\r\n");
    until("b");
    end->send("c FETCH 1:2 RFC822.SIZE\r\n");  // the summaries are known
    until("c");
    text.clear();
    store.armed = true;
    end->send("f FETCH 1:2 BODY.PEEK[]\r\n");
    until("f");
    closed = end->closed();
    return text;
}

}  // namespace

TEST_CASE("the store is gone in the middle of a message: nothing more is said") {
    ThrowingStore store("s");
    store.throwing = "b";
    store.from = 200'000;
    bool closed = false;
    const std::string text = fetched(store, closed);
    CHECK(closed);
    CHECK(text.find("f NO") == std::string::npos);
    CHECK(text.find("BYE") == std::string::npos);
    const std::string first = "* 1 FETCH (BODY[] {" + std::to_string(mail.size()) + "}\r\n" + mail + ")\r\n";
    const std::string second = "* 2 FETCH (BODY[] {" + std::to_string(mail.size()) + "}\r\n" + mail;
    CHECK((first + second).starts_with(text));
    CHECK(text.size() > first.size());
}

TEST_CASE("the store is gone between two messages: what was begun is delivered, then the answer is NO") {
    ThrowingStore store("s");
    store.throwing = "b";
    bool closed = false;
    const std::string text = fetched(store, closed);
    CHECK_FALSE(closed);
    const std::string first = "* 1 FETCH (BODY[] {" + std::to_string(mail.size()) + "}\r\n" + mail + ")\r\n";
    CHECK(text.starts_with(first));
    CHECK(text.substr(std::min(first.size(), text.size())).starts_with("f NO [UNAVAILABLE]"));
}

TEST_CASE("what another session changes during a FETCH is told, although older flags are sent after it") {
    test::MemoryStore store("s");
    for (int i = 0; i < 1100; ++i)
        store.add("ann", "INBOX", "m" + std::to_string(i), i, "Subject: x\r\n\r\n" + std::string(1000, 'x') + "\r\n");
    test::ArchiveWorld world(store);
    world.sync("ann");
    test::PipeOptions pipe;
    pipe.window = 30'000;
    auto slow = world.connect(test::ArchiveWorld::default_options(), pipe);
    auto other = world.connect();
    const auto answer = [&world](test::PipeEnd& end, const std::string& tag) {
        std::string text;
        CHECK(run_until(world.io, [&] {
            text += end.take();
            return text.find(tag + " OK") != std::string::npos;
        }));
        return text;
    };
    for (auto* end : {slow.get(), other.get()}) {
        end->send("a LOGIN ann secret\r\nb SELECT INBOX\r\n");
        answer(*end, "b");
    }
    slow->send("f FETCH 1:* BODY[]\r\n");
    REQUIRE(run_until(world.io, [&] { return slow->writer_waits(); }));
    other->send("s STORE 1100 +FLAGS.SILENT (\\Flagged)\r\n");
    answer(*other, "s");
    const std::string text = answer(*slow, "f");
    CHECK(text.find("* 1100 FETCH (BODY[]") != std::string::npos);
    CHECK(text.find("* 1100 FETCH (UID 1100 FLAGS (\\Flagged \\Seen))") != std::string::npos);
}
