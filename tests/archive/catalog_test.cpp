#include "archive/catalog.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "helpers/temp_dir.h"

using namespace imaparc;
using namespace imaparc::archive;

namespace {

MessageId id_of(int i) { return message_id("s", "ann", "f", std::to_string(i)); }

MessagePlace place_of(int i, const std::string& locator = "hint") {
    return {id_of(i), "s", "f", "name" + std::to_string(i), locator};
}

std::string summary_of(int i, std::size_t size = 10) {
    return message::encode_summary(
        message::parse_summary("Subject: subject" + std::to_string(i) + "\r\n\r\n" + std::string(size, 'x')));
}

struct Files {
    test::TempDir dir;
    std::filesystem::path data = dir / "ann.data", keys = dir / "ann.keys";

    std::unique_ptr<FileCatalog> open() const {
        auto opened = FileCatalog::open(data, keys, Log::silent());
        if (!opened) FAIL(opened.error().text);
        return std::move(*opened);
    }
    std::string read(const std::filesystem::path& file) const {
        auto bytes = read_file(file);
        return bytes ? *bytes : "";
    }
};

// "subject3", "" if there are no details
std::string subject(Catalog& catalog, int i) {
    const auto id = id_of(i);
    auto details = catalog.details(std::span(&id, 1), Wait::allowed);
    if (!details[0]) return "";
    return std::string(details[0]->summary.envelope.subject.value_or("NIL"));
}

void fill(Catalog& catalog, int from, int to) {
    for (int i = from; i < to; ++i) {
        REQUIRE(catalog.put_place(place_of(i)).ok());
        REQUIRE(catalog.put_details(id_of(i), "print" + std::to_string(i), summary_of(i)).ok());
    }
}

// Everything that is there is right; how much is there.
std::pair<int, int> check(Catalog& catalog, int count) {
    int places = 0, details = 0;
    for (int i = 0; i < count; ++i) {
        if (auto place = catalog.place_of(id_of(i))) {
            CHECK(place->name == "name" + std::to_string(i));
            ++places;
        }
        const auto text = subject(catalog, i);
        if (text.empty()) continue;
        CHECK(text == "subject" + std::to_string(i));
        ++details;
    }
    return {places, details};
}

}  // namespace

TEST_CASE("what is put comes back: from memory, from the disk, after opening again") {
    Files files;
    {
        auto catalog = files.open();
        CHECK_FALSE(catalog->has_place(id_of(0)));
        fill(*catalog, 0, 50);
        CHECK(check(*catalog, 60) == std::pair(50, 50));
        REQUIRE(catalog->flush().ok());
        CHECK(check(*catalog, 60) == std::pair(50, 50));
        CHECK(catalog->records() == 50);
        fill(*catalog, 50, 60);
        REQUIRE(catalog->put_place(place_of(3, "moved")).ok());
        CHECK(catalog->place_of(id_of(3))->locator == "moved");
    }
    auto catalog = files.open();
    CHECK(check(*catalog, 70) == std::pair(60, 60));
    CHECK(catalog->place_of(id_of(3))->locator == "moved");
    CHECK(catalog->has_place(id_of(59)));
    const std::vector<MessageId> ids{id_of(9), id_of(100), id_of(1), id_of(9)};
    auto details = catalog->details(ids, Wait::allowed);
    CHECK(details[0]->summary.envelope.subject == "subject9");
    CHECK(details[0]->fingerprint == "print9");
    CHECK_FALSE(details[1]);
    CHECK(details[2]->summary.envelope.subject == "subject1");
    CHECK(details[3]->summary.envelope.subject == "subject9");
    auto quick = catalog->details(ids, Wait::forbidden);  // just read: in memory where the file system can tell
    if (quick[0]) CHECK(quick[0]->summary.envelope.subject == "subject9");
    struct stat st {};
    for (const auto& file : {files.data, files.keys}) {
        REQUIRE(stat(file.c_str(), &st) == 0);
        CHECK((st.st_mode & 0777) == 0600);
    }
}

TEST_CASE("without its keys, without its data, with another's") {
    Files files;
    {
        auto catalog = files.open();
        fill(*catalog, 0, 30);
    }
    std::filesystem::remove(files.keys);
    CHECK(check(*files.open(), 30) == std::pair(30, 30));
    const auto old_keys = files.read(files.keys);
    std::filesystem::remove(files.data);
    {
        auto catalog = files.open();
        CHECK(check(*catalog, 30) == std::pair(0, 0));
        fill(*catalog, 5, 10);
    }
    files.dir.write("ann.keys", old_keys);
    CHECK(check(*files.open(), 30) == std::pair(5, 5));
    files.dir.write("ann.data", "not a catalog at all");
    {
        auto catalog = files.open();
        CHECK(check(*catalog, 30) == std::pair(0, 0));
        fill(*catalog, 0, 3);
    }
    CHECK(check(*files.open(), 30) == std::pair(3, 3));
}

