#include "store/eml/eml.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>

#include "helpers/temp_dir.h"
#include "store/folder_tree.h"

using namespace imaparc;
using namespace imaparc::store;
using imaparc::test::TempDir;

namespace {

std::unique_ptr<ArchiveStore> make(const TempDir& dir, const std::string& date = "auto") {
    StoreOptions options;
    options.name = "s";
    options.type = "eml";
    options.path = (dir / "%u").string();
    options.date = date;
    auto store = open_store(options);
    REQUIRE(store.ok());
    return std::move(*store);
}

void write(const TempDir& dir, const std::string& path, const std::string& text = "Subject: x\n\nx\n") {
    const auto file = dir / ("ann/" + path);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    const timespec times[2] = {{1000, 0}, {1000, 0}};
    REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times, 0) == 0);
}

// path -> selectable
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

std::map<std::string, Seconds> names(ArchiveStore& store, const StoreFolder& folder) {
    std::map<std::string, Seconds> result;
    const auto listed = store.list("ann", folder, [&](StoreItem&& item) {
        CHECK(result.emplace(item.name, item.date).second);
        CHECK(item.flags.system == 0);
        return true;
    });
    REQUIRE(listed.ok());
    return result;
}

std::string selectable(const std::map<std::string, StoreFolder>& tree) {
    std::string text;
    for (const auto& [path, folder] : tree) text += path + (folder.selectable ? " " : "! ");
    return text;
}

}  // namespace

TEST_CASE("a tree of .eml files") {
    TempDir dir;
    write(dir, "a.eml");
    write(dir, "b.EML");
    write(dir, "notes.txt");
    write(dir, ".hidden.eml");
    write(dir, "Projects/2023/Übung/c.eml");
    write(dir, "Projects/2023/.git/d.eml");
    write(dir, "100%/e.eml");
    std::filesystem::create_directories(dir / "ann/Empty");
    auto store = make(dir);
    auto tree = folders(*store);
    CHECK(selectable(tree) == "100%25 Empty INBOX Projects! Projects/2023! Projects/2023/Übung ");
    CHECK(names(*store, tree.at("INBOX")) == std::map<std::string, Seconds>{{"a.eml", 1000}, {"b.EML", 1000}});
    CHECK(names(*store, tree.at("Projects/2023/Übung")).count("Projects/2023/Übung/c.eml") == 1);
    CHECK(names(*store, tree.at("Empty")).empty());
    CHECK(store->owners()->size() == 1);
}

TEST_CASE("Thunderbird's layout: cur beside NAME.sbd") {
    TempDir dir;
    write(dir, "Inbox/cur/1700000000.eml");
    write(dir, "Inbox/cur/without-ending");
    write(dir, "Inbox/tmp/half.eml");
    write(dir, "Inbox.sbd/Lists/cur/x.eml");
    write(dir, "Sent.sbd/2023/cur/y.eml");
    auto store = make(dir);
    auto tree = folders(*store);
    CHECK(selectable(tree) == "INBOX INBOX/Lists Sent! Sent/2023 ");
    const auto inbox = names(*store, tree.at("INBOX"));
    CHECK(inbox.size() == 2);
    CHECK(inbox.count("Inbox/cur/without-ending") == 1);
}

// Whatever comes or goes beside it, what is in INBOX keeps its name and its folder: message IDs are made of both.
TEST_CASE("all places called inbox are INBOX") {
    TempDir dir;
    write(dir, "Inbox/a.eml");
    auto store = make(dir);
    CHECK(names(*store, folders(*store).at("INBOX")).count("Inbox/a.eml") == 1);
    write(dir, "b.eml");
    write(dir, "INBOX/c.eml");
    const auto tree = folders(*store);
    CHECK(selectable(tree) == "INBOX ");
    const auto inbox = names(*store, tree.at("INBOX"));
    CHECK(inbox.size() == 3);
    CHECK(inbox.count("Inbox/a.eml") == 1);
    CHECK(inbox.count("b.eml") == 1);
    CHECK(inbox.count("INBOX/c.eml") == 1);

    // One of the places gone after the folders were looked for: not an emptier folder, and not a folder gone.
    std::filesystem::remove_all(dir / "ann/INBOX");
    const auto listed = store->list("ann", tree.at("INBOX"), [](StoreItem&&) { return true; });
    REQUIRE(!listed.ok());
    CHECK(listed.error().kind == ErrorKind::unavailable);
}

