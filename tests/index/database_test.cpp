#include "index/database.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <limits>
#include <optional>
#include <random>
#include <thread>

#include "helpers/temp_dir.h"

using namespace imaparc;
using namespace imaparc::index;

namespace {

// The kind of the DatabaseFault that `call` throws; nullopt if it throws none.
template <class F>
std::optional<ErrorKind> fault_of(F call) {
    try {
        call();
    } catch (const DatabaseFault& fault) {
        INFO(fault.what());
        CHECK(std::string_view(fault.what()).size() > 10);
        return fault.kind();
    }
    return std::nullopt;
}

Attachment with_table(const std::filesystem::path& file) {
    auto attachment = Attachment::create(file);
    Transaction ddl(attachment, Access::write);
    ddl.run(
        "CREATE TABLE T (ID BIGINT NOT NULL PRIMARY KEY, NAME VARCHAR(1020) CHARACTER SET OCTETS NOT NULL UNIQUE, B "
        "BLOB)");
    ddl.commit();
    return attachment;
}

}  // namespace

TEST_CASE("database: rows, bytes and BLOBs come back as they went in") {
    test::TempDir dir;
    prepare_engine(dir.path(), 256);
    auto attachment = with_table(dir / "a.fdb");
    Statement insert(attachment, "INSERT INTO T (ID, NAME, B) VALUES (?, ?, ?)");
    Statement select(attachment, "SELECT ID, NAME, B FROM T ORDER BY ID");

    std::mt19937_64 random(20261124);
    std::vector<std::tuple<std::int64_t, std::string, std::string>> rows;
    const std::vector<std::string> names = {"",      "a",       "a ", "A", "\xC3\xA4", std::string(1020, 'x'),
                                            "a\x01", "\xFF\xFE"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        std::string blob;
        const std::size_t sizes[] = {0, 1, 65534, 65535, 65536, 200000, 17, 131070};
        for (std::size_t n = 0; n < sizes[i]; ++n) blob.push_back(static_cast<char>(random()));
        rows.emplace_back(i == 0 ? std::numeric_limits<std::int64_t>::min() : (std::int64_t{1} << (i * 8)) - 1,
                          names[i], blob);
    }
    Transaction write(attachment, Access::write);
    for (const auto& [id, name, blob] : rows) insert.execute(write, {id, name, blob});
    write.commit();

    Transaction read(attachment, Access::read);
    select.query(read, {});
    for (const auto& [id, name, blob] : rows) {
        REQUIRE(select.next());
        CHECK(select.number(0) == id);
        CHECK(select.bytes(1) == name);
        CHECK((select.bytes(2) == blob));
    }
    CHECK_FALSE(select.next());
    read.commit();
}

TEST_CASE("database: what is not committed is not there; a reader keeps its snapshot") {
    test::TempDir dir;
    prepare_engine(dir.path(), 256);
    auto writer = with_table(dir / "a.fdb");
    auto reader = Attachment::open(dir / "a.fdb");
    Statement insert(writer, "INSERT INTO T (ID, NAME) VALUES (?, ?)");
    Statement count(reader, "SELECT COUNT(*) FROM T");
    auto counted = [&](Transaction& in) {
        count.query(in, {});
        REQUIRE(count.next());
        const auto n = count.number(0);
        count.close();
        return n;
    };
    {
        Transaction lost(writer, Access::write);
        insert.execute(lost, {std::int64_t{1}, "lost"});
    }
    Transaction before(reader, Access::read);
    CHECK(counted(before) == 0);
    Transaction kept(writer, Access::write);
    insert.execute(kept, {std::int64_t{2}, "kept"});
    kept.commit();
    CHECK(counted(before) == 0);
    before.commit();
    Transaction after(reader, Access::read);
    CHECK(counted(after) == 1);
    CHECK(fault_of([&] {
              Transaction twice(writer, Access::write);
              insert.execute(twice, {std::int64_t{3}, "kept"});
          }) == ErrorKind::io);
    CHECK(fault_of([&] {
              Transaction longer(writer, Access::write);
              insert.execute(longer, {std::int64_t{3}, std::string(1021, 'x')});
          }) == ErrorKind::limit);
    CHECK_THROWS_AS(
        [&] {
            Transaction writes_though_reading(reader, Access::read);
            writes_though_reading.run("INSERT INTO T (ID, NAME) VALUES (9, 'x')");
        }(),
        DatabaseFault);
}

