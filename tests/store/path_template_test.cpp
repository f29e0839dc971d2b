#include "store/path_template.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "helpers/temp_dir.h"

using namespace imaparc;
using namespace imaparc::store;

namespace {

using Names = std::vector<std::string>;

Names owners(const std::string& path) {
    auto parsed = PathTemplate::parse(path);
    REQUIRE(parsed.ok());
    auto found = parsed->owners();
    REQUIRE(found.ok());
    return *found;
}

}  // namespace

TEST_CASE("what a path may be") {
    for (const char* bad :
         {"", "mail/%u", "/srv/mail", "/srv/%d", "/srv/%x", "/srv/%", "/srv/%n@%d", "/srv/../%u", "/srv/./%u"}) {
        CAPTURE(bad);
        auto parsed = PathTemplate::parse(bad);
        REQUIRE_FALSE(parsed.ok());
        CHECK(parsed.error().kind == ErrorKind::invalid);
    }
    CHECK(PathTemplate::parse("/srv/%u")->root() == "/srv");
    CHECK(PathTemplate::parse("/%u")->root() == "/");
    CHECK(PathTemplate::parse("/srv//100%%/x-%n/Maildir/")->root() == "/srv/100%");
}

TEST_CASE("an owner's directory; no name leads anywhere else") {
    const auto by_user = *PathTemplate::parse("/srv/%u");
    CHECK(by_user.path_of("ann") == "/srv/ann");
    CHECK(by_user.path_of("ann@example.org") == "/srv/ann@example.org");
    for (const std::string bad : {"", ".", "..", "a/b", "/etc", "../../etc", "a/../../b"}) {
        CAPTURE(bad);
        CHECK_FALSE(by_user.path_of(bad));
    }
    CHECK_FALSE(by_user.path_of(std::string("a\0b", 3)));
    CHECK_FALSE(by_user.path_of(std::string(256, 'a')));
    const auto by_parts = *PathTemplate::parse("/srv/%d/mail-%n/Maildir");
    CHECK(by_parts.path_of("ann@example.org") == "/srv/example.org/mail-ann/Maildir");
    CHECK_FALSE(by_parts.path_of("ann"));
    CHECK_FALSE(by_parts.path_of("ann@"));
    CHECK_FALSE(by_parts.path_of("ann@.."));
    CHECK_FALSE(by_parts.path_of("@example.org"));
    CHECK(by_parts.path_of("..@x") == "/srv/x/mail-../Maildir");  // a name like others
}

TEST_CASE("owners are the directories that fit") {
    test::TempDir dir;
    for (const char* made :
         {"ann/x", "bob/x", "J\xC3\xB6rg/x", ".hidden/x", "lost+found/x", "\xFF/x", "c\nd/x", "%u/x"})
        dir.write(made, "");
    dir.write("file", "");
    std::filesystem::create_directory_symlink(dir / "bob", dir / "linked");
    CHECK(owners((dir / "%u").string()) == Names{"%u", "J\xC3\xB6rg", "ann", "bob", "linked"});
}

TEST_CASE("owners by their parts") {
    test::TempDir dir;
    dir.write("example.org/mail-ann/Maildir/x", "");
    dir.write("example.org/mail-bob/other", "");  // no Maildir
    dir.write("example.org/ann/Maildir/x", "");   // no prefix
    dir.write("example.net/mail-ann/Maildir/x", "");
    dir.write("example.net/mail-a@b/Maildir/x", "");  // a@b@example.net is found under its own parts
    dir.write("example.net/mail-/Maildir/x", "");
    CHECK(owners((dir / "%d/mail-%n/Maildir").string()) ==
          Names{"a@b@example.net", "ann@example.net", "ann@example.org"});
    dir.write("both/example.org/ann@example.org/x", "");
    dir.write("both/example.org/eve@example.net/x", "");  // contradicts its domain
    CHECK(owners((dir / "both/%d/%u").string()) == Names{"ann@example.org"});
    dir.write("local/a@b/x", "");  // as %n it would be a
    dir.write("local/c/x", "");
    CHECK(owners((dir / "local/%n").string()) == Names{"c"});
}

TEST_CASE("a root that is not there is unavailable") {
    test::TempDir dir;
    auto found = PathTemplate::parse((dir / "gone/%u").string())->owners();
    REQUIRE_FALSE(found.ok());
    CHECK(found.error().kind == ErrorKind::unavailable);
    dir.write("file", "");
    CHECK(PathTemplate::parse((dir / "file/%u").string())->owners().error().kind == ErrorKind::unavailable);
}
