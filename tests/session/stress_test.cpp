// Fifty sessions while mail arrives and leaves and flags change: each client keeps the model of the mailbox that RFC
// 3501 lets it keep (5.2, 7.3.1, 7.4.1), RFC 7162 with QRESYNC, RFC 9586 with UIDONLY; in the end all models are what
// the index has. The thread preset runs it under ThreadSanitizer.
//
//   IMAPARC_SEED=n     the random numbers of a run that failed
//   IMAPARC_ROUNDS=n   commands of each session (40)
#include <doctest/doctest.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
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

// What a session has enabled decides how it hears of messages that leave and what answers count by.
enum class Kind { plain, qresync, uid_only };

std::uint32_t number_at(std::string_view text) {
    std::uint32_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// What all clients have seen of each UID: it stands for one message for ever.
using Dates = std::map<std::uint32_t, std::string>;

class Client {
  public:
    Client(std::shared_ptr<test::PipeEnd> end, Kind as, Dates& dates) : kind(as), end_(std::move(end)), dates_(dates) {}

    enum class Numbers { may_change, stay };  // whether a message may leave during the command (RFC 3501 5.5)
    enum class Answer { ok, ok_or_no };       // NO: it looks into messages, which may be gone (DESIGN.md 5)
    void send(const std::string& command, Numbers numbers, Answer answer = Answer::ok) {
        tag_ = "t" + std::to_string(++tags_);
        numbers_ = numbers;
        answer_ = command.find("LARGER") != std::string::npos ? Answer::ok_or_no : answer;
        transcript += "C: " + tag_ + " " + command + "\n";
        silent_ = command.find(".SILENT") != std::string::npos;
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
    std::size_t count() const { return kind == Kind::uid_only ? count_ : mailbox_.size(); }
    const std::vector<Known>& mailbox() const { return mailbox_; }
    const std::map<std::uint32_t, std::string>& by_uid() const { return by_uid_; }
    const Kind kind;
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
            const bool declined = answer_ == Answer::ok_or_no && line.starts_with(tag_ + " NO [");
            if (!line.starts_with(tag_ + " OK") && !declined) complain("not OK", line);
            if (silent_) forget_flags();
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
            if (number < count()) complain("EXISTS shrinks", line);
            count_ = number;
            mailbox_.resize(number);
        } else if (words[2] == "EXPUNGE") {
            if (kind != Kind::plain) complain("EXPUNGE where VANISHED was enabled", line);
            may_leave(line);
            if (number == 0 || number > mailbox_.size()) return complain("EXPUNGE of nothing", line);
            mailbox_.erase(mailbox_.begin() + number - 1);
        } else if (words[1] == "VANISHED" && words[2] != "(EARLIER)") {
            if (kind == Kind::plain) complain("VANISHED, which nobody enabled", line);
            may_leave(line);
            vanished(std::string(words[2]), line);
        } else if (words[2] == "FETCH") {
            if (kind == Kind::uid_only) return complain("FETCH after ENABLE UIDONLY", line);
            fetched(number, line);
        } else if (words[2] == "UIDFETCH") {
            if (kind != Kind::uid_only) return complain("UIDFETCH without ENABLE UIDONLY", line);
            auto& flags = by_uid_.emplace(number, "?").first->second;
            if (by_uid_.size() > count_) complain("more messages than EXISTS", line);
            take_flags(line, flags);
            take_date(line, number);
        } else if (words[1] == "SEARCH" || words[1] == "SORT") {
            for (std::size_t i = 2; i < words.size(); ++i)
                if (numbers_ == Numbers::stay && (number_at(words[i]) == 0 || number_at(words[i]) > mailbox_.size()))
                    complain("a message number that is not there", line);
        }
    }

    // After STORE .SILENT, whose outcome nobody tells.
    void forget_flags() {
        for (auto& known : mailbox_) known.flags = "?";
        for (auto& [uid, flags] : by_uid_) flags = "?";
    }
    void may_leave(const std::string& line) {
        if (numbers_ == Numbers::stay && !tag_.empty()) complain("a message leaves while numbers are in use", line);
        if (tag_.empty()) complain("a message leaves with no command under way", line);
    }
    void vanished(const std::string& set, const std::string& line) {
        std::size_t at = 0;
        while (at < set.size()) {
            auto end = set.find(',', at);
            if (end == std::string::npos) end = set.size();
            const auto range = std::string_view(set).substr(at, end - at);
            const auto colon = range.find(':');
            const auto first = number_at(range);
            const auto last = colon == std::string_view::npos ? first : number_at(range.substr(colon + 1));
            if (first == 0 || last < first) return complain("not a set of UIDs", line);
            for (auto uid = first; uid <= last; ++uid) {
                if (count() == 0) return complain("VANISHED of nothing", line);
                if (kind == Kind::uid_only)
                    by_uid_.erase(uid);
                else
                    leave(uid, line);
                if (kind == Kind::uid_only) --count_;
            }
            at = end + 1;
        }
    }
    // The message of that UID, or one whose UID is not known yet and could be this one.
    void leave(std::uint32_t uid, const std::string& line) {
        auto place = std::find_if(mailbox_.begin(), mailbox_.end(), [&](const Known& k) { return k.uid >= uid; });
        if (place == mailbox_.end() || place->uid != uid) {
            if (place == mailbox_.begin() || std::prev(place)->uid != 0)
                return complain("VANISHED names a UID that is not there", line);
            --place;
        }
        mailbox_.erase(place);
    }
    void fetched(std::uint32_t number, const std::string& line) {
        if (number == 0 || number > mailbox_.size()) return complain("FETCH of nothing", line);
        Known& known = mailbox_[number - 1];
        if (const auto at = line.find("UID "); at != std::string::npos) {
            const auto uid = number_at(std::string_view(line).substr(at + 4));
            if (known.uid != 0 && known.uid != uid) complain("another UID than before", line);
            if (known.uid == 0 && number > 1 && mailbox_[number - 2].uid >= uid) complain("UIDs do not ascend", line);
            known.uid = uid;
            take_date(line, uid);
        } else if (kind == Kind::qresync) {
            complain("FETCH without UID (RFC 7162 3.2.4)", line);
        }
        take_flags(line, known.flags);
    }
    static void take_flags(const std::string& line, std::string& flags) {
        if (const auto at = line.find("FLAGS ("); at != std::string::npos)
            flags = line.substr(at + 7, line.find(')', at) - at - 7);
    }
    void take_date(const std::string& line, std::uint32_t uid) {
        const auto at = line.find("INTERNALDATE \"");
        if (at == std::string::npos) return;
        const auto date = line.substr(at + 14, 26);
        if (dates_.emplace(uid, date).first->second != date) complain("a UID stands for another message", line);
    }

    std::shared_ptr<test::PipeEnd> end_;
    Dates& dates_;
    std::string received_, tag_;
    std::vector<Known> mailbox_;                   // by number
    std::map<std::uint32_t, std::string> by_uid_;  // uid_only: flags of those it knows
    std::size_t count_ = 0;
    unsigned tags_ = 0;
    Numbers numbers_ = Numbers::may_change;
    Answer answer_ = Answer::ok;
    bool idling_ = false, silent_ = false;
};

