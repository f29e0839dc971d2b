// Several sessions while mail arrives and leaves and flags change: each client keeps the model of the mailbox that RFC
// 3501 lets it keep (5.2, 7.3.1, 7.4.1), and in the end all models are what the index has.
#include <doctest/doctest.h>

#include <charconv>
#include <cstdlib>
#include <random>
#include <thread>

#include "base/text.h"
#include "helpers/archive_world.h"
#include "helpers/memory_store.h"

using namespace imaparc;

namespace {

struct Known {
    std::uint32_t uid = 0;  // 0: not known yet
    std::string flags = "?";
};

std::uint32_t number_at(std::string_view text) {
    std::uint32_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

class Client {
  public:
    explicit Client(std::shared_ptr<test::PipeEnd> end) : end_(std::move(end)) {}

    void send(const std::string& command, bool numbers_stay) {
        tag_ = "t" + std::to_string(++tags_);
        numbers_stay_ = numbers_stay;
        end_->send(tag_ + " " + command + "\r\n");
    }
    void say(const std::string& text) { end_->send(text); }

    // Takes in what came; true once the tagged line is there.
    bool finished() {
        received_ += end_->take();
        for (;;) {
            const auto line_end = received_.find("\r\n");
            if (line_end == std::string::npos) break;
            const std::string line = received_.substr(0, line_end);
            received_.erase(0, line_end + 2);
            take(line);
        }
        return tag_.empty();
    }
    bool idling() const { return idling_; }
    const std::vector<Known>& mailbox() const { return mailbox_; }
    std::string trouble;
    std::string transcript;

  private:
    void complain(const std::string& what, const std::string& line) {
        if (trouble.empty())
            trouble = what + ": " + line + "\n" +
                      transcript.substr(transcript.size() - std::min<std::size_t>(transcript.size(), 3000));
    }

    void take(const std::string& line) {
        transcript += line + "\n";
        if (line.starts_with(tag_ + " ") && !tag_.empty()) {
            if (!line.starts_with(tag_ + " OK")) complain("not OK", line);
            tag_.clear();
            idling_ = false;
            return;
        }
        if (line.starts_with("+ ")) {
            idling_ = true;
            return;
        }
        const auto words = split(line, ' ');
        if (words.size() < 3 || words[0] != "*") return;
        const auto number = number_at(words[1]);
        if (words[2] == "EXISTS") {
            if (number < mailbox_.size()) complain("EXISTS shrinks", line);
            mailbox_.resize(std::max<std::size_t>(number, mailbox_.size()));
        } else if (words[2] == "EXPUNGE") {
            if (numbers_stay_ && !tag_.empty()) complain("EXPUNGE during FETCH, STORE or SEARCH", line);
            if (tag_.empty()) complain("EXPUNGE with no command under way", line);
            if (number == 0 || number > mailbox_.size()) return complain("EXPUNGE of nothing", line);
            mailbox_.erase(mailbox_.begin() + number - 1);
        } else if (words[2] == "FETCH") {
            if (number == 0 || number > mailbox_.size()) return complain("FETCH of nothing", line);
            Known& known = mailbox_[number - 1];
            if (const auto at = line.find("UID "); at != std::string::npos) {
                const auto uid = number_at(std::string_view(line).substr(at + 4));
                if (known.uid != 0 && known.uid != uid) complain("another UID than before", line);
                known.uid = uid;
            }
            if (const auto at = line.find("FLAGS ("); at != std::string::npos)
                known.flags = line.substr(at + 7, line.find(')', at) - at - 7);
        }
    }

    std::shared_ptr<test::PipeEnd> end_;
    std::string received_, tag_;
    std::vector<Known> mailbox_;
    unsigned tags_ = 0;
    bool numbers_stay_ = false, idling_ = false;
};

}  // namespace

TEST_CASE("clients' models stay consistent while mail arrives, leaves and is flagged") {
    const char* given = std::getenv("IMAPARC_SEED");
    const unsigned seed = given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    test::MemoryStore store("s");
    std::vector<std::string> names;
    unsigned made = 0;
    const auto add = [&] {
        names.push_back("m" + std::to_string(++made));
        store.add("ann", "INBOX", names.back(), 1000 + made);
    };
    for (int i = 0; i < 30; ++i) add();
    test::ArchiveWorld world(store);
    world.sync("ann");

    // The sessions' thread is one of its own, so that commits and commands really overlap.
    auto work = boost::asio::make_work_guard(world.io);
    std::vector<Client> clients;
    for (int i = 0; i < 5; ++i) clients.emplace_back(world.connect());
    std::thread serving([&] { world.io.run(); });
    const auto wait = [&](const std::function<bool()>& done) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!done()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::yield();
        }
        return true;
    };
    bool in_time = true;
    for (auto& client : clients) {
        for (const char* command : {"LOGIN ann secret", "SELECT INBOX", "UID FETCH 1:* (UID FLAGS)"}) {
            client.send(command, false);
            in_time = in_time && wait([&] { return client.finished(); });
        }
    }

    const auto command = [&](Client& client) {
        const auto count = client.mailbox().size();
        const auto one = std::to_string(count == 0 ? 1 : 1 + random() % count);
        static const char* const flags[] = {"\\Seen", "\\Flagged", "\\Answered", "(\\Draft \\Seen)", "Junk"};
        static const char* const actions[] = {"+FLAGS", "-FLAGS", "FLAGS"};
        switch (random() % (count == 0 ? 3 : 8)) {
            case 0:
                return client.send("NOOP", false);
            case 1:
                return client.send("IDLE", false);
            case 2:
                return client.send("UID FETCH 1:* (FLAGS)", false);
            case 3:
                return client.send("FETCH " + one + ":* (UID FLAGS)", true);
            case 4:
                return client.send("STORE " + one + " " + actions[random() % 3] + " " + flags[random() % 5], true);
            case 5:
                return client.send("UID STORE " + std::to_string(1 + random() % made) + ":* " + actions[random() % 2] +
                                       " " + flags[random() % 5],
                                   false);
            case 6:
                return client.send("SEARCH UNSEEN", true);
            default:
                return client.send("UID FETCH " + std::to_string(1 + random() % made) + " (UID INTERNALDATE)", false);
        }
    };
    for (int round = 0; round < 120 && in_time; ++round) {
        for (auto& client : clients) command(client);
        for (unsigned change = random() % 4; change > 0; --change) {
            if (names.empty() || random() % 2 == 0) {
                add();
            } else {
                const auto at = random() % names.size();
                store.remove("ann", "INBOX", names[at]);
                names.erase(names.begin() + static_cast<std::ptrdiff_t>(at));
            }
            if (random() % 2 == 0) world.sync("ann");
        }
        world.sync("ann");
        for (auto& client : clients) {
            in_time = in_time && wait([&] { return client.finished() || client.idling(); });
            if (client.idling() && !client.finished()) {
                client.say("DONE\r\n");
                in_time = in_time && wait([&] { return client.finished(); });
            }
            CHECK(client.trouble == "");
            if (!client.trouble.empty()) in_time = false;
        }
    }
    CHECK(in_time);
    for (auto& client : clients) {
        client.send("NOOP", false);
        CHECK(wait([&] { return client.finished(); }));
    }

    const auto owner = world.index->owner("ann");
    const auto view = *owner->view(owner->find("INBOX")->number, UserNumber(0));
    CHECK(view->count() == names.size());
    for (auto& client : clients) {
        CHECK(client.trouble == "");
        REQUIRE(client.mailbox().size() == view->count());
        const auto told = client.mailbox();
        client.send("FETCH 1:* (UID FLAGS)", true);
        if (view->count() > 0) CHECK(wait([&] { return client.finished(); }));
        for (std::size_t i = 0; i < told.size(); ++i) {
            CHECK(client.mailbox()[i].uid == view->uid_at(Number(static_cast<std::uint32_t>(i + 1)))->value);
            if (told[i].uid != 0) CHECK(told[i].uid == client.mailbox()[i].uid);
            if (told[i].flags != "?") CHECK(told[i].flags == client.mailbox()[i].flags);
        }
        CHECK(client.trouble == "");
    }
    work.reset();
    world.sessions.abort_all();
    serving.join();
    world.io.restart();
}
