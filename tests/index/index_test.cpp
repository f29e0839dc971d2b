#include "index/index.h"

#include <fstream>
#include <set>

#include "base/file.h"
#include "index/migrate.h"
#include "index_fixture.h"

using namespace imaparc;
using namespace imaparc::index;
using namespace imaparc::index::test;

TEST_CASE("index: from nothing to messages, and again after a restart") {
    Fixture f;
    f.open();
    auto ann = f.owner();
    CHECK(ann->state() == OwnerState::unsynchronised);
    CHECK(paths(*ann) == std::vector<std::string>{"INBOX"});
    CHECK(ann->view(FolderNumber{1}, UserNumber{0}).error().kind == ErrorKind::unavailable);
    CHECK(ann->commit(change_of({folder_with("INBOX", {message("a")})})).error().kind == ErrorKind::invalid);

    const auto committed = good(ann->commit(change_of(
        {folder_with("INBOX", {message("later", 200), message("first", 100), message("same", 200)}),
         folder_with("Work/2024", {message("w", 5, flag::seen | flag::deleted, {"$Forwarded", "bad word", "todo"})})},
        {}, true)));
    CHECK(committed.added == 4);
    CHECK(committed.folders_added == 2);
    CHECK(ann->state() == OwnerState::ready);
    CHECK(paths(*ann) == std::vector<std::string>{"INBOX", "Work/2024"});

    const auto check = [&](Owner& owner) {
        const auto inbox = shown(owner, "inBox");
        REQUIRE(inbox.size() == 3);
        CHECK(inbox[0] == ShownMessage{1, id_of("first"), 100, 0, {}});
        CHECK(inbox[1] == ShownMessage{2, id_of("later"), 200, 0, {}});
        CHECK(inbox[2] == ShownMessage{3, id_of("same"), 200, 0, {}});
        const auto work = shown(owner, "Work/2024");
        REQUIRE(work.size() == 1);
        CHECK(work[0] == ShownMessage{1, id_of("w"), 5, flag::seen, {"$Forwarded", "todo"}});
        CHECK(view_of(owner, "INBOX")->unseen() == 3);
        CHECK(view_of(owner, "Work/2024")->unseen() == 0);
        CHECK(view_of(owner, "INBOX")->uid_next() == Uid{4});
    };
    check(*ann);
    CHECK(complaints(*f.index).empty());
    const auto validity = ann->find("INBOX")->uid_validity;
    CHECK(validity.value >= start_of_time);

    ann.reset();
    f.open();
    ann = f.owner();
    CHECK(ann->state() == OwnerState::ready);
    CHECK(ann->find("INBOX")->uid_validity == validity);
    check(*ann);
    CHECK(complaints(*f.index).empty());
    const auto statistics = f.index->statistics();
    CHECK(statistics.owners == 1);
    CHECK(statistics.folders == 2);
    CHECK(statistics.messages == 4);
    REQUIRE(f.index->owners().size() == 1);
    CHECK(f.index->owners()[0].messages == 4);
    CHECK(f.index->owners()[0].state == OwnerState::ready);
}

namespace {

std::string bytes_of(const std::filesystem::path& file) { return good(read_file(file, std::uint64_t{1} << 30)); }

ErrorKind fault_of(Fixture& f) {
    try {
        f.open();
    } catch (const Fault& fault) {
        MESSAGE(std::string(fault.what()));
        return fault.kind();
    }
    FAIL("it opened");
    return ErrorKind::io;
}

// A small archive with everything in it: folders, a removed one, tombstones, flags of two users, keywords, a
// subscription.
void fill(Owner& ann) {
    std::vector<NewMessage> messages;
    for (int i = 0; i < 5000; ++i)
        messages.push_back(message("m" + std::to_string(i), i, i % 3 ? flag::seen : std::uint8_t{0}));
    good(ann.commit(change_of({folder_with("INBOX", messages), folder_with("A/B", {message("b", 1, 0, {"seed"})}),
                               folder_with("Gone", {message("g")})},
                              {}, true)));
    good(ann.commit(change_of({folder_with("INBOX", {message("late")}, {id_of("m7"), id_of("m4999")})}, {"Gone"})));
    good(ann.commit(change_of({folder_with("INBOX", {message("m7")})})));
    const auto inbox = ann.find("INBOX")->number;
    for (const auto* user : {"ann", "bob"}) {
        view_of(ann, "INBOX", user);
        good(ann.store_flags(inbox, ann.user(user), NumberSet({{10, 20}, {4090, 4100}}), FlagAction::add,
                             {flag::flagged, {"$" + std::string(user)}}, {}, Durability::before_return));
    }
    good(ann.subscribe(ann.user("bob"), "A/B", false));
    good(ann.set_note("n", "v"));
}

struct Whole {
    std::vector<std::string> paths;
    std::vector<std::uint32_t> numbers;
    std::vector<std::vector<ShownMessage>> rows;
    bool operator==(const Whole&) const = default;
};

Whole whole(Owner& ann) {
    Whole all;
    for (const Folder& folder : *ann.folders()) {
        all.paths.push_back(folder.path);
        for (const auto* user : {"ann", "bob"}) {
            const auto view = view_of(ann, folder.path, user);
            all.rows.push_back(shown(*view));
            all.numbers.insert(all.numbers.end(), {folder.number.value, view->uid_validity().value,
                                                   view->uid_next().value, view->count(), view->unseen()});
        }
    }
    return all;
}

}  // namespace

