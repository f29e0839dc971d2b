#include "index/migrate.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "helpers/temp_dir.h"

using namespace imaparc;
using namespace imaparc::index;

namespace {

// What Firebird itself says is in the file: "TABLE.COLUMN type length null" and "TABLE index(columns) unique".
std::vector<std::string> described(Attachment& attachment) {
    std::vector<std::string> lines;
    Transaction read(attachment, Access::read);
    Statement columns(attachment,
                      "SELECT CAST(TRIM(R.RDB$RELATION_NAME) AS VARCHAR(31) CHARACTER SET OCTETS), "
                      "CAST(TRIM(R.RDB$FIELD_NAME) AS VARCHAR(31) CHARACTER SET OCTETS), F.RDB$FIELD_TYPE, "
                      "F.RDB$FIELD_LENGTH, COALESCE(F.RDB$CHARACTER_SET_ID, -1), COALESCE(R.RDB$NULL_FLAG, 0) "
                      "FROM RDB$RELATION_FIELDS R JOIN RDB$FIELDS F ON F.RDB$FIELD_NAME = R.RDB$FIELD_SOURCE "
                      "WHERE R.RDB$SYSTEM_FLAG = 0 ORDER BY R.RDB$RELATION_NAME, R.RDB$FIELD_POSITION");
    columns.query(read, {});
    while (columns.next())
        lines.push_back(columns.bytes(0) + "." + columns.bytes(1) + " " + std::to_string(columns.number(2)) + " " +
                        std::to_string(columns.number(3)) + " " + std::to_string(columns.number(4)) + " " +
                        std::to_string(columns.number(5)));
    Statement indices(
        attachment,
        "SELECT CAST(TRIM(I.RDB$RELATION_NAME) AS VARCHAR(31) CHARACTER SET OCTETS), "
        "CAST(TRIM(S.RDB$FIELD_NAME) AS VARCHAR(31) CHARACTER SET OCTETS), COALESCE(I.RDB$UNIQUE_FLAG, 0), "
        "S.RDB$FIELD_POSITION FROM RDB$INDICES I JOIN RDB$INDEX_SEGMENTS S ON S.RDB$INDEX_NAME = "
        "I.RDB$INDEX_NAME WHERE I.RDB$SYSTEM_FLAG = 0 "
        "ORDER BY I.RDB$RELATION_NAME, I.RDB$INDEX_ID, S.RDB$FIELD_POSITION");
    indices.query(read, {});
    while (indices.next())
        lines.push_back(indices.bytes(0) + " index " + std::to_string(indices.number(3)) + " " + indices.bytes(1) +
                        (indices.number(2) ? " unique" : ""));
    read.commit();
    return lines;
}

constexpr std::string_view first_sql =
    "-- a table;\nCREATE TABLE META (K VARCHAR(30) CHARACTER SET OCTETS NOT NULL PRIMARY KEY, -- the key;\n"
    " V VARCHAR(200) CHARACTER SET OCTETS NOT NULL);\nCREATE TABLE T (A INTEGER NOT NULL PRIMARY KEY);\nCOMMIT;\n"
    "INSERT INTO T (A) VALUES (1);\n";
constexpr std::string_view second_sql =
    "ALTER TABLE T ADD B INTEGER DEFAULT 5 NOT NULL;\nCOMMIT;\nINSERT INTO T (A, B) VALUES (2, 7);\n";
const std::vector<SchemaStep> one = {{"0001_first", first_sql}};
const std::vector<SchemaStep> two = {{"0001_first", first_sql}, {"0002_second", second_sql}};
const std::vector<SchemaStep> broken = {{"0001_first", first_sql}, {"0002_broken", "CREATE TABEL X (A INTEGER);\n"}};

ErrorKind kind_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const DatabaseFault& fault) {
        return fault.kind();
    }
    FAIL("nothing was thrown");
    return ErrorKind::io;
}

}  // namespace