TEST_CASE("cut at any length: what is left is right, and what is added stays") {
    Files files;
    constexpr int count = 6;
    {
        auto catalog = files.open();
        for (int i = 0; i < count; ++i) {
            fill(*catalog, i, i + 1);
            if (i % 2 == 1) REQUIRE(catalog->flush().ok());
        }
    }
    const auto data = files.read(files.data), keys = files.read(files.keys);
    int before = 0;
    for (std::size_t length = 0; length <= data.size(); ++length) {
        CAPTURE(length);
        for (const bool with_keys : {true, false}) {
            files.dir.write("ann.data", data.substr(0, length));
            files.dir.write("ann.keys", with_keys ? keys : "");
            {
                auto catalog = files.open();
                const auto [places, details] = check(*catalog, count);
                CHECK(places + details >= before);
                if (with_keys) before = places + details;
                fill(*catalog, 20, 21);
            }
            auto again = files.open();
            CHECK(check(*again, 21).first >= 1);
            CHECK(subject(*again, 20) == "subject20");
        }
    }
    CHECK(before == 2 * count);
    for (std::size_t length = 0; length <= keys.size(); ++length) {
        CAPTURE(length);
        files.dir.write("ann.data", data);
        files.dir.write("ann.keys", keys.substr(0, length));
        {
            auto catalog = files.open();
            CHECK(check(*catalog, count) == std::pair(count, count));
            fill(*catalog, 20, 21);
        }
        CHECK(check(*files.open(), 21) == std::pair(count + 1, count + 1));
    }
}

TEST_CASE("damaged anywhere: one message's loss at most a record, never a wrong answer") {
    const auto seed = std::random_device()();
    CAPTURE(seed);
    std::mt19937 random(seed);
    Files files;
    constexpr int count = 20;
    {
        auto catalog = files.open();
        fill(*catalog, 0, count);
    }
    const auto data = files.read(files.data), keys = files.read(files.keys);
    for (int round = 0; round < 400; ++round) {
        auto bad_data = data, bad_keys = keys;
        const bool in_data = random() % 2 == 0;
        auto& bad = in_data ? bad_data : bad_keys;
        const auto at = in_data ? 16 + random() % (bad.size() - 16) : random() % bad.size();
        const auto length = std::min<std::size_t>(1 + random() % 4, bad.size() - at);
        for (std::size_t i = at; i < at + length; ++i) bad[i] = static_cast<char>(random());
        CAPTURE(at);
        files.dir.write("ann.data", bad_data);
        files.dir.write("ann.keys", random() % 2 == 0 ? bad_keys : "");
        {
            auto catalog = files.open();
            const auto [places, details] = check(*catalog, count);
            CHECK(places + details >= 2 * count - (in_data ? 2 : 0));
            fill(*catalog, 0, count);
            CHECK(check(*catalog, count) == std::pair(count, count));
        }
        CHECK(check(*files.open(), count) == std::pair(count, count));
    }
}

TEST_CASE("what is forgotten leaves no text behind, not even an older version") {
    Files files;
    const auto text = [&] { return files.read(files.data); };
    {
        auto catalog = files.open();
        fill(*catalog, 0, 3);
        REQUIRE(catalog->flush().ok());
        CHECK(text().find("subject1") != std::string::npos);
        REQUIRE(catalog->put_details(id_of(1), "newer", summary_of(17)).ok());
        REQUIRE(catalog->flush().ok());
        CHECK(text().find("subject1\"") == std::string::npos);
        const std::vector<MessageId> gone{id_of(1), id_of(99)};
        catalog->forget(gone);
        CHECK_FALSE(catalog->has_place(id_of(1)));
        fill(*catalog, 7, 8);
        catalog->forget(std::vector<MessageId>{id_of(7)});  // before it was written
        REQUIRE(catalog->flush().ok());
        for (const char* word : {"subject1", "name1", "subject17", "subject7", "name7"})
            CHECK(text().find(word) == std::string::npos);
        CHECK(check(*catalog, 10) == std::pair(2, 2));
    }
    CHECK(check(*files.open(), 10) == std::pair(2, 2));
    std::filesystem::remove(files.keys);
    {
        auto catalog = files.open();
        CHECK(check(*catalog, 10) == std::pair(2, 2));
        fill(*catalog, 1, 2);  // back again
    }
    CHECK(check(*files.open(), 10) == std::pair(3, 3));
}

TEST_CASE("compaction keeps what counts, and what comes meanwhile") {
    Files files;
    {
        auto catalog = files.open();
        fill(*catalog, 0, 100);
        std::vector<MessageId> gone;
        for (int i = 0; i < 100; i += 2) gone.push_back(id_of(i));
        catalog->forget(gone);
        REQUIRE(catalog->flush().ok());
        const auto before = std::filesystem::file_size(files.data);
        fill(*catalog, 100, 110);
        REQUIRE(catalog->compact().ok());
        CHECK(std::filesystem::file_size(files.data) < before * 2 / 3);
        CHECK(check(*catalog, 110) == std::pair(60, 60));
        fill(*catalog, 110, 115);
        CHECK(check(*catalog, 115) == std::pair(65, 65));
    }
    CHECK(check(*files.open(), 115) == std::pair(65, 65));
    std::filesystem::remove(files.keys);
    CHECK(check(*files.open(), 115) == std::pair(65, 65));
}

