#include "session/fetch_job.h"

#include <doctest/doctest.h>

#include <random>

#include "helpers/archive_world.h"
#include "helpers/memory_store.h"

using namespace imaparc;
using session::FetchJob;
using session::Waiting;
using session::Walk;
using Kind = imap::FetchItem::Kind;

namespace {

// Messages whose octets cannot be read from some place on.
class FailingStore : public test::MemoryStore {
  public:
    using MemoryStore::MemoryStore;
    Result<std::unique_ptr<store::StoreReader>> open(const std::string& owner, const std::string& location,
                                                     const std::string& name, const std::string& locator) override {
        auto reader = MemoryStore::open(owner, location, name, locator);
        if (!reader || !fails_from || name != failing) return reader;
        return std::unique_ptr<store::StoreReader>(std::make_unique<Failing>(std::move(*reader), *fails_from));
    }
    std::string failing;
    std::optional<std::uint64_t> fails_from;

  private:
    class Failing : public store::StoreReader {
      public:
        Failing(std::unique_ptr<store::StoreReader> reader, std::uint64_t from)
            : reader_(std::move(reader)), from_(from) {}
        std::uint64_t size() const override { return reader_->size(); }
        Result<std::size_t> read(std::uint64_t offset, std::span<char> buffer) override {
            if (offset + buffer.size() > from_) return Error{ErrorKind::io, "Input/output error"};
            return reader_->read(offset, buffer);
        }
        std::string fingerprint() const override { return reader_->fingerprint(); }
        std::string locator() const override { return reader_->locator(); }

      private:
        std::unique_ptr<store::StoreReader> reader_;
        std::uint64_t from_;
    };
};

struct Archive {
    Archive() : store("s"), world(store) {}
    void publish() {
        world.sync("ann");
        view = *world.index->owner("ann")->view(world.index->owner("ann")->find("INBOX")->number, UserNumber(0));
    }
    FailingStore store;
    test::ArchiveWorld world;
    std::shared_ptr<const index::View> view;
    std::string owner = "ann";
};

std::vector<imap::FetchItem> items(std::initializer_list<Kind> kinds) {
    std::vector<imap::FetchItem> list;
    for (const auto kind : kinds) {
        list.emplace_back().kind = kind;
        if (kind == Kind::section) list.back().peek = imap::Peek::no;
    }
    return list;
}

struct Ran {
    FetchJob::Step end = FetchJob::Step::done;
    std::string text;
    std::size_t largest = 0, pieces = 0;
};

Ran run(FetchJob& job, std::size_t piece) {
    Ran ran;
    do {
        ran.end = job.fill(piece, Waiting::allowed);
        ran.largest = std::max(ran.largest, job.buffer().size());
        ran.text += job.buffer();
        job.buffer().clear();
        ++ran.pieces;
    } while (ran.end == FetchJob::Step::full);
    return ran;
}

std::string mail_of(std::size_t octets) {
    std::string text = "Subject: large\r\n\r\n";
    for (std::size_t line = 0; text.size() < octets; ++line) text += "line " + std::to_string(line) + "\r\n";
    return text;
}

}  // namespace

TEST_CASE("a large message comes whole, through a small buffer") {
    Archive archive;
    const std::string mail = mail_of(5'000'000);
    archive.store.add("ann", "INBOX", "a", 1, mail);
    archive.publish();
    const auto wanted = items({Kind::uid, Kind::section});
    FetchJob job(archive.world.archive, archive.owner, Walk::everything(archive.view), wanted, FetchJob::Seen::keep);
    const Ran ran = run(job, 65536);
    CHECK(ran.end == FetchJob::Step::done);
    CHECK(ran.text == "* 1 FETCH (UID 1 BODY[] {" + std::to_string(mail.size()) + "}\r\n" + mail + ")\r\n");
    CHECK(ran.largest <= 3 * 65536);
    CHECK(ran.pieces > 20);
}

TEST_CASE("whatever the size of the pieces, the answer is the same") {
    Archive archive;
    for (int i = 0; i < 40; ++i)
        archive.store.add("ann", "INBOX", "m" + std::to_string(i), i, mail_of(static_cast<std::size_t>(i) * 997));
    archive.publish();
    const auto wanted = items({Kind::flags, Kind::rfc822_size, Kind::envelope, Kind::section});
    FetchJob whole(archive.world.archive, archive.owner, Walk::everything(archive.view), wanted, FetchJob::Seen::set);
    const std::string expected = run(whole, 100'000'000).text;
    CHECK(whole.take_seen().count() == 40);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{100}, std::size_t{5000}, std::size_t{65536}}) {
        FetchJob job(archive.world.archive, archive.owner, Walk::everything(archive.view), wanted, FetchJob::Seen::set);
        const Ran ran = run(job, piece);
        CHECK(ran.text == expected);
        CHECK(job.failures() == 0);
    }
}

