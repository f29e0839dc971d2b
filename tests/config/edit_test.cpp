#include "config/edit.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <random>

#include "base/file.h"
#include "helpers/temp_dir.h"

using namespace imaparc;
using namespace imaparc::config;

namespace {

std::string set(std::string_view toml, std::string_view key, std::string_view value) {
    const auto path = parse_key(key);
    REQUIRE_MESSAGE(path, path.error().text);
    const auto parsed = parse_value(*path->setting, value);
    REQUIRE_MESSAGE(parsed, parsed.error().text);
    const auto text = set_in_text(toml, *path, *parsed);
    return text ? *text : "! " + text.error().text;
}

std::string unset(std::string_view toml, std::string_view key) {
    const auto text = unset_in_text(toml, *parse_key(key));
    return text ? *text : "! " + text.error().text;
}

}  // namespace

TEST_CASE("set: a value is replaced, nothing else") {
    CHECK(set("# top\n[imap]\nport       = 44143   # the port\nmax_months = 12 # a year\n", "imap.port", "993") ==
          "# top\n[imap]\nport       = 993   # the port\nmax_months = 12 # a year\n");
    CHECK(set("[imap]\r\nport=1\r\n", "imap.port", "2") == "[imap]\r\nport=2\r\n");
    CHECK(set("imap.port = 1", "imap.port", "2") == "imap.port = 2");
    CHECK(set("imap . \"port\" = 0x1F # hex\n", "imap.port", "2") == "imap . \"port\" = 2 # hex\n");
    CHECK(set("imap = { port = 1, flags = \"private\" } # one line\n", "imap.flags", "readonly") ==
          "imap = { port = 1, flags = \"readonly\" } # one line\n");
    CHECK(set("\xEF\xBB\xBF[imap]\nport = 1\n", "imap.port", "2") == "\xEF\xBB\xBF[imap]\nport = 2\n");
}

TEST_CASE("set: values that span lines or look like something else") {
    CHECK(set("[control]\nreaders = [\n  \"a\", # ] not the end\n  'b[#',\n]\nsocket = \"/s\"\n", "control.readers",
              "c") == "[control]\nreaders = [\"c\"]\nsocket = \"/s\"\n");
    CHECK(set("data_dir = '''/a\n[imap]\nport = 1\n'''\n[imap]\nport = 2\n", "imap.port", "3") ==
          "data_dir = '''/a\n[imap]\nport = 1\n'''\n[imap]\nport = 3\n");
    CHECK(set("data_dir = \"\"\"/a\\\"\"\"\\\"\"\"\"\n[imap]\nport = 2\n", "imap.port", "3").find("port = 3") !=
          std::string::npos);
    CHECK(set("data_dir = \"/a = \\\" # [imap]\"\nthreads = 1\n", "threads", "2") ==
          "data_dir = \"/a = \\\" # [imap]\"\nthreads = 2\n");
    CHECK(set("data_dir = \"/a\" #\"\"\"\n[imap]\nport = 1\n", "imap.port", "2") ==
          "data_dir = \"/a\" #\"\"\"\n[imap]\nport = 2\n");
}

TEST_CASE("set: a new key goes behind the last of its table, in its columns") {
    CHECK(set("[imap]\nport       = 1  # x\n\n# about TLS\n[tls]\nenabled = true\n", "imap.flags", "readonly") ==
          "[imap]\nport       = 1  # x\nflags      = \"readonly\"\n\n# about TLS\n[tls]\nenabled = true\n");
    CHECK(set("[imap]\n  port = 1\n", "imap.max_months", "3") == "[imap]\n  port = 1\n  max_months = 3\n");
    CHECK(set("[imap]\nport = 1", "imap.max_months", "3") == "[imap]\nport = 1\nmax_months = 3\n");
    CHECK(set("[imap]\r\nport = 1\r\n[tls]\r\n", "imap.max_months", "3") ==
          "[imap]\r\nport = 1\r\nmax_months = 3\r\n[tls]\r\n");
    CHECK(set("[imap]\n[tls]\n", "imap.port", "2") == "[imap]\nport = 2\n[tls]\n");
    CHECK(set("[imap]", "imap.port", "2") == "[imap]\nport = 2\n");
    CHECK(set("imap = {}\n", "imap.port", "2") == "imap = { port = 2 }\n");
    CHECK(set("imap = { port = 1 }\n", "imap.max_months", "2") == "imap = { port = 1, max_months = 2 }\n");
    CHECK(set("auth = { scram = false }\n", "auth.file.path", "/u") ==
          "auth = { scram = false, file.path = \"/u\" }\n");
}

