// Other processes at the same index: refused while one has it, and killed in the middle of everything. The other
// process is this program again, running one of the helpers below (which are skipped otherwise).
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>
#include <random>
#include <set>

#include "base/text.h"
#include "index_fixture.h"

using namespace imaparc;
using namespace imaparc::index;
using namespace imaparc::index::test;

namespace {

// A helper running in a process of its own; says lines on a pipe.
class Helper {
  public:
    Helper(const std::string& name, const std::filesystem::path& directory, std::uint64_t start = 0) {
        std::array<int, 2> pipe_ends{};
        REQUIRE(pipe2(pipe_ends.data(), O_CLOEXEC) == 0);
        const std::string filter = "-tc=" + name;
        const std::string begin = std::to_string(start);
        pid_ = fork();
        REQUIRE(pid_ >= 0);
        if (pid_ == 0) {
            dup2(pipe_ends[1], 3);
            const int nowhere = open("/dev/null", O_WRONLY);
            dup2(nowhere, 1);
            setenv("IMAPARC_TEST_DIRECTORY", directory.c_str(), 1);
            setenv("IMAPARC_TEST_START", begin.c_str(), 1);
            execl("/proc/self/exe", "index_test", "--no-skip", filter.c_str(), static_cast<char*>(nullptr));
            _exit(9);
        }
        close(pipe_ends[1]);
        from_ = pipe_ends[0];
    }
    ~Helper() {
        if (pid_ > 0) kill9();
        close(from_);
    }
    // The next line; nullopt at the end.
    std::optional<std::string> line() {
        for (;;) {
            if (const auto end = buffer_.find('\n'); end != std::string::npos) {
                std::string line = buffer_.substr(0, end);
                buffer_.erase(0, end + 1);
                return line;
            }
            std::array<char, 4096> bytes{};
            const auto n = read(from_, bytes.data(), bytes.size());
            if (n <= 0) return std::nullopt;
            buffer_.append(bytes.data(), static_cast<std::size_t>(n));
        }
    }
    void kill9() {
        kill(pid_, SIGKILL);
        int status = 0;
        waitpid(pid_, &status, 0);
        pid_ = -1;
    }