TEST_CASE("the date: Received, else Date, else the file's") {
    TempDir dir;
    const std::string received =
        "Received: from a by b; Tue, 1 Jul 2003 10:52:37 +0200\nDate: Mon, 30 Jun 2003 00:00:00 +0000\n\nx";
    write(dir, "r.eml", received);
    write(dir, "d.eml", "Date: Mon, 30 Jun 2003 00:00:00 +0000\n\nx");
    write(dir, "m.eml", "Subject: none\n\nDate: Mon, 30 Jun 2003 00:00:00 +0000\n");
    auto store = make(dir);
    CHECK(names(*store, folders(*store).at("INBOX")) ==
          std::map<std::string, Seconds>{{"r.eml", 1057049557}, {"d.eml", 1056931200}, {"m.eml", 1000}});
    auto by_header = make(dir, "header");
    CHECK(names(*by_header, folders(*by_header).at("INBOX")).at("r.eml") == 1056931200);
    auto by_mtime = make(dir, "mtime");
    CHECK(names(*by_mtime, folders(*by_mtime).at("INBOX")).at("r.eml") == 1000);
    StoreOptions options;
    options.name = "s";
    options.type = "eml";
    options.path = (dir / "%u").string();
    options.date = "name";
    CHECK(open_store(options).error().kind == ErrorKind::invalid);
}

TEST_CASE("open: the bytes, or why not") {
    TempDir dir;
    write(dir, "F/a.eml", "From: a\r\n\r\nb");
    auto store = make(dir);
    const auto folder = folders(*store).at("F");
    auto opened = store->open("ann", folder.location, "F/a.eml", "");
    REQUIRE(opened.ok());
    CHECK((*opened)->size() == 12);
    std::string buffer(100, '\0');
    const auto n = (*opened)->read(6, buffer);
    REQUIRE(n.ok());
    CHECK(buffer.substr(0, *n) == "a\r\n\r\nb");
    CHECK(store->open("ann", folder.location, "F/b.eml", "").error().kind == ErrorKind::not_found);
    // Out of the owner's directory leads no name and no link.
    std::ofstream(dir / "secret.eml") << "secret";
    CHECK(!store->open("ann", folder.location, "../secret.eml", "").ok());
    std::filesystem::create_symlink("../../secret.eml", dir / "ann/F/link.eml");
    CHECK(!store->open("ann", folder.location, "F/link.eml", "").ok());
    CHECK(names(*store, folder).size() == 1);
    std::filesystem::rename(dir / "ann", dir / "gone");
    CHECK(store->open("ann", folder.location, "F/a.eml", "").error().kind == ErrorKind::unavailable);
}

TEST_CASE("the change token differs once a message came") {
    TempDir dir;
    write(dir, "Inbox/cur/a.eml");
    const timespec old[2] = {{2000, 0}, {2000, 0}};
    const auto settle = [&] {
        for (const char* part : {"ann/Inbox", "ann/Inbox/cur"})
            REQUIRE(::utimensat(AT_FDCWD, (dir / part).c_str(), old, 0) == 0);
    };
    settle();
    auto store = make(dir);
    const auto before = folders(*store).at("INBOX").change_token;
    CHECK(!before.empty());
    CHECK(folders(*store).at("INBOX").change_token == before);
    write(dir, "Inbox/cur/b.eml");
    CHECK(folders(*store).at("INBOX").change_token != before);
}

TEST_CASE("a tree that goes on for ever is refused") {
    TempDir dir;
    std::filesystem::create_directories(dir / "ann");
    // Deeper than one path can be written: step by step.
    std::filesystem::path at = dir / "ann";
    const auto home = std::filesystem::current_path();
    std::filesystem::current_path(at);
    for (std::size_t i = 0; i <= most_levels + 1; ++i) {
        std::filesystem::create_directory("d");
        std::filesystem::current_path("d");
    }
    std::filesystem::current_path(home);
    auto store = make(dir);
    const auto found = store->folders("ann");
    REQUIRE(!found.ok());
    CHECK(found.error().kind == ErrorKind::unavailable);
}