TEST_CASE("set: a table that is not there comes at the end") {
    CHECK(set("", "imap.port", "2") == "[imap]\nport = 2\n");
    CHECK(set("# only a comment", "imap.port", "2") == "# only a comment\n\n[imap]\nport = 2\n");
    CHECK(set("[auth]\nscram = false\n", "auth.file.path", "/u") ==
          "[auth]\nscram = false\n\n[auth.file]\npath = \"/u\"\n");
    CHECK(set("[auth.file]\npath = \"/u\"\n", "auth.scram", "false") ==
          "[auth.file]\npath = \"/u\"\n\n[auth]\nscram = false\n");
    CHECK(set("[imap]\r\nport = 1\r\n", "tls.enabled", "true") ==
          "[imap]\r\nport = 1\r\n\r\n[tls]\r\nenabled = true\r\n");
}

TEST_CASE("set: beside keys that are written dotted") {
    CHECK(set("imap.port = 1 # x\n[tls]\n", "imap.max_months", "3") ==
          "imap.port = 1 # x\nimap.max_months = 3\n[tls]\n");
    CHECK(set("auth.file.path = \"/u\"\n", "auth.scram", "false") ==
          "auth.file.path = \"/u\"\nauth.scram     = false\n");
    CHECK(set("[auth]\nfile.path = \"/u\"\n[imap]\n", "auth.file.path", "/v") ==
          "[auth]\nfile.path = \"/v\"\n[imap]\n");
}

TEST_CASE("set: keys of the root") {
    CHECK(set("data_dir = \"/a\"\n\n[imap]\n", "threads", "2") == "data_dir = \"/a\"\nthreads  = 2\n\n[imap]\n");
    CHECK(set("# about us\n\n# the listener\n[imap]\n", "data_dir", "/a") ==
          "# about us\n\ndata_dir = \"/a\"\n\n# the listener\n[imap]\n");
    CHECK(set("[imap]\n", "data_dir", "/a") == "data_dir = \"/a\"\n\n[imap]\n");
}

TEST_CASE("set: stores by name") {
    const std::string two =
        "[[store]]\nname = \"2023\"\npath = \"/a/%u\"\n\n# the newer one\n[[store]]\npath = \"/b/%u\"  # b\nname = "
        "'2024'\n\n[auth]\n";
    CHECK(set(two, "store.2024.path", "/c/%u") ==
          "[[store]]\nname = \"2023\"\npath = \"/a/%u\"\n\n# the newer one\n[[store]]\npath = \"/c/%u\"  # b\nname = "
          "'2024'\n\n[auth]\n");
    CHECK(set(two, "store.2023.layout", "fs") ==
          "[[store]]\nname = \"2023\"\npath = \"/a/%u\"\nlayout = \"fs\"\n\n# the newer one\n[[store]]\npath = "
          "\"/b/%u\"  # b\nname = '2024'\n\n[auth]\n");
    CHECK(set(two, "store.2025.path", "/d/%u") == two + "\n[[store]]\nname = \"2025\"\npath = \"/d/%u\"\n");
    CHECK(set(two, "store.2025.layout", "fs").starts_with("! no store 2025; set store.2025.path to add it"));
    CHECK(set("store = [{ name = \"a\", path = \"/a/%u\" }, { name = \"b\", path = \"/b/%u\" }]\n", "store.b.layout",
              "fs") ==
          "store = [{ name = \"a\", path = \"/a/%u\" }, { name = \"b\", path = \"/b/%u\", layout = \"fs\" }]\n");
    CHECK(set("store = [{ name = \"a\", path = \"/a/%u\" }]\n", "store.b.path", "/b/%u")
              .starts_with("! the file is written in a way"));
    CHECK(set("[[store]]\nname = \"a.b\"\npath = \"/a/%u\"\n", "store.a.b.path", "/z/%u") ==
          "[[store]]\nname = \"a.b\"\npath = \"/z/%u\"\n");
    CHECK(set("", "store.2024.path", "/a/%u") == "[[store]]\nname = \"2024\"\npath = \"/a/%u\"\n");
}