// A command that a client of its kind may send, at random.
class Commands {
  public:
    Commands(std::mt19937& random, const unsigned& made) : random_(random), made_(made) {}

    void send(Client& client) {
        using Numbers = Client::Numbers;
        const auto uid = std::to_string(1 + roll(made_ + 3));
        const auto flags = one_of({"\\Seen", "\\Flagged", "\\Answered", "(\\Draft \\Seen)", "Junk"});
        const auto key =
            one_of({"ALL", "UNSEEN", "FLAGGED", "NOT KEYWORD Junk", "OR SEEN ANSWERED", "UID 5:20", "LARGER 10"});
        const auto returns = one_of({"()", "(MIN MAX)", "(COUNT)", "(ALL COUNT)", "(SAVE)", "(SAVE MIN)",
                                     "(PARTIAL 1:4)", "(PARTIAL -1:-4 COUNT)"});
        switch (roll(client.kind == Kind::uid_only || client.count() == 0 ? 13 : 20)) {
            case 0:
                return client.send("NOOP", Numbers::may_change);
            case 1:
                return client.send("IDLE", Numbers::may_change);
            case 2:
                return client.send("UID FETCH 1:* (FLAGS)", Numbers::may_change);
            case 3:
                return client.send(
                    "UID STORE " + uid + ":* " + one_of({"+FLAGS ", "-FLAGS ", "+FLAGS.SILENT "}) + flags,
                    Numbers::may_change);
            case 4:
                return client.send("UID FETCH " + uid + " (UID INTERNALDATE)", Numbers::may_change);
            case 5:
                return client.send("UID SEARCH RETURN " + returns + " " + key, Numbers::may_change);
            case 6:
                return client.send("UID FETCH $ (FLAGS)", Numbers::may_change);
            case 7:
                return client.send("LIST \"\" * RETURN (STATUS (MESSAGES UNSEEN UIDNEXT HIGHESTMODSEQ SIZE))",
                                   Numbers::may_change);
            case 8:
                return client.send(
                    "UID SORT (REVERSE " + one_of({"DATE", "SUBJECT", "FROM", "SIZE"}) + ") UTF-8 " + key,
                    Numbers::may_change, Client::Answer::ok_or_no);
            case 9:
                return client.send("UID THREAD " + one_of({"REFERENCES", "REFS", "ORDEREDSUBJECT"}) + " UTF-8 " + key,
                                   Numbers::may_change, Client::Answer::ok_or_no);
            case 10:
                return client.send("ESEARCH IN (personal) RETURN (COUNT) " + key, Numbers::may_change,
                                   Client::Answer::ok_or_no);
            case 11:
                return client.send("UID FETCH 1:* (FLAGS MODSEQ) (CHANGEDSINCE " + std::to_string(1 + roll(made_)) +
                                       (client.kind == Kind::qresync ? " VANISHED)" : ")"),
                                   Numbers::may_change);
            case 12:
                return client.send("STATUS INBOX (MESSAGES UIDNEXT UNSEEN)", Numbers::may_change);
            default:
                return send_numbered(client, key, returns, flags);
        }
    }