TEST_CASE("a message that cannot be opened leaves no trace, the others are delivered") {
    Archive archive;
    for (const char* name : {"a", "b", "c"})
        archive.store.add("ann", "INBOX", name, *name, "Subject: x\r\n\r\nbody\r\n");
    archive.publish();
    archive.store.unreadable("b");
    const auto wanted = items({Kind::uid, Kind::section});
    FetchJob job(archive.world.archive, archive.owner, Walk::everything(archive.view), wanted, FetchJob::Seen::set);
    const Ran ran = run(job, 65536);
    CHECK(ran.end == FetchJob::Step::done);
    CHECK(ran.text.find("* 1 FETCH") != std::string::npos);
    CHECK(ran.text.find("* 2 FETCH") == std::string::npos);
    CHECK(ran.text.find("* 3 FETCH") != std::string::npos);
    CHECK(job.failures() == 1);
    REQUIRE(job.failure());
    CHECK(job.failure()->uid == Uid(2));
    CHECK(job.take_seen().text() == "1,3");
}

TEST_CASE("a failure behind octets that were handed out breaks the answer; one in the buffer does not") {
    Archive archive;
    const std::string mail = mail_of(1'000'000);
    archive.store.add("ann", "INBOX", "a", 1, mail);
    archive.store.add("ann", "INBOX", "b", 2, "Subject: x\r\n\r\nbody\r\n");
    archive.publish();
    const auto ids = items({Kind::envelope});
    FetchJob first(archive.world.archive, archive.owner, Walk::everything(archive.view), ids, FetchJob::Seen::keep);
    run(first, 65536);  // so that the catalog knows the message

    const auto wanted = items({Kind::section});
    archive.store.failing = "a";
    archive.store.fails_from = 500'000;
    FetchJob job(archive.world.archive, archive.owner, Walk::everything(archive.view), wanted, FetchJob::Seen::set);
    const Ran ran = run(job, 65536);
    CHECK(ran.end == FetchJob::Step::broken);
    CHECK(job.fill(65536, Waiting::allowed) == FetchJob::Step::broken);
    CHECK(ran.text.size() < mail.size());
    CHECK(ran.text.find("* 2 FETCH") == std::string::npos);
    CHECK(job.take_seen().empty());

    FetchJob patient(archive.world.archive, archive.owner, Walk::everything(archive.view), wanted, FetchJob::Seen::set);
    const Ran other = run(patient, 10'000'000);
    CHECK(other.end == FetchJob::Step::done);
    CHECK(other.text.starts_with("* 2 FETCH"));
    CHECK(patient.failures() == 1);
}

TEST_CASE("octets are never read where waiting is forbidden") {
    Archive archive;
    archive.store.add("ann", "INBOX", "a", 1);
    archive.publish();
    const auto octets = items({Kind::section});
    FetchJob body(archive.world.archive, archive.owner, Walk::everything(archive.view), octets, FetchJob::Seen::keep);
    const auto opens = archive.store.opens();
    CHECK(body.fill(65536, Waiting::forbidden) == FetchJob::Step::would_wait);
    CHECK(archive.store.opens() == opens);
    const auto index_only = items({Kind::uid, Kind::flags, Kind::internal_date});
    FetchJob flags(archive.world.archive, archive.owner, Walk::everything(archive.view), index_only,
                   FetchJob::Seen::keep);
    run(flags, 65536);
    CHECK(archive.store.opens() == opens);
}

// RFC 8970 4.1, with the size that a listing asks for beside it.
TEST_CASE("a preview that need not be made is not made for a size that is known") {
    Archive archive;
    archive.store.add("ann", "INBOX", "a", 1, "Subject: x\r\n\r\nbody\r\n");
    archive.publish();
    const auto owner = archive.world.index->owner("ann");
    const auto folder = owner->find("INBOX")->number;
    REQUIRE(owner->learn(folder, std::vector{index::Learned{Uid(1), 20}}).ok());
    archive.view = *owner->view(folder, UserNumber(0));
    auto wanted = items({Kind::rfc822_size, Kind::preview});
    wanted.back().lazy = true;
    const auto opens = archive.store.opens();
    FetchJob job(archive.world.archive, archive.owner, Walk::everything(archive.view), wanted, FetchJob::Seen::keep);
    CHECK(run(job, 65536).text == "* 1 FETCH (RFC822.SIZE 20 PREVIEW NIL)\r\n");
    CHECK(archive.store.opens() == opens);
}
