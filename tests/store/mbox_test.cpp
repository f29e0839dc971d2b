#include "store/mbox/mbox.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>
#include <map>
#include <random>

#include "helpers/temp_dir.h"
#include "store/mbox/separator.h"

using namespace imaparc;
using namespace imaparc::store;
using imaparc::test::TempDir;

namespace {

const std::string from_line = "From ann@example.org Sat Jan  3 01:05:34 1996\n";

std::unique_ptr<ArchiveStore> make(const TempDir& dir, const std::string& format = "mboxrd") {
    StoreOptions options;
    options.name = "s";
    options.type = "mbox";
    options.path = (dir / "%u").string();
    options.format = format;
    auto store = open_store(options);
    REQUIRE(store.ok());
    return std::move(*store);
}

void write(const TempDir& dir, const std::string& path, const std::string& text) {
    const auto file = dir / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

std::map<std::string, StoreFolder> folders(ArchiveStore& store) {
    auto found = store.folders("ann");
    REQUIRE(found.ok());
    std::map<std::string, StoreFolder> result;
    for (auto& folder : *found) {
        const auto path = path_of(folder);
        CHECK(result.emplace(path, std::move(folder)).second);
    }
    return result;
}

std::vector<StoreItem> items(ArchiveStore& store, const StoreFolder& folder) {
    std::vector<StoreItem> result;
    const auto listed = store.list("ann", folder, [&](StoreItem&& item) {
        result.push_back(std::move(item));
        return true;
    });
    REQUIRE(listed.ok());
    return result;
}

std::string read_all(StoreReader& reader, std::size_t step) {
    std::string text;
    for (;;) {
        std::string buffer(step, '\0');
        const auto n = reader.read(text.size(), buffer);
        REQUIRE(n.ok());
        if (*n == 0) return text;
        text += buffer.substr(0, *n);
    }
}

std::string content(ArchiveStore& store, const StoreFolder& folder, const StoreItem& item, std::size_t step = 1000) {
    auto opened = store.open("ann", folder.location, item.name, item.locator);
    REQUIRE(opened.ok());
    const auto text = read_all(**opened, step);
    CHECK(text.size() == (*opened)->size());
    CHECK(text.size() == item.raw_size);
    return text;
}

// The messages of an owner whose mail is that one file.
std::vector<std::string> texts(const std::string& mbox, const std::string& format = "mboxrd") {
    TempDir dir;
    write(dir, "ann", mbox);
    auto store = make(dir, format);
    const auto inbox = folders(*store).at("INBOX");
    std::vector<std::string> result;
    for (const auto& item : items(*store, inbox)) result.push_back(content(*store, inbox, item));
    return result;
}

}  // namespace

TEST_CASE("separators of all the years, and lines that are none") {
    const Seconds date = 820631134;  // 1996-01-03T01:05:34Z
    for (const char* line :
         {"From ann@example.org Wed Jan  3 01:05:34 1996", "From ann@example.org Wed Jan 3 01:05:34 1996",
          "From - Wed Jan 03 01:05:34 1996", "From Wed Jan  3 01:05:34 1996", "From \"a b\"@c Wed Jan  3 01:05:34 1996",
          "From ann Wed Jan  3 02:05:34 1996 +0100", "From ann Tue Jan  2 20:05:34 EST 1996",
          "From ann@example.org Wed, 3 Jan 1996 01:05:34 +0000", "From a at b.c Wed Jan  3 01:05:34 1996"}) {
        CAPTURE(std::string(line));
        CHECK(separator_date(line) == date);
    }
    CHECK(separator_date("From ann Wed Jan  3 01:05 1996") == date - 34);
    for (const char* line : {"From ", "From now on", "From Monday to Friday, 10:00 to 12:00", "From my window I saw",
                             "from ann Wed Jan  3 01:05:34 1996", ">From ann Wed Jan  3 01:05:34 1996",
                             "From ann Wed Jan 99 01:05:34 1996", "From 10:00:00"})
        CHECK(!separator_date(line));
}

TEST_CASE("messages without what is the mbox's") {
    // RFC 4155: separator, message, empty line.
    const auto found = texts(from_line + "Subject: one\nStatus: RO\nX-Status: A\nTo: b\n\nHello\n\n" + from_line +
                             "Subject: two\n\nno line end");
    REQUIRE(found.size() == 2);
    CHECK(found[0] == "Subject: one\nTo: b\n\nHello\n");
    CHECK(found[1] == "Subject: two\n\nno line end");
    // A field that goes on over lines is gone with all of them, its namesake in the body stays.
    CHECK(texts(from_line + "X-UID: 1\n 2\n\t3\nA: b\n\nStatus: x\n").at(0) == "A: b\n\nStatus: x\n");
    // Empty lines of the body stay, all but the separator's.
    CHECK(texts(from_line + "A: b\n\nx\n\n\n\n" + from_line + "A: c\n\n").at(0) == "A: b\n\nx\n\n\n");
    // CRLF
    CHECK(
        texts("From a Sat Jan  3 01:05:34 1996\r\nA: b\r\n\r\nx\r\n\r\nFrom a Sat Jan  3 01:05:34 1996\r\nA: c\r\n\r\n")
            .at(0) == "A: b\r\n\r\nx\r\n");
    // Text that only begins like a separator, and separators without an empty line before them.
    CHECK(texts(from_line + "A: b\n\nFrom now on:\n" + from_line + "A: c\n\n").at(0) == "A: b\n\nFrom now on:\n");
    CHECK(texts("").empty());
    CHECK(texts(from_line).at(0).empty());
}

TEST_CASE("quoting is undone as the format says") {
    const std::string quoted = from_line + "A: b\n\n>From a\n>>From b\n> From c\n>x\n>From\n";
    CHECK(texts(quoted, "mboxrd").at(0) == "A: b\n\nFrom a\n>From b\n> From c\n>x\n>From\n");
    CHECK(texts(quoted, "mboxo").at(0) == "A: b\n\nFrom a\n>>From b\n> From c\n>x\n>From\n");
    CHECK(texts(quoted, "mboxcl2").at(0) == "A: b\n\n>From a\n>>From b\n> From c\n>x\n>From\n");
}

TEST_CASE("mboxcl2: Content-Length says where a message ends, if it can be true") {
    const std::string body = "x\n\n" + from_line + "y\n";  // a separator in the body
    const auto with_length = [&](std::size_t length) {
        return from_line + "A: b\nContent-Length: " + std::to_string(length) + "\n\n" + body + "\n" + from_line +
               "A: c\n\nz\n";
    };
    const auto right = texts(with_length(body.size()), "mboxcl2");
    REQUIRE(right.size() == 2);
    CHECK(right[0] == "A: b\n\n" + body);
    CHECK(right[1] == "A: c\n\nz\n");
    for (const std::size_t wrong : {body.size() + 5, std::size_t{1000000}, std::size_t{2}}) {
        CAPTURE(wrong);
        const auto found = texts(with_length(wrong), "mboxcl2");
        REQUIRE(found.size() == 3);
        CHECK(found[0] == "A: b\n\nx\n");
    }
    CHECK(texts(with_length(body.size()), "mboxrd").size() == 3);
}

TEST_CASE("flags, dates, and messages that are not there any more") {
    TempDir dir;
    write(dir, "ann",
          from_line + "X-IMAP: 1 2\nSubject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n\nx\n\n" + from_line +
              "Status: RO\nX-Status: AF\nX-Keywords: Work $Later\n\na\n\n" + from_line +
              "X-Mozilla-Status: 0003\n\nb\n\n" + from_line + "X-Mozilla-Status: 0009\n\nc\n\n");
    auto store = make(dir);
    const auto found = items(*store, folders(*store).at("INBOX"));
    REQUIRE(found.size() == 2);
    CHECK(found[0].flags == FlagNames{flag::seen | flag::answered | flag::flagged, {"Work", "$Later"}});
    CHECK(found[0].date == 820631134);
    CHECK(found[1].flags == FlagNames{flag::seen | flag::answered, {}});
}

TEST_CASE("a name stays when others come and go and flags are noted in the file") {
    TempDir dir;
    const std::string twin = from_line + "A: twin\n\nx\n\n";
    write(dir, "ann", twin + from_line + "A: b\n\ny\n\n" + twin);
    auto store = make(dir);
    const auto inbox = folders(*store).at("INBOX");
    const auto before = items(*store, inbox);
    REQUIRE(before.size() == 3);
    CHECK(before[2].name == before[0].name + "-2");

    write(dir, "ann", from_line + "A: new\nStatus: O\n\nn\n\n" + from_line + "A: b\nStatus: RO\n\ny\n\n" + twin + twin);
    const auto after = items(*store, inbox);
    REQUIRE(after.size() == 4);
    CHECK(after[1].name == before[1].name);
    CHECK(after[2].name == before[0].name);
    // Old hints still find it.
    auto opened = store->open("ann", inbox.location, before[1].name, before[1].locator);
    REQUIRE(opened.ok());
    CHECK(read_all(**opened, 3) == "A: b\n\ny\n");
    CHECK((*opened)->locator() == after[1].locator);
    // Equal bytes, equal fingerprints, wherever they lie.
    CHECK((*opened)->fingerprint() ==
          (*store->open("ann", inbox.location, after[1].name, after[1].locator))->fingerprint());
    CHECK(store->open("ann", inbox.location, "00000000000000000000000000000000", "").error().kind ==
          ErrorKind::not_found);
    CHECK(store->open("ann", inbox.location, before[0].name + "-3", "").error().kind == ErrorKind::not_found);
}

TEST_CASE("a file that changes while its message is read is an error, not half a message") {
    TempDir dir;
    write(dir, "ann", from_line + "A: b\n\nHello, this is long enough.\n");
    auto store = make(dir);
    const auto inbox = folders(*store).at("INBOX");
    const auto item = items(*store, inbox).at(0);
    auto opened = store->open("ann", inbox.location, item.name, item.locator);
    REQUIRE(opened.ok());
    std::filesystem::resize_file(dir / "ann", 60);
    std::string buffer(10, '\0');
    CHECK((*opened)->read(0, buffer).error().kind == ErrorKind::unavailable);
    std::filesystem::remove(dir / "ann");
    CHECK(store->open("ann", inbox.location, item.name, item.locator).error().kind == ErrorKind::unavailable);
}

TEST_CASE("directories of mboxes: plain, Thunderbird's, Apple Mail's") {
    TempDir dir;
    const std::string mail = from_line + "A: b\n\nx\n\n";
    write(dir, "ann/Inbox", mail);
    write(dir, "ann/Inbox.msf", "// <!-- <mdb:mork:z v=\"1.4\"/> -->");
    write(dir, "ann/Inbox.sbd/Lists", mail);
    write(dir, "ann/Work.mbox", mail);
    write(dir, "ann/Apple.mbox/mbox", mail);
    write(dir, "ann/Apple.mbox/table_of_contents", "x");
    write(dir, "ann/old/2023/Übung", mail);
    write(dir, "ann/Empty", "");
    write(dir, "ann/.hidden", mail);
    write(dir, "ann/readme.txt", "From here on everything is different");
    write(dir, "ann/notes.txt", "no mail");
    std::filesystem::create_symlink("../secret", dir / "ann/Link");
    write(dir, "secret", mail);
    auto store = make(dir);
    std::string shown;
    const auto tree = folders(*store);
    for (const auto& [path, folder] : tree) shown += path + (folder.selectable ? " " : "! ");
    CHECK(shown == "Apple Empty INBOX INBOX/Lists Work old! old/2023! old/2023/Übung readme.txt ");
    CHECK(items(*store, tree.at("Apple")).size() == 1);
    CHECK(items(*store, tree.at("Empty")).empty());
    CHECK(*store->owners() == std::vector<std::string>{"ann", "secret"});
    // Two places of one name are one folder, in which no name is given twice.
    write(dir, "ann/Work", mail + mail);
    const auto both = folders(*store).at("Work");
    const auto found = items(*store, both);
    REQUIRE(found.size() == 3);
    CHECK(found[0].name + "-3" == found[2].name);
    for (const auto& item : found) CHECK(content(*store, both, item) == "A: b\n\nx\n");
}

TEST_CASE("long messages: read at any place in any step") {
    const auto seed = std::random_device{}();
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    std::string plain = "Subject: long\n\n", quoted = plain;
    while (plain.size() < 1'000'000) {
        std::string line;
        const auto kind = random() % 6;
        if (kind == 0)
            line = std::string(random() % 4, '>') + "From me\n";
        else if (kind == 1)
            line = std::string(random() % 200'000, 'x') + "\n";
        else
            line = std::string(random() % 80, 'y') + "\n";
        const bool is_quoted = line.find_first_not_of('>') != std::string::npos &&
                               std::string_view(line).substr(line.find_first_not_of('>')).starts_with("From ");
        plain += line;
        quoted += (is_quoted ? ">" : "") + line;
    }
    TempDir dir;
    write(dir, "ann", from_line + quoted + "\n" + from_line + "A: b\n\nx\n");
    auto store = make(dir);
    const auto inbox = folders(*store).at("INBOX");
    const auto found = items(*store, inbox);
    REQUIRE(found.size() == 2);
    CHECK(content(*store, inbox, found[0], 100'000) == plain);
    auto opened = store->open("ann", inbox.location, found[0].name, found[0].locator);
    for (unsigned i = 0; i < 50; ++i) {
        const std::size_t offset = random() % (plain.size() + 10), size = 1 + random() % 70'000;
        std::string buffer(size, '\0');
        const auto n = (*opened)->read(offset, buffer);
        REQUIRE(n.ok());
        CHECK(buffer.substr(0, *n) == (offset < plain.size() ? plain.substr(offset, size) : std::string()));
    }
}

TEST_CASE("options that make no sense name themselves") {
    StoreOptions options;
    options.name = "2024";
    options.type = "mbox";
    options.path = "/srv/%u";
    options.format = "mboxcl";
    CHECK(open_store(options).error().text ==
          "store.2024.format must be \"mboxrd\", \"mboxo\" or \"mboxcl2\", not \"mboxcl\"");
}