  private:
    pid_t pid_ = -1;
    int from_ = -1;
    std::string buffer_;
};

void say(const std::string& line) {
    const std::string bytes = line + "\n";
    if (write(3, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) _exit(8);
}

Options helper_options() {
    Options options;
    options.directory = getenv("IMAPARC_TEST_DIRECTORY");
    options.cache_pages = 256;
    options.window_months = 0;
    options.overlay_flush = std::chrono::milliseconds(3);
    return options;
}

std::string folder_name(std::uint64_t k) { return "F" + std::to_string(k % 3); }
std::string word(std::uint64_t k, int n) { return std::to_string(k) + "-" + std::to_string(n); }

std::optional<Uid> uid_of(const View& view, const MessageId& id) {
    for (std::size_t b = view.blocks().size(); b-- > 0;) {
        const auto rows = view.rows(b);
        for (std::size_t i = rows->size(); i-- > 0;)
            if (rows->id(i) == id) return rows->uid(i);
    }
    return std::nullopt;
}

}  // namespace

TEST_CASE("helper: hold an index" * doctest::skip()) {
    FakeClock clock(start_of_time);
    auto index = Index::open(helper_options(), clock, Log::silent());
    say("open");
    pause();
}

// Step k: five messages come, one of step k-4 goes, one of this step is flagged for good and one for the owner only
// soon. Each line says that step k is done, and the folder's HIGHESTMODSEQ that a client has seen.
TEST_CASE("helper: change an index for ever" * doctest::skip()) {
    FakeClock clock(start_of_time);
    auto index = Index::open(helper_options(), clock, Log::silent());
    auto ann = index->owner("ann");
    if (ann->state() == OwnerState::rebuilding) good(ann->rebuild());
    for (std::uint64_t k = strtoull(getenv("IMAPARC_TEST_START"), nullptr, 10);; ++k) {
        Change change;
        change.first = ann->state() == OwnerState::unsynchronised;
        std::vector<NewMessage> messages;
        for (int n = 0; n < 5; ++n) messages.push_back(message(word(k, n), static_cast<Seconds>(k * 10) + n));
        change.folders.push_back(folder_with(folder_name(k), messages));
        if (k >= 4) change.folders.push_back(folder_with(folder_name(k - 4), {}, {id_of(word(k - 4, 0))}));
        if (k >= 4 && folder_name(k) == folder_name(k - 4)) change.folders.pop_back();
        good(ann->commit(change));
        const auto folder = *ann->find(folder_name(k));
        auto view = good(ann->view(folder.number, UserNumber{0}));
        for (const auto& [n, durability] : {std::pair{1, Durability::before_return}, std::pair{2, Durability::soon}}) {
            NumberSet uids;
            uids.add(uid_of(*view, id_of(word(k, n))).value().value);
            good(ann->store_flags(folder.number, UserNumber{0}, uids, FlagAction::add,
                                  {flag::flagged, {"k" + std::to_string(k % 50)}}, {}, durability));
        }
        view = good(ann->view(folder.number, UserNumber{0}));
        say(std::to_string(k) + " " + std::to_string(view->highest_modseq().value) + " " +
            std::to_string(view->uid_next().value));
    }
}

TEST_CASE("crash: a second process is told that the index is in use") {
    Fixture f;
    Helper holder("helper: hold an index", f.dir.path());
    REQUIRE(holder.line() == "open");
    try {
        f.open();
        FAIL("it opened");
    } catch (const Fault& fault) {
        CHECK(fault.kind() == ErrorKind::conflict);
        CHECK(std::string_view(fault.what()).find("in use by another process") != std::string_view::npos);
    }
    holder.kill9();
    f.open();
    CHECK(f.index->owners().empty());
}

TEST_CASE("crash: killed at any moment, nothing acknowledged is lost and no UID is given twice") {
    Fixture f;
    const unsigned seed = 20261124;
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    std::map<std::string, std::map<MessageId, std::uint32_t>> uids;       // ever seen, by folder
    std::map<std::string, std::map<std::uint32_t, MessageId>> ids;        // the same the other way round
    std::map<std::string, std::uint64_t> modseqs, uid_nexts, validities;  // that a client has seen
    std::uint64_t done = 0;                                               // steps acknowledged
    for (int round = 0; round < 15; ++round) {
        INFO("round " << round << ", after step " << done);
        {
            Helper helper("helper: change an index for ever", f.dir.path(), done);
            const unsigned wanted = random() % 12;
            const auto heard = [&](const std::string& line) {
                const auto words = split(line, ' ');
                REQUIRE(words.size() == 3);
                const auto k = *parse_decimal(words[0]);
                done = k + 1;
                modseqs[folder_name(k)] = *parse_decimal(words[1]);
                uid_nexts[folder_name(k)] = *parse_decimal(words[2]);
            };
            for (unsigned n = 0; n < wanted; ++n) {
                const auto line = helper.line();
                REQUIRE(line.has_value());
                heard(*line);
            }
            for (unsigned spin = random() % 200'000; spin > 0; --spin) random();  // some moment within a step
            helper.kill9();
            while (const auto line = helper.line()) heard(*line);
        }
        f.open();
        auto ann = f.owner();
        if (ann->state() == OwnerState::rebuilding) good(ann->rebuild());
        if (ann->state() == OwnerState::unsynchronised) {
            CHECK(done == 0);
            f.index.reset();
            continue;
        }
        std::map<std::string, std::map<MessageId, ShownMessage>> there;
        for (const Folder& folder : *ann->folders()) {
            auto& validity = validities[folder.path];
            if (validity == 0) validity = folder.uid_validity.value;
            CHECK(validity == folder.uid_validity.value);
            const auto view = view_of(*ann, folder.path);
            CHECK(view->highest_modseq().value >= modseqs[folder.path]);
            CHECK(view->uid_next().value >= uid_nexts[folder.path]);
            for (const ShownMessage& row : shown(*view)) {
                there[folder.path][row.id] = row;
                const auto [uid, first] = uids[folder.path].emplace(row.id, row.uid);
                CHECK(uid->second == row.uid);
                const auto [id, alone] = ids[folder.path].emplace(row.uid, row.id);
                CHECK((id->second == row.id));
            }
        }
        for (std::uint64_t k = 0; k < done; ++k)
            for (int n = 0; n < 5; ++n) {
                const auto found = there[folder_name(k)].find(id_of(word(k, n)));
                const bool lives = found != there[folder_name(k)].end();
                if (n == 0) {
                    if (k + 4 < done) CHECK_FALSE(lives);  // its removal was acknowledged, too
                    continue;
                }
                REQUIRE(lives);
                if (n == 1) CHECK((found->second.system & flag::flagged) != 0);
                if (n == 1) CHECK(found->second.keywords == std::vector<std::string>{"k" + std::to_string(k % 50)});
            }
        CHECK(complaints(*f.index) == std::vector<std::string>{});
        f.index.reset();
    }
    CHECK(done > 20);
}