TEST_CASE("flush compacts by itself when more than half is of no use") {
    Files files;
    auto catalog = files.open();
    // a summary grows by its part's parameters: two megabytes of them
    const auto large = message::encode_summary(
        message::parse_summary("Subject: s\r\nContent-Type: text/plain; x=" + std::string(200000, 'p') + "\r\n\r\n"));
    for (int i = 0; i < 12; ++i) REQUIRE(catalog->put_details(id_of(i), "f", large).ok());
    REQUIRE(catalog->flush().ok());
    const auto before = std::filesystem::file_size(files.data);
    REQUIRE(before > 1500000);
    std::vector<MessageId> gone;
    for (int i = 0; i < 8; ++i) gone.push_back(id_of(i));
    catalog->forget(gone);
    REQUIRE(catalog->flush().ok());
    CHECK(std::filesystem::file_size(files.data) < before / 2);
    CHECK(subject(*catalog, 11) == "s");
}

TEST_CASE("a disk that takes nothing: what is known stays known, what was written stays whole") {
    Files files;
    std::string words;
    Log log(LogLevel::warning, LogFormat::text, [&](std::string_view line) { words += line; });
    auto opened = FileCatalog::open(files.data, files.keys, log);
    REQUIRE(opened.ok());
    auto catalog = std::move(*opened);
    fill(*catalog, 0, 10);
    REQUIRE(catalog->flush().ok());
    const auto written = files.read(files.data);
    rlimit old{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
    auto tight = old;
    tight.rlim_cur = written.size() + 50;
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
    for (int i = 10; i < 20; ++i) {  // (no doctest output meanwhile: it may be a file)
        (void)catalog->put_place(place_of(i)).ok();
        (void)catalog->put_details(id_of(i), "print", summary_of(i)).ok();
    }
    const bool flushed = catalog->flush().ok(), again = catalog->flush().ok();
    const auto meanwhile = files.read(files.data);
    std::size_t kept = 0;
    const std::string big(1000000, 'n');
    while (kept < 100 && catalog->put_place({id_of(1000 + static_cast<int>(kept)), "s", "f", big, ""}).ok()) ++kept;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
    ::signal(SIGXFSZ, handler);
    CHECK_FALSE(flushed);
    CHECK_FALSE(again);
    CHECK(meanwhile == written);
    CHECK(kept < 20);  // bounded
    CHECK(words.find("catalog_not_written") != std::string::npos);
    CHECK(words.find("catalog_not_written", words.find("catalog_not_written") + 1) == std::string::npos);  // said once
    CHECK(check(*catalog, 20) == std::pair(20, 20));
    REQUIRE(catalog->flush().ok());
    catalog.reset();
    CHECK(check(*files.open(), 20) == std::pair(20, 20));
}

TEST_CASE("many readers, one writer") {
    const auto seed = std::random_device()();
    CAPTURE(seed);
    Files files;
    auto catalog = files.open();
    fill(*catalog, 0, 50);
    std::atomic<bool> stop{false};
    std::atomic<int> wrong{0}, read{0};
    std::vector<std::thread> readers;
    for (unsigned r = 0; r < 3; ++r)
        readers.emplace_back([&, r] {
            std::mt19937 random(static_cast<unsigned>(seed) + r);
            while (!stop) {
                const int i = static_cast<int>(random() % 50);
                const std::vector<MessageId> ids{id_of(i), id_of(i + 1), id_of(i + 50)};
                auto details = catalog->details(ids, r == 0 ? Wait::forbidden : Wait::allowed);
                if (details[0] && details[0]->summary.envelope.subject != "subject" + std::to_string(i)) ++wrong;
                if (r != 0 && !details[0]) ++wrong;
                auto place = catalog->place_of(id_of(i));
                if (!place || place->name != "name" + std::to_string(i)) ++wrong;
                ++read;
            }
        });
    for (int round = 0; round < 60; ++round) {
        fill(*catalog, 50 + round, 52 + round);
        for (int i = 0; i < 50; i += 7) REQUIRE(catalog->put_place(place_of(i, "at" + std::to_string(round))).ok());
        if (round % 3 == 0) REQUIRE(catalog->flush().ok());
        if (round % 10 == 5) catalog->forget(std::vector<MessageId>{id_of(50 + round)});
        if (round % 20 == 10) REQUIRE(catalog->compact().ok());
        const int seen = read;
        while (read < seen + 3) std::this_thread::yield();
    }
    stop = true;
    for (auto& reader : readers) reader.join();
    CHECK(wrong == 0);
}
