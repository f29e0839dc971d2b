// Random mailboxes, random commands: SEARCH, SORT, THREAD, sets and return options through a real session, its answers
// held against the plain model of plain_*.h.
//
//   IMAPARC_SEED=n     the random numbers of a run that failed (it says which)
//   IMAPARC_RUNS=n     commands in all (2,000)
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "base/text.h"
#include "helpers/archive_world.h"
#include "helpers/memory_store.h"
#include "model/plain_thread.h"
#include "model/random_command.h"

using namespace imaparc;

namespace {

constexpr std::int64_t now = 1767225600;  // the world's clock: 2026-01-01

unsigned long from_environment(const char* name, unsigned long otherwise) {
    const char* given = std::getenv(name);
    return given ? std::strtoul(given, nullptr, 10) : otherwise;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::size_t at = 0;
    for (std::size_t end; (end = text.find("\r\n", at)) != std::string::npos; at = end + 2)
        lines.push_back(text.substr(at, end - at));
    return lines;
}

class Conversation {
  public:
    Conversation(test::ArchiveWorld& world) : world_(world), end_(world.connect()) {
        test::run_until(world_.io, [&] { return end_->written().find("\r\n") != std::string::npos; });
        end_->take();
    }
    // The answer's lines, the tagged one last.
    std::vector<std::string> say(const std::string& command) {
        tag = "t" + std::to_string(++tags_);
        end_->send(tag + " " + command + "\r\n");
        std::string answer;
        const bool answered = test::run_until(world_.io, [&] {
            answer += end_->take();
            return answer.starts_with(tag + " ") || answer.find("\r\n" + tag + " ") != std::string::npos;
        });
        CHECK_MESSAGE(answered, "no answer to " << command);
        return lines_of(answer);
    }
    std::string tag;

  private:
    test::ArchiveWorld& world_;
    std::shared_ptr<test::PipeEnd> end_;
    unsigned tags_ = 0;
};

struct Features {
    std::set<std::string> names;
    bool has(const std::string& name) const { return names.contains(name); }
};

class Round {
  public:
    Round(std::mt19937& random, unsigned commands) : random_(random), writer_(random), store_("s") {
        const unsigned count = random_() % 10 == 0 ? 1 : 1 + static_cast<unsigned>(random_() % 25);
        for (unsigned n = 1; n <= count; ++n) mailbox_.push_back(writer_.write(n, now));
        for (const auto& message : mailbox_) put(message);
        world_.emplace(store_);
        world_->sync("ann");
        // UIDs are given in the order of dates, then of names; some leave again.
        std::sort(mailbox_.begin(), mailbox_.end(), [](const auto& a, const auto& b) {
            return std::pair(a.internal_date, a.store_name) < std::pair(b.internal_date, b.store_name);
        });
        for (std::size_t i = 0; i < mailbox_.size(); ++i) mailbox_[i].uid = static_cast<std::uint32_t>(i + 1);
        std::vector<model::PlainMessage> kept;
        for (auto& message : mailbox_) {
            if (random_() % 4 == 0 && mailbox_.size() > 1 && !(kept.empty() && &message == &mailbox_.back()))
                store_.remove("ann", "INBOX", message.store_name);
            else
                kept.push_back(message);
        }
        mailbox_ = std::move(kept);
        world_->sync("ann");
        // One that comes later has a UID above those that left, whatever its date.
        auto late = writer_.write(count + 1, now);
        late.uid = count + 1;
        put(late);
        mailbox_.push_back(std::move(late));
        world_->sync("ann");

        Conversation session(*world_);
        session.say("LOGIN ann secret");
        for (const auto& line : session.say("CAPABILITY"))
            if (line.starts_with("* CAPABILITY "))
                for (auto word : split(std::string_view(line).substr(13), ' '))
                    features_.names.insert(std::string(word));
        session.say("SELECT INBOX");
        model::CommandWriter write(random_, writer_, mailbox_, now);
        write.searchres = features_.has("SEARCHRES");
        write.within = features_.has("WITHIN");
        write.partial = features_.has("PARTIAL");
        write.display_sort = features_.has("SORT=DISPLAY");
        for (unsigned i = 0; i < commands && problem.empty(); ++i) one(session, write);
    }
    std::string problem;
    Features features_;

  private:
    void put(const model::PlainMessage& message) {
        FlagNames flags;
        for (const auto& name : message.flags) {
            if (const auto bit = system_flag(name))
                flags.system |= *bit;
            else
                flags.keywords.push_back(name);
        }
        store_.add("ann", "INBOX", message.store_name, message.internal_date, message.octets, flags);
    }

    std::string number(std::size_t place, bool uid) const {
        return std::to_string(uid ? mailbox_[place].uid : place + 1);
    }

