#include "index/uid_validity.h"

#include <doctest/doctest.h>

#include "helpers/temp_dir.h"

using namespace imaparc;
using namespace imaparc::index;
using imaparc::test::TempDir;

TEST_CASE("UIDVALIDITY is the time, and never comes again") {
    TempDir dir;
    const auto file = dir / "uidvalidity";
    std::uint32_t last = 0;
    {
        UidValiditySource source(file);
        CHECK(!source.damaged());
        CHECK(*source.take(1700000000) == UidValidity{1700000000});
        for (int i = 0; i < 3000; ++i) {
            const auto value = source.take(1700000000);
            REQUIRE(value);
            CHECK(value->value == 1700000001 + static_cast<std::uint32_t>(i));
            last = value->value;
        }
    }
    // A restart, the clock set back a year.
    UidValiditySource source(file);
    auto value = source.take(1668464000);
    REQUIRE(value);
    CHECK(value->value > last);
    last = value->value;
    // Time goes on.
    value = source.take(1800000000);
    CHECK(*value == UidValidity{1800000000});
    value = source.take(-5);
    CHECK(*value == UidValidity{1800000001});
}

TEST_CASE("a file that is lost or damaged: what was seen elsewhere still counts") {
    TempDir dir;
    for (const auto* bytes : {"", "imaparc uidvalidity", "imaparc uidvalidity x\n", "imaparc uidvalidity 99999999999\n",
                              "imaparc uidvalidity 5", "1700000000\n"}) {
        const auto file = dir.write("uidvalidity", bytes);
        UidValiditySource source(file);
        CHECK_MESSAGE(source.damaged(), bytes);
        source.raise(UidValidity{1900000000});
        source.raise(UidValidity{5});
        CHECK(*source.take(1700000000) == UidValidity{1900000001});
        CHECK(!UidValiditySource(file).damaged());
    }
}

TEST_CASE("no value is left") {
    TempDir dir;
    UidValiditySource source(dir / "uidvalidity");
    source.raise(UidValidity{UINT32_MAX - 1});
    CHECK(*source.take(1) == UidValidity{UINT32_MAX});
    CHECK(source.take(1).error().kind == ErrorKind::limit);
}

TEST_CASE("a file that cannot be written: no value") {
    TempDir dir;
    UidValiditySource source(dir / "no such directory/uidvalidity");
    CHECK(!source.take(1700000000));
}
