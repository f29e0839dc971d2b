#include "auth/password_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "base/file.h"
#include "helpers/temp_dir.h"

using namespace imaparc;
using namespace imaparc::auth;
using imaparc::test::TempDir;

namespace {

constexpr HashCost cheap{64, 1, 1};

std::string line(const std::string& name, const std::string& password) {
    return name + ":" + hash_password(password, cheap) + "\n";
}

std::string bytes(const std::filesystem::path& path) { return *read_file(path); }

unsigned mode(const std::filesystem::path& path) {
    struct stat st {};
    REQUIRE(::stat(path.c_str(), &st) == 0);
    return st.st_mode & 07777;
}

// A log that remembers.
struct Heard {
    std::string text;
    Log log{LogLevel::debug, LogFormat::text, [this](std::string_view l) { text += l; }};
    std::size_t count(std::string_view what) const {
        std::size_t n = 0;
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
        return n;
    }
};

}  // namespace

TEST_CASE("password file: right, wrong, unknown") {
    TempDir dir;
    const auto path = dir.write("users", "# the users\n\n" + line("ann", "one") + "  " + line("B\xC3\x84RBEL", "two"));
    PasswordFile file(path, Log::silent(), cheap);
    CHECK(file.check_password("ann", "one") == Outcome::accepted);
    CHECK(file.check_password("ann", "two") == Outcome::wrong_password);
    CHECK(file.check_password("ann", "") == Outcome::wrong_password);
    CHECK(file.check_password("b\xC3\xA4rbel", "two") == Outcome::accepted);  // compared prepared
    CHECK(file.check_password("eve", "one") == Outcome::unknown_user);
    CHECK(file.check_password("# the users", "one") == Outcome::unknown_user);
}

TEST_CASE("password file: read again when it changed, and only then") {
    TempDir dir;
    const auto path = dir.write("users", line("ann", "one"));
    PasswordFile file(path, Log::silent(), cheap);
    CHECK(file.check_password("ann", "one") == Outcome::accepted);
    const auto before = file.generation();
    CHECK(file.generation() == before);
    REQUIRE(write_file_atomically(path, line("ann", "two")));
    CHECK(file.generation() != before);
    CHECK(file.check_password("ann", "one") == Outcome::wrong_password);
    CHECK(file.check_password("ann", "two") == Outcome::accepted);
}

TEST_CASE("password file: gone is unavailable, said once, and back again") {
    TempDir dir;
    Heard heard;
    const auto path = dir / "users";
    PasswordFile file(path, heard.log, cheap);
    CHECK(file.check_password("ann", "one") == Outcome::unavailable);
    CHECK(file.check_password("ann", "one") == Outcome::unavailable);
    CHECK(heard.count("auth_file_unreadable") == 1);
    dir.write("users", line("ann", "one"));
    CHECK(file.check_password("ann", "one") == Outcome::accepted);
    const auto there = file.generation();
    std::filesystem::remove(path);
    CHECK(file.generation() != there);
    CHECK(file.check_password("ann", "one") == Outcome::unavailable);
    CHECK(heard.count("auth_file_unreadable") == 2);
}

TEST_CASE("password file: a directory or a FIFO holds nobody up") {
    TempDir dir;
    std::filesystem::create_directory(dir / "users");
    PasswordFile directory(dir / "users", Log::silent(), cheap);
    CHECK(directory.check_password("ann", "one") == Outcome::unavailable);
    REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
    PasswordFile fifo(dir / "fifo", Log::silent(), cheap);
    CHECK(fifo.check_password("ann", "one") == Outcome::unavailable);
}

TEST_CASE("password file: lines that are no user are said and passed over") {
    TempDir dir;
    Heard heard;
    const auto path = dir.write("users", "no colon\nbcrypt:$2y$10$abcdefghijklmnopqrstuv\n" + line("ann", "one") +
                                             line("ANN", "two") + "bad name:x\n" + line("zoe", "three"));
    ::chmod(path.c_str(), 0600);
    PasswordFile file(path, heard.log, cheap);
    CHECK(file.check_password("bcrypt", "x") == Outcome::wrong_password);  // there, without a usable hash
    CHECK(file.check_password("ann", "one") == Outcome::accepted);         // the first line counts
    CHECK(file.check_password("ann", "two") == Outcome::wrong_password);
    CHECK(file.check_password("zoe", "three") == Outcome::accepted);
    CHECK(heard.count("auth_file_line_ignored") == 4);
    CHECK(heard.count("auth_file_permissions") == 0);

    const auto listed = list_users(path);
    REQUIRE(listed);
    REQUIRE(listed->size() == 6);
    CHECK((*listed)[2].name == "ann");
    CHECK((*listed)[2].problem.empty());
    CHECK((*listed)[2].line == 3);
    CHECK_FALSE((*listed)[1].problem.empty());
    CHECK_FALSE((*listed)[3].problem.empty());
}

TEST_CASE("password file: readable by all is warned of") {
    TempDir dir;
    Heard heard;
    const auto path = dir.write("users", line("ann", "one"));
    ::chmod(path.c_str(), 0644);
    PasswordFile file(path, heard.log, cheap);
    CHECK(file.check_password("ann", "one") == Outcome::accepted);
    CHECK(heard.count("auth_file_permissions") == 1);
    CHECK(heard.count("0644") == 1);
    CHECK(heard.count("argon2id") == 0);  // no secret in the log
}