TEST_CASE("index: without IMAPDB.FDB all comes back from the ledgers") {
    Fixture f;
    f.open();
    auto ann = f.owner();
    fill(*ann);
    const Whole before = whole(*ann);
    ann.reset();
    f.index.reset();
    REQUIRE(std::filesystem::remove(f.file()));

    f.clock.advance(std::chrono::hours(1));
    f.open();
    CHECK(f.index->owners().at(0).state == OwnerState::rebuilding);
    ann = f.owner();
    CHECK(ann->state() == OwnerState::rebuilding);
    CHECK(paths(*ann) == before.paths);  // LIST never shrinks
    CHECK(ann->view(ann->find("INBOX")->number, UserNumber{0}).error().kind == ErrorKind::unavailable);
    CHECK(ann->commit(change_of({folder_with("INBOX", {message("x")})})).error().kind == ErrorKind::unavailable);
    CHECK(ann->note("n") == "v");
    CHECK_FALSE(ann->subscribed(ann->user("bob"), "A/B"));
    good(ann->rebuild());
    CHECK(ann->state() == OwnerState::ready);
    CHECK((whole(*ann) == before));
    CHECK(complaints(*f.index).empty());

    // A folder that has gone keeps its UIDVALIDITY; nothing is given twice.
    good(ann->commit(change_of({folder_with("Gone", {message("g"), message("g2", 1)})})));
    const auto gone = shown(*ann, "Gone");
    REQUIRE(gone.size() == 2);
    CHECK(gone[0] == ShownMessage{1, id_of("g"), start_of_time - day, 0, {}});
    CHECK(gone[1].uid == 3);

    // Rebuilding what is fine is allowed, and changes nothing.
    const Whole again = whole(*ann);
    good(ann->rebuild());
    CHECK((whole(*ann) == again));
    ann.reset();
    f.open();
    CHECK((whole(*f.owner()) == again));
    CHECK(complaints(*f.index).empty());
}

TEST_CASE("index: a rebuild that was killed halfway begins anew") {
    Fixture f;
    f.open();
    fill(*f.owner());
    const Whole before = whole(*f.owner());
    f.index.reset();
    std::filesystem::remove(f.file());
    f.open();
    f.index.reset();
    {  // what a rebuild leaves behind that was killed after its first write
        auto attachment = Attachment::open(f.file());
        Transaction write(attachment, Access::write);
        write.run(
            "INSERT INTO OWNER (ID, NAME, GENERATION, APPLIED, VERSION, FOLDERS, MESSAGES, FACTS) "
            "VALUES (1, 'ann', 0, 0, 9, 0, 0, '')");
        write.run(
            "INSERT INTO SEGMENT (OWNER_ID, FOLDER, SEGMENT, VERSION, CNT, FIRST_UID, LAST_UID, LEAST_DATE, "
            "GREATEST_DATE, MAX_MODSEQ, SEED_UNSEEN, SHAPE, MEMBERSHIP, DATA) "
            "VALUES (1, 1, 77, 9, 1, 1, 1, 0, 0, 0, 0, 0, 0, 'x')");
        write.commit();
    }
    f.open();
    auto ann = f.owner();
    CHECK(ann->state() == OwnerState::rebuilding);
    good(ann->rebuild());
    CHECK((whole(*ann) == before));
    CHECK(complaints(*f.index).empty());
}