    // Keys, the charset before them if one is needed.
    std::string program(model::CommandWriter& write, const model::Key& key, bool charset_first) {
        bool eight_bit = false;
        const auto keys = write.text(key, eight_bit);
        if (charset_first) return (eight_bit || random_() % 2 ? "UTF-8 " : "US-ASCII ") + keys;
        return (eight_bit || random_() % 4 == 0 ? "CHARSET UTF-8 " : "") + keys;
    }

    void one(Conversation& session, model::CommandWriter& write) {
        const bool uid = random_() % 2;
        const auto key = write.key(3);
        auto places = model::found(key, {mailbox_, saved_, now});
        std::string command = uid ? "UID " : "";
        std::vector<std::string> expected;
        const auto list = [&](const std::string& word) {
            std::string line = "* " + word;
            for (auto place : places) line += " " + number(place, uid);
            return line;
        };
        switch (random_() % 8) {
            case 0:
            case 1:
                command += "SEARCH " + program(write, key, false);
                expected = {list("SEARCH")};
                break;
            case 2:
            case 3: {
                if (!features_.has("ESEARCH")) return;
                const auto returns = write.returns();
                command += "SEARCH " + returns.text() + program(write, key, false);
                return extended(session, command, returns, places, uid, false);
            }
            case 4: {
                if (!features_.has("SORT")) return;
                const auto orders = write.orders();
                model::sort_by(places, mailbox_, orders);
                std::string keys;
                for (const auto& order : orders)
                    keys += (keys.empty() ? "" : " ") + std::string(order.reverse ? "REVERSE " : "") + order.key;
                if (features_.has("ESORT") && random_() % 2) {
                    const auto returns = write.returns();
                    command += "SORT " + returns.text() + "(" + keys + ") " + program(write, key, true);
                    return extended(session, command, returns, places, uid, true);
                }
                command += "SORT (" + keys + ") " + program(write, key, true);
                expected = {list("SORT")};
                break;
            }
            case 5:
            case 6: {
                static const char* const algorithms[] = {"ORDEREDSUBJECT", "REFERENCES", "REFS"};
                const std::string algorithm = algorithms[random_() % 3];
                if (!features_.has("THREAD=" + algorithm)) return;
                model::Threading threading(mailbox_, places);
                const auto roots = algorithm == "ORDEREDSUBJECT" ? threading.ordered_subject()
                                   : algorithm == "REFERENCES"   ? threading.references()
                                                                 : threading.refs();
                const auto tree =
                    model::written(roots, [&](int place) { return number(static_cast<std::size_t>(place), uid); });
                command += "THREAD " + algorithm + " " + program(write, key, true);
                expected = {tree.empty() ? "* THREAD" : "* THREAD " + tree};
                break;
            }
            default: {
                const auto set = write.set(uid);
                command += "FETCH " + set.text() + " (UID)";
                for (std::size_t i = 0; i < mailbox_.size(); ++i) {
                    const auto id = mailbox_[i].uid;
                    if (set.saved ? saved_.contains(id)
                        : uid     ? set.contains(id, mailbox_.back().uid)
                                  : set.contains(static_cast<std::uint32_t>(i + 1),
                                                 static_cast<std::uint32_t>(mailbox_.size())))
                        expected.push_back("* " + std::to_string(i + 1) + " FETCH (UID " + std::to_string(id) + ")");
                }
            }
        }
        auto lines = session.say(command);
        const auto tagged = lines.empty() ? "" : lines.back();
        if (!lines.empty()) lines.pop_back();
        if (lines != expected || !tagged.starts_with(session.tag + " OK")) complain(command, lines, tagged, expected);
    }