TEST_CASE("unset: the line goes, its neighbours stay") {
    CHECK(unset("[imap]\n# about the port\nport = 1 # x\nmax_months = 2\n", "imap.port") ==
          "[imap]\n# about the port\nmax_months = 2\n");
    CHECK(unset("[control]\nreaders = [\n  \"a\",\n] # x\nsocket = \"/s\"\n", "control.readers") ==
          "[control]\nsocket = \"/s\"\n");
    CHECK(unset("imap.port = 1", "imap.port") == "");
    CHECK(unset("imap = { port = 1, max_months = 2, flags = \"private\" }\n", "imap.port") ==
          "imap = { max_months = 2, flags = \"private\" }\n");
    CHECK(unset("imap = { port = 1, max_months = 2, flags = \"private\" }\n", "imap.max_months") ==
          "imap = { port = 1, flags = \"private\" }\n");
    CHECK(unset("imap = { port = 1, max_months = 2, flags = \"private\" }\n", "imap.flags") ==
          "imap = { port = 1, max_months = 2 }\n");
    CHECK(unset("imap = { port = 1 }\n", "imap.port") == "imap = {}\n");
    CHECK(unset("[[store]]\nname = \"a\"\nlayout = \"fs\"\npath = \"/a/%u\"\n", "store.a.layout") ==
          "[[store]]\nname = \"a\"\npath = \"/a/%u\"\n");
    CHECK(unset("[imap]\n", "imap.port") == "! imap.port is not set in the file");
    CHECK(unset("[[store]]\nname = \"a\"\n", "store.b.layout").starts_with("! store.b.layout is not set"));
}

TEST_CASE("remove a store: its block, not the neighbours' comments") {
    const auto remove = [](std::string_view toml, std::string_view name) {
        const auto text = remove_store_in_text(toml, name);
        return text ? *text : "! " + text.error().text;
    };
    const std::string three =
        "[imap]\nport = 1\n\n[[store]]\nname = \"a\"\npath = \"/a/%u\"\n\n[[store]] # the second\nname = \"b\"\npath = "
        "\"/b/%u\"\n\n# third\n[[store]]\nname = \"c\"\npath = \"/c/%u\"\n";
    CHECK(remove(three, "b") ==
          "[imap]\nport = 1\n\n[[store]]\nname = \"a\"\npath = \"/a/%u\"\n\n# third\n[[store]]\nname = \"c\"\npath = "
          "\"/c/%u\"\n");
    CHECK(remove("[[store]]\nname = \"a\"\npath = \"/a/%u\"\n", "a") == "");
    CHECK(remove(three, "d") == "! no store d in the file");
    CHECK(remove("store = [{name=\"a\"}]\n", "a").starts_with("! the file is written in a way"));
}

TEST_CASE("set: text that is no TOML is refused with its line") {
    CHECK(set("[imap]\nport = \n", "imap.port", "2").starts_with("! line 2: "));
    CHECK(set("imap = 3\n", "imap.port", "2") == "! imap is not a table; change the file by hand");
}