TEST_CASE("index: files that are not ours, newer, or damaged get a clear word") {
    Fixture f;
    f.open();
    fill(*f.owner());
    const Whole before = whole(*f.owner());
    f.index.reset();
    const std::string whole_file = bytes_of(f.file());

    const auto put = [&](std::string_view bytes) { f.dir.write("IMAPDB.FDB", bytes); };
    const auto set_aside = [&] {
        unsigned n = 0;
        for (const auto& entry : std::filesystem::directory_iterator(f.dir.path()))
            if (entry.path().filename().string().starts_with("IMAPDB.FDB.damaged-")) ++n;
        return n;
    };
    put(std::string(50'000, 'x'));
    CHECK(fault_of(f) == ErrorKind::invalid);
    CHECK(bytes_of(f.file()) == std::string(50'000, 'x'));  // it is somebody's
    std::filesystem::remove(f.file());
    {
        auto attachment = Attachment::create(f.file());
        Transaction ddl(attachment, Access::write);
        ddl.run("CREATE TABLE CUSTOMERS (ID INTEGER)");
        ddl.commit();
    }
    CHECK(fault_of(f) == ErrorKind::invalid);
    put(whole_file);
    {
        auto attachment = Attachment::open(f.file());
        Transaction write(attachment, Access::write);
        write.run("UPDATE META SET V = '9999' WHERE K = 'SCHEMA_VERSION'");
        write.commit();
    }
    CHECK(fault_of(f) == ErrorKind::refused);
    CHECK(set_aside() == 0);

    unsigned times = 0;
    for (const std::size_t size : {std::size_t{0}, std::size_t{100}, std::size_t{16'384}, whole_file.size() / 2}) {
        INFO("cut to " << size);
        put(std::string_view(whole_file).substr(0, size));
        f.log_lines.clear();
        f.open();
        CHECK(f.logged("index_database_damaged"));
        CHECK(set_aside() == ++times);
        auto ann = f.owner();
        CHECK(ann->state() == OwnerState::rebuilding);
        good(ann->rebuild());
        CHECK((whole(*ann) == before));
        ann.reset();
        f.index.reset();
    }
    put(whole_file);
    f.dir.write("IMAPDB.FDB.new", "left behind by a creation that was killed");
    f.open();
    CHECK((whole(*f.owner()) == before));
    CHECK_FALSE(std::filesystem::exists(f.dir / "IMAPDB.FDB.new"));
}

TEST_CASE("index: a damaged ledger is set aside, and UIDVALIDITY is a new one") {
    Fixture f;
    f.open();
    fill(*f.owner());
    good(f.owner("bob")->commit(change_of({folder_with("INBOX", {message("b")})}, {}, true)));
    std::set<std::uint32_t> given;
    const auto list = f.owner()->folders();
    for (const Folder& folder : *list) given.insert(folder.uid_validity.value);
    f.index.reset();
    const auto ledger = f.dir / "ledger/ann.ledger";
    std::string bytes = bytes_of(ledger);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x40);
    f.dir.write("ledger/ann.ledger", bytes);
    std::filesystem::remove(f.file());
    f.open();
    auto ann = f.owner();
    CHECK(f.logged("index_ledger_damaged"));
    CHECK(ann->state() == OwnerState::unsynchronised);
    CHECK(paths(*ann) == std::vector<std::string>{"INBOX"});
    CHECK_FALSE(std::filesystem::exists(ledger));
    good(ann->commit(change_of({folder_with("INBOX", {message("a")}), folder_with("A/B", {})}, {}, true)));
    for (const Folder& folder : *ann->folders()) CHECK(given.insert(folder.uid_validity.value).second);
    CHECK(view_of(*ann, "INBOX")->count() == 1);
    CHECK(complaints(*f.index).empty());

    // A ledger that is gone: the same, though Firebird still has its rows.
    ann.reset();
    f.index.reset();
    std::filesystem::remove(ledger);
    f.clock.set(5);  // and the clock is wrong
    f.open();
    ann = f.owner();
    CHECK(f.logged("index_ledger_missing"));
    CHECK(ann->state() == OwnerState::unsynchronised);
    good(ann->commit(change_of({}, {}, true)));
    CHECK(given.insert(ann->find("INBOX")->uid_validity.value).second);
    CHECK(ann->find("INBOX")->uid_validity.value > *std::prev(given.end(), 2));
    CHECK(f.owner("bob")->state() == OwnerState::rebuilding);  // others are not touched
    CHECK(complaints(*f.index).empty());
}

TEST_CASE("index: an old copy of IMAPDB.FDB is caught up from the ledger") {
    Fixture f;
    f.open();
    good(f.owner()->commit(change_of({folder_with("INBOX", {message("a")})}, {}, true)));
    f.index.reset();
    const std::string old = bytes_of(f.file());
    f.open();
    fill(*f.owner());
    const Whole before = whole(*f.owner());
    f.index.reset();
    f.dir.write("IMAPDB.FDB", old);
    f.open();
    auto ann = f.owner();
    CHECK(ann->state() == OwnerState::ready);
    CHECK((whole(*ann) == before));
    CHECK(complaints(*f.index).empty());
}

TEST_CASE("index: check finds what differs from the ledger") {
    Fixture f;
    f.open();
    fill(*f.owner());
    f.index.reset();
    const std::string whole_file = bytes_of(f.file());
    for (const std::string sql :
         {"DELETE FROM SEGMENT WHERE SEGMENT = 1", "UPDATE SEGMENT SET CNT = CNT + 1", "UPDATE SEGMENT SET DATA = 'x'",
          "DELETE FROM TOMBSTONES", "UPDATE OVERLAY_SEGMENT SET UNSEEN_DELTA = UNSEEN_DELTA + 1",
          "DELETE FROM OVERLAY_SEGMENT", "UPDATE FOLDER SET UIDNEXT = UIDNEXT - 1 WHERE NUMBER <> 0",
          "UPDATE FOLDER SET UIDVALIDITY = 7", "UPDATE FOLDER SET NAME = 'Other' WHERE NAME = 'B'",
          "UPDATE SEGMENT SET SEED_UNSEEN = 0"}) {
        INFO(sql);
        f.dir.write("IMAPDB.FDB", whole_file);
        {
            auto attachment = Attachment::open(f.file());
            Transaction write(attachment, Access::write);
            write.run(sql);
            write.commit();
        }
        f.open();
        CHECK_FALSE(complaints(*f.index).empty());
        good(f.owner()->rebuild());
        CHECK(complaints(*f.index).empty());
        f.index.reset();
    }
}

TEST_CASE("index: owners that nobody has heard of, and several beside each other") {
    Fixture f;
    f.open();
    CHECK(f.index->owners().empty());
    CHECK(f.owner("nobody")->state() == OwnerState::unsynchronised);
    CHECK(f.owner("nobody")->user("delegate") == UserNumber{1});
    CHECK(f.index->owners().empty());  // looking makes no owner
    for (const auto* name : {"ann", "ann ", "Ann", "../x", "\xC3\xA4"})
        good(f.owner(name)->commit(change_of({folder_with("INBOX", {message(name)})}, {}, true)));
    CHECK(f.index->owners().size() == 5);
    for (const auto* name : {"ann", "ann ", "Ann", "../x", "\xC3\xA4"})
        CHECK(shown(*f.owner(name), "INBOX").at(0).id == id_of(name));
    const auto held = f.owner();
    CHECK(held == f.owner());
    f.open();
    CHECK(f.index->owners().size() == 5);
    CHECK(f.index->owners()[0].name == "../x");
    CHECK(complaints(*f.index).empty());
    // The old index's owner is of no more use, and says so.
    CHECK_THROWS_AS(static_cast<void>(held->view(FolderNumber{1}, UserNumber{0})), Fault);
}

TEST_CASE("index: many small folders take little room") {
    Fixture f;
    f.open();
    std::vector<FolderChange> folders;
    for (int i = 0; i < 500; ++i)
        folders.push_back(folder_with("F/" + std::to_string(i), {message(std::to_string(i))}));
    std::vector<NewMessage> messages;
    for (int i = 0; i < 200'000; ++i) messages.push_back(message("m" + std::to_string(i), i));
    folders.push_back(folder_with("Big", messages));
    const auto empty = std::filesystem::file_size(f.file());
    good(f.owner()->commit(change_of(folders, {}, true)));
    const auto statistics = f.index->statistics();
    CHECK(statistics.messages == 200'500);
    const double each = static_cast<double>(statistics.database_bytes - empty) / 200'500;
    MESSAGE("bytes a message in IMAPDB.FDB: " << each << ", in the ledger: "
                                              << static_cast<double>(statistics.ledger_bytes) / 200'500);
    CHECK(each <= 40);
    CHECK(view_of(*f.owner(), "Big")->count() == 200'000);
    // A rebuild of this size is written in several steps.
    const auto before = shown(*f.owner(), "Big");
    good(f.owner()->rebuild());
    CHECK((shown(*f.owner(), "Big") == before));
    CHECK(complaints(*f.index).empty());
}

TEST_CASE("index: neither file holds a word of the stores' names for messages") {
    Fixture f;
    f.open();
    const std::string canary = "1700000000.M42P7Q1.canary-host-quetzal";
    auto m = message("x");
    m.id = message_id("2024", "ann", "INBOX", canary);
    good(f.owner()->commit(change_of({folder_with("INBOX", {m})}, {}, true)));
    good(f.owner()->commit(change_of({folder_with("INBOX", {}, {m.id})})));
    f.index.reset();
    for (const auto& entry : std::filesystem::recursive_directory_iterator(f.dir.path()))
        if (entry.is_regular_file()) {
            INFO(entry.path().string());
            CHECK(bytes_of(entry.path()).find("quetzal") == std::string::npos);
        }
}