  private:
    unsigned roll(unsigned sides) { return static_cast<unsigned>(random_() % sides); }
    std::string one_of(std::initializer_list<const char*> list) {
        return *(list.begin() + roll(static_cast<unsigned>(list.size())));
    }
    void send_numbered(Client& client, const std::string& key, const std::string& returns, const std::string& flags) {
        using Numbers = Client::Numbers;
        const auto one = std::to_string(1 + roll(static_cast<unsigned>(client.count())));
        switch (roll(7)) {
            case 0:
                return client.send("FETCH " + one + ":* (UID FLAGS)", Numbers::stay);
            case 1:
                return client.send("STORE " + one + " " + one_of({"+FLAGS ", "-FLAGS ", "FLAGS "}) + flags,
                                   Numbers::stay);
            case 2:
                return client.send("SEARCH " + key, Numbers::stay);
            case 3:
                return client.send("SEARCH RETURN " + returns + " " + key, Numbers::stay);
            case 4:
                return client.send("SORT (SUBJECT REVERSE ARRIVAL) UTF-8 " + key, Numbers::stay,
                                   Client::Answer::ok_or_no);
            case 5:
                return client.send("THREAD REFERENCES UTF-8 " + key, Numbers::stay, Client::Answer::ok_or_no);
            default:
                return client.send("FETCH $ (UID INTERNALDATE)", Numbers::stay);
        }
    }