TEST_CASE("password file: CRLF, no last newline, further fields") {
    TempDir dir;
    auto ann = line("ann", "one");
    ann.insert(ann.size() - 1, "\r");
    auto bob = line("bob", "two");
    bob.pop_back();
    const auto path = dir.write("users", ann + bob + ":1000:a note");
    PasswordFile file(path, Log::silent(), cheap);
    CHECK(file.check_password("ann", "one") == Outcome::accepted);
    CHECK(file.check_password("bob", "two") == Outcome::accepted);
}

TEST_CASE("password file: an unknown user costs what a known one does") {
    // Not by the clock: the dummy is made with the cost of the file's own users.
    TempDir dir;
    const auto path = dir.write("users", "ann:" + hash_password("one", {4096, 8, 1}) + "\n");
    PasswordFile file(path, Log::silent(), {8, 1, 1});
    const auto time = [&](std::string_view user) {
        const auto begin = std::chrono::steady_clock::now();
        (void)file.check_password(user, "x");
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    time("ann");
    double known = 1e9, unknown = 1e9;
    for (int i = 0; i < 5; ++i) {
        known = std::min(known, time("ann"));
        unknown = std::min(unknown, time("eve"));
    }
    CHECK(unknown > known / 4);  // the other cost would be hundreds of times cheaper
}

TEST_CASE("editing: every other byte stays") {
    TempDir dir;
    const std::string head = "# users\r\n\n  # indented\nbroken line\n";
    const auto ann = line("Ann", "one");
    const auto path = dir.write("users", head + ann + "# tail without newline");
    ::chmod(path.c_str(), 0640);

    REQUIRE(add_user(path, "B\xC3\x84RBEL", "two", cheap));
    const auto added = bytes(path);
    CHECK(added.starts_with(head + ann + "# tail without newline\nb\xC3\xA4rbel:$argon2id$"));
    CHECK(mode(path) == 0640);

    REQUIRE(change_password(path, "ANN", "three", cheap));
    const auto changed = bytes(path);
    CHECK(changed.starts_with(head + "Ann:$argon2id$"));
    CHECK(changed.find("# tail without newline\nb\xC3\xA4rbel:") != std::string::npos);
    PasswordFile file(path, Log::silent(), cheap);
    CHECK(file.check_password("ann", "three") == Outcome::accepted);
    CHECK(file.check_password("b\xC3\xA4rbel", "two") == Outcome::accepted);

    REQUIRE(remove_user(path, "ann"));
    REQUIRE(remove_user(path, "b\xC3\xA4rbel"));
    CHECK(bytes(path) == head + "# tail without newline\n");
}

TEST_CASE("editing: refusals change nothing") {
    TempDir dir;
    const auto path = dir.write("users", line("ann", "one"));
    const auto before = bytes(path);
    CHECK(add_user(path, "ANN", "x", cheap).error().kind == ErrorKind::conflict);
    CHECK(change_password(path, "eve", "x", cheap).error().kind == ErrorKind::not_found);
    CHECK(remove_user(path, "eve").error().kind == ErrorKind::not_found);
    CHECK(add_user(path, "a:b", "x", cheap).error().kind == ErrorKind::invalid);
    CHECK(add_user(path, "#a", "x", cheap).error().kind == ErrorKind::invalid);
    CHECK(add_user(path, "", "x", cheap).error().kind == ErrorKind::invalid);
    CHECK(add_user(path, "new", "", cheap).error().kind == ErrorKind::invalid);
    CHECK(add_user(path, "new\nroot", "x", cheap).error().kind == ErrorKind::invalid);
    CHECK(bytes(path) == before);
    CHECK(change_password(dir / "none", "ann", "x", cheap).error().kind == ErrorKind::not_found);
    CHECK_FALSE(std::filesystem::exists(dir / "none"));
    CHECK(add_user(dir / "no/such/directory", "ann", "x", cheap).error().kind == ErrorKind::not_found);
}

TEST_CASE("editing: a new file is 0640, removal takes all lines of the name, a link stays a link") {
    TempDir dir;
    const auto path = dir / "users";
    REQUIRE(add_user(path, "ann", "one", cheap));
    CHECK(mode(path) == 0640);

    dir.write("twice", line("ann", "one") + line("bob", "x") + line("ANN", "two"));
    REQUIRE(remove_user(dir / "twice", "ann"));
    CHECK(bytes(dir / "twice").starts_with("bob:"));
    CHECK(list_users(dir / "twice")->size() == 1);

    std::filesystem::create_symlink("users", dir / "link");
    REQUIRE(add_user(dir / "link", "bob", "two", cheap));
    CHECK(std::filesystem::is_symlink(dir / "link"));
    CHECK(list_users(path)->size() == 2);
}

TEST_CASE("editing: several at once lose nobody") {
    TempDir dir;
    const auto path = dir.write("users", "");
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 5; ++i)
                (void)add_user(path, "user" + std::to_string(t) + "-" + std::to_string(i), "x", cheap);
        });
    for (auto& thread : threads) thread.join();
    CHECK(list_users(path)->size() == 20);
}