TEST_CASE("set: random files, random keys: the file means the new value and otherwise what it meant") {
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto pick = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    const std::vector<std::string> pieces{"# a comment = [imap]\n",
                                          "\n",
                                          "[imap]\n",
                                          "[ tls ]  # t\n",
                                          "[auth]\n",
                                          "[auth.file]\n",
                                          "port = 1\n",
                                          "imap.port = 2\n",
                                          "imap = { port = 3, flags = 'private' }\n",
                                          "max_months = 0b11\n",
                                          "\tflags=\"readonly\" # f\n",
                                          "enabled = true\n",
                                          "file.path = '/u'\n",
                                          "auth.file.path = \"\"\"/x\"\"\"\n",
                                          "path = '''/y'''\r\n",
                                          "[[store]]\n",
                                          "name = \"a\"\n",
                                          "name = 'b'\n",
                                          "path = \"/a/%u\"\n",
                                          "backends = [ # c ]\n  'file', ]\n",
                                          "data_dir = \"/q\\\"#\"\n",
                                          "threads=4\n",
                                          "layout = \"fs\"\n",
                                          "auth = {file = {path = '/i'}}\n"};
    const std::vector<std::pair<std::string, std::string>> changes{
        {"imap.port", "4711"},      {"imap.max_months", "7"}, {"imap.flags", "readonly"}, {"tls.enabled", "true"},
        {"auth.file.path", "/new"}, {"auth.scram", "false"},  {"data_dir", "/new/dir"},   {"threads", "9"},
        {"store.a.path", "/n/%u"},  {"store.b.layout", "fs"}, {"control.readers", "x,y"}};
    int tried = 0, done = 0;
    for (int round = 0; round < 20000; ++round) {
        std::string text;
        for (std::size_t n = pick(9); n > 0; --n) text += pieces[pick(pieces.size())];
        const auto before = load_text(text, "x");
        if (!before.ok()) continue;
        const auto& [key, value] = changes[pick(changes.size())];
        const auto path = *parse_key(key);
        const auto parsed = *parse_value(*path.setting, value);
        const auto changed = set_in_text(text, path, parsed);
        ++tried;
        if (!changed) continue;  // said so: never a wrong file
        ++done;
        CAPTURE(text);
        CAPTURE(*changed);
        const auto after = load_text(*changed, "x");
        REQUIRE(after.ok());
        CHECK(*value_of(*after.settings, path) == parsed);
        for (const auto& difference : differences(*before.settings, *after.settings))
            CHECK((difference.key == key || (path.setting->is_store && difference.key == "store." + path.store)));
        // Every line that was there is there, but for the one that was changed.
        std::size_t lost = 0, at = 0;
        while (at < text.size()) {
            const auto end = std::min(text.find('\n', at), text.size() - 1) + 1;
            lost += changed->find(text.substr(at, end - at)) == std::string::npos;
            at = end;
        }
        CHECK(lost <= 2);
        const auto removed = unset_in_text(*changed, path);
        if (path.setting->key != "path") {
            REQUIRE_MESSAGE(removed, removed.error().text);
            CHECK(*value_of(*load_text(*removed, "x").settings, path) == path.setting->default_value());
        }
    }
    CHECK(tried > 100);
    CHECK(done > tried * 7 / 10);
}

TEST_CASE("outline: arbitrary bytes do no harm") {
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const std::string alphabet = "[]{}=.,\"'#\\\n\r\t ab1\xC3\xA4";
    const KeyPath key = *parse_key("imap.port");
    for (int round = 0; round < 20000; ++round) {
        std::string text;
        for (auto n = random() % 40; n > 0; --n) text += alphabet[random() % alphabet.size()];
        const auto changed = set_in_text(text, key, std::int64_t{5});
        if (changed) CHECK(load_text(*changed, "x").problems.size() <= load_text(text, "x").problems.size());
    }
}

TEST_CASE("write: mode and links are kept, a new file is 0644") {
    test::TempDir dir;
    const auto path = dir.write("a.toml", "x");
    ::chmod(path.c_str(), 0600);
    REQUIRE(write_config(path, "y"));
    CHECK(*read_file(path) == "y");
    struct stat st {};
    REQUIRE(::stat(path.c_str(), &st) == 0);
    CHECK((st.st_mode & 07777) == 0600);
    std::filesystem::create_symlink("a.toml", dir / "link.toml");
    REQUIRE(write_config(dir / "link.toml", "z"));
    CHECK(std::filesystem::is_symlink(dir / "link.toml"));
    CHECK(*read_file(path) == "z");
    REQUIRE(write_config(dir / "new.toml", "n"));
    REQUIRE(::stat((dir / "new.toml").c_str(), &st) == 0);
    CHECK((st.st_mode & 07777) == 0644);
    CHECK_FALSE(write_config(dir / "no/such/dir.toml", "n"));
}