TEST_CASE("migrate: a step is cut into statements") {
    CHECK(statements_of(first_sql) ==
          std::vector<std::string>{"CREATE TABLE META (K VARCHAR(30) CHARACTER SET OCTETS NOT NULL PRIMARY KEY,\nV "
                                   "VARCHAR(200) CHARACTER SET OCTETS NOT NULL)",
                                   "CREATE TABLE T (A INTEGER NOT NULL PRIMARY KEY)", "COMMIT",
                                   "INSERT INTO T (A) VALUES (1)"});
    CHECK(statements_of("").empty());
    CHECK(statements_of("-- nothing;\n\n").empty());
}

TEST_CASE("migrate: our steps are numbered from 1 without gaps") {
    unsigned expected = 1;
    for (const auto& step : schema_steps()) CHECK(step.number() == expected++);
    CHECK(expected > 1);
}

TEST_CASE("migrate: step by step ends where a fresh file does") {
    test::TempDir dir;
    prepare_engine(dir.path(), 256);
    auto fresh = Attachment::create(dir / "fresh.fdb");
    CHECK(schema_version(fresh) == 0);
    CHECK(migrate(fresh, two) == 2);
    CHECK(schema_version(fresh) == 2);
    {
        auto old = Attachment::create(dir / "old.fdb");
        CHECK(migrate(old, one) == 1);
        CHECK(schema_version(old) == 1);
    }
    auto old = Attachment::open(dir / "old.fdb");
    CHECK(migrate(old, two) == 1);
    CHECK(migrate(old, two) == 0);
    CHECK(described(old) == described(fresh));
    for (auto* attachment : {&old, &fresh}) {
        Statement select(*attachment, "SELECT A, B FROM T ORDER BY A");
        Transaction read(*attachment, Access::read);
        select.query(read, {});
        REQUIRE(select.next());
        CHECK(select.number(0) == 1);
        CHECK(select.number(1) == 5);  // the row from before the column was there
        REQUIRE(select.next());
        CHECK(select.number(1) == 7);
    }

    // Ours, one at a time, against all at once.
    auto at_once = Attachment::create(dir / "at_once.fdb");
    CHECK(migrate(at_once) == schema_steps().size());
    auto single = Attachment::create(dir / "single.fdb");
    for (std::size_t n = 1; n <= schema_steps().size(); ++n)
        CHECK(migrate(single, {schema_steps().begin(), schema_steps().begin() + static_cast<std::ptrdiff_t>(n)}) == 1);
    CHECK(described(single) == described(at_once));
    CHECK(described(at_once).size() > 20);
}

TEST_CASE("migrate: newer, foreign and broken") {
    test::TempDir dir;
    prepare_engine(dir.path(), 256);
    auto newer = Attachment::create(dir / "newer.fdb");
    migrate(newer, two);
    CHECK(kind_of([&] { migrate(newer, one); }) == ErrorKind::refused);
    CHECK(schema_version(newer) == 2);

    auto foreign = Attachment::create(dir / "foreign.fdb");
    {
        Transaction ddl(foreign, Access::write);
        ddl.run("CREATE TABLE CUSTOMERS (ID INTEGER)");
        ddl.commit();
    }
    CHECK(kind_of([&] { migrate(foreign, one); }) == ErrorKind::invalid);

    auto half = Attachment::create(dir / "half.fdb");
    CHECK(kind_of([&] { migrate(half, broken); }) == ErrorKind::damaged);
    CHECK(schema_version(half) == 1);
}

TEST_CASE("migrate: no column can hold text that Firebird would convert or pad") {
    test::TempDir dir;
    prepare_engine(dir.path(), 256);
    auto attachment = Attachment::create(dir / "a.fdb");
    migrate(attachment);
    for (const auto& line : described(attachment)) {
        INFO(line);
        const bool is_text = line.find(" 37 ") != std::string::npos || line.find(" 14 ") != std::string::npos;
        if (is_text) CHECK(line.find(" 1 1") != std::string::npos);  // VARCHAR, character set 1: OCTETS
    }
}