    // ESEARCH (RFC 4466, 4731): items in any order.
    void extended(Conversation& session, const std::string& command, model::Returns returns,
                  const std::vector<std::size_t>& places, bool uid, bool in_order) {
        const auto all = places;
        std::map<std::string, std::string> expected;
        const bool nothing = !returns.min && !returns.max && !returns.all && !returns.count && !returns.partial;
        if (nothing && !returns.save) returns.all = true;
        const auto listed = [&](const std::vector<std::size_t>& some) {
            std::string text;
            for (auto place : some) text += (text.empty() ? "" : ",") + number(place, uid);
            return text;
        };
        std::vector<std::size_t> part;
        if (!all.empty()) {
            if (returns.min) expected["MIN"] = number(all.front(), uid);
            if (returns.max) expected["MAX"] = number(all.back(), uid);
            if (returns.all) expected["ALL"] = listed(all);
        }
        if (returns.count) expected["COUNT"] = std::to_string(all.size());
        if (returns.partial) {
            auto low = std::min(std::abs(returns.first), std::abs(returns.last));
            const auto high = std::max(std::abs(returns.first), std::abs(returns.last));
            const auto size = static_cast<std::int64_t>(all.size());
            for (; low <= high && low <= size; ++low)
                part.push_back(all[static_cast<std::size_t>(returns.first > 0 ? low - 1 : size - low)]);
            if (returns.first < 0) std::reverse(part.begin(), part.end());
            expected["PARTIAL"] = part.empty() ? "NIL" : listed(part);
        }
        if (returns.save) {  // RFC 5182 2.4, RFC 9394 3.2
            std::vector<std::size_t> kept;
            if (returns.all || returns.count || nothing) {
                kept = all;
            } else {
                kept = part;
                if (returns.min && !all.empty()) kept.push_back(all.front());
                if (returns.max && !all.empty()) kept.push_back(all.back());
            }
            saved_.clear();
            for (auto place : kept) saved_.insert(mailbox_[place].uid);
        }

        const auto lines = session.say(command);
        std::map<std::string, std::string> got;
        bool good = !lines.empty() && lines.back().starts_with(session.tag + " OK");
        if (nothing && returns.save && lines.size() == 1) {
            if (!good) complain(command, lines, "", {"nothing but OK"});
            return;  // RFC 5182: SAVE alone has no ESEARCH response
        }
        const std::string start = "* ESEARCH (TAG \"" + session.tag + "\")" + (uid ? " UID" : "");
        good = good && lines.size() == 2 && lines[0].starts_with(start);
        if (good) {
            const auto words = split(std::string_view(lines[0]).substr(start.size()), ' ');
            for (std::size_t i = 1; i + 1 < words.size(); i += 2) {
                std::string name(words[i]), value(words[i + 1]);
                if (name == "PARTIAL" && i + 2 < words.size()) {  // "(-1:-5 set)"
                    value = std::string(words[i + 2]);
                    ++i;
                    if (value.ends_with(")")) value.pop_back();
                }
                if (name == "ALL" || (name == "PARTIAL" && value != "NIL")) {
                    auto numbers = model::numbers_of(value, good);
                    if (!in_order) std::sort(numbers.begin(), numbers.end());
                    value.clear();
                    for (auto n : numbers) value += (value.empty() ? "" : ",") + std::to_string(n);
                }
                good = good && got.emplace(name, value).second;
            }
        }
        if (good && got == expected) return;
        std::vector<std::string> shown;
        for (const auto& [name, value] : expected) shown.push_back(name + " " + value);
        complain(command, lines, "", shown);
    }

    void complain(const std::string& command, const std::vector<std::string>& lines, const std::string& tagged,
                  const std::vector<std::string>& expected) {
        problem = command + "\n";
        for (const auto& line : lines) problem += "got      " + line + "\n";
        problem += "got      " + tagged + "\n";
        for (const auto& line : expected) problem += "expected " + line + "\n";
        for (std::size_t i = 0; i < mailbox_.size(); ++i) {
            const auto& m = mailbox_[i];
            problem += std::to_string(i + 1) + " UID " + std::to_string(m.uid) + " internal " +
                       std::to_string(m.internal_date) + " sent " +
                       (m.sent ? std::to_string(m.sent->utc) : std::string("?")) + " size " + std::to_string(m.size()) +
                       "\n" + m.octets + "\n----\n";
        }
    }

    std::mt19937& random_;
    model::MailWriter writer_;
    model::Mailbox mailbox_;
    std::set<std::uint32_t> saved_;
    test::MemoryStore store_;
    std::optional<test::ArchiveWorld> world_;
};

}  // namespace

TEST_CASE("the server answers as the plain model of the RFCs does") {
    const auto seed = static_cast<unsigned>(from_environment("IMAPARC_SEED", std::random_device{}()));
    const auto runs = from_environment("IMAPARC_RUNS", 2000);
    std::mt19937 random(seed);
    MESSAGE("seed " << seed << ", " << runs << " commands");
    std::set<std::string> features;
    constexpr unsigned commands = 100;
    for (unsigned long done = 0; done < runs; done += commands) {
        Round round(random, commands);
        features = round.features_.names;
        CHECK_MESSAGE(round.problem.empty(), "IMAPARC_SEED=" << seed << ": " << round.problem);
        if (!round.problem.empty()) break;
    }
    for (const char* name : {"ESEARCH", "SEARCHRES", "WITHIN", "PARTIAL", "SORT", "SORT=DISPLAY", "ESORT",
                             "THREAD=ORDEREDSUBJECT", "THREAD=REFERENCES", "THREAD=REFS"})
        CHECK_MESSAGE(features.contains(name), name << " is not announced, so nothing of it was tested");
}
