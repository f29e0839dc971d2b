#include "base/file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <csignal>

#include "helpers/temp_dir.h"

using namespace imaparc;

TEST_CASE("a file is replaced in one step, with the mode asked for") {
    test::TempDir directory;
    const auto path = directory / "settings";
    CHECK(write_file_atomically(path, "one", 0640).ok());
    CHECK(*read_file(path) == "one");
    CHECK(write_file_atomically(path, "two", 0600).ok());
    CHECK(*read_file(path) == "two");
    struct stat st {};
    REQUIRE(stat(path.c_str(), &st) == 0);
    CHECK((st.st_mode & 0777) == 0600);
    CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
}

TEST_CASE("a write that fails leaves the old file and nothing beside it") {
    test::TempDir directory;
    const auto path = directory / "settings";
    REQUIRE(write_file_atomically(path, "old").ok());
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    rlimit small{1000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    const auto written = write_file_atomically(path, std::string(5000, 'x'));
    setrlimit(RLIMIT_FSIZE, &before);
    REQUIRE_FALSE(written.ok());
    CHECK(written.error().text.find("File too large") != std::string::npos);
    CHECK(*read_file(path) == "old");
    CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
}

TEST_CASE("what is missing is named") {
    test::TempDir directory;
    const auto result = read_file(directory / "nothing");
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().kind == ErrorKind::not_found);
    CHECK(result.error().text.find("nothing: No such file") != std::string::npos);
    CHECK(write_file_atomically(directory / "no" / "such", "x").error().kind == ErrorKind::not_found);
}

TEST_CASE("whole reads are bounded") {
    test::TempDir directory;
    const auto path = directory.write("large", std::string(200000, 'x'));
    CHECK(read_file(path, 200000)->size() == 200000);
    CHECK(read_file(path, 199999).error().kind == ErrorKind::limit);
}

TEST_CASE("directories are made with their parents, and being there is fine") {
    test::TempDir directory;
    CHECK(make_directories(directory / "a" / "b" / "c").ok());
    CHECK(make_directories(directory / "a" / "b" / "c").ok());
    directory.write("file", "x");
    CHECK_FALSE(make_directories(directory / "file").ok());
    CHECK_FALSE(make_directories(directory / "file" / "below").ok());
}

TEST_CASE("reading at an offset stops at the end") {
    test::TempDir directory;
    auto file = File::open(directory.write("f", "0123456789"), O_RDONLY);
    REQUIRE(file.ok());
    char buffer[6];
    CHECK(*file->read_at(2, buffer) == 6);
    CHECK(std::string_view(buffer, 6) == "234567");
    CHECK(*file->read_at(7, buffer) == 3);
    CHECK(*file->read_at(10, buffer) == 0);
    CHECK(*file->size() == 10);
}