TEST_CASE("database: files that cannot be opened are told apart") {
    test::TempDir dir;
    prepare_engine(dir.path(), 256);
    CHECK(fault_of([&] { Attachment::open(dir / "missing.fdb"); }) == ErrorKind::not_found);
    dir.write("text.fdb", std::string(100000, 'x'));
    CHECK(fault_of([&] { Attachment::open(dir / "text.fdb"); }) == ErrorKind::invalid);
    dir.write("empty.fdb", "");
    CHECK(fault_of([&] { Attachment::open(dir / "empty.fdb"); }) == ErrorKind::damaged);
    { with_table(dir / "whole.fdb"); }
    CHECK(fault_of([&] { Attachment::create(dir / "whole.fdb"); }).has_value());
    { auto opened = Attachment::open(dir / "whole.fdb"); }
    const auto whole = std::filesystem::file_size(dir / "whole.fdb");
    for (const auto size : {std::uintmax_t{100}, std::uintmax_t{16384}, std::uintmax_t{40000}, whole / 2}) {
        std::filesystem::copy_file(dir / "whole.fdb", dir / "short.fdb",
                                   std::filesystem::copy_options::overwrite_existing);
        std::filesystem::resize_file(dir / "short.fdb", size);
        INFO("cut to " << size);
        CHECK(fault_of([&] {
                  auto attachment = Attachment::open(dir / "short.fdb");
                  Statement select(attachment, "SELECT ID FROM T");
                  Transaction read(attachment, Access::read);
                  select.query(read, {});
                  while (select.next()) {
                  }
              }) == ErrorKind::damaged);
    }
}

TEST_CASE("database: a second process is refused while the first has the file open") {
    test::TempDir dir;
    prepare_engine(dir.path(), 256);
    auto attachment = with_table(dir / "a.fdb");
    CHECK(fault_of([&] { Attachment::open(dir / "a.fdb"); }) == std::nullopt);  // not in the same process
    const std::string gfix = "FIREBIRD='" + (dir / "firebird").string() + "' gfix -user SYSDBA -validate '" +
                             (dir / "a.fdb").string() + "' > '" + (dir / "out").string() + "' 2>&1";
    if (std::filesystem::exists("/usr/bin/gfix")) {
        CHECK(std::system(gfix.c_str()) != 0);
        std::ifstream out(dir / "out");
        const std::string text((std::istreambuf_iterator<char>(out)), {});
        CHECK(text.find("already opened") != std::string::npos);
    }
}

TEST_CASE("database: attachments of several threads work beside each other") {
    test::TempDir dir;
    prepare_engine(dir.path(), 256);
    auto attachment = with_table(dir / "a.fdb");
    Statement insert(attachment, "INSERT INTO T (ID, NAME, B) VALUES (?, ?, ?)");
    {
        Transaction write(attachment, Access::write);
        for (std::int64_t i = 0; i < 500; ++i) insert.execute(write, {i, std::to_string(i), std::string(100, char(i))});
        write.commit();
    }
    std::vector<std::thread> threads;
    std::atomic<int> good{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            auto mine = Attachment::open(dir / "a.fdb");
            Statement select(mine, "SELECT NAME, B FROM T WHERE ID = ?");
            for (std::int64_t i = 0; i < 500; ++i) {
                Transaction read(mine, Access::read);
                select.query(read, {i});
                if (select.next() && select.bytes(0) == std::to_string(i) &&
                    select.bytes(1) == std::string(100, char(i)))
                    ++good;
                select.close();
                read.commit();
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(good == 2000);
}