    std::mt19937& random_;
    const unsigned& made_;
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
        const auto before = std::to_string(made > 3 ? made - 1 - random() % 3 : 0);
        store.add("ann", "INBOX", names.back(), 1000 + made,
                  "Subject: " + std::string(random() % 2 ? "Re: " : "") + "number " + std::to_string(made % 7) +
                      "\r\nMessage-ID: <" + std::to_string(made) + "@x>\r\nReferences: <" + before +
                      "@x>\r\n\r\nbody\r\n");
    };
    for (int i = 0; i < 30; ++i) add();
    test::ArchiveWorld world(store);
    world.sync("ann");

    // The sessions' thread is one of its own, so that commits and commands really overlap.
    auto work = boost::asio::make_work_guard(world.io);
    constexpr int sessions = 50;
    Dates dates;
    std::vector<Client> clients;
    for (int i = 0; i < sessions; ++i)
        clients.emplace_back(world.connect(),
                             i % 5 == 3   ? Kind::qresync
                             : i % 5 == 4 ? Kind::uid_only
                                          : Kind::plain,
                             dates);
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
        std::vector<std::string> first = {"LOGIN ann secret"};
        if (client.kind == Kind::qresync) first.emplace_back("ENABLE QRESYNC");
        if (client.kind == Kind::uid_only) first.emplace_back("ENABLE UIDONLY");
        for (const char* command : {"SELECT INBOX", "UID FETCH 1:* (UID FLAGS)", "UID SEARCH RETURN (SAVE) ALL"})
            first.emplace_back(command);
        for (const auto& command : first) {
            client.send(command, Client::Numbers::may_change);
            in_time = in_time && wait([&] { return client.finished(); });
        }
    }

    Commands commands(random, made);
    const char* given_rounds = std::getenv("IMAPARC_ROUNDS");
#ifdef IMAPARC_SANITIZED
    constexpr long usual_rounds = 12;
#else
    constexpr long usual_rounds = 40;
#endif
    const long rounds = given_rounds ? std::strtol(given_rounds, nullptr, 10) : usual_rounds;
    for (long round = 0; round < rounds && in_time; ++round) {
        for (auto& client : clients) commands.send(client);
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
        client.send("NOOP", Client::Numbers::may_change);
        CHECK(wait([&] { return client.finished(); }));
    }

    const auto owner = world.index->owner("ann");
    const auto view = *owner->view(owner->find("INBOX")->number, UserNumber(0));
    CHECK(view->count() == names.size());
    for (auto& client : clients) {
        CHECK(client.trouble == "");
        REQUIRE(client.count() == view->count());
        const auto told = client.mailbox();
        const auto told_by_uid = client.by_uid();
        client.send("UID FETCH 1:* (UID FLAGS)", Client::Numbers::may_change);
        CHECK(wait([&] { return client.finished(); }));
        CHECK(client.trouble == "");
        if (client.kind == Kind::uid_only) {
            CHECK(client.by_uid().size() == view->count());
            for (const auto& [uid, flags] : client.by_uid()) {
                CHECK(view->number_of(Uid(uid)));
                if (const auto before = told_by_uid.find(uid); before != told_by_uid.end() && before->second != "?")
                    CHECK(before->second == flags);
            }
            continue;
        }
        for (std::size_t i = 0; i < told.size(); ++i) {
            CHECK(client.mailbox()[i].uid == view->uid_at(Number(static_cast<std::uint32_t>(i + 1)))->value);
            if (told[i].uid != 0) CHECK(told[i].uid == client.mailbox()[i].uid);
            if (told[i].flags != "?" && told[i].flags != client.mailbox()[i].flags)
                CHECK_MESSAGE(false, "UID " << told[i].uid << " was told (" << told[i].flags << "), has ("
                                            << client.mailbox()[i].flags << "):\n"
                                            << client.transcript);
        }
    }
    work.reset();
    world.sessions.abort_all();
    serving.join();
    world.io.restart();
}
